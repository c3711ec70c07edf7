"""Profanity: whole coarse words, masked or dropped, by a small own list or a list from a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.core.errors import BadInput
from headwater.dataprep.block import Block
from headwater.dataprep.step import Rule, Setting, Statistics, Step, TextOptions, rewritten
from headwater.dataprep.words import COARSE_WORDS


class ProfanityOptions(TextOptions):
    """Which words count and what to do about them."""

    action: Literal["mask", "drop"] = Field("mask", description="Mask each word as ***, or drop the row.")
    maximum: int = Field(0, ge=0, description="When dropping: this many coarse words are still kept.")
    words_file: str | None = Field(None, description="A list of words or phrases, one a line, in place of ours.")
    also: tuple[str, ...] = Field((), description="Further words.")
    allow: tuple[str, ...] = Field((), description="Words of the list that are fine here.")


class Profanity(Step):
    """Counts coarse words; parts of longer words (Scunthorpe) never count."""

    name, title, options_type = "profanity", "Profanity", ProfanityOptions

    def __init__(self, options: ProfanityOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        words = {word.lower() for word in (*self._listed(), *options.also)} - {w.lower() for w in options.allow}
        ordered = sorted(words, key=lambda word: (-len(word), word))
        self._pattern = rf"(?i)\b(?:{'|'.join(re.escape(word) for word in ordered)})\b" if words else None

    def _listed(self) -> list[str]:
        if self.options.words_file is None:
            return sorted(COARSE_WORDS)
        path = self.setting.path(self.options.words_file)
        try:
            found = [line.strip() for line in path.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"The word list {path} cannot be read: {error}", "Give a UTF-8 file, a word a line."
            ) from error
        return [word for word in found if word]

    def files(self) -> tuple[Path, ...]:
        """The word list is part of the resume key."""
        return (self.setting.path(self.options.words_file),) if self.options.words_file else ()

    def measure(self, block: Block) -> Statistics:
        """Return the number of coarse words of each row."""
        if self.options.action == "mask":
            return {}
        if self._pattern is None:
            return {"coarse_words": np.zeros(len(block))}
        texts = block.select(self.options.fields).texts
        return {"coarse_words": texts.str.count_matches(self._pattern).to_numpy().astype(np.float64)}

    def rules(self) -> list[Rule]:
        """Drop rows with more than the allowed number."""
        drops = self.options.action == "drop"
        return [Rule("coarse_words", "profanity", maximum=self.options.maximum)] if drops else []

    def change(self, block: Block) -> npt.NDArray[np.bool_] | None:
        """Mask the words."""
        pattern = self._pattern
        if self.options.action != "mask" or pattern is None:
            return None
        return rewritten(block, self.options.fields, lambda texts: texts.str.replace_all(pattern, "***"))
