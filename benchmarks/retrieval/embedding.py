"""The embedder of the benchmark: an encoder folder loaded in this process, its vectors kept between runs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from headwater.engines.encoder_model import EncoderModel, EncoderSpec

Vectors = npt.NDArray[np.float32]


class FolderEmbedder:
    """Embeds with `model.onnx` and `tokenizer.json` of a folder; `cache` (a file) saves repeated work."""

    def __init__(self, folder: Path, name: str, threads: int = 2, cache: Path | None = None) -> None:
        spec = EncoderSpec(name, folder / "model.onnx", folder / "tokenizer.json", dimensions=384)
        self._model = EncoderModel(spec)
        self._pool = ThreadPoolExecutor(threads)
        self._cache = cache
        self._known: dict[str, Vectors] = {}
        if cache is not None and cache.exists():
            with np.load(cache) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["vectors"].astype(np.float32), strict=True))

    @property
    def name(self) -> str:
        """Name of the build."""
        return self._model.spec.name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._model.spec.dimensions

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        """Return (n, dimensions) unit vectors."""
        keys = [blake2b(text.encode(), digest_size=12).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for key, row in zip(missing, self._pool.map(self._one, missing.values()), strict=True):
            self._known[key] = row
        return np.stack([self._known[key] for key in keys])

    def _one(self, text: str) -> Vectors:
        vector: Vectors = self._model.run(text)["embedding"]
        return vector

    def save(self) -> None:
        """Write the cache."""
        if self._cache is not None and self._known:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with self._cache.open("wb") as file:
                np.savez(file, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
