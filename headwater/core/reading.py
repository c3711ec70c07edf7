"""What a reader model says of one passage: how likely it answers, and where the answer stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SPAN_TOKENS = 30  # longer spans are no answers


@dataclass(frozen=True, eq=False)
class Reading:
    """`relevance` is the log odds that the text answers; each token of the text has its
    character range in `offsets` (tokens, 2) and logits in `starts` and `ends` (tokens,)."""

    relevance: float
    offsets: npt.NDArray[np.int64]
    starts: npt.NDArray[np.float32]
    ends: npt.NDArray[np.float32]

    def best_span(self, start: int, end: int) -> float:
        """Return the highest start + end logit of a span inside text[start:end]; -20 if none."""
        inside = self._inside(start, end)
        starts, ends = self.starts[inside], self.ends[inside]
        best = -20.0
        for place, logit in enumerate(starts):
            best = max(best, float(logit + ends[place : place + SPAN_TOKENS].max()))
        return best

    def share(self, start: int, end: int) -> float:
        """Return the probability, within this text, that the answer begins in text[start:end]."""
        if not len(self.starts):
            return 0.0
        weights = np.exp(self.starts - self.starts.max())
        return float(weights[self._inside(start, end)].sum() / weights.sum())

    def _inside(self, start: int, end: int) -> npt.NDArray[np.bool_]:
        return (self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end)
