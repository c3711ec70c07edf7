"""Searching documents: keywords and vectors together, inside what the person may see.

question -> terms -> BM25 over every passage -> nearest vectors -> candidates of both with the passages
around them -> one score (`fusion.py`) -> re-ranked when there is a model for it -> neighbours joined.
Whatever an index still holds, only passages that the catalogue shows to this scope are returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from headwater.core.protocols import Embedder, Reranker
from headwater.core.types import Filters, Hit, Scope
from headwater.documents.fusion import DEFAULT_WEIGHTS, REACH, Signals, Weights, fuse
from headwater.documents.joining import join
from headwater.documents.profile import gather
from headwater.documents.rerank import rerank
from headwater.documents.vectors import VectorIndex, among
from headwater.documents.view import PassageSource, View, Views

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Arm = Literal["keyword", "dense", "hybrid"]
FEWEST_CANDIDATES = 100
SPARE = 10


@dataclass(frozen=True)
class SearchParts:
    """What a search works with. `embedder` and `reranker` are asked each time; None means there is none now."""

    passages: PassageSource
    vectors: VectorIndex
    embedder: Callable[[], Embedder | None] = lambda: None
    reranker: Callable[[], Reranker | None] = lambda: None
    weights: Weights = DEFAULT_WEIGHTS


@dataclass(frozen=True, eq=False)
class Scored:
    """Candidates of a search, best first: ids, fused scores, BM25 over the best possible, cosines (NaN: none)."""

    ids: Ids
    scores: Floats
    keyword: Floats
    cosine: Floats


class Searcher:
    """Implements core.protocols.Search. Safe to call from several threads."""

    def __init__(self, parts: SearchParts) -> None:
        self._parts = parts
        self._views = Views(parts.passages, parts.vectors, parts.embedder)

    def __call__(self, question: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        """Return up to `limit` hits, best first, that do not overlap. Raises NotFound, EngineFailed.

        Scores of a hit: `score` 0..1 is what it was ranked by; `keyword` is BM25 divided by the most the
        question could reach (None: no word occurs); `dense` is the cosine (None: no vector yet);
        `rerank` 0..1 is the re-ranking model's.
        """
        scored = self.scored(question, scope, filters, limit)
        hits = self._visible(scope, scored, 2 * limit + SPARE)
        model = self._parts.reranker()
        if model is not None:
            hits = rerank(question, hits, model)
        return join(hits, limit, lambda ends: self._parts.passages.excerpts(scope, ends))

    def scored(self, question: str, scope: Scope, filters: Filters, limit: int, arm: Arm = "hybrid") -> Scored:
        """Return the candidates of one arm or both with their scores; nothing is joined or read."""
        view = self._views(question, scope, filters, with_vectors=arm != "keyword")
        if view is None:
            none = np.empty(0, np.float64)
            return Scored(np.empty(0, np.int64), none, none, none)
        candidates = _candidates(view, max(limit * 2, FEWEST_CANDIDATES), arm)
        signals = _signals(view, candidates)
        keyword, cosine = signals.keyword[:, REACH], _own_cosine(signals)
        if arm == "hybrid":
            scores = fuse(_completed(signals), view.trust, self._parts.weights)
        else:
            scores = keyword if arm == "keyword" else np.nan_to_num(cosine, nan=-1.0)
        order = np.lexsort((candidates, -scores))
        return Scored(candidates[order], scores[order], keyword[order], cosine[order])

    def _visible(self, scope: Scope, scored: Scored, wanted: int) -> list[Hit]:
        """Read the best candidates; those that were deleted meanwhile or are not to be seen are left out."""
        ids = scored.ids[:wanted].tolist()
        passages = self._parts.passages.by_ids(scope, ids)
        return [
            Hit(
                passage=passages[passage_id],
                score=float(scored.scores[place]),
                keyword=float(scored.keyword[place]) or None,
                dense=None if np.isnan(scored.cosine[place]) else float(scored.cosine[place]),
            )
            for place, passage_id in enumerate(ids)
            if passage_id in passages
        ]


def _candidates(view: View, count: int, arm: Arm) -> Ids:
    """The best of each arm, rising ids."""
    found: list[Ids] = []
    if arm != "dense":
        ids, scores = view.matches.ids, view.matches.scores
        usable = scores > 0
        if view.allowed is not None:
            usable &= among(ids, view.allowed)
        places = np.flatnonzero(usable)
        if len(places) > count:
            places = places[np.argpartition(-scores[places], count - 1)[:count]]
        found.append(ids[places])
    if view.query is not None and arm != "keyword":
        found.extend(shelf.search(view.query, count, view.allowed)[0] for shelf in view.shelves)
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _signals(view: View, candidates: Ids) -> Signals:
    """What both arms say of the candidates and of the passages around them in their documents."""
    around = candidates[:, None] + np.arange(-REACH, REACH + 1)
    flat, back = np.unique(around, return_inverse=True)
    back = back.reshape(around.shape)
    places = view.matches.places(flat)
    known = places >= 0
    runs = np.where(known, view.run_of(flat), -1)[back]
    beside = (runs == runs[:, REACH : REACH + 1]) & (runs >= 0)
    # A passage whose document is being replaced in this moment still stands for itself.
    beside[:, REACH] = known[back[:, REACH]]
    best = view.matches.best_possible or 1.0
    keyword = np.where(known, view.matches.scores[places] / best, 0.0)[back]
    found = np.where(known, view.matches.found[places], np.uint64(0))[back]
    if view.query is None:
        return Signals(keyword, found, view.matches.weights, beside)
    has_vector, vectors = gather(view.shelves, flat)
    cosine = np.where(has_vector, vectors @ view.query, np.nan).astype(np.float64)[back]
    return Signals(keyword, found, view.matches.weights, beside, cosine, vectors[back[:, REACH]])


def _own_cosine(signals: Signals) -> Floats:
    if signals.cosine is None:
        return np.full(len(signals.keyword), np.nan)
    return signals.cosine[:, REACH]


def _completed(signals: Signals) -> Signals:
    """A candidate whose vector is still to come gets the mean cosine of the others: neither lifted nor sunk."""
    if signals.cosine is None:
        return signals
    own = signals.cosine[:, REACH]
    if np.isnan(own).all():
        return replace(signals, cosine=None, vectors=None)
    cosine = signals.cosine.copy()
    cosine[:, REACH] = np.where(np.isnan(own), np.nanmean(own), own)
    return replace(signals, cosine=cosine)
