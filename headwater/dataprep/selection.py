"""The texts a step looks at, with features that every step shares: computed when first asked for, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.characters import BASE, SPACE, WIDE, Codes, Hashes, codes_of, hashes, kinds, mixed

Ints = npt.NDArray[np.int64]
_INVERSE = np.uint64(pow(int(BASE), -1, 1 << 64))


@lru_cache(maxsize=1)
def _table(size: int) -> tuple[Hashes, Hashes]:
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(size, BASE, dtype=np.uint64))
        inverses = np.cumprod(np.full(size, _INVERSE, dtype=np.uint64))
    return powers.astype(np.uint64), inverses.astype(np.uint64)


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Return P^1, P^2, ... and their inverses, at least `count` of them."""
    return _table(1 << max(16, (count - 1).bit_length()))


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


class Selection:
    """Texts (one a row, or each for itself) and their features. `row[n]` is the row that text n belongs to."""

    def __init__(self, texts: pl.Series, row: Ints, row_count: int) -> None:
        self.texts, self.row, self.row_count = texts, row, row_count

    @classmethod
    def of(cls, texts: pl.DataFrame, fields: tuple[str, ...], row_count: int, joined: bool) -> Selection:
        """Select the texts of some fields."""
        if len(fields) < len(texts["field"].dtype.categories):  # type: ignore[attr-defined]
            texts = texts.filter(pl.col("field").cast(pl.String).is_in(list(fields)))
        rows = texts["row"].to_numpy().astype(np.int64)
        if not joined:
            return cls(texts["text"], rows, row_count)
        if len(rows) == row_count and bool((rows == np.arange(row_count)).all()):
            return cls(texts["text"], rows, row_count)
        grouped = texts.group_by("row", maintain_order=True).agg(pl.col("text").str.join("\n"))
        every = pl.DataFrame({"row": np.arange(row_count, dtype=np.uint32)})
        found = every.join(grouped, on="row", how="left", maintain_order="left")["text"].fill_null("")
        return cls(found, np.arange(row_count), row_count)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def characters(self) -> Ints:
        """Number of characters of each text."""
        return self.texts.str.len_chars().to_numpy().astype(np.int64)

    @cached_property
    def starts(self) -> Ints:
        """Where each text begins in `codes`; len = texts + 1."""
        return np.concatenate([[0], np.cumsum(self.characters)]).astype(np.int64)

    @cached_property
    def codes(self) -> Codes:
        """Code points of all texts, one after the other."""
        return codes_of("".join(self.texts.to_list()))

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
        """Hash runs of the text by differences of a running sum of character hashes times powers.

        sum(h[i] P^i, begin..end) times P^-begin is the same wherever the word stands (mod 2^64, P is odd).
        """
        if not len(begins):
            return np.zeros(0, dtype=np.uint64)
        powers, inverses = _powers(len(self.codes))
        with np.errstate(over="ignore"):
            weighted = self._letters(lower=True)
            weighted *= powers[: len(self.codes)]
            running = np.empty(len(self.codes) + 1, dtype=np.uint64)
            running[0] = 0
            np.cumsum(weighted, out=running[1:])
            found = running.take(ends)
            found -= running.take(begins)
            found *= inverses.take(begins)
            return mixed(found)

    def _letters(self, lower: bool = False) -> Hashes:
        if not len(self.kinds):  # asking for the kinds learns the letters
            return np.zeros(0, dtype=np.uint64)
        return hashes(self.codes, lower)

    @cached_property
    def word_counts(self) -> Ints:
        """Number of words of each text."""
        return np.diff(self.words.starts)

    @cached_property
    def line_counts(self) -> Ints:
        """Number of lines of each text; an empty text has none."""
        return self.sums(self.codes == ord("\n")) + (self.characters > 0)

    def character_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` characters in each text."""
        return _repeats(windows(self._letters(), width), self.starts, width)

    def word_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` words in each text."""
        return _repeats(windows(self.words.hashes, width), self.words.starts, width)

    def shingles(self, width: int) -> tuple[Hashes, Ints]:
        """Return (the different hashes of `width` following words, sorted, text by text; where each text's begin)."""
        return _grouped(windows(self.words.hashes, width), self.words.starts, width)

    def over_rows(self, values: Ints, how: str) -> npt.NDArray[np.float64]:
        """Bring a number of each text to rows: the smallest, largest or sum of a row's texts; NaN without text."""
        out = np.full(self.row_count, np.nan)
        if how == "sum":
            out = np.bincount(self.row, values, minlength=self.row_count).astype(np.float64)
            out[np.bincount(self.row, minlength=self.row_count) == 0] = np.nan
            return out
        step = np.fmin if how == "min" else np.fmax
        step.at(out, self.row, values.astype(np.float64))
        return out


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
