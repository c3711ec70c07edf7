"""Features of some following texts at once: characters, words, runs of both. What they cost is seen here alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from headwater.dataprep.characters import BASE, SPACE, WIDE, Codes, Hashes, codes_of, hashes, kinds, mixed

Ints = npt.NDArray[np.int64]
# Arrays of this many characters stay in the processor's cache; larger ones cost fresh pages every time.
SPAN_CHARACTERS = 1 << 17
_INVERSE = np.uint64(pow(int(BASE), -1, 1 << 64))


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Return P^1, P^2, ... and their inverses, at least `count` of them."""
    return _table() if count <= SPAN_CHARACTERS else _computed(count)


@lru_cache(maxsize=1)
def _table() -> tuple[Hashes, Hashes]:
    return _computed(SPAN_CHARACTERS)


def _computed(count: int) -> tuple[Hashes, Hashes]:
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(count, BASE, dtype=np.uint64))
        inverses = np.cumprod(np.full(count, _INVERSE, dtype=np.uint64))
    return powers.astype(np.uint64), inverses.astype(np.uint64)


def windows(values: Hashes, width: int) -> Hashes:
    """Return a hash of every run of `width` following values, built by doubling; len = len(values) - width + 1."""
    count = len(values) - width + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    current, built = values.copy(), np.zeros(count, dtype=np.uint64)
    power, size, covered, rest = BASE, 1, 0, width
    with np.errstate(over="ignore"):
        while True:
            if rest & 1:
                built *= power
                built += current[covered : covered + count]
                covered += size
            rest >>= 1
            if not rest:
                return built
            # current[i] = current[i] * power + current[i + size], in place from the left.
            following = current[size:].copy()
            current[:-size] *= power
            current = current[:-size]
            current += following
            size, power = size * 2, power * power


