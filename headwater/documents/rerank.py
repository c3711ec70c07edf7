"""Re-ranking: a model that reads question and passage together looks at the best hits again.

The model's score is kept apart in `Hit.rerank`; the rank is by a mix with the score before, because
a small model read alone loses what two arms agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headwater.core.protocols import Reranker
from headwater.core.types import Hit

RERANKED = 20
MODEL_SHARE = 0.6


def rerank(question: str, hits: Sequence[Hit], model: Reranker, count: int = RERANKED) -> list[Hit]:
    """Return the hits with the first `count` in the order of the mixed score. Raises EngineFailed.

    Both scores are stretched to 0..1 over these hits before they are mixed; `score` becomes the mix,
    scaled so that no re-ranked hit falls below one that was not looked at.
    """
    head, tail = list(hits[:count]), list(hits[count:])
    if len(head) < 2:
        return [*head, *tail]
    read = [float(score) for score in model.scores(question, [hit.passage.text for hit in head])]
    before, after = _stretched([hit.score for hit in head]), _stretched(read)
    mixed = [(1 - MODEL_SHARE) * one + MODEL_SHARE * other for one, other in zip(before, after, strict=True)]
    high, low = head[0].score, tail[0].score if tail else head[-1].score
    rescored = [
        replace(hit, score=low + (high - low) * mix, rerank=one)
        for hit, mix, one in zip(head, mixed, read, strict=True)
    ]
    return sorted(rescored, key=lambda hit: (-hit.score, hit.passage.id)) + tail


def _stretched(scores: Sequence[float]) -> list[float]:
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else 0.5 for score in scores]
