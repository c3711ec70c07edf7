from __future__ import annotations

import numpy as np
import pytest

from headwater.storage import keyword
from headwater.storage.database import Catalogue
from headwater.storage.matching import MOST_GROUPS, Matches, match

TEXTS = {3: "red river", 5: "blue river blue", 8: "lake", 9: "rivière bleue"}


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    # One segment a passage, in an order that is not that of the ids.
    for id_ in (8, 3, 9, 5):
        with catalogue.writing() as session:
            keyword.index_terms(session, [(id_, "c", TEXTS[id_])])
    return catalogue


def matches(catalogue: Catalogue, *groups: tuple[str, ...], collections: tuple[str, ...] = ("c",)) -> Matches:
    with catalogue.reading() as session:
        return match(session, groups, collections)


def test_every_passage_is_scored_as_the_search_scores_it(filled: Catalogue) -> None:
    found = matches(filled, ("river",), ("blue",))
    assert found.ids.tolist() == [3, 5, 8, 9]
    with filled.reading() as session:
        searched = dict(keyword.search(session, ["river", "blue"], ["c"], 10))
    scores = {int(id_): float(score) for id_, score in zip(found.ids, found.scores, strict=True) if score}
    assert scores == pytest.approx(searched)


def test_each_group_has_its_bit_and_its_weight(filled: Catalogue) -> None:
    found = matches(filled, ("river", "rivière"), ("lake",), ("absent",))
    assert found.found.tolist() == [0b001, 0b001, 0b010, 0b001]
    assert found.weights[2] == 0.0
    assert found.weights[1] > found.weights[0] > 0.0
    assert found.best_possible == pytest.approx(found.weights.sum() * 2.2)
    assert (found.scores <= found.best_possible).all()


def test_a_group_given_twice_counts_twice_but_in_the_same_passages(filled: Catalogue) -> None:
    once, twice = matches(filled, ("river",)), matches(filled, ("river",), ("river",))
    np.testing.assert_allclose(twice.scores, once.scores * 2, rtol=1e-6)
    assert twice.found.tolist() == [0b11, 0b11, 0, 0]


def test_places_of_ids(filled: Catalogue) -> None:
    found = matches(filled, ("river",))
    assert found.places(np.array([9, 4, 3, 100])).tolist() == [3, -1, 0, -1]


def test_nothing_to_look_at(filled: Catalogue) -> None:
    for empty in (matches(filled, ("river",), collections=()), matches(filled, ("river",), collections=("unknown",))):
        assert (empty.ids.tolist(), empty.scores.tolist(), empty.best_possible) == ([], [], 0.0)
        assert empty.places(np.array([1, 2])).tolist() == [-1, -1]
    without = matches(filled)
    assert (without.ids.tolist(), without.scores.tolist()) == ([3, 5, 8, 9], [0.0] * 4)


def test_removed_passages_are_not_there(filled: Catalogue) -> None:
    with filled.writing() as session:
        keyword.index_terms(session, [(11, "c", "river"), (12, "c", "river")])
        keyword.remove(session, "c", [5, 11])
    assert matches(filled, ("river",)).ids.tolist() == [3, 8, 9, 12]


def test_more_groups_than_bits(filled: Catalogue) -> None:
    found = matches(filled, *[(f"w{number}",) for number in range(MOST_GROUPS - 1)], ("lake",), ("river",))
    assert len(found.weights) == MOST_GROUPS
    assert found.found.tolist() == [0, 0, 1 << 63, 0]


def test_each_passage_knows_its_collection(filled: Catalogue) -> None:
    with filled.writing() as session:
        keyword.index_terms(session, [(20, "d", "river"), (4, "d", "lake")])
    found = matches(filled, ("river",), collections=("d", "c"))
    assert found.ids.tolist() == [3, 4, 5, 8, 9, 20]
    assert found.collection.tolist() == [1, 0, 1, 1, 1, 0]
