"""Compression ratio of summaries: how long a summary is compared to its text."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import Options, Rule, Statistics, Step


class CompressionOptions(Options):
    """Limits of summary length / text length."""

    minimum: float | None = Field(0.01, ge=0, description="A shorter summary says too little.")
    maximum: float | None = Field(0.6, gt=0, description="A longer one is no summary.")
    unit: Literal["words", "characters"] = Field("words", description="What is counted.")


class Compression(Step):
    """Concerns rows with a context and a completion."""

    name, title, options_type = "compression", "Compression ratio", CompressionOptions

    def measure(self, block: Block) -> Statistics:
        """Return the ratio of each row."""
        lengths = []
        for field in ("completion", "context"):
            selection = block.select((field,), joined=False)
            counts = selection.word_counts if self.options.unit == "words" else selection.characters
            lengths.append(selection.over_rows(counts, "sum"))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = lengths[0] / lengths[1]
        ratio[~np.isfinite(ratio)] = np.nan
        return {"ratio": ratio}

    def rules(self) -> list[Rule]:
        """Drop ratios outside the limits."""
        low, high = self.options.minimum, self.options.maximum
        rules = [Rule("ratio", "summary too short", minimum=low), Rule("ratio", "summary too long", maximum=high)]
        return [rule for rule in rules if rule.minimum is not None or rule.maximum is not None]
