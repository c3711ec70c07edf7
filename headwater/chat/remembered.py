"""An embedder that remembers: the sentences of one's documents come up again with the next question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from headwater.core.protocols import Embedder, Vectors

MOST_REMEMBERED = 20_000  # vectors; of 384 half-precision numbers each, 15 MB


class RememberedEmbedder:
    """Wraps an embedder and keeps the last vectors it made of passages, in half precision.

    Safe to call from several threads; two that miss the same text at once both compute it.
    """

    def __init__(self, embedder: Embedder, most: int = MOST_REMEMBERED) -> None:
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[str, npt.NDArray[np.float16]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the embedder behind."""
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        """Return (n, dimensions) vectors, computing only what is not remembered. Raises EngineFailed."""
        if kind == "query":
            return self._embedder.embed(texts, kind)
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            made = self._embedder.embed(missing, kind).astype(np.float16)
            found.update(zip(missing, made, strict=True))
        with self._lock:
            for text in texts:
                self._known[text] = found[text]
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return np.stack([found[text] for text in texts]).astype(np.float32)
