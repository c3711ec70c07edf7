"""One ONNX encoder with its tokenizer: texts or pairs in, arrays out. Runs inside the encoder child.

Every text is one run of the graph. Dynamic int8 scales activations by the largest value in the
whole input, so a text in a padded batch gets another vector than alone (cosine 0.991 seen); on a
CPU the batch is not faster either (docs/log.md). Speed comes from threads that each run their own text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headwater.engines.encodable import encodable
from headwater.engines.frames import Array


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What a worker needs to load an encoder. `pairs`: it reads two texts and its outputs come back raw."""

    name: str
    model: Path
    tokenizer: Path
    dimensions: int
    max_tokens: int = 256
    pairs: bool = False
    needs_bytes: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain values for the pipe."""
        return {
            "name": self.name,
            "model": str(self.model),
            "tokenizer": str(self.tokenizer),
            "dimensions": self.dimensions,
            "max_tokens": self.max_tokens,
            "pairs": self.pairs,
            "needs_bytes": self.needs_bytes,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> EncoderSpec:
        """Rebuild a spec that crossed the pipe."""
        return cls(**{**values, "model": Path(values["model"]), "tokenizer": Path(values["tokenizer"])})


def load_tokenizer(spec: EncoderSpec) -> Any:
    """Return the tokenizer of an encoder, cutting where the model's input ends."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(spec.tokenizer))
    # The file may ask for fixed padding and a shorter cut than the model was meant for.
    tokenizer.no_padding()
    tokenizer.enable_truncation(spec.max_tokens, strategy="only_second" if spec.pairs else "longest_first")
    return tokenizer


class EncoderModel:
    """A loaded encoder. Safe to call from several threads; each call computes on its own thread."""

    def __init__(self, spec: EncoderSpec) -> None:
        import onnxruntime

        self.spec = spec
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(spec.model), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._outputs = [node.name for node in self._session.get_outputs()]
        self._tokenizer = load_tokenizer(spec)

    def run(self, item: str | Sequence[str]) -> dict[str, Array]:
        """Encode one text, or one [question, text] pair, and return the outputs of its row.

        A pair also gets `offsets` (characters of its own text, (s, 2)) and `segments` (0 question, 1 text).
        """
        first, second = (encodable(item[0]), encodable(item[1])) if self.spec.pairs else (encodable(str(item)), None)
        encoding = self._tokenizer.encode(first, second)
        arrays = {
            "input_ids": np.array([encoding.ids], np.int64),
            "attention_mask": np.ones((1, len(encoding.ids)), np.int64),
            "token_type_ids": np.array([encoding.type_ids], np.int64),
        }
        feed = {name: arrays[name] for name in self._inputs}
        results = self._session.run(self._outputs, feed)
        row = {name: value[0] for name, value in zip(self._outputs, results, strict=True)}
        if self.spec.pairs:
            row["offsets"] = np.array(encoding.offsets, np.int32)
            # -1 marks [CLS] and [SEP], which belong to neither text.
            row["segments"] = np.array([-1 if part is None else part for part in encoding.sequence_ids], np.int8)
        return row
