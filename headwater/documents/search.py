"""Searching documents: keywords and vectors together, inside what the person may see.

question -> terms -> BM25 over every passage -> nearest vectors -> candidates of both with the passages
around them -> one score (`fusion.py`) -> re-ranked when there is a model for it -> neighbours joined.
Whatever an index still holds, only passages that the catalogue shows to this scope are returned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from headwater.core.protocols import Embedder, Reranker
from headwater.core.types import Filters, Hit, Passage, Scope
from headwater.documents.fusion import DEFAULT_WEIGHTS, REACH, Signals, Weights, fuse
from headwater.documents.joining import join
from headwater.documents.profile import Profile, gather, languages_of, measure, sample_ids, text_language
from headwater.documents.rerank import rerank
from headwater.documents.terms import query_terms
from headwater.documents.vectors import Shelf, VectorIndex
from headwater.storage.matching import Matches

Ids = npt.NDArray[np.int64]
Arm = Literal["keyword", "dense", "hybrid"]
FEWEST_CANDIDATES = 100
SPARE = 10


class PassageSource(Protocol):
    """What search asks of the catalogue (`storage.passages.Passages`)."""

    def collection_ids(self, scope: Scope, filters: Filters) -> tuple[str, ...]:
        """Collections the scope may search. Raises NotFound."""
        ...

    def ids_within(self, scope: Scope, filters: Filters) -> Ids | None:
        """Passages that document filters limit a search to; None without a limit."""
        ...

    def matches(self, scope: Scope, collection_ids: Sequence[str], groups: Sequence[Sequence[str]]) -> Matches:
        """BM25 of every passage of these collections. Raises NotFound."""
        ...

    def by_ids(self, scope: Scope, ids: Sequence[int]) -> Mapping[int, Passage]:
        """Passages the scope may see."""
        ...

    def versions(self, scope: Scope, ids: Sequence[int] | Ids) -> Mapping[int, str]:
        """Version of each passage."""
        ...

    def excerpt(self, scope: Scope, passage: Passage, end: int) -> str | None:
        """Text of the passage's page from its start to `end`."""
        ...


@dataclass(frozen=True)
class SearchParts:
    """What a search works with. `embedder` and `reranker` are asked each time; None means there is none now."""

    passages: PassageSource
    vectors: VectorIndex
    embedder: Callable[[], Embedder | None] = lambda: None
    reranker: Callable[[], Reranker | None] = lambda: None
    weights: Weights = DEFAULT_WEIGHTS


@dataclass(frozen=True, eq=False)
class _Look:
    """One search: what it may look at, what the keyword arm said, and the vectors at hand."""

    scope: Scope
    question: str
    matches: Matches
    allowed: Ids
    shelves: tuple[Shelf, ...] = ()
    query: npt.NDArray[np.float32] | None = None
    trust: float = 1.0


@dataclass(frozen=True, eq=False)
class Scored:
    """Candidates of a search, best first: ids, fused scores, BM25 over the best possible, cosines (NaN: none)."""

    ids: Ids
    scores: npt.NDArray[np.float64]
    keyword: npt.NDArray[np.float64]
    cosine: npt.NDArray[np.float64]


