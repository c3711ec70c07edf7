"""What one search can see: the keyword arm's scores, the vectors at hand, and what the collection is like.

A view is made for each question; what only depends on the collection (where documents begin and end,
its languages, the trust in vectors) is kept until the collection changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from headwater.core.protocols import Embedder
from headwater.core.types import Filters, Passage, Scope
from headwater.documents.profile import Profile, languages_of, measure, sample_ids, text_language
from headwater.documents.terms import query_terms
from headwater.documents.vectors import Shelf, VectorIndex
from headwater.storage.matching import Matches

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
MOST_KEPT = 200


class PassageSource(Protocol):
    """What search asks of the catalogue (`storage.passages.Passages`)."""

    def collection_ids(self, scope: Scope, filters: Filters) -> tuple[str, ...]:
        """Collections the scope may search. Raises NotFound."""
        ...

    def ids_within(self, scope: Scope, filters: Filters) -> Ids | None:
        """Passages (rising ids) that document filters limit a search to; None without a limit."""
        ...

    def matches(self, scope: Scope, collection_ids: Sequence[str], groups: Sequence[Sequence[str]]) -> Matches:
        """BM25 of every passage of these collections. Raises NotFound."""
        ...

    def runs(self, scope: Scope, collection_ids: Sequence[str]) -> Ids:
        """First and last passage id (n, 2) of each document, rising."""
        ...

    def by_ids(self, scope: Scope, ids: Sequence[int]) -> Mapping[int, Passage]:
        """Passages the scope may see."""
        ...

    def excerpts(self, scope: Scope, ends: Sequence[tuple[Passage, int]]) -> Mapping[int, str]:
        """Text of the pages from each passage's start to an end, by passage id."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """`allowed` (rising ids) is None when every matched passage may be found. Without vectors, `query` is None."""

    scope: Scope
    matches: Matches
    runs: Ids
    allowed: Ids | None
    shelves: tuple[Shelf, ...] = ()
    query: Vectors | None = None
    trust: float = 1.0

    def run_of(self, ids: Ids) -> Ids:
        """The number of the document that each id lies in, -1 for none."""
        if not len(self.runs):
            return np.full(len(ids), -1, np.int64)
        number = np.searchsorted(self.runs[:, 0], ids, side="right") - 1
        inside = (number >= 0) & (ids <= self.runs[np.maximum(number, 0), 1])
        return np.where(inside, number, -1)


@dataclass(frozen=True, eq=False)
class _Kept:
    """What depends on the collection alone, and the state of the collection it was read in."""

    state: tuple[int, int]
    runs: Ids


class Views:
    """Makes views. Safe to call from several threads."""

    def __init__(self, passages: PassageSource, vectors: VectorIndex, embedder: Callable[[], Embedder | None]) -> None:
        self._passages = passages
        self._vectors = vectors
        self._embedder = embedder
        self._kept: dict[tuple[str, ...], _Kept] = {}
        self._profiles: dict[tuple[str, tuple[str, ...]], Profile] = {}
        self._lock = threading.Lock()

    def __call__(self, question: str, scope: Scope, filters: Filters, with_vectors: bool) -> View | None:
        """Return the view of a question; None when there is nothing to search. Raises NotFound, EngineFailed."""
        collection_ids = self._passages.collection_ids(scope, filters)
        if not collection_ids:
            return None
        embedder = self._embedder() if with_vectors else None
        known = self._profile_so_far(embedder, collection_ids)
        languages = known.languages if known else ()
        matches = self._passages.matches(scope, collection_ids, query_terms(question, languages))
        if not len(matches.ids):
            return None
        shelves = self._shelves(embedder, collection_ids, matches)
        profile = self._profile(known, (embedder, collection_ids), scope, matches.ids, shelves)
        if profile.languages != languages:
            matches = self._passages.matches(scope, collection_ids, query_terms(question, profile.languages))
        return View(
            scope=scope,
            matches=matches,
            runs=self._runs(scope, collection_ids, matches.ids),
            allowed=self._passages.ids_within(scope, filters),
            shelves=shelves,
            query=embedder.embed([question], "query")[0] if embedder is not None and shelves else None,
            trust=profile.trust_in(text_language(question)),
        )

    def _shelves(self, embedder: Embedder | None, collection_ids: Sequence[str], matches: Matches) -> tuple[Shelf, ...]:
        if embedder is None:
            return ()
        single = len(collection_ids) == 1
        looked = (
            self._vectors.shelf(embedder.name, one, matches.ids if single else matches.ids[matches.collection == place])
            for place, one in enumerate(collection_ids)
        )
        return tuple(shelf for shelf in looked if shelf.size)

    def _runs(self, scope: Scope, collection_ids: tuple[str, ...], ids: Ids) -> Ids:
        # Ids never return, so a collection with as many passages and the same newest one has not changed.
        state = (len(ids), int(ids[-1]))
        with self._lock:
            kept = self._kept.get(collection_ids)
        if kept is None or kept.state != state:
            kept = _Kept(state, self._passages.runs(scope, collection_ids))
            with self._lock:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[collection_ids] = kept
        return kept.runs

    def _profile_so_far(self, embedder: Embedder | None, collection_ids: tuple[str, ...]) -> Profile | None:
        with self._lock:
            return self._profiles.get((embedder.name if embedder else "", collection_ids))

    def _profile(
        self,
        known: Profile | None,
        place: tuple[Embedder | None, tuple[str, ...]],
        scope: Scope,
        ids: Ids,
        shelves: Sequence[Shelf],
    ) -> Profile:
        """The profile of the collections, measured anew when they have grown or shrunk much."""
        vectors = sum(shelf.size for shelf in shelves)
        if known is not None and known.fits(len(ids), vectors):
            return known
        embedder, collection_ids = place
        sample = list(self._passages.by_ids(scope, sample_ids(ids).tolist()).values())
        trust, overall = measure(sample, shelves)
        profile = Profile(len(ids), vectors, languages_of(sample), trust, overall)
        with self._lock:
            if len(self._profiles) >= MOST_KEPT:
                self._profiles.clear()
            self._profiles[embedder.name if embedder else "", collection_ids] = profile
        return profile
