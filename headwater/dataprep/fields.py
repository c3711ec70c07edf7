"""Texts of a row by the part they play: question, answer, context, summary; one text a row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.block import Block

# What a recipe may call a side of a comparison, and the fields that can play it, first one present wins.
SIDES: dict[str, tuple[str, ...]] = {
    "question": ("question",),
    "answer": ("chosen", "answer", "completion"),
    "context": ("context",),
    "rejected": ("rejected",),
    "system": ("system",),
}


def side(block: Block, name: str) -> pl.Series:
    """Return one text a row, null where the row has none. Of several messages the last one counts."""
    out = pl.Series(name, [None] * len(block), dtype=pl.String)
    fields = block.texts["field"].cast(pl.String)
    for field in SIDES[name]:
        found = block.texts.filter(fields == field).group_by("row", maintain_order=True).agg(pl.col("text").last())
        every = pl.DataFrame({"row": np.arange(len(block), dtype=np.uint32)})
        out = out.zip_with(out.is_not_null(), every.join(found, on="row", how="left", maintain_order="left")["text"])
    return out


def present(*sides: pl.Series) -> npt.NDArray[np.bool_]:
    """Return which rows have text on every side."""
    found = np.ones(len(sides[0]), dtype=bool)
    for one in sides:
        found &= one.is_not_null().to_numpy()
    return found


def compared(ours: pl.Series, theirs: pl.Series, measure: Callable[[str, str], float]) -> npt.NDArray[np.float64]:
    """Return the measure of each pair of texts; NaN where one is missing."""
    values = np.full(len(ours), np.nan)
    for place in np.flatnonzero(present(ours, theirs)).tolist():
        values[place] = measure(ours[place], theirs[place])
    return values