class Searcher:
    """Implements core.protocols.Search. Safe to call from several threads."""

    def __init__(self, parts: SearchParts) -> None:
        self._parts = parts
        self._profiles: dict[tuple[str, tuple[str, ...]], Profile] = {}
        self._lock = threading.Lock()

    def __call__(self, question: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        """Return up to `limit` hits, best first, that do not overlap. Raises NotFound, EngineFailed.

        Scores of a hit: `score` 0..1 is what it was ranked by; `keyword` is BM25 divided by the most the
        question could reach (None: no word occurs); `dense` is the cosine (None: no vector yet);
        `rerank` 0..1 is the re-ranking model's.
        """
        scored = self.scored(question, scope, filters, limit)
        wanted = limit + min(limit, SPARE) + SPARE
        hits = self._visible(scope, scored, wanted)
        model = self._parts.reranker()
        if model is not None:
            hits = rerank(question, hits, model)
        return join(hits, limit, lambda passage, end: self._parts.passages.excerpt(scope, passage, end))

    def scored(self, question: str, scope: Scope, filters: Filters, limit: int, arm: Arm = "hybrid") -> Scored:
        """Return the candidates of one arm or both with their scores; nothing is joined or read."""
        look = self._look(question, scope, filters, with_vectors=arm != "keyword")
        if look is None:
            none = np.empty(0, np.float64)
            return Scored(np.empty(0, np.int64), none, none, none)
        candidates = _candidates(look, max(limit * 2, FEWEST_CANDIDATES), arm)
        signals = self._signals(look, candidates)
        keyword, cosine = signals.keyword[:, REACH], _own_cosine(signals)
        if arm == "hybrid":
            scores = fuse(_completed(signals), look.trust, self._parts.weights)
        else:
            scores = keyword if arm == "keyword" else np.nan_to_num(cosine, nan=-1.0)
        order = np.lexsort((candidates, -scores))
        return Scored(candidates[order], scores[order], keyword[order], cosine[order])

    # --- looking -----------------------------------------------------------------------------

    def _look(self, question: str, scope: Scope, filters: Filters, with_vectors: bool) -> _Look | None:
        passages = self._parts.passages
        collection_ids = passages.collection_ids(scope, filters)
        if not collection_ids:
            return None
        embedder = self._parts.embedder() if with_vectors else None
        profile = self._known_profile(embedder, collection_ids)
        groups = query_terms(question, profile.languages if profile else ())
        matches = passages.matches(scope, collection_ids, groups)
        if not len(matches.ids):
            return None
        within = passages.ids_within(scope, filters)
        allowed = matches.ids if within is None else np.intersect1d(matches.ids, within, assume_unique=True)
        shelves = self._shelves(embedder, collection_ids, matches)
        if profile is None or not 0.67 < len(matches.ids) / max(profile.size, 1) < 1.5:
            languages = profile.languages if profile else ()
            profile = self._profile(scope, embedder, collection_ids, matches.ids, shelves)
            if profile.languages != languages:
                matches = passages.matches(scope, collection_ids, query_terms(question, profile.languages))
        query = embedder.embed([question], "query")[0] if embedder is not None and shelves else None
        trust = profile.trust_in(text_language(question))
        return _Look(scope, question, matches, allowed, shelves, query, trust)

    def _shelves(self, embedder: Embedder | None, collection_ids: Sequence[str], matches: Matches) -> tuple[Shelf, ...]:
        if embedder is None:
            return ()
        looked = (
            self._parts.vectors.shelf(embedder.name, collection_id, matches.ids[matches.collection == place])
            for place, collection_id in enumerate(collection_ids)
        )
        return tuple(shelf for shelf in looked if shelf.size)

    def _known_profile(self, embedder: Embedder | None, collection_ids: tuple[str, ...]) -> Profile | None:
        with self._lock:
            return self._profiles.get((embedder.name if embedder else "", collection_ids))

    def _profile(
        self,
        scope: Scope,
        embedder: Embedder | None,
        collection_ids: tuple[str, ...],
        ids: Ids,
        shelves: Sequence[Shelf],
    ) -> Profile:
        passages = self._parts.passages
        sample = list(passages.by_ids(scope, sample_ids(ids).tolist()).values())
        trust, overall = measure(
            sample, shelves, lambda groups: passages.matches(scope, collection_ids, groups), len(ids)
        )
        profile = Profile(len(ids), languages_of(sample), trust, overall)
        key = (embedder.name if embedder else "", collection_ids)
        # While vectors are still being made, the trust is measured anew each time.
        complete = embedder is None or sum(shelf.size for shelf in shelves) >= 0.9 * len(ids)
        if complete:
            with self._lock:
                self._profiles[key] = profile
        return profile

    # --- scoring -----------------------------------------------------------------------------

    def _signals(self, look: _Look, candidates: Ids) -> Signals:
        around = candidates[:, None] + np.arange(-REACH, REACH + 1)
        flat, back = np.unique(around, return_inverse=True)
        places = look.matches.places(flat)
        version = self._parts.passages.versions(look.scope, flat[places >= 0])
        number = {name: count for count, name in enumerate(dict.fromkeys(version.values()))}
        versions = np.array([number[version[one]] if one in version else -1 for one in flat.tolist()], np.int64)
        shape = around.shape
        of_version = versions[back].reshape(shape)
        beside = (of_version == of_version[:, REACH : REACH + 1]) & (of_version >= 0)
        best = look.matches.best_possible or 1.0
        keyword = np.where(places >= 0, look.matches.scores[places] / best, 0.0)[back].reshape(shape)
        found = np.where(places >= 0, look.matches.found[places], np.uint64(0))[back].reshape(shape)
        cosine = vectors = None
        if look.query is not None:
            known, rows = gather(look.shelves, flat)
            cosines = np.where(known, rows @ look.query, np.nan)
            cosine = cosines[back].reshape(shape).astype(np.float64)
            vectors = rows[back.reshape(shape)[:, REACH]]
        return Signals(keyword.astype(np.float64), found, look.matches.weights, beside, cosine, vectors)

    def _visible(self, scope: Scope, scored: Scored, wanted: int) -> list[Hit]:
        """Read the best candidates; those that were deleted meanwhile or are not to be seen are left out."""
        passages = self._parts.passages.by_ids(scope, scored.ids[:wanted].tolist())
        return [
            Hit(
                passage=passages[passage_id],
                score=float(scored.scores[place]),
                keyword=float(scored.keyword[place]) or None,
                dense=None if np.isnan(scored.cosine[place]) else float(scored.cosine[place]),
            )
            for place, passage_id in enumerate(scored.ids[:wanted].tolist())
            if passage_id in passages
        ]


def _candidates(look: _Look, count: int, arm: Arm) -> Ids:
    """The best of each arm, rising ids."""
    found: list[Ids] = []
    if arm != "dense":
        places = look.matches.places(look.allowed)
        scores = look.matches.scores[places]
        hits = np.flatnonzero(scores > 0)
        if len(hits) > count:
            hits = hits[np.argpartition(-scores[hits], count - 1)[:count]]
        found.append(look.allowed[hits])
    if look.query is not None:
        found.extend(shelf.search(look.query, count, look.allowed)[0] for shelf in look.shelves)
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _own_cosine(signals: Signals) -> npt.NDArray[np.float64]:
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
