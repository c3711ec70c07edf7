"""Exact set-similarity join: every pair of sets with Jaccard >= t, linked into clusters.

sets as sorted 64-bit hashes, on disk or in memory
  -> equal sets become one
  -> members ordered by how many sets have them, rarest first
  -> prefix of each set: |s| - ceil(t |s|) + 1 members; two similar sets share one of them
  -> sets that share a prefix member are candidates (sizes must fit: |a| >= t |b|)
  -> whole sets compared, union-find
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from headwater.dataprep.characters import mixed
from headwater.dataprep.features import sort_each

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

SLOTS_A_MEMBER = 4
MOST_SLOTS = 1 << 28
PIECE = 1 << 17
SORTED_AT_ONCE = 1 << 16  # as much as stays in the processor's cache
MEMBER_BYTES = 8


class Sets:
    """Sets one after the other; `starts` has one entry more than there are sets. A file is read piece by piece."""

    def __init__(self, members: Hashes | Path, starts: Ints) -> None:
        self.starts, self.sizes = starts, np.diff(starts)
        # Read, not mapped: the system maps what lies around too, and all of it would count as ours until the end.
        self._file = os.open(members, os.O_RDONLY) if isinstance(members, Path) else None
        self._members = None if isinstance(members, Path) else members

    def __len__(self) -> int:
        return len(self.sizes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def pieces(self) -> Iterator[tuple[int, int, Hashes]]:
        """Yield (first set, one after the last set, their members), about PIECE members at a time."""
        first = 0
        while first < len(self):
            last = int(np.searchsorted(self.starts, self.starts[first] + PIECE, side="right")) - 1
            last = min(len(self), max(first + 1, last))
            yield first, last, self._between(int(self.starts[first]), int(self.starts[last]))
            first = last

    def one(self, place: int) -> Hashes:
        """Return the members of one set."""
        return self._between(int(self.starts[place]), int(self.starts[place + 1]))

    def _between(self, low: int, high: int) -> Hashes:
        if self._members is not None:
            return self._members[low:high]
        assert self._file is not None, "the sets are closed"
        read = os.pread(self._file, (high - low) * MEMBER_BYTES, low * MEMBER_BYTES)
        return np.frombuffer(read, np.uint64)


class Clusters:
    """Union-find; the smallest place of a cluster is its name."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, place: int) -> int:
        """Return the name of the cluster of `place`."""
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(self, one: int, two: int) -> None:
        """Make the two clusters one."""
        a, b = self.find(one), self.find(two)
        if a != b:
            self._parent[max(a, b)] = min(a, b)

    def names(self) -> Ints:
        """Return the cluster of every place."""
        return np.array([self.find(place) for place in range(len(self._parent))], dtype=np.int64)


def similar_clusters(sets: Sets, threshold: float) -> Ints:
    """Return the cluster of each set; an empty set is like no other."""
    clusters = Clusters(len(sets))
    distinct = _join_equal(sets, clusters)
    for one, two in _candidates(sets, distinct, threshold):
        if clusters.find(one) != clusters.find(two) and jaccard_at_least(sets.one(one), sets.one(two), threshold):
            clusters.join(one, two)
    return clusters.names()


def jaccard_at_least(a: Hashes, b: Hashes, threshold: float) -> bool:
    """Whether two sorted sets are similar enough; compared as whole numbers of members, without rounding."""
    shared = shared_members(a, b)
    return shared >= threshold * (len(a) + len(b) - shared)


def shared_members(a: Hashes, b: Hashes) -> int:
    """Return how many members two sorted sets have in common."""
    if len(a) > len(b):
        a, b = b, a
    places = np.searchsorted(b, a)
    places[places == len(b)] = len(b) - 1
    return int(np.count_nonzero(b[places] == a))


def _join_equal(sets: Sets, clusters: Clusters) -> npt.NDArray[np.bool_]:
    """Join equal sets; return which are the first of their kind and not empty."""
    marks = np.zeros(len(sets), dtype=np.uint64)
    for first, last, members in sets.pieces():
        filled = np.flatnonzero(sets.sizes[first:last])
        if len(filled):
            begins = sets.starts[first + filled] - sets.starts[first]
            with np.errstate(over="ignore"):
                marks[first + filled] = np.add.reduceat(mixed(members), begins)
    distinct = sets.sizes > 0
    order = np.argsort(marks, kind="stable")
    same = np.flatnonzero((marks[order][1:] == marks[order][:-1]) & distinct[order][1:]) + 1
    for place in same.tolist():
        one, two = clusters.find(int(order[place - 1])), int(order[place])
        # The sum of hashes only suggests that they are equal.
        if np.array_equal(sets.one(one), sets.one(two)):
            clusters.join(one, two)
            distinct[two] = False
    return distinct


