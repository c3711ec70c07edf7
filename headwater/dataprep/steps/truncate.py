"""Truncate: cut long texts at a sentence or word, at their end or beginning. Answers only when named."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field, model_validator

from headwater.core.sentences import sentences
from headwater.dataprep.block import Block
from headwater.dataprep.columns import replaced
from headwater.dataprep.step import FieldName, Options, Step, rewritten


class TruncateOptions(Options):
    """What is cut, and where."""

    fields: tuple[FieldName, ...] = Field(
        ("context",), description="Fields to cut. Cutting an answer spoils what is learned, so it must be named."
    )
    maximum: int = Field(ge=1, description="Most characters, words or tokens.")
    unit: Literal["characters", "words", "tokens"] = Field("characters", description="What is counted.")
    cut: Literal["end", "beginning"] = Field("end", description="Which end goes.")
    at: Literal["sentence", "word", "exact"] = Field("sentence", description="Where a cut may be.")
    tokenizer: str | None = Field(
        None, description="For the unit tokens: the target model, by tokenizer.json or by name."
    )

    @model_validator(mode="after")
    def _complete(self) -> TruncateOptions:
        if self.unit == "tokens" and self.tokenizer is None:
            raise ValueError("the unit tokens needs a tokenizer: the path of a tokenizer.json")
        return self


class Truncate(Step):
    """Rewrites texts; drops none. A first sentence longer than the limit is cut at a word."""

    name, title, options_type = "truncate", "Truncate by length", TruncateOptions

    def files(self) -> tuple[Path, ...]:
        """The tokenizer is part of the resume key."""
        return (self.setting.path(self.options.tokenizer),) if self.options.tokenizer else ()

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Cut what is too long."""

        def make(texts: pl.Series) -> pl.Series:
            # A token or a word has at least one character, so shorter texts need no look.
            places = (texts.str.len_chars() > self.options.maximum).arg_true()
            return replaced(texts, places, [self._cut(text) for text in texts.gather(places).to_list()])

        return rewritten(block, self.options.fields, make)

    def _cut(self, text: str) -> str:
        if self._fits(text):
            return text
        if self.options.cut == "beginning":
            return self._tail(text)
        if self.options.at == "exact":
            return self._exact(text)
        ends = [end for _, end in sentences(text)] if self.options.at == "sentence" else []
        kept = self._longest(text, ends)
        if kept:
            return kept
        word_ends = [n for n in range(1, len(text)) if text[n].isspace() and not text[n - 1].isspace()]
        return self._longest(text, word_ends) or self._exact(text)

    def _tail(self, text: str) -> str:
        starts = [start for start, _ in sentences(text)] if self.options.at == "sentence" else []
        starts += [n for n in range(1, len(text)) if text[n - 1].isspace() and not text[n].isspace()]
        for start in sorted(set(starts)) if self.options.at != "sentence" else starts:
            if self._fits(text[start:]):
                return text[start:]
        return text[-self.options.maximum :] if self.options.unit == "characters" else ""

    def _longest(self, text: str, ends: list[int]) -> str:
        """Return the longest head that ends at one of `ends` and fits; found by halving."""
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._fits(text[: ends[middle]]):
                low = middle + 1
            else:
                high = middle
        return text[: ends[low - 1]] if low else ""

    def _fits(self, text: str) -> bool:
        if self.options.unit == "characters":
            return bool(len(text) <= self.options.maximum)
        if self.options.unit == "words":
            return bool(len(text.split()) <= self.options.maximum)
        from headwater.dataprep.tokens import token_counter

        count = token_counter(self.setting.path(self.options.tokenizer))
        return bool(count([text])[0] <= self.options.maximum)

    def _exact(self, text: str) -> str:
        if self.options.unit == "characters":
            return text[: self.options.maximum]
        if self.options.unit == "tokens":
            from headwater.dataprep.tokens import cut_to_tokens

            return cut_to_tokens(self.setting.path(self.options.tokenizer), text, self.options.maximum)
        return " ".join(text.split()[: self.options.maximum])
