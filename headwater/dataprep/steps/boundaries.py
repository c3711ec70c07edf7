"""Boundary marking: put a mark before and after a text, so that a model learns where it begins and ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import FieldName, Options, Step, rewritten


class BoundariesOptions(Options):
    """The marks."""

    fields: tuple[FieldName, ...] = Field(("completion",), description="Fields to mark: a summary is a completion.")
    start: str = Field("", description="Mark before the text.")
    end: str = Field("", description="Mark after the text.")


class Boundaries(Step):
    """Rewrites texts; a mark that is there already is not put twice."""

    name, title, options_type = "boundaries", "Boundary marking", BoundariesOptions

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Put the marks."""
        start, end = self.options.start, self.options.end

        def make(texts: pl.Series) -> pl.Series:
            text = pl.col("text")
            if start:
                text = pl.when(text.str.starts_with(start)).then(text).otherwise(pl.lit(start) + text)
            if end:
                text = pl.when(text.str.ends_with(end)).then(text).otherwise(text + pl.lit(end))
            return pl.DataFrame({"text": texts}).select(text.alias("text"))["text"]

        return rewritten(block, self.options.fields, make)
