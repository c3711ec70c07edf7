"""Personalise: put a name in place of another, on whole words only, and fill {{placeholders}}."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.columns import replaced
from headwater.dataprep.step import Step, TextOptions, rewritten


class PersonaliseOptions(TextOptions):
    """The names."""

    names: dict[str, str] = Field(
        default_factory=dict, description="{old: new}; whole words, upper and lower case as written."
    )
    placeholders: dict[str, str] = Field(default_factory=dict, description="{name: value} for {{name}}.")


class Personalise(Step):
    """Rewrites texts; drops none. All names are replaced at once, so a new name is never replaced again."""

    name, title, options_type = "personalise", "Personalise names", PersonaliseOptions

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Put the names in."""
        table = {**self.options.names, **{f"{{{{{k}}}}}": v for k, v in self.options.placeholders.items()}}
        if not table:
            return np.zeros(len(block), dtype=bool)
        ordered = sorted(table, key=lambda name: (-len(name), name))
        pattern = re.compile(
            "|".join(
                re.escape(name) if name.startswith("{{") else rf"(?<!\w){re.escape(name)}(?!\w)" for name in ordered
            )
        )

        def make(texts: pl.Series) -> pl.Series:
            hit = pl.any_horizontal(*(pl.col("t").str.contains(name, literal=True) for name in ordered))
            places = pl.DataFrame({"t": texts}).select(hit).to_series().arg_true()
            if not len(places):
                return texts
            new = [pattern.sub(lambda match: table[match.group()], text) for text in texts.gather(places).to_list()]
            return replaced(texts, places, new)

        return rewritten(block, self.options.fields, make)
