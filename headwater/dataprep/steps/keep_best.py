"""Truncate by score: of a long text keep the sentences that say most, in their order, under a budget."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.core.sentences import sentences
from headwater.dataprep.block import Block
from headwater.dataprep.columns import replaced
from headwater.dataprep.fields import side
from headwater.dataprep.overlap import content_words
from headwater.dataprep.step import FieldName, Options, Step


class KeepBestOptions(Options):
    """The budget."""

    fields: tuple[FieldName, ...] = Field(("context",), description="Fields to shorten.")
    maximum: int = Field(ge=1, description="Most characters of a text.")
    question_weight: float = Field(1.0, ge=0, description="How much words of the row's question count.")


class KeepBest(Step):
    """Rewrites texts over the budget. A sentence scores by its central words, its place, and the question's words."""

    name, title, options_type = "keep_best", "Truncate by score", KeepBestOptions

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Shorten what is too long."""
        mask = block.mask(self.options.fields) & (block.texts["text"].str.len_chars() > self.options.maximum)
        places = mask.arg_true()
        if not len(places):
            return np.zeros(len(block), dtype=bool)
        questions = side(block, "question").to_list()
        rows = block.texts["row"].gather(places).to_list()
        texts = block.texts["text"].gather(places).to_list()
        new = [self.shortened(text, questions[row] or "") for text, row in zip(texts, rows, strict=True)]
        return block.set_texts(replaced(block.texts["text"], places, new))

    def shortened(self, text: str, question: str) -> str:
        """Return the best sentences in their order, joined by what stood between them or one space."""
        spans = sentences(text)
        bags = [content_words(text[start:end]) for start, end in spans]
        counts = Counter(word for bag in bags for word in bag)
        wanted = content_words(question)
        scores = []
        for place, bag in enumerate(bags):
            central = sum(math.log1p(counts[word]) for word in bag) / math.sqrt(len(bag) or 1)
            asked = self.options.question_weight * len(bag & wanted) / (len(wanted) or 1)
            scores.append(central * (1 + asked) * (1.2 if place == 0 else 1.0))
        kept: list[int] = []
        used = 0
        for place in sorted(range(len(spans)), key=lambda n: (-scores[n], n)):
            length = spans[place][1] - spans[place][0] + (1 if kept else 0)
            if used + length <= self.options.maximum:
                kept.append(place)
                used += length
        if not kept:
            return text[: self.options.maximum]
        return " ".join(text[spans[place][0] : spans[place][1]] for place in sorted(kept))
