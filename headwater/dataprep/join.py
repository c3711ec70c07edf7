"""Exact set-similarity join: every pair of sets with Jaccard >= t, linked into clusters.

sets as sorted 64-bit hashes
  -> equal sets become one
  -> members ordered by how many sets have them, rarest first
  -> prefix of each set: |s| - ceil(t |s|) + 1 members; two similar sets share one of them
  -> sets that share a prefix member are candidates (sizes must fit: |a| >= t |b|)
  -> whole sets compared, union-find
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from headwater.dataprep.selection import sort_each

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

SLOTS_A_MEMBER = 4
MOST_SLOTS = 1 << 28
PIECE = 1 << 20


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


def similar_clusters(members: Hashes, starts: Ints, threshold: float) -> Ints:
    """Return the cluster of each set; an empty set is like no other. `starts` has len(sets) + 1 entries."""
    count = len(starts) - 1
    clusters = Clusters(count)
    distinct = _join_equal(members, starts, clusters)
    for one, two in _candidates(members, starts, distinct, threshold):
        if clusters.find(one) != clusters.find(two):
            a, b = members[starts[one] : starts[one + 1]], members[starts[two] : starts[two + 1]]
            if jaccard_at_least(a, b, threshold):
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


def _join_equal(members: Hashes, starts: Ints, clusters: Clusters) -> Ints:
    """Join equal sets; return the first place of each different, non-empty set."""
    seen: dict[bytes, int] = {}
    distinct = []
    for place in range(len(starts) - 1):
        low, high = int(starts[place]), int(starts[place + 1])
        if low == high:
            continue
        key = members[low:high].tobytes()
        # The bytes of a long set are not worth keeping; 128 bits of hash tell sets apart.
        first = seen.setdefault(_short(key), place)
        if first == place:
            distinct.append(place)
        else:
            clusters.join(first, place)
    return np.array(distinct, dtype=np.int64)


def _short(key: bytes) -> bytes:
    from hashlib import blake2b

    return key if len(key) <= 16 else blake2b(key, digest_size=16).digest()


def _frequencies(members: Hashes) -> npt.NDArray[np.uint8]:
    """Count members by a slot of their hash, up to 255. Slots may be shared, so a count may be too high, never low."""
    slots = 1 << max(10, min(MOST_SLOTS, SLOTS_A_MEMBER * len(members)).bit_length())
    slots = min(slots, MOST_SLOTS)
    counts = np.zeros(slots, dtype=np.uint8)
    for start in range(0, len(members), PIECE):
        places, times = np.unique(_slot(members[start : start + PIECE], slots), return_counts=True)
        counts[places] = np.minimum(counts[places].astype(np.int64) + times, 255)
    return counts


def _slot(members: Hashes, slots: int) -> Ints:
    return (members >> np.uint64(64 - slots.bit_length() + 1)).astype(np.int64)


def _prefixes(members: Hashes, starts: Ints, distinct: Ints, threshold: float) -> tuple[Hashes, Ints]:
    """Return (member, set) of every prefix member that another set may share.

    A member stands here as its frequency (8 bits) and the upper 56 bits of its hash: sorted by that, the rarest
    come first, in the same order for every set. Two members that look the same make one more candidate, no harm.
    """
    counts = _frequencies(members)
    found, owners = [], []
    step = max(1, PIECE // max(1, int(np.diff(starts)[distinct].mean())) if len(distinct) else 1)
    for first in range(0, len(distinct), step):
        places = distinct[first : first + step]
        sizes = starts[places + 1] - starts[places]
        ends = np.cumsum(sizes)
        inside = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes)
        own = members[np.repeat(starts[places], sizes) + inside]
        keys = (counts[_slot(own, len(counts))].astype(np.uint64) << np.uint64(56)) | (own >> np.uint64(8))
        sort_each(keys, ends - sizes, ends)
        length = sizes - np.ceil(threshold * sizes - 1e-9).astype(np.int64) + 1
        # What only one set has can lead to no other set.
        kept = (inside < np.repeat(length, sizes)) & (keys >= np.uint64(2 << 56))
        found.append(keys[kept])
        owners.append(np.repeat(places, sizes)[kept])
    if not found:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    return np.concatenate(found), np.concatenate(owners)


def _candidates(members: Hashes, starts: Ints, distinct: Ints, threshold: float) -> list[tuple[int, int]]:
    """Return the pairs of sets that share a prefix member and whose sizes fit, each once."""
    shared, owner = _prefixes(members, starts, distinct, threshold)
    sizes = np.diff(starts)
    order = np.lexsort((owner, sizes[owner], shared))
    shared, owner = shared[order], owner[order]
    size = sizes[owner]
    pairs: list[npt.NDArray[np.uint64]] = []
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
    every = np.unique(np.concatenate(pairs)) if pairs else np.zeros(0, dtype=np.uint64)
    return list(zip((every >> np.uint64(32)).tolist(), (every & np.uint64(0xFFFFFFFF)).tolist(), strict=True))
