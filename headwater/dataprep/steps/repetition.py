"""Repetition: how much of a text is the same runs of characters or words again (as in BigScience's ROOTS)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.selection import Selection
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions


class RepetitionOptions(TextOptions):
    """Lengths of runs and the shares that are still kept; none of the limits is on when unset."""

    character_run: int = Field(10, ge=2, le=64, description="Characters of a run.")
    word_run: int = Field(10, ge=1, le=64, description="Words of a run.")
    maximum_characters: float | None = Field(0.5, ge=0, le=1, description="Share of the most frequent character runs.")
    maximum_words: float | None = Field(0.5, ge=0, le=1, description="Share of word runs that occur more than once.")


class Repetition(Step):
    """Drops texts that repeat themselves."""

    name, title, options_type = "repetition", "Repetition", RepetitionOptions

    def measure(self, block: Block) -> Statistics:
        """Return both shares of each row."""
        selection = block.select(self.options.fields)
        found = {}
        if self.options.maximum_characters is not None:
            found["characters"] = character_share(selection, self.options.character_run)
        if self.options.maximum_words is not None:
            found["words"] = word_share(selection, self.options.word_run)
        return found

    def rules(self) -> list[Rule]:
        """Drop what repeats more."""
        limits = {"characters": self.options.maximum_characters, "words": self.options.maximum_words}
        return [Rule(n, f"repeated {n}", maximum=limit) for n, limit in limits.items() if limit is not None]


def character_share(selection: Selection, width: int) -> npt.NDArray[np.float64]:
    """Return the share of the sqrt(n) most frequent runs (those that occur again) among all n runs."""
    repeats = selection.character_repeats(width)
    return repeats.top / np.maximum(repeats.total, 1)


def word_share(selection: Selection, width: int) -> npt.NDArray[np.float64]:
    """Return the share of word runs that occur more than once."""
    repeats = selection.word_repeats(width)
    return repeats.repeated / np.maximum(repeats.total, 1)
