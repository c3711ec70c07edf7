"""Embedders and pair models whose work is done in the encoder process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from headwater.core.protocols import Vectors
from headwater.engines.encodable import encodable
from headwater.engines.encoder_model import EncoderSpec, load_tokenizer
from headwater.engines.encoder_process import EncoderProcess, Lane
from headwater.engines.frames import Array

REQUEST_ITEMS = 64


class OnnxEmbedder:
    """An Embedder over an ONNX file with one (n, dimensions) output of unit vectors."""

    def __init__(self, spec: EncoderSpec, process: EncoderProcess) -> None:
        self._spec = spec
        self._process = process
        self._tokenizer: Any = None

    @property
    def name(self) -> str:
        """Name of the model and of its build."""
        return self._spec.name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._spec.dimensions

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        """Return (n, dimensions) float32 unit vectors; queries overtake passages. Raises EngineFailed."""
        lane: Lane = "query" if kind == "query" else "bulk"
        parts = [
            self._process.run(self._spec, lane, texts[start : start + REQUEST_ITEMS])["embedding"]
            for start in range(0, len(texts), REQUEST_ITEMS)
        ]
        return np.concatenate([np.zeros((0, self.dimensions), np.float32), *parts])

    def count_tokens(self, texts: Sequence[str]) -> int:
        """Tokens of all texts together, as the model reads them: special ones counted, long texts cut."""
        if self._tokenizer is None:
            self._tokenizer = load_tokenizer(self._spec)
        return sum(len(self._tokenizer.encode(encodable(text)).ids) for text in texts)


class PairEncoder:
    """A model that reads a question and a text together; its raw outputs come back, one dict a text."""

    def __init__(self, spec: EncoderSpec, process: EncoderProcess) -> None:
        self._spec = spec
        self._process = process

    @property
    def name(self) -> str:
        """Name of the model and of its build."""
        return self._spec.name

    def run(self, question: str, texts: Sequence[str], lane: Lane = "query") -> list[dict[str, Array]]:
        """Return for each text the outputs of the graph, `offsets` (s, 2) in characters and `segments` (s,).

        segments: 0 the question, 1 the text, -1 a special token. Raises EngineFailed.
        """
        rows: list[dict[str, Array]] = []
        for start in range(0, len(texts), REQUEST_ITEMS):
            part = texts[start : start + REQUEST_ITEMS]
            rows += unstack(self._process.run(self._spec, lane, [[question, text] for text in part]), len(part))
        return rows


def unstack(joined: Mapping[str, Array], count: int) -> list[dict[str, Array]]:
    """Cut stacked outputs into one dict a row; undoes `encoder_child.stack`."""
    rows: list[dict[str, Array]] = [{} for _ in range(count)]
    for name, value in joined.items():
        if name.endswith(".lengths"):
            continue
        lengths = joined.get(f"{name}.lengths")
        parts = list(value) if lengths is None else np.split(value, np.cumsum(lengths)[:-1])
        for row, part in zip(rows, parts, strict=True):
            row[name] = part
    return rows
