from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from headwater.core.types import Hit, Passage
from headwater.documents.joining import MOST_JOINED, join

PAGE = "Aa aa. Bb bb. Cc cc. Dd dd. Ee ee."


def passage(number: int, page: int = 1, version: str = "v") -> Passage:
    start = 7 * (number - 1)
    return Passage(
        number, "c", "d", version, "d.txt", page, page, None, start, start + 6, PAGE[start : start + 6], ("H",)
    )


def hit(number: int, score: float, page: int = 1, version: str = "v") -> Hit:
    return Hit(passage(number, page, version), score, keyword=0.5, dense=score)


def excerpts(ends: Sequence[tuple[Passage, int]]) -> Mapping[int, str]:
    return {one.id: PAGE[one.start : end] for one, end in ends}


def test_neighbours_with_nearly_the_same_score_become_one_hit() -> None:
    joined = join([hit(3, 0.9), hit(2, 0.85), hit(5, 0.5)], 10, excerpts)
    assert [(one.passage.text, one.score) for one in joined] == [("Bb bb. Cc cc.", 0.9), ("Ee ee.", 0.5)]
    first = joined[0].passage
    assert PAGE[first.start : first.end] == first.text
    assert (first.id, joined[0].dense) == (3, 0.9)


def test_a_far_worse_neighbour_stays_by_itself() -> None:
    joined = join([hit(3, 0.9), hit(2, 0.5)], 10, excerpts)
    assert [one.passage.text for one in joined] == ["Cc cc.", "Bb bb."]


def test_other_pages_and_versions_are_not_joined() -> None:
    for other in (hit(2, 0.89, page=2), hit(2, 0.89, version="w")):
        assert len(join([hit(3, 0.9), other], 10, excerpts)) == 2


def test_no_hit_grows_beyond_the_most_and_none_overlap() -> None:
    joined = join([hit(number, 0.9) for number in (3, 1, 2, 4, 5)], 10, excerpts)
    assert max(one.passage.text.count(".") for one in joined) == MOST_JOINED
    ranges = sorted((one.passage.start, one.passage.end) for one in joined)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    assert "".join(PAGE[start:end] for start, end in ranges).count(".") == 5


def test_the_limit_counts_joined_hits() -> None:
    assert len(join([hit(3, 0.9), hit(2, 0.88), hit(5, 0.5)], 1, excerpts)) == 1


def test_a_document_that_was_replaced_meanwhile_gives_the_passage_alone() -> None:
    for gone in ({}, {2: "Other text altogether."}):
        joined = join([hit(3, 0.9), hit(2, 0.88)], 10, lambda ends, gone=gone: gone)  # type: ignore[misc]
        assert joined[0].passage.text == "Cc cc."
