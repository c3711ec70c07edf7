"""Hits become the paragraphs they stand in: wide enough to read and to cite, never across a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from headwater.core.protocols import Excerpts, Neighbours
from headwater.core.types import Hit, Passage, Scope

LONGEST = 1400  # characters of one widened passage, about 300 tokens of English
REACH = 3  # passages looked at on each side
PARAGRAPH_GAP = 2  # this much white space between two passages ends the paragraph


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How to see more of a page than a hit: the passages beside it, and the exact text over several."""

    neighbours: Neighbours | None = None
    excerpts: Excerpts | None = None


def widen(hits: Sequence[Hit], around_hits: Surroundings, scope: Scope, limit: int) -> list[Hit]:
    """Return at most `limit` hits, each widened to its paragraph; hits of one paragraph are joined.

    Order and scores are those of the best hit in each paragraph.
    """
    neighbours = around_hits.neighbours
    wide: list[Hit] = []
    for hit in hits:
        if len(wide) == limit:
            break
        if any(_within(hit.passage, other.passage) for other in wide):
            continue
        around = neighbours(hit.passage, scope, REACH, REACH) if neighbours else [hit.passage]
        passage = _paragraph(hit.passage, around, lambda first, end: _exact(around_hits.excerpts, scope, first, end))
        if not any(_overlaps(passage, other.passage) for other in wide):
            wide.append(replace(hit, passage=passage))
        else:
            wide.append(hit)
    return wide


def _exact(excerpts: Excerpts | None, scope: Scope, first: Passage, end: int) -> str | None:
    return excerpts(scope, [(first, end)]).get(first.id) if excerpts else None


def _paragraph(passage: Passage, around: Sequence[Passage], excerpt: Callable[[Passage, int], str | None]) -> Passage:
    """Join the passage with those next to it while they belong to one paragraph."""
    places = [place for place, other in enumerate(around) if other.id == passage.id]
    if not places:
        return passage
    first = last = places[0]
    grown = True
    while grown:
        grown = False
        for low, high in ((first, last + 1), (first - 1, last)):
            if low < 0 or high >= len(around) or (low, high) == (first, last):
                continue
            if _joins(around[low : high + 1]):
                first, last, grown = low, high, True
    return _join(passage, around[first : last + 1], excerpt)


def _joins(parts: Sequence[Passage]) -> bool:
    """Whether the parts are one paragraph short enough to be one passage."""
    close = all(
        one.heading == other.heading
        and one.page_number == other.page_number
        and one.version_id == other.version_id
        and 0 <= other.start - one.end < PARAGRAPH_GAP
        for one, other in pairwise(parts)
    )
    return close and parts[-1].end - parts[0].start <= LONGEST


def _join(passage: Passage, parts: Sequence[Passage], excerpt: Callable[[Passage, int], str | None]) -> Passage:
    """The parts as one passage. The white space between them is the page's own, so that ranges stay exact."""
    if len(parts) == 1:
        return passage
    text = excerpt(parts[0], parts[-1].end)
    if text is None:
        text = parts[0].text
        for one, other in pairwise(parts):
            text += " " * (other.start - one.end) + other.text
    return replace(passage, start=parts[0].start, end=parts[-1].end, text=text)


def _within(passage: Passage, other: Passage) -> bool:
    return _same_page(passage, other) and other.start <= passage.start and passage.end <= other.end


def _overlaps(passage: Passage, other: Passage) -> bool:
    return _same_page(passage, other) and passage.start < other.end and other.start < passage.end


def _same_page(passage: Passage, other: Passage) -> bool:
    return passage.version_id == other.version_id and passage.page_number == other.page_number
