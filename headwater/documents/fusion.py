"""One score from two arms: keywords and vectors, each on a scale of its own, with the passages around.

Scores are mixed, not ranks: a rank forgets how much better the first was than the second. The keyword
score is divided by the best score the query could reach and a cosine is taken as it is, so both mean
the same for every query (theoretical bounds as in Bruch, Gai, Ingber 2023, "An Analysis of Fusion
Functions for Hybrid Retrieval", section 4). Added to that:

* coverage: which share of the query's words occurs at all, weighted by rarity. BM25 alone lets one
  rare word that is repeated beat a passage that holds all of them.
* neighbours: passages are short, so the best neighbour and the mean of two on each side say whether
  the text around is about the question.
* feedback: the nearness to the best five found so far (Rocchio 1971, on vectors).
* trust: how much vectors are worth in the language of the query (`profile.py`).

The weights are round numbers chosen by hand after a coordinate search over nDCG and token recall on
XQuAD 1-36 (five languages, and as one long text), chunking_evaluation, Cranfield, BoolQ and PubMedQA
passages, with each kind left out in turn. Around them the scores are flat. Numbers: docs/log.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
REACH = 2
FEEDBACK_PASSAGES = 5
FEEDBACK_SHARPNESS = 4.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part counts. Those of the vector arm are multiplied by trust (0..1)."""

    keyword: float = 1.0
    coverage: float = 0.5
    keyword_beside: float = 0.3
    coverage_around: float = 0.2
    cosine: float = 1.5
    cosine_beside: float = 0.75
    cosine_around: float = 0.4
    feedback: float = 0.3

    @property
    def lexical(self) -> float:
        """Sum of the weights of the keyword arm."""
        return self.keyword + self.coverage + self.keyword_beside + self.coverage_around

    @property
    def dense(self) -> float:
        """Sum of the weights of the vector arm."""
        return self.cosine + self.cosine_beside + self.cosine_around + self.feedback


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, eq=False)
class Signals:
    """What is known of n candidates (axis 0) and the passages around each (axis 1, REACH before to REACH after).

    keyword (n, 2 * REACH + 1): BM25 over the best possible, 0..1 · found (same, uint64): bits of the
    words that occur · weights (words,): their rarity · beside (same, bool): the passage there is of the
    same document · cosine (same): NaN without a vector · vectors (n, dimensions): zeros without one.
    """

    keyword: Floats
    found: npt.NDArray[np.uint64]
    weights: Floats
    beside: npt.NDArray[np.bool_]
    cosine: Floats | None = None
    vectors: npt.NDArray[np.float32] | None = None


def coverage(found: npt.NDArray[np.uint64], weights: Floats) -> Floats:
    """Share of the words' weight that the bits cover, of any shape."""
    total = weights.sum()
    covered = np.zeros(found.shape)
    if total <= 0:
        return covered
    for word, weight in enumerate(weights):
        if weight > 0:
            covered += weight * ((found >> np.uint64(word)) & np.uint64(1))
    share: Floats = covered / total
    return share


def fuse(signals: Signals, trust: float, weights: Weights = DEFAULT_WEIGHTS) -> Floats:
    """Return one score in 0..1 for each candidate; higher is better. `trust` is how much vectors count."""
    score = _lexical(signals, weights)
    if signals.cosine is None or signals.vectors is None or trust <= 0:
        return np.clip(score / weights.lexical, 0.0, 1.0)
    score = score + trust * _dense(signals, signals.cosine, weights)
    score = score + trust * weights.feedback * _feedback(score, signals.vectors)
    return np.clip(score / (weights.lexical + trust * weights.dense), 0.0, 1.0)


def _lexical(signals: Signals, weights: Weights) -> Floats:
    own = signals.keyword[:, REACH]
    together = np.bitwise_or.reduce(np.where(signals.beside, signals.found, np.uint64(0)), axis=1)
    score: Floats = (
        weights.keyword * own
        + weights.coverage * coverage(signals.found[:, REACH], signals.weights)
        + weights.keyword_beside * _best_beside(signals.keyword, signals.beside)
        + weights.coverage_around * coverage(together, signals.weights)
    )
    return score


def _dense(signals: Signals, cosines: Floats, weights: Weights) -> Floats:
    known = signals.beside & ~np.isnan(cosines)
    cosine = np.where(known, np.nan_to_num(cosines), 0.0)
    own = cosine[:, REACH]
    around = known.copy()
    around[:, REACH] = False
    count = around.sum(axis=1)
    mean = np.where(count > 0, (cosine * around).sum(axis=1) / np.maximum(count, 1), own)
    score: Floats = (
        weights.cosine * own + weights.cosine_beside * _best_beside(cosine, known) + weights.cosine_around * mean
    )
    return score


def _best_beside(values: Floats, usable: npt.NDArray[np.bool_]) -> Floats:
    """The better of the next passage on either side; a passage that stands alone counts itself."""
    sides = (REACH - 1, REACH + 1)
    best = np.max([np.where(usable[:, side], values[:, side], -np.inf) for side in sides], axis=0)
    return np.where(np.isinf(best), values[:, REACH], best)


def _feedback(score: Floats, vectors: npt.NDArray[np.float32]) -> Floats:
    """Cosine to the mean of the best passages, the better ones counting more."""
    best = np.argsort(-score, kind="stable")[:FEEDBACK_PASSAGES]
    share = np.exp(FEEDBACK_SHARPNESS * (score[best] - score[best].max()))
    centre = (share / share.sum()) @ vectors[best]
    near: Floats = (vectors @ centre).astype(np.float64)
    return near
