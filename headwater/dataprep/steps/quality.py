"""Quality: one score from 0 to 1 with its parts, for sorting and for a threshold that a person can move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.characters import CONTROL, LETTER, PUNCTUATION, SYMBOL, UPPER
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions
from headwater.dataprep.steps.repetition import character_share, word_share
from headwater.dataprep.steps.symbols import share

Numbers = npt.NDArray[np.float64]
ENDS = r"[.!?。！？…:;)\]}\"'”’`»]\s*$"


class QualityOptions(TextOptions):
    """The threshold."""

    minimum: float | None = Field(None, ge=0, le=1, description="Least score; without it the step only measures.")


class Quality(Step):
    """The score is the geometric mean of five parts, so that one bad part is enough to sink it.

    letters: share of letters (full from 0.6) · marks: few symbols (full up to 0.15) · capitals: few (up to 0.3)
    variety: little repetition of characters and words · ending: the text ends and is not cut off
    """

    name, title, options_type = "quality", "Text quality", QualityOptions

    def measure(self, block: Block) -> Statistics:
        """Return the score and its parts for each row."""
        selection = block.select(self.options.fields)
        length = np.maximum(selection.characters, 1).astype(np.float64)
        letters = selection.count(LETTER)
        repeated = np.maximum(character_share(selection, 10), word_share(selection, 5))
        parts = {
            "letters": rising(letters / length, 0.2, 0.6),
            "marks": 1 - rising(selection.count(PUNCTUATION | SYMBOL | CONTROL) / length, 0.15, 0.5),
            "capitals": 1 - rising(np.nan_to_num(share(selection.count(UPPER), letters.astype(np.float64))), 0.3, 0.9),
            "variety": 1 - rising(repeated, 0.1, 0.6),
            "ending": np.where(selection.texts.str.contains(ENDS).to_numpy(), 1.0, 0.7),
        }
        score = np.exp(np.mean([np.log(np.maximum(part, 1e-3)) for part in parts.values()], axis=0))
        score[selection.characters == 0] = 0.0
        return {"score": score, **parts}

    def rules(self) -> list[Rule]:
        """Drop what scores less."""
        least = self.options.minimum
        return [] if least is None else [Rule("score", "low quality", minimum=least)]


def rising(values: Numbers, low: float, high: float) -> Numbers:
    """Return 0 up to `low`, 1 from `high`, a straight line between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)
