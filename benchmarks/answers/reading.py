"""A reader loaded in this process from a folder (model.onnx, tokenizer.json), its readings kept while it lives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from headwater.core.reading import Reading
from headwater.engines.encoder_model import EncoderModel, EncoderSpec

READER_TOKENS = 384
TEXT_SEGMENT = 1


class FolderReader:
    """Reads with the model of a folder; outputs as `headwater.engines.reader` expects them."""

    name = "reader"

    def __init__(self, folder: Path) -> None:
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        self._model = EncoderModel(EncoderSpec(self.name, model, tokenizer, 0, READER_TOKENS, pairs=True))
        self._known: dict[tuple[str, str], Reading] = {}

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return one reading for each text."""
        return [self._one(question, text) for text in texts]

    def _one(self, question: str, text: str) -> Reading:
        if (question, text) not in self._known:
            row = self._model.run([question, text])
            inside = row["segments"] == TEXT_SEGMENT
            starts, ends = row["token_logits"][inside].T
            relevance = float(row["pair_logits"][0])
            self._known[question, text] = Reading(relevance, row["offsets"][inside].astype(np.int64), starts, ends)
        return self._known[question, text]
