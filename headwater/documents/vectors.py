"""The vector index: one set of FAISS indexes for each embedder and collection, made from the catalogue.

The truth is in the catalogue (float16). A shelf holds the vectors of one collection in immutable
parts: what is new becomes a further part, and searches go on over the parts they began with, so
adding and searching need no common lock. Passages that were deleted stay in a part until it is made
anew, so results are checked against the ids that are live. Large shelves are kept as files, so that
a start does not read them row by row.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss

SAVED_FROM = 5_000
MOST_PARTS = 8
DEAD_SHARE = 0.25
Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
log = logging.getLogger(__name__)


class VectorSource(Protocol):
    """Where the vectors truly are."""

    def vectors(
        self, embedder: str, collection_ids: Sequence[str] | None = None, after_id: int = 0, limit: int | None = None
    ) -> tuple[Ids, npt.NDArray[np.float16]]:
        """Ids (n,) rising and vectors (n, dimensions) of passages with larger ids than `after_id`."""
        ...


@dataclass(frozen=True, eq=False)
class _Part:
    """Vectors that never change: `ids` rising, row i of `index` is passage ids[i]."""

    ids: Ids
    index: faiss.Index

    @classmethod
    def of(cls, ids: Ids, vectors: npt.NDArray[np.floating]) -> _Part:
        import faiss

        # Half precision is what the catalogue holds, so nothing is lost, and a search reads half the memory.
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(ids, index)

    def rows(self, places: npt.NDArray[np.int64]) -> Vectors:
        found: Vectors = (
            self.index.reconstruct_batch(places) if len(places) else np.empty((0, self.index.d), np.float32)
        )
        return found


@dataclass(frozen=True, eq=False)
class Shelf:
    """The vectors of one collection under one embedder at one moment."""

    parts: tuple[_Part, ...] = ()

    @property
    def size(self) -> int:
        """Number of vectors, those of deleted passages included."""
        return sum(len(part.ids) for part in self.parts)

    @property
    def last_id(self) -> int:
        """Largest passage id here; 0 when empty."""
        return max((int(part.ids[-1]) for part in self.parts), default=0)

    def search(self, query: Vectors, limit: int, live: Ids) -> tuple[Ids, Vectors]:
        """Return the ids and cosines of the `limit` passages among `live` (rising ids) nearest to a unit vector."""
        import faiss

        ids, scores = [], []
        for part in self.parts:
            wanted = np.flatnonzero(_among(part.ids, live))
            if not len(wanted):
                continue
            parameters = None
            if len(wanted) < len(part.ids):
                parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(wanted))  # type: ignore[call-arg]
            near = part.index.search(query[None, :], min(limit, len(wanted)), params=parameters)
            kept = near[1][0] >= 0
            ids.append(part.ids[near[1][0][kept]])
            scores.append(near[0][0][kept])
        if not ids:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        joined_ids, joined = np.concatenate(ids), np.concatenate(scores)
        order = np.argsort(-joined, kind="stable")[:limit]
        return joined_ids[order], joined[order]

    def vectors(self, ids: Ids) -> tuple[npt.NDArray[np.bool_], Vectors]:
        """Return which of `ids` have a vector (n,) and the vectors (n, dimensions), zeros for the others."""
        width = self.parts[0].index.d if self.parts else 0
        found = np.zeros((len(ids), width), np.float32)
        known = np.zeros(len(ids), np.bool_)
        for part in self.parts:
            here = np.flatnonzero(_among(ids, part.ids))
            found[here] = part.rows(np.searchsorted(part.ids, ids[here]))
            known[here] = True
        return known, found

    def with_new(self, ids: Ids, vectors: npt.NDArray[np.floating]) -> Shelf:
        """Return a shelf that also holds these vectors, whose ids are larger than all here."""
        parts = (*self.parts, _Part.of(ids, vectors))
        if len(parts) <= MOST_PARTS:
            return Shelf(parts)
        # The newest parts are the small ones; the large first one is left alone while it can be.
        kept = parts[:1] if len(parts[0].ids) > sum(len(part.ids) for part in parts[1:]) else ()
        loose = parts[len(kept) :]
        rows = np.concatenate([part.rows(np.arange(len(part.ids))) for part in loose])
        return Shelf((*kept, _Part.of(np.concatenate([part.ids for part in loose]), rows)))


def _among(ids: Ids, sorted_ids: Ids) -> npt.NDArray[np.bool_]:
    """Which of `ids` occur in `sorted_ids`."""
    if not len(sorted_ids):
        return np.zeros(len(ids), np.bool_)
    if (
        len(ids) == len(sorted_ids)
        and ids[0] == sorted_ids[0]
        and ids[-1] == sorted_ids[-1]
        and (ids == sorted_ids).all()
    ):
        return np.ones(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    same: npt.NDArray[np.bool_] = sorted_ids[places] == ids
    return same


class VectorIndex:
    """Shelves by embedder and collection, brought up to date from the catalogue when they are looked at."""

    def __init__(self, source: VectorSource, directory: Path | None = None) -> None:
        """`directory` keeps large shelves between runs; None keeps nothing."""
        self._source = source
        self._directory = directory
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._saved: dict[tuple[str, str], int] = {}
        self._gaps: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._busy: dict[tuple[str, str], threading.Lock] = {}

    def shelf(self, embedder: str, collection_id: str, live: Ids) -> Shelf:
        """Return the shelf of a collection with everything the catalogue has now.

        `live` are the ids (rising) of the collection's passages; a shelf with many dead ones, or with
        gaps that were filled in meanwhile, is made anew.
        """
        key = (embedder, collection_id)
        with self._lock:
            busy = self._busy.setdefault(key, threading.Lock())
        with busy:
            shelf = self._shelves.get(key) or self._load(key)
            shelf = self._extended(key, shelf)
            if self._is_stale(key, shelf, live):
                shelf = self._extended(key, Shelf())
                self._is_stale(key, shelf, live)
            self._shelves[key] = shelf
            self._save(key, shelf)
        return shelf

    def forget(self, collection_id: str) -> None:
        """Drop the shelves and files of a collection that was deleted."""
        with self._lock:
            for key in [key for key in self._shelves if key[1] == collection_id]:
                del self._shelves[key]
        if self._directory is not None:
            for path in self._directory.glob(f"*/{_safe(collection_id)}.npz"):
                path.unlink(missing_ok=True)

    def _extended(self, key: tuple[str, str], shelf: Shelf) -> Shelf:
        ids, vectors = self._source.vectors(key[0], [key[1]], shelf.last_id)
        return shelf.with_new(ids, vectors) if len(ids) else shelf

    def _is_stale(self, key: tuple[str, str], shelf: Shelf, live: Ids) -> bool:
        """Whether too many vectors are of deleted passages, or passages in between got theirs late."""
        held = np.sort(np.concatenate([part.ids for part in shelf.parts])) if shelf.parts else np.empty(0, np.int64)
        dead = len(held) - int(_among(held, live).sum())
        older = live[: np.searchsorted(live, shelf.last_id)]
        gaps = len(older) - int(_among(older, held).sum())
        before = self._gaps.get(key, 0)
        self._gaps[key] = gaps
        return dead > DEAD_SHARE * max(len(held), 1000) or (gaps > 0 and gaps != before)

    # --- files -------------------------------------------------------------------------------

    def _path(self, key: tuple[str, str]) -> Path | None:
        return self._directory / _safe(key[0]) / f"{_safe(key[1])}.npz" if self._directory else None

    def _load(self, key: tuple[str, str]) -> Shelf:
        path = self._path(key)
        if path is None or not path.exists():
            return Shelf()
        try:
            with np.load(path) as stored:
                ids, vectors = stored["ids"], stored["vectors"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            log.warning("The index file %s cannot be read (%s); it is made anew from the catalogue.", path, error)
            return Shelf()
        self._saved[key] = len(ids)
        return Shelf((_Part.of(ids, vectors),)) if len(ids) else Shelf()

    def _save(self, key: tuple[str, str], shelf: Shelf) -> None:
        """Write a shelf that has grown or shrunk much since it was written."""
        path, before = self._path(key), self._saved.get(key, 0)
        if path is None or shelf.size < SAVED_FROM or abs(shelf.size - before) < max(SAVED_FROM, before // 4):
            return
        rows = [part.rows(np.arange(len(part.ids))) for part in shelf.parts]
        ids = np.concatenate([part.ids for part in shelf.parts])
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.savez(file, ids=ids, vectors=np.concatenate(rows).astype(np.float16))
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            log.warning("The index file %s was not written (%s); the next start reads the catalogue.", path, error)
            return
        self._saved[key] = shelf.size


def _safe(name: str) -> str:
    """A file name for any name, one for each."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", name):
        return name
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:40] + "-" + blake2b(name.encode(), digest_size=6).hexdigest()
