"""Find a range of our page text again in the characters of the page, and the rectangles they cover.

Both texts come from the same page, but ours is cleaned: white space, hyphens at line ends, ligatures
and marks differ. So only the characters that carry meaning are compared.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from headwater.core.types import Box

IGNORED = frozenset("-\u2010\u2011\u00ad\ufffe\uffff\ufeff\x02")
LONGEST_ALIGNMENT = 30_000
# A gap wider than this many line heights parts two columns, not two words.
WIDEST_GAP = 2.5


@dataclass(frozen=True, slots=True)
class Meaning:
    """The characters that carry meaning, and the index of each in the text they came from."""

    text: str
    places: tuple[int, ...]


def meaning(text: str) -> Meaning:
    """Fold a text: no white space, no hyphens, compatibility forms resolved."""
    letters: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        if char.isspace() or char in IGNORED or char < " ":
            continue
        folded = char if char < "\x80" else "".join(unicodedata.normalize("NFKC", char).split())
        letters.append(folded)
        places += [index] * len(folded)
    return Meaning("".join(letters), tuple(places))


def find_range(page_text: str, start: int, end: int, shown: Meaning) -> tuple[int, int] | None:
    """Return the first and last index in `shown`'s source text of `page_text[start:end]`, or None."""
    ours = meaning(page_text)
    first = _position(ours.places, start)
    last = _position(ours.places, end)
    wanted = ours.text[first:last]
    if not wanted or not shown.text:
        return None
    at = _nearest(shown.text, wanted, first, len(ours.text))
    if at is not None:
        return shown.places[at], shown.places[at + len(wanted) - 1]
    return _aligned(ours.text, first, last, shown)


def _position(places: Sequence[int], index: int) -> int:
    """Number of kept characters before `index`."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if places[middle] < index:
            low = middle + 1
        else:
            high = middle
    return low


def _nearest(text: str, wanted: str, expected: int, length: int) -> int | None:
    """Return where `wanted` occurs nearest to where it stands in our text, as a share of the page."""
    target = expected * len(text) / max(1, length)
    best: int | None = None
    at = text.find(wanted)
    while at >= 0:
        if best is None or abs(at - target) < abs(best - target):
            best = at
        at = text.find(wanted, at + 1)
    return best


def _aligned(ours: str, first: int, last: int, shown: Meaning) -> tuple[int, int] | None:
    """Align the two texts; at least half of the wanted characters must be found."""
    if max(len(ours), len(shown.text)) > LONGEST_ALIGNMENT:
        return None
    matched: list[int] = []
    for block in SequenceMatcher(None, ours, shown.text, autojunk=False).get_matching_blocks():
        begin, stop = max(block.a, first), min(block.a + block.size, last)
        matched += range(block.b + begin - block.a, block.b + stop - block.a)
    if len(matched) * 2 < last - first:
        return None
    return shown.places[min(matched)], shown.places[max(matched)]


def merge_lines(boxes: Sequence[Box]) -> list[Box]:
    """Join the rectangles of one line, in the order given; columns stay apart."""
    merged: list[Box] = []
    for box in boxes:
        if merged and _on_one_line(merged[-1], box):
            merged[-1] = _around(merged[-1], box)
        else:
            merged.append(box)
    return merged


def _on_one_line(one: Box, other: Box) -> bool:
    overlap = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if overlap < 0.5 * min(one.height, other.height):
        return False
    gap = max(one.left, other.left) - min(one.left + one.width, other.left + other.width)
    return gap < WIDEST_GAP * max(one.height, other.height)


def _around(one: Box, other: Box) -> Box:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Box(left, top, right - left, bottom - top)
