"""An embedder without weights: texts that share words get near vectors. For tests and demos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

import numpy as np

from headwater.core.errors import BadInput
from headwater.core.protocols import Vectors

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Signed feature hashing of words and their first letters (Weinberger et al. 2009, arXiv:0902.2206).

    The same text gives the same vector in every process and on every machine.
    """

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions < 8:
            raise BadInput(f"HashEmbedder was asked for {dimensions} dimensions", "Use 8 or more.")
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        """Name of the embedder with its size: vectors of two sizes are never mixed."""
        return f"hash-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        """Return (n, dimensions) float32 unit vectors; a text without words gets the first unit vector."""
        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.casefold()):
                self._count(row, word, 1.0)
                self._count(row, f"{word[:5]}~", 0.5)
            if not row.any():
                row[0] = 1.0
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _count(self, row: Vectors, feature: str, weight: float) -> None:
        number = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "little")
        row[(number >> 1) % self._dimensions] += weight if number & 1 else -weight
