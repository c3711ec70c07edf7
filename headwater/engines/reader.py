"""A reader over the encoder process: does a passage answer a question, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from headwater.core.errors import EngineFailed
from headwater.core.reading import Reading
from headwater.engines.encoder import PairEncoder
from headwater.engines.frames import Array

TEXT_SEGMENT = 1


class OnnxReader:
    """Reads by a pair model whose outputs are `token_logits` (s, 2), start and end, and `pair_logits` (1,).

    Those are the heads `token_logits` and `pair_logits` of `headwater.models.bert_graph`.
    """

    def __init__(self, pairs: PairEncoder) -> None:
        self._pairs = pairs

    @property
    def name(self) -> str:
        """Name of the model and of its build."""
        return self._pairs.name

    def read(self, question: str, texts: Sequence[str]) -> Sequence[Reading]:
        """Return one reading for each text, of as many of its tokens as fit. Raises EngineFailed."""
        return [self._reading(row) for row in self._pairs.run(question, texts)]

    def _reading(self, row: Mapping[str, Array]) -> Reading:
        missing = {"token_logits", "pair_logits"} - row.keys()
        if missing:
            raise EngineFailed(
                f"{self.name!r} is no reader: it has no output {', '.join(sorted(missing))}", "Choose another."
            )
        inside = row["segments"] == TEXT_SEGMENT
        starts, ends = row["token_logits"][inside].T
        return Reading(float(row["pair_logits"][0]), row["offsets"][inside].astype(np.int64), starts, ends)
