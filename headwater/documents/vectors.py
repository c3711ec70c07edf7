"""The vector index: FAISS indexes for each embedder and collection, made from the catalogue.

The truth is in the catalogue (float16). A shelf holds the vectors of one collection in immutable
parts: what is new becomes a further part, and searches go on over the parts they began with, so
adding and searching need no common lock. Vectors of deleted passages stay in a part, marked, until
the shelf is made anew. Large shelves are kept as files, so that a start does not read them row by row.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
HalfVectors = npt.NDArray[np.float16]
log = logging.getLogger(__name__)


class VectorSource(Protocol):
    """Where the vectors truly are."""

    def vectors(
        self, embedder: str, collection_ids: Sequence[str] | None = None, after_id: int = 0, limit: int | None = None
    ) -> tuple[Ids, HalfVectors]:
        """Ids (n,) rising and vectors (n, dimensions) of passages with larger ids than `after_id`."""
        ...


@dataclass(frozen=True, eq=False)
class Part:
    """Vectors that never change: `ids` rising, row i of `index` is passage ids[i].

    `live` are the rows of passages that still exist; None when all do.
    """

    ids: Ids
    index: faiss.Index
    live: Ids | None = None

    @classmethod
    def of(cls, ids: Ids, vectors: npt.NDArray[np.floating]) -> Part:
        """Build a part from rising ids (n,) and unit vectors (n, dimensions)."""
        import faiss

        # FAISS threads serve many queries at once; for one query they only wait for each other.
        faiss.omp_set_num_threads(1)
        # Half precision is what the catalogue holds: its bytes go in as they are, nothing is lost, and a
        # search reads half the memory.
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8).reshape(len(ids), -1))
        return cls(ids, index)

    def knowing(self, live_ids: Ids) -> Part:
        """Return the part with its dead rows marked."""
        live = np.flatnonzero(among(self.ids, live_ids))
        return replace(self, live=None if len(live) == len(self.ids) else live)

    def rows(self, places: Ids) -> Vectors:
        """Vectors at these rows as float32."""
        found: Vectors = (
            self.index.reconstruct_batch(places) if len(places) else np.empty((0, self.index.d), np.float32)
        )
        return found

    def halves(self) -> HalfVectors:
        """All vectors as float16."""
        import faiss

        codes = faiss.vector_to_array(self.index.codes)  # type: ignore[attr-defined]
        rows: HalfVectors = codes.view("<f2").reshape(len(self.ids), -1)
        return rows

    def search(self, query: Vectors, limit: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        """Ids and cosines of the nearest live passages, best first; `allowed` (rising ids) limits them further."""
        import faiss

        rows = self.live
        if allowed is not None:
            usable = among(self.ids, allowed)
            rows = np.flatnonzero(usable) if rows is None else rows[usable[rows]]
        count = min(limit, len(self.ids) if rows is None else len(rows))
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if rows is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
        cosines, places = self.index.search(query[None, :], count, params=parameters)
        found = places[0] >= 0
        return self.ids[places[0][found]], cosines[0][found]


@dataclass(frozen=True, eq=False)
class Shelf:
    """The vectors of one collection under one embedder at one moment."""

    parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """Number of vectors, those of deleted passages included."""
        return sum(len(part.ids) for part in self.parts)

    @property
    def last_id(self) -> int:
        """Largest passage id here; 0 when empty."""
        return max((int(part.ids[-1]) for part in self.parts), default=0)

    @property
    def dead(self) -> int:
        """How many vectors are of deleted passages."""
        return sum(len(part.ids) - len(part.live) for part in self.parts if part.live is not None)

    def ids(self) -> Ids:
        """Ids of all vectors, rising."""
        return np.sort(np.concatenate([part.ids for part in self.parts])) if self.parts else np.empty(0, np.int64)

    def search(self, query: Vectors, limit: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """Return ids and cosines of the `limit` passages nearest to a unit vector, best first."""
        found = [part.search(query, limit, allowed) for part in self.parts]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        ids, cosines = np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])
        order = np.argsort(-cosines, kind="stable")[:limit]
        return ids[order], cosines[order]

    def vectors(self, ids: Ids) -> tuple[npt.NDArray[np.bool_], Vectors]:
        """Return which of `ids` have a vector (n,) and the vectors (n, dimensions), zeros for the others."""
        width = self.parts[0].index.d if self.parts else 0
        found = np.zeros((len(ids), width), np.float32)
        known = np.zeros(len(ids), np.bool_)
        for part in self.parts:
            here = np.flatnonzero(among(ids, part.ids))
            found[here] = part.rows(np.searchsorted(part.ids, ids[here]))
            known[here] = True
        return known, found

    def with_new(self, ids: Ids, vectors: npt.NDArray[np.floating]) -> Shelf:
        """Return a shelf that also holds these vectors, whose ids are larger than all here."""
        parts = (*self.parts, Part.of(ids, vectors))
        if len(parts) <= MOST_PARTS:
            return Shelf(parts)
        # The newest parts are the small ones; the large first one is left alone while it can be.
        kept = parts[:1] if len(parts[0].ids) > sum(len(part.ids) for part in parts[1:]) else ()
        loose = parts[len(kept) :]
        rows = np.concatenate([part.halves() for part in loose])
        return Shelf((*kept, Part.of(np.concatenate([part.ids for part in loose]), rows)))

    def knowing(self, live_ids: Ids) -> Shelf:
        """Return the shelf with the vectors of passages that are not among `live_ids` (rising) marked dead."""
        return Shelf(tuple(part.knowing(live_ids) for part in self.parts))


def among(ids: Ids, sorted_ids: Ids) -> npt.NDArray[np.bool_]:
    """Which of `ids` occur in `sorted_ids`."""
    if not len(sorted_ids):
        return np.zeros(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    same: npt.NDArray[np.bool_] = sorted_ids[places] == ids
    return same


@dataclass(frozen=True, eq=False)
class _Checked:
    """A shelf, and what it was checked against: its size, the number and the last of the live ids.

    `gap` is the first live passage without a vector that is older than the newest vector; 0 for none.
    """

    shelf: Shelf
    against: tuple[int, int, int]
    gap: int


class VectorIndex:
    """Shelves by embedder and collection, brought up to date from the catalogue when they are looked at."""

    def __init__(self, source: VectorSource, directory: Path | None = None) -> None:
        """`directory` keeps large shelves between runs; None keeps nothing."""
        self._source = source
        self._files = ShelfFiles(directory)
        self._shelves: dict[tuple[str, str], _Checked] = {}
        self._lock = threading.Lock()
        self._busy: dict[tuple[str, str], threading.Lock] = {}

    def shelf(self, embedder: str, collection_id: str, live: Ids) -> Shelf:
        """Return the shelf of a collection with everything the catalogue has now.

        `live` are the ids (rising) of the collection's passages; a shelf with many dead vectors, or
        with gaps that were filled in meanwhile, is made anew.
        """
        key = (embedder, collection_id)
        with self._lock:
            busy = self._busy.setdefault(key, threading.Lock())
        with busy:
            before = self._shelves.get(key)
            if before is not None and before.gap and self._is_filled(key, before.gap):
                before = _Checked(Shelf(), (0, 0, 0), 0)
            shelf = self._extended(key, before.shelf if before else self._files.load(key))
            against = (shelf.size, len(live), int(live[-1]) if len(live) else 0)
            if before is not None and before.against == against:
                return before.shelf
            checked = self._checked(key, shelf, live, from_file=before is None)
            with self._lock:
                self._shelves[key] = checked
            self._files.save(key, checked.shelf)
        return checked.shelf

    def forget(self, collection_id: str) -> None:
        """Drop the shelves and files of a collection that was deleted."""
        with self._lock:
            for key in [key for key in self._shelves if key[1] == collection_id]:
                del self._shelves[key]
        self._files.remove(collection_id)

    def discard(self, passage_ids: Sequence[int]) -> None:
        """Forget vectors of passages that were deleted: shelves and files that hold any are made anew when needed."""
        gone = np.unique(np.asarray(passage_ids, np.int64))
        with self._lock:
            held = [key for key, one in self._shelves.items() if among(one.shelf.ids(), gone).any()]
            for key in held:
                del self._shelves[key]
        self._files.discard(gone)

    def _extended(self, key: tuple[str, str], shelf: Shelf) -> Shelf:
        ids, vectors = self._source.vectors(key[0], [key[1]], shelf.last_id)
        return shelf.with_new(ids, vectors) if len(ids) else shelf

    def _is_filled(self, key: tuple[str, str], gap: int) -> bool:
        """Whether a passage that had no vector has one now."""
        ids, _ = self._source.vectors(key[0], [key[1]], gap - 1, 1)
        return len(ids) > 0 and int(ids[0]) == gap

    def _checked(self, key: tuple[str, str], shelf: Shelf, live: Ids, from_file: bool) -> _Checked:
        """Mark dead vectors; begin again when they are many, or when a file lacks some."""
        shelf = shelf.knowing(live)
        gap = _first_gap(shelf, live)
        if shelf.dead > DEAD_SHARE * max(shelf.size, 1000) or (from_file and (gap or shelf.dead)):
            shelf = self._extended(key, Shelf()).knowing(live)
            gap = _first_gap(shelf, live)
        return _Checked(shelf, (shelf.size, len(live), int(live[-1]) if len(live) else 0), gap)


def _first_gap(shelf: Shelf, live: Ids) -> int:
    older = live[: np.searchsorted(live, shelf.last_id)]
    missing = older[~among(older, shelf.ids())]
    return int(missing[0]) if len(missing) else 0


class ShelfFiles:
    """Large shelves on disk, one file each: ids and float16 vectors. All of it can be made anew."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._saved: dict[tuple[str, str], int] = {}

    def load(self, key: tuple[str, str]) -> Shelf:
        """Read a shelf; an empty one when there is no usable file."""
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
        return Shelf((Part.of(ids, vectors),)) if len(ids) else Shelf()

    def save(self, key: tuple[str, str], shelf: Shelf) -> None:
        """Write a shelf that has grown or shrunk much since it was written."""
        path, before = self._path(key), self._saved.get(key, 0)
        if path is None or shelf.size < SAVED_FROM or abs(shelf.size - before) < max(SAVED_FROM, before // 4):
            return
        rows = np.concatenate([part.halves() for part in shelf.parts])
        ids = np.concatenate([part.ids for part in shelf.parts])
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.savez(file, ids=ids, vectors=rows)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            log.warning("The index file %s was not written (%s); the next start reads the catalogue.", path, error)
            return
        self._saved[key] = shelf.size

    def remove(self, collection_id: str) -> None:
        """Delete the files of a collection."""
        if self._directory is not None:
            for path in self._directory.glob(f"*/{_safe(collection_id)}.npz"):
                path.unlink(missing_ok=True)
        for key in [key for key in self._saved if key[1] == collection_id]:
            del self._saved[key]

    def discard(self, gone: Ids) -> None:
        """Delete the files that hold a vector of these passages (rising ids)."""
        for path in self._directory.glob("*/*.npz") if self._directory is not None else ():
            try:
                with np.load(path) as stored:
                    touched = bool(among(stored["ids"], gone).any())
            except (OSError, ValueError, KeyError, EOFError, BadZipFile):
                touched = True
            if touched:
                path.unlink(missing_ok=True)
                self._saved.clear()

    def _path(self, key: tuple[str, str]) -> Path | None:
        return self._directory / _safe(key[0]) / f"{_safe(key[1])}.npz" if self._directory else None


def _safe(name: str) -> str:
    """A file name for any name, one for each."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", name):
        return name
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:40] + "-" + blake2b(name.encode(), digest_size=6).hexdigest()
