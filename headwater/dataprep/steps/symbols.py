"""Symbols: shares of letters, digits, marks and capitals, length of words and lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.characters import CONTROL, DIGIT, LETTER, PUNCTUATION, SYMBOL, UPPER
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions


class SymbolsOptions(TextOptions):
    """Limits; none is on when unset."""

    minimum_alphanumeric: float | None = Field(0.5, ge=0, le=1, description="Least share of letters and digits.")
    maximum_marks: float | None = Field(0.4, ge=0, le=1, description="Most share of punctuation and symbols.")
    maximum_digits: float | None = Field(None, ge=0, le=1, description="Most share of digits.")
    maximum_capitals: float | None = Field(None, ge=0, le=1, description="Most share of capitals among letters.")
    minimum_word_length: float | None = Field(None, ge=0, description="Least mean length of words.")
    maximum_word_length: float | None = Field(None, ge=0, description="Most mean length of words.")
    maximum_line_length: float | None = Field(None, ge=0, description="Most mean length of lines.")


class Symbols(Step):
    """Drops texts made of the wrong characters. A row without any text is not concerned."""

    name, title, options_type = "symbols", "Symbols", SymbolsOptions

    def measure(self, block: Block) -> Statistics:
        """Return the shares that a limit asks for."""
        selection = block.select(self.options.fields)
        length = selection.characters.astype(np.float64)
        asked: SymbolsOptions = self.options
        found: dict[str, npt.NDArray[np.float64]] = {}
        if asked.minimum_alphanumeric is not None:
            found["alphanumeric"] = share(selection.count(LETTER | DIGIT), length)
        if asked.maximum_marks is not None:
            found["marks"] = share(selection.count(PUNCTUATION | SYMBOL | CONTROL), length)
        if asked.maximum_digits is not None:
            found["digits"] = share(selection.count(DIGIT), length)
        if asked.maximum_capitals is not None:
            found["capitals"] = share(selection.count(UPPER), selection.count(LETTER).astype(np.float64))
        if asked.minimum_word_length is not None or asked.maximum_word_length is not None:
            starts = selection.words.starts
            total = np.concatenate([[0], np.cumsum(selection.words.lengths)])
            letters = total[starts[1:]] - total[starts[:-1]]
            found["word_length"] = share(letters, selection.word_counts.astype(np.float64))
        if asked.maximum_line_length is not None:
            found["line_length"] = share(selection.characters, selection.line_counts.astype(np.float64))
        return found

    def rules(self) -> list[Rule]:
        """Drop what is outside the limits."""
        asked: SymbolsOptions = self.options
        every = [
            Rule("alphanumeric", "few letters and digits", minimum=asked.minimum_alphanumeric),
            Rule("marks", "many marks and symbols", maximum=asked.maximum_marks),
            Rule("digits", "many digits", maximum=asked.maximum_digits),
            Rule("capitals", "many capitals", maximum=asked.maximum_capitals),
            Rule("word_length", "short words", minimum=asked.minimum_word_length),
            Rule("word_length", "long words", maximum=asked.maximum_word_length),
            Rule("line_length", "long lines", maximum=asked.maximum_line_length),
        ]
        return [rule for rule in every if rule.minimum is not None or rule.maximum is not None]


def share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return part / whole; NaN where there is nothing to share."""
    out = np.full(len(part), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out