def _slot(members: Hashes, slots: int) -> Ints:
    return (members >> np.uint64(64 - slots.bit_length() + 1)).astype(np.int64)


def _slots_for(members: int) -> int:
    return 1 << (max(1 << 10, min(MOST_SLOTS, SLOTS_A_MEMBER * members)) - 1).bit_length()


def _add(counts: npt.NDArray[np.uint8], members: Hashes) -> None:
    """Count members by a slot of their hash, up to 255. Slots are shared: a count may be too high, never low."""
    slots = _slot(members, len(counts)).astype(np.uint32)
    for start in range(0, len(slots), SORTED_AT_ONCE):
        part = np.sort(slots[start : start + SORTED_AT_ONCE])
        edge = np.ones(len(part) + 1, dtype=bool)
        edge[1:-1] = part[1:] != part[:-1]
        bounds = np.flatnonzero(edge)
        places = part[bounds[:-1]]
        counts[places] = np.minimum(counts[places] + np.diff(bounds), 255)


def _prefixes(sets: Sets, distinct: npt.NDArray[np.bool_], threshold: float) -> tuple[Hashes, npt.NDArray[np.uint32]]:
    """Return (member, set) of every prefix member that another set may share.

    A member stands here as its frequency (8 bits) and the upper 56 bits of its hash: sorted by that, the rarest
    come first, in the same order for every set. Two members that look the same make one more candidate, no harm.
    """
    counts = np.zeros(_slots_for(int(sets.starts[-1])), dtype=np.uint8)
    for first, last, members in sets.pieces():
        _add(counts, members[np.repeat(distinct[first:last], sets.sizes[first:last])])
    found, owners = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint32)]
    for first, last, members in sets.pieces():
        sizes = sets.sizes[first:last]
        ends = np.cumsum(sizes)
        keys = (counts[_slot(members, len(counts))].astype(np.uint64) << np.uint64(56)) | (members >> np.uint64(8))
        sort_each(keys, ends - sizes, ends)
        length = sizes - np.ceil(threshold * sizes - 1e-9).astype(np.int64) + 1
        inside = np.arange(len(keys)) - np.repeat(ends - sizes, sizes)
        kept = (inside < np.repeat(length, sizes)) & np.repeat(distinct[first:last], sizes)
        # What only one set has can lead to no other set.
        kept &= keys >= np.uint64(2 << 56)
        found.append(keys[kept])
        owners.append(np.repeat(np.arange(first, last, dtype=np.uint32), sizes)[kept])
    return _shared(np.concatenate(found), np.concatenate(owners))


def _shared(keys: Hashes, owners: npt.NDArray[np.uint32]) -> tuple[Hashes, npt.NDArray[np.uint32]]:
    """Leave out the keys that stand in one prefix alone: most of them, before anything is sorted."""
    counts = np.zeros(_slots_for(len(keys)), dtype=np.uint8)
    for start in range(0, len(keys), PIECE):
        _add(counts, mixed(keys[start : start + PIECE]))
    kept = np.zeros(len(keys), dtype=bool)
    for start in range(0, len(keys), PIECE):
        kept[start : start + PIECE] = counts[_slot(mixed(keys[start : start + PIECE]), len(counts))] > 1
    return keys[kept], owners[kept]


def _candidates(sets: Sets, distinct: npt.NDArray[np.bool_], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield the pairs of sets that share a prefix member and whose sizes fit, each once."""
    shared, owner = _prefixes(sets, distinct, threshold)
    order = np.lexsort((owner, sets.sizes[owner], shared))
    shared, owner = shared[order], owner[order].astype(np.int64)
    size = sets.sizes[owner]
    pairs = [np.zeros(0, dtype=np.uint64)]
    # Neighbours at distance 1, 2, 3, ... within the sets that share a member, smallest set first; a place whose
    # partner is too long already needs no longer distances.
    places = np.arange(len(shared))
    distance = 1
    while len(places):
        places = places[places < len(shared) - distance]
        partner = places + distance
        fits = (shared[partner] == shared[places]) & (size[places] >= threshold * size[partner] - 1e-9)
        places, partner = places[fits], partner[fits]
        low, high = np.minimum(owner[places], owner[partner]), np.maximum(owner[places], owner[partner])
        pairs.append(np.unique((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64)))
        distance += 1
    for pair in np.unique(np.concatenate(pairs)).tolist():
        yield pair >> 32, pair & 0xFFFFFFFF
