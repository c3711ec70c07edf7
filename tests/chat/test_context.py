"""Hits widen to their paragraph and never overlap."""

from __future__ import annotations

from collections.abc import Sequence

from headwater.chat.context import LONGEST, Surroundings, widen
from headwater.core.types import Hit, Passage, Scope
from tests.chat.conftest import SCOPE, passage

PAGE = "The bridge is old. It has seven arches. It was built in 1745.\n\nThe harbour is new. It is large."


def pieces(*ranges: tuple[int, int]) -> list[Passage]:
    return [passage(number, PAGE[a:b], a, "page.txt") for number, (a, b) in enumerate(ranges, start=1)]


class Around:
    def __init__(self, parts: list[Passage]) -> None:
        self.parts = parts

    def __call__(self, one: Passage, scope: Scope, before: int = 1, after: int = 1) -> list[Passage]:
        assert scope is SCOPE
        place = self.parts.index(one)
        return self.parts[max(0, place - before) : place + after + 1]


def test_a_hit_becomes_its_paragraph() -> None:
    parts = pieces((0, 18), (19, 39), (40, 61), (63, 82), (83, 95))
    wide = widen([Hit(parts[1], 0.9), Hit(parts[2], 0.8), Hit(parts[4], 0.5)], Surroundings(Around(parts)), SCOPE, 8)
    assert [hit.passage.text for hit in wide] == [PAGE[:61], PAGE[63:95]]
    assert [(hit.passage.id, hit.score) for hit in wide] == [(2, 0.9), (5, 0.5)]
    for hit in wide:
        assert PAGE[hit.passage.start : hit.passage.end] == hit.passage.text


def test_long_paragraphs_stop_growing() -> None:
    text = "x" * (LONGEST // 2)
    parts = [passage(n, text, (n - 1) * (len(text) + 1), "long.txt") for n in range(1, 5)]
    wide = widen([Hit(parts[1], 1.0)], Surroundings(Around(parts)), SCOPE, 8)
    assert len(wide[0].passage.text) <= LONGEST
    assert wide[0].passage.start <= parts[1].start < wide[0].passage.end


def test_without_neighbours_hits_stay_and_the_limit_holds() -> None:
    parts = pieces((0, 18), (19, 39), (40, 61))
    hits = [Hit(part, 1.0) for part in parts]
    assert widen(hits, Surroundings(), SCOPE, 2) == hits[:2]


def test_the_white_space_between_passages_is_the_pages_own() -> None:
    page = "What stays here\nNothing leaves the machine."
    parts = [passage(1, page[:15], 0, "guide.pdf"), passage(2, page[16:], 16, "guide.pdf")]

    def excerpts(scope: Scope, ends: Sequence[tuple[Passage, int]]) -> dict[int, str]:
        return {one.id: page[one.start : end] for one, end in ends}

    wide = widen([Hit(parts[1], 1.0)], Surroundings(Around(parts), excerpts), SCOPE, 8)
    assert wide[0].passage.text == page
