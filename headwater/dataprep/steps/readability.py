"""Readability: the school grade of English text (Flesch-Kincaid, Kincaid et al. 1975) and the reading ease."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions

SENTENCE_END = r"[.!?]+[\"')\]]*(?:\s|$)|\n\s*\n|[^.!?\s][\"')\]]*\s*$"
WORD = r"[A-Za-z][A-Za-z'’-]*"
VOWELS = r"[aeiouyAEIOUY]+"
# Endings whose last vowel is silent: "made", "asked", "times"; but not "table", "wanted", "boxes".
SILENT = r"(?:[^aeiouylAEIOUYL\W]e|[^aeiouytdAEIOUYTD\W]ed|[^aeiouysxzhcgAEIOUYSXZHCG\W]es)\b"
FEWEST_WORDS = 5


class ReadabilityOptions(TextOptions):
    """Grades that are kept. Years of school: 6 is plain, 12 is a newspaper, 20 is a statute."""

    minimum_grade: float | None = Field(None, description="Lowest grade; no limit when unset.")
    maximum_grade: float | None = Field(None, description="Highest grade; no limit when unset.")


class Readability(Step):
    """Drops English text outside the grades; other languages and texts under five words are not concerned."""

    name, title, options_type = "readability", "Readability", ReadabilityOptions

    def measure(self, block: Block) -> Statistics:
        """Return the grade and the reading ease of each row."""
        grade, ease = grades(block.select(self.options.fields).texts)
        other = block.rows["language"].is_not_null() & (block.rows["language"] != "en")
        grade[other.fill_null(False).to_numpy()] = np.nan
        return {"grade": grade, "ease": ease}

    def rules(self) -> list[Rule]:
        """Drop what is too simple or too hard."""
        low, high = self.options.minimum_grade, self.options.maximum_grade
        rules = [Rule("grade", "too simple", minimum=low), Rule("grade", "too hard to read", maximum=high)]
        return [rule for rule in rules if rule.minimum is not None or rule.maximum is not None]


def grades(texts: pl.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (Flesch-Kincaid grade, Flesch reading ease); NaN for texts of fewer than five words."""
    frame = pl.DataFrame({"text": texts}).select(
        words=pl.col("text").str.count_matches(WORD),
        sentences=pl.col("text").str.count_matches(SENTENCE_END),
        vowels=pl.col("text").str.count_matches(VOWELS),
        silent=pl.col("text").str.count_matches(SILENT),
    )
    words, sentences, vowels, silent = (frame[name].to_numpy().astype(np.float64) for name in frame.columns)
    syllables = np.maximum(vowels - silent, words)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_sentence, per_word = words / np.maximum(sentences, 1), syllables / words
    grade, ease = 0.39 * per_sentence + 11.8 * per_word - 15.59, 206.835 - 1.015 * per_sentence - 84.6 * per_word
    few = words < FEWEST_WORDS
    grade[few], ease[few] = np.nan, np.nan
    return grade, ease