@dataclass(frozen=True, slots=True)
class Words:
    """Words of all texts: hash of each (in lower case) and where each text's words begin."""

    hashes: Hashes
    starts: Ints  # len = texts + 1
    lengths: Ints  # characters of each word, as written


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often runs repeat in each text: number of runs, of different runs, and of runs that occur again."""

    total: Ints
    different: Ints
    repeated: Ints  # occurrences of runs that occur more than once
    top: Ints  # occurrences of the sqrt(different) most frequent runs


class Piece:
    """Texts one after the other. `starts` says where each begins among the characters; len = texts + 1."""

    def __init__(self, texts: Sequence[str], characters: Ints) -> None:
        self.texts = texts
        self.starts: Ints = _offsets(characters)

    @cached_property
    def codes(self) -> Codes:
        """Code points of all texts, one after the other."""
        return codes_of("".join(self.texts))

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """Kind bits of every character."""
        return kinds(self.codes)

    def count(self, bits: int) -> Ints:
        """Return how many characters of each text have one of these kinds."""
        return self.sums((self.kinds & bits) != 0)

    def sums(self, flags: npt.NDArray[np.bool_]) -> Ints:
        """Return the number of true flags in each text; one flag a character."""
        total = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
        return np.asarray(total[self.starts[1:]] - total[self.starts[:-1]])

    @cached_property
    def words(self) -> Words:
        """Words: runs between white space. In scripts without spaces every letter is a word."""
        space = (self.kinds & SPACE) != 0
        wide = (self.kinds & WIDE) != 0
        edge = np.ones(len(space) + 1, dtype=bool)
        edge[1:-1] = space[1:] != space[:-1]
        if wide.any():
            edge[:-1] |= wide
            edge[1:] |= wide
        edge[self.starts] = True
        bounds = np.flatnonzero(edge)
        begins, ends = bounds[:-1], bounds[1:]
        kept = ~space[begins] if len(begins) else np.zeros(0, dtype=bool)
        begins, ends = begins[kept], ends[kept]
        first = np.searchsorted(begins, self.starts)
        return Words(self._word_hashes(begins, ends), first.astype(np.int64), ends - begins)

    def _word_hashes(self, begins: Ints, ends: Ints) -> Hashes:
        found = np.empty(len(begins), dtype=np.uint64)
        first = 0
        while first < len(begins):
            low = int(begins[first])
            last = max(first + 1, int(np.searchsorted(ends, low + SPAN_CHARACTERS, side="right")))
            letters = hashes(self.codes[low : int(ends[last - 1])], lower=True)
            found[first:last] = _run_hashes(letters, begins[first:last] - low, ends[first:last] - low)
            first = last
        return found

    def line_counts(self) -> Ints:
        """Number of lines of each text; an empty text has none."""
        return self.sums(self.codes == ord("\n")) + (np.diff(self.starts) > 0)

    def character_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` characters in each text."""
        if not len(self.kinds):  # asking for the kinds learns the letters
            return _repeats(np.zeros(0, dtype=np.uint64), self.starts, width)
        return _repeats(windows(hashes(self.codes), width), self.starts, width)

    def word_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` words in each text."""
        return _repeats(windows(self.words.hashes, width), self.words.starts, width)

    def shingles(self, width: int) -> tuple[Hashes, Ints]:
        """Return (the different hashes of `width` following words, sorted, text by text; where each text's begin)."""
        return _grouped(windows(self.words.hashes, width), self.words.starts, width)


def _run_hashes(letters: Hashes, begins: Ints, ends: Ints) -> Hashes:
    """Hash runs of letters by differences of a running sum of letter hashes times powers.

    sum(h[i] P^i, begin..end) times P^-begin is the same wherever the run stands (mod 2^64, P is odd).
    """
    powers, inverses = _powers(len(letters))
    with np.errstate(over="ignore"):
        running = np.empty(len(letters) + 1, dtype=np.uint64)
        running[0] = 0
        letters *= powers[: len(letters)]
        np.cumsum(letters, out=running[1:])
        found = running.take(ends)
        found -= running.take(begins)
        found *= inverses.take(begins)
        return mixed(found)


def _offsets(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def sort_each(values: Hashes, begins: Ints, ends: Ints) -> None:
    """Sort each part of an array for itself, in place: small sorts stay in the processor's cache."""
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        values[begin:end].sort()


def _grouped(runs: Hashes, starts: Ints, width: int) -> tuple[Hashes, Ints]:
    """Return (each text's different runs, sorted; where each text's begin); full 64 bits, so sets can be compared."""
    total = np.maximum(np.diff(starts) - width + 1, 0)
    if not len(runs):
        return runs, np.zeros(len(starts), dtype=np.int64)
    runs, begins = runs.copy(), starts[:-1]
    sort_each(runs, begins, begins + total)
    fresh = np.ones(len(runs), dtype=bool)
    fresh[1:] = runs[1:] != runs[:-1]
    fresh[begins[total > 0]] = True
    fresh &= _within(begins, total, len(runs))
    counts = np.concatenate([[0], np.cumsum(fresh)])
    ends = np.minimum(starts, len(runs))
    return runs[fresh], counts[ends].astype(np.int64)


def _within(begins: Ints, total: Ints, count: int) -> npt.NDArray[np.bool_]:
    """Return which of `count` windows lie within one text."""
    change = np.zeros(count + 1, dtype=np.int32)
    np.add.at(change, begins[total > 0], 1)
    np.add.at(change, (begins + total)[total > 0], -1)
    return np.asarray(np.cumsum(change[:count]) > 0)


def _repeats(runs: Hashes, starts: Ints, width: int) -> Repeats:
    """Count the equal neighbours among each text's sorted runs."""
    units = len(starts) - 1
    total = np.maximum(np.diff(starts) - width + 1, 0)
    if not len(runs):
        nothing = np.zeros(units, dtype=np.int64)
        return Repeats(total, nothing, nothing, nothing)
    runs = runs.copy()
    # A text's last windows reach into the next one; they are left out by sorting only those before.
    ends = starts[:-1] + total
    sort_each(runs, starts[:-1], ends)
    fresh = np.ones(len(runs), dtype=bool)
    fresh[1:] = runs[1:] != runs[:-1]
    fresh[starts[:-1][total > 0]] = True
    places = np.flatnonzero(~fresh)
    owner = np.searchsorted(starts, places, side="right") - 1
    inside = places < ends[owner]
    places, owner = places[inside], owner[inside]
    extra = np.bincount(owner, minlength=units)
    different = total - extra
    # A run that occurs n times leaves n - 1 following places that are not fresh.
    edge = np.ones(len(places) + 1, dtype=bool)
    edge[1:-1] = (places[1:] != places[:-1] + 1) | fresh[np.maximum(places[1:] - 1, 0)] | (owner[1:] != owner[:-1])
    bounds = np.flatnonzero(edge)
    counts, owner = np.diff(bounds) + 1, owner[bounds[:-1]]
    repeated = np.bincount(owner, counts, minlength=units).astype(np.int64)
    order = np.lexsort((-counts, owner))
    counts, owner = counts[order], owner[order]
    rank = np.arange(len(owner)) - np.searchsorted(owner, np.arange(units + 1))[owner]
    frequent = rank < np.sqrt(different).astype(np.int64)[owner]
    top = np.bincount(owner[frequent], counts[frequent], minlength=units).astype(np.int64)
    return Repeats(total, different, repeated, top)
