"""Documents for a while, searched by the same code as everybody's: for measuring search, and for tests.

Passages and vectors are kept in memory; the keyword index is a real one in a temporary catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from headwater.core.progress import Progress, Report, silent
from headwater.core.protocols import Embedder
from headwater.core.types import Extraction, Filters, Page, Passage, Scope
from headwater.documents.passages import PassageLimits, contextual, split
from headwater.documents.terms import terms
from headwater.storage.database import Catalogue
from headwater.storage.keyword import index_terms
from headwater.storage.matching import Matches, match

Ids = npt.NDArray[np.int64]
HalfVectors = npt.NDArray[np.float16]
COLLECTION = "trial"
BATCH_PASSAGES = 256


@dataclass(frozen=True, slots=True)
class TrialDocument:
    """A text under a name; `title` goes above its headings."""

    id: str
    text: str
    title: str = ""


class TrialCollection:
    """One collection that everybody may search. Implements search.PassageSource and vectors.VectorSource.

    Use it in a `with` statement: it holds a temporary directory.
    """

    def __init__(self, limits: PassageLimits | None = None) -> None:
        self.passages: dict[int, Passage] = {}
        self._limits = limits
        self._texts: dict[str, str] = {}
        self._runs: list[tuple[int, int]] = []
        self._vectors: dict[str, tuple[Ids, HalfVectors]] = {}
        self._open = ExitStack()
        folder = self._open.enter_context(TemporaryDirectory(prefix="headwater-trial-"))
        self._catalogue = Catalogue.open(f"sqlite:///{Path(folder) / 'trial.db'}")
        self._open.callback(self._catalogue.close)

    def __enter__(self) -> TrialCollection:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, documents: Iterable[TrialDocument]) -> None:
        """Cut documents of one page into passages and index their terms."""
        rows: list[tuple[int, str]] = []
        for document in documents:
            self._texts[document.id] = document.text
            first = len(self.passages) + 1
            above = (document.title,) if document.title else ()
            for span in split(Extraction((Page(1, document.text),)), self._limits):
                number = len(self.passages) + 1
                passage = Passage(
                    id=number,
                    collection_id=COLLECTION,
                    document_id=document.id,
                    version_id=document.id,
                    document=document.id,
                    page_number=1,
                    page=None,
                    label=None,
                    start=span.start,
                    end=span.end,
                    text=span.text,
                    heading=(*above, *span.heading),
                )
                self.passages[number] = passage
                rows.append((number, " ".join(terms(indexed_text(passage)))))
            if len(self.passages) >= first:
                self._runs.append((first, len(self.passages)))
        with self._catalogue.writing() as session:
            index_terms(session, ((number, COLLECTION, found) for number, found in rows))

    def embed(self, embedder: Embedder, report: Report = silent) -> None:
        """Give every passage a vector of this embedder. Raises EngineFailed."""
        ids = np.array(sorted(self.passages), np.int64)
        parts = []
        for first in range(0, len(ids), BATCH_PASSAGES):
            texts = [indexed_text(self.passages[number]) for number in ids[first : first + BATCH_PASSAGES].tolist()]
            parts.append(embedder.embed(texts, "passage").astype(np.float16))
            report(Progress(min(first + BATCH_PASSAGES, len(ids)), len(ids), "passages", "embedding"))
        if parts:
            self._vectors[embedder.name] = (ids, np.concatenate(parts))

    # --- search.PassageSource ----------------------------------------------------------------

    def collection_ids(self, scope: Scope, filters: Filters) -> tuple[str, ...]:
        """The one collection."""
        return (COLLECTION,)

    def ids_within(self, scope: Scope, filters: Filters) -> Ids | None:
        """Passages of the filter's documents."""
        if not filters.document_ids:
            return None
        wanted = set(filters.document_ids)
        return np.array([p.id for p in self.passages.values() if p.document_id in wanted], np.int64)

    def matches(self, scope: Scope, collection_ids: Sequence[str], groups: Sequence[Sequence[str]]) -> Matches:
        """BM25 of every passage."""
        with self._catalogue.reading() as session:
            return match(session, groups, collection_ids)

    def by_ids(self, scope: Scope, ids: Sequence[int]) -> Mapping[int, Passage]:
        """Passages by id."""
        return {number: self.passages[number] for number in ids if number in self.passages}

    def runs(self, scope: Scope, collection_ids: Sequence[str]) -> Ids:
        """First and last passage id of each document."""
        return np.array(self._runs, np.int64).reshape(-1, 2)

    def excerpts(self, scope: Scope, ends: Sequence[tuple[Passage, int]]) -> Mapping[int, str]:
        """Text of the pages from each passage's start to an end."""
        return {one.id: self._texts[one.document_id][one.start : end] for one, end in ends}

    # --- vectors.VectorSource ----------------------------------------------------------------

    def vectors(
        self, embedder: str, collection_ids: Sequence[str] | None = None, after_id: int = 0, limit: int | None = None
    ) -> tuple[Ids, HalfVectors]:
        """Vectors of passages with larger ids."""
        ids, vectors = self._vectors.get(embedder, (np.empty(0, np.int64), np.empty((0, 0), np.float16)))
        first = int(np.searchsorted(ids, after_id, side="right"))
        last = None if limit is None else first + limit
        return ids[first:last], vectors[first:last]


def indexed_text(passage: Passage) -> str:
    """What both indexes see of a passage here: titles and headings, no file name."""
    return contextual("", passage.heading, passage.text)
