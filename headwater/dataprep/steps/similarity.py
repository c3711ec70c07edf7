"""Similarity between two fields of a row: BLEU, chrF, METEOR, ROUGE, edits, covered words, or embeddings."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.fields import present, side
from headwater.dataprep.overlap import MEASURES
from headwater.dataprep.step import Options, Rule, Statistics, Step

Side = Literal["question", "answer", "context", "rejected", "system"]
Measure = Literal["bleu", "chrf", "meteor", "rouge_1", "rouge_2", "rouge_l", "edit", "covered", "embedding"]


class SimilarityOptions(Options):
    """What is compared, how, and the limits."""

    of: Side = Field("answer", description="The text that is judged; chosen answer and summary count as answer.")
    to: Side = Field("context", description="The text it is compared to.")
    measure: Measure = Field("rouge_l", description="The measure, 0 to 1.")
    minimum: float | None = Field(None, ge=0, le=1, description="Least similarity.")
    maximum: float | None = Field(None, ge=0, le=1, description="Most similarity; an answer may only echo.")


class Similarity(Step):
    """Rows that lack one of the two texts are not concerned."""

    name, title, options_type = "similarity", "Similarity of fields", SimilarityOptions

    def needed(self) -> tuple[str, ...]:
        """Embeddings need a model."""
        return ("embed",) if self.options.measure == "embedding" else ()

    def measure(self, block: Block) -> Statistics:
        """Return the similarity of each row."""
        ours, theirs = side(block, self.options.of), side(block, self.options.to)
        values = np.full(len(block), np.nan)
        places = np.flatnonzero(present(ours, theirs))
        if len(places):
            a, b = ours.gather(places).to_list(), theirs.gather(places).to_list()
            values[places] = self._values(a, b)
        return {self.options.measure: values}

    def _values(self, ours: list[str], theirs: list[str]) -> list[float]:
        embed = self.setting.services.embed
        if self.options.measure == "embedding" and embed is not None:
            return [float(v) for v in np.einsum("nd,nd->n", embed(ours), embed(theirs))]
        compare = MEASURES[self.options.measure]
        return [compare(a, b) for a, b in zip(ours, theirs, strict=True)]

    def rules(self) -> list[Rule]:
        """Drop what is outside the limits."""
        low, high, name = self.options.minimum, self.options.maximum, self.options.measure
        of, to = self.options.of, self.options.to
        rules = [
            Rule(name, f"{of} unlike {to}", minimum=low),
            Rule(name, f"{of} too much like {to}", maximum=high),
        ]
        return [rule for rule in rules if rule.minimum is not None or rule.maximum is not None]
