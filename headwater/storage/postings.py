"""Posting lists as arrays: building, joining and thinning the segments of the keyword index. No SQL here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SEGMENT_PASSAGES = 8192
TERM_CHARACTERS = 100
_MOST_COUNT = 255
_MOST_LENGTH = 65_535
_BYTES_PER_POSTING = 3

Ids = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
Counts = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Segment:
    """Passages indexed together: place i holds passage `ids[i]` of `lengths[i]` terms; id 0 is an empty place.

    `postings` maps a term to its encoded list: places (uint16, rising), then counts (uint8).
    """

    ids: Ids
    lengths: Lengths
    postings: Mapping[str, bytes]

    @property
    def passages(self) -> int:
        """How many places are filled."""
        return int(np.count_nonzero(self.ids))

    @property
    def terms(self) -> int:
        """How many terms the filled places hold together."""
        return int(self.lengths.sum(dtype=np.int64))


def clipped(term: str) -> str:
    """The part of a term that is indexed."""
    return term[:TERM_CHARACTERS]


def decode(data: bytes) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """Places and counts of an encoded list; views, nothing is copied."""
    size = len(data) // _BYTES_PER_POSTING
    return np.frombuffer(data, "<u2", size), np.frombuffer(data, np.uint8, size, 2 * size)


def posting_count(data: bytes) -> int:
    """In how many passages the term of an encoded list occurs."""
    return len(data) // _BYTES_PER_POSTING


def decode_all(lists: Sequence[tuple[int, bytes]]) -> tuple[Places, Counts]:
    """Places and counts of one term in several segments, of which each begins at the place given with its list."""
    sizes = [posting_count(data) for _, data in lists]
    joined = b"".join(data[: 2 * size] for (_, data), size in zip(lists, sizes, strict=True))
    counts = b"".join(data[2 * size :] for (_, data), size in zip(lists, sizes, strict=True))
    places = np.frombuffer(joined, "<u2") + np.repeat(np.array([first for first, _ in lists], np.int64), sizes)
    return places, np.frombuffer(counts, np.uint8).astype(np.float32)


def united(spellings: Sequence[tuple[Places, Counts]]) -> tuple[Places, Counts]:
    """The places of several terms as if they were one, counts added up."""
    if len(spellings) == 1:
        return spellings[0]
    places, where = np.unique(np.concatenate([places for places, _ in spellings]), return_inverse=True)
    return places, np.bincount(where, np.concatenate([counts for _, counts in spellings])).astype(np.float32)


class _Numbers(dict[str, int]):
    """Numbers terms as they come; terms that are equal as far as they are indexed get one number."""

    def __missing__(self, term: str) -> int:
        short = clipped(term)
        self[term] = number = len(self) if short == term else self[short]
        return number


def build(passages: Sequence[tuple[int, str]]) -> Iterator[Segment]:
    """Index passages (id, terms separated by spaces) into segments of at most SEGMENT_PASSAGES."""
    for first in range(0, len(passages), SEGMENT_PASSAGES):
        yield _build_one(passages[first : first + SEGMENT_PASSAGES])


def _build_one(passages: Sequence[tuple[int, str]]) -> Segment:
    numbers = _Numbers()
    term_numbers: list[int] = []
    sizes: list[int] = []
    for _, terms_text in passages:
        terms = terms_text.split()
        sizes.append(len(terms))
        term_numbers.extend([numbers[term] for term in terms])
    lengths = np.array(sizes, np.int64)
    places = np.repeat(np.arange(len(passages)), lengths)
    # One sort brings equal (term, place) pairs together, terms first and places rising.
    pairs, counts = np.unique(
        np.array(term_numbers, np.int64) * SEGMENT_PASSAGES + places if term_numbers else np.empty(0, np.int64),
        return_counts=True,
    )
    starts = np.searchsorted(pairs, np.arange(len(numbers) + 1) * SEGMENT_PASSAGES)
    place_bytes = (pairs % SEGMENT_PASSAGES).astype("<u2").tobytes()
    count_bytes = np.minimum(counts, _MOST_COUNT).astype(np.uint8).tobytes()
    bounds = starts.tolist()
    postings = {}
    for term, number in numbers.items():
        if len(term) > TERM_CHARACTERS:
            continue  # it is there under its indexed part
        first, end = bounds[number], bounds[number + 1]
        postings[term] = place_bytes[2 * first : 2 * end] + count_bytes[first:end]
    ids = np.array([passage_id for passage_id, _ in passages], np.int64)
    return Segment(ids, np.minimum(lengths, _MOST_LENGTH).astype(np.uint16), postings)


def join(segments: Sequence[Segment]) -> Segment:
    """Make one segment of several, without their empty places. They must fit into one."""
    pieces: dict[str, tuple[list[bytes], list[bytes]]] = {}
    ids, lengths, offset = [], [], 0
    for segment in segments:
        filled = segment.ids != 0
        new_place = np.cumsum(filled) - 1 + offset
        ids.append(segment.ids[filled])
        lengths.append(segment.lengths[filled])
        offset += len(ids[-1])
        for term, places, counts in _moved(segment.postings, new_place):
            place_list, count_list = pieces.setdefault(term, ([], []))
            place_list.append(places)
            count_list.append(counts)
    if offset > SEGMENT_PASSAGES:
        raise ValueError(f"{offset} passages do not fit into a segment of {SEGMENT_PASSAGES}")
    postings = {term: b"".join(places) + b"".join(counts) for term, (places, counts) in pieces.items()}
    return Segment(np.concatenate(ids), np.concatenate(lengths), postings)


def _moved(postings: Mapping[str, bytes], new_place: Ids) -> Iterator[tuple[str, bytes, bytes]]:
    """Each term with its places renumbered; the arithmetic is done once for the whole segment."""
    sizes = [posting_count(data) for data in postings.values()]
    joined = b"".join(data[: 2 * size] for data, size in zip(postings.values(), sizes, strict=True))
    moved = new_place[np.frombuffer(joined, "<u2")].astype("<u2").tobytes()
    start = 0
    for (term, data), size in zip(postings.items(), sizes, strict=True):
        yield term, moved[2 * start : 2 * (start + size)], data[2 * size :]
        start += size


def without(postings: Iterable[tuple[str, bytes]], gone: npt.NDArray[np.bool_]) -> Iterator[tuple[str, bytes]]:
    """The lists that change when the places marked in `gone` are emptied; an empty list is to be removed."""
    rows = list(postings)
    sizes = np.array([posting_count(data) for _, data in rows], np.int64)
    joined = b"".join(data[: 2 * size] for (_, data), size in zip(rows, sizes.tolist(), strict=True))
    hit = np.concatenate(([0], np.cumsum(gone[np.frombuffer(joined, "<u2")])))
    ends = np.cumsum(sizes)
    changed = np.flatnonzero(hit[ends] - hit[ends - sizes]) if len(rows) else ()
    for index in changed:
        term, data = rows[index]
        places, counts = decode(data)
        kept = ~gone[places]
        yield term, places[kept].tobytes() + counts[kept].tobytes()
