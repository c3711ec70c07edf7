"""Vectors that were made are not made again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from headwater.chat.remembered import RememberedEmbedder
from headwater.core.protocols import Vectors
from headwater.engines.hashing import HashEmbedder


class Counting(HashEmbedder):
    def __init__(self) -> None:
        super().__init__(32)
        self.made: list[str] = []

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        self.made += texts
        return super().embed(texts, kind)


def test_only_new_texts_are_computed_and_the_rows_stay_in_order() -> None:
    behind = Counting()
    embedder = RememberedEmbedder(behind)
    first = embedder.embed(["a b", "c d", "a b"])
    again = embedder.embed(["c d", "e f", "a b"])
    assert behind.made == ["a b", "c d", "e f"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(again[0], first[1])
    assert np.allclose(again, HashEmbedder(32).embed(["c d", "e f", "a b"]), atol=1e-3)
    assert embedder.embed([]).shape == (0, 32)
    assert (embedder.name, embedder.dimensions) == (behind.name, 32)


def test_the_oldest_are_forgotten_and_questions_are_not_kept() -> None:
    behind = Counting()
    embedder = RememberedEmbedder(behind, most=2)
    embedder.embed(["a"])
    embedder.embed(["b"])
    embedder.embed(["a"])
    embedder.embed(["c"])
    embedder.embed(["a"])
    assert behind.made == ["a", "b", "c"]
    embedder.embed(["b"])
    embedder.embed(["q"], "query")
    embedder.embed(["q"], "query")
    assert behind.made == ["a", "b", "c", "b", "q", "q"]
