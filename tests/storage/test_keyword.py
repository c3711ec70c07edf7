from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from headwater.storage import keyword, postings
from headwater.storage.database import Catalogue
from headwater.storage.keyword import Bm25
from headwater.storage.tables import KeywordPostingRow, KeywordSegmentRow

Texts = dict[int, list[str]]


def bm25_by_the_book(texts: Texts, asked: list[keyword.Term], bm25: Bm25) -> dict[int, float]:
    """BM25 written out passage by passage: what the index must give, to the precision of float32."""
    total = len(texts)
    average = max(sum(map(len, texts.values())) / total, 1.0) if total else 1.0
    groups = [(term,) if isinstance(term, str) else term for term in asked]
    scores: dict[int, float] = {}
    for group in groups:
        counts = {id_: sum(words.count(term) for term in set(group)) for id_, words in texts.items()}
        frequency = sum(1 for count in counts.values() if count)
        weight = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        for id_, count in counts.items():
            if count:
                slow = bm25.k1 * (1 - bm25.b + bm25.b * len(texts[id_]) / average)
                scores[id_] = scores.get(id_, 0.0) + weight * count * (bm25.k1 + 1) / (count + slow)
    return scores


def add(catalogue: Catalogue, texts: Texts, collection: str = "c") -> None:
    with catalogue.writing() as session:
        keyword.index_terms(session, [(id_, collection, " ".join(words)) for id_, words in texts.items()])


def find(catalogue: Catalogue, terms: list[keyword.Term], limit: int = 1000, **options: Any) -> list[tuple[int, float]]:
    collections = options.pop("collections", ["c"])
    with catalogue.reading() as session:
        return keyword.search(session, terms, collections, limit, **options)


def assert_same(found: list[tuple[int, float]], expected: dict[int, float]) -> None:
    assert dict(found) == pytest.approx(expected, rel=1e-4)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)


words = st.sampled_from(["river", "water", "head", "the", "münchen", "北京", "it's", "3.14"])
passages = st.lists(words, max_size=12)
queries = st.lists(st.one_of(words, st.tuples(words, words), st.just("absent")), min_size=1, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(passages, min_size=1, max_size=12), queries, st.floats(0.0, 3.0), st.floats(0.0, 1.0))
def test_scores_are_those_of_the_book(
    catalogue: Catalogue, texts: list[list[str]], query: list[keyword.Term], k1: float, b: float
) -> None:
    with catalogue.writing() as session:
        keyword.remove_collection(session, "c")
    numbered = dict(enumerate(texts, start=5))
    add(catalogue, numbered)
    assert_same(find(catalogue, query, bm25=Bm25(k1, b)), bm25_by_the_book(numbered, query, Bm25(k1, b)))


class KeywordIndex(RuleBasedStateMachine):
    """Documents come and go in two collections; the index must always equal the book."""

    folder: Path

    @initialize()
    def open(self) -> None:
        self.catalogue = Catalogue.open(f"sqlite:///{self.folder / f'{id(self)}.db'}")
        self.texts: dict[str, Texts] = {"c": {}, "d": {}}
        self.next_id = 1

    @rule(collection=st.sampled_from("cd"), texts=st.lists(passages, min_size=1, max_size=6))
    def index(self, collection: str, texts: list[list[str]]) -> None:
        fresh = dict(enumerate(texts, start=self.next_id))
        self.next_id += len(texts)
        self.texts[collection].update(fresh)
        add(self.catalogue, fresh, collection)

    @rule(collection=st.sampled_from("cd"), data=st.data())
    def remove(self, collection: str, data: st.DataObject) -> None:
        here = self.texts[collection]
        gone = data.draw(st.lists(st.sampled_from(sorted(here)), unique=True)) if here else []
        with self.catalogue.writing() as session:
            keyword.remove(session, collection, [*gone, 999_999])
        for id_ in gone:
            del here[id_]

    @rule(collection=st.sampled_from("cd"))
    def remove_all(self, collection: str) -> None:
        with self.catalogue.writing() as session:
            keyword.remove_collection(session, collection)
        self.texts[collection].clear()

    @rule(query=queries)
    def search_both(self, query: list[keyword.Term]) -> None:
        both = {**self.texts["c"], **self.texts["d"]}
        assert_same(find(self.catalogue, query, collections=["c", "d"]), bm25_by_the_book(both, query, Bm25()))

    @rule(query=queries)
    def search_one(self, query: list[keyword.Term]) -> None:
        assert_same(find(self.catalogue, query), bm25_by_the_book(self.texts["c"], query, Bm25()))

    @invariant()
    def only_terms_that_occur_are_kept(self) -> None:
        with self.catalogue.reading() as session:
            stored = Counter(session.scalars(select(KeywordPostingRow.term).distinct()))
        there = {word for texts in self.texts.values() for text in texts.values() for word in text}
        assert set(stored) == there

    def teardown(self) -> None:
        if hasattr(self, "catalogue"):
            self.catalogue.close()


def test_the_index_follows_every_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small segments, so that a few documents go through every way of splitting and joining.
    for module in (keyword, postings):
        monkeypatch.setattr(module, "SEGMENT_PASSAGES", 8)
    monkeypatch.setattr(keyword, "JOINED_AT_ONCE", 3)
    machine = type("Index", (KeywordIndex,), {"folder": tmp_path})
    machine.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
    machine.TestCase("runTest").runTest()


def test_many_small_documents_end_in_few_segments(catalogue: Catalogue) -> None:
    for id_ in range(1, 201):
        add(catalogue, {id_: ["water", f"only{id_}"]})
    with catalogue.reading() as session:
        count = session.scalars(select(func.count(KeywordSegmentRow.id))).one()
        assert session.scalars(select(func.sum(KeywordSegmentRow.passages))).one() == 200
    assert count < 24
    assert len(find(catalogue, ["water"])) == 200
    assert [id_ for id_, _ in find(catalogue, ["only77"])] == [77]


def test_a_large_document_is_split_into_segments(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (keyword, postings):
        monkeypatch.setattr(module, "SEGMENT_PASSAGES", 16)
    add(catalogue, {id_: ["water", f"only{id_}"] for id_ in range(1, 101)})
    with catalogue.reading() as session:
        assert session.scalars(select(func.max(KeywordSegmentRow.passages))).one() == 16
    assert [id_ for id_, _ in find(catalogue, ["only100"])] == [100]
    assert len(find(catalogue, ["water"])) == 100


def test_collections_are_apart_also_in_their_statistics(catalogue: Catalogue) -> None:
    add(catalogue, {1: ["water"], 2: ["head"]}, "c")
    before = find(catalogue, ["water"])
    add(catalogue, {number: ["water"] for number in range(10, 60)}, "someone-else")
    assert find(catalogue, ["water"]) == before
    assert find(catalogue, ["water"], collections=[]) == []
    assert find(catalogue, ["water"], collections=["unknown"]) == []


def test_limit_and_within(catalogue: Catalogue) -> None:
    add(catalogue, {id_: ["water"] * id_ + ["rest"] * (20 - id_) for id_ in range(1, 20)})
    ranked = [id_ for id_, _ in find(catalogue, ["water"])]
    assert ranked == list(range(19, 0, -1))
    assert [id_ for id_, _ in find(catalogue, ["water"], limit=3)] == [19, 18, 17]
    assert find(catalogue, ["water"], limit=0) == []
    assert [id_ for id_, _ in find(catalogue, ["water"], limit=2, within=np.array([3, 7, 5, 400]))] == [7, 5]
    assert find(catalogue, ["water"], within=np.array([], np.int64)) == []


def test_equal_scores_are_ordered_by_id(catalogue: Catalogue) -> None:
    add(catalogue, {id_: ["water"] for id_ in (9, 4, 7, 2)})
    assert [id_ for id_, _ in find(catalogue, ["water"], limit=3)] == [2, 4, 7]


def test_extreme_passages(catalogue: Catalogue) -> None:
    long_term = "x" * 5000
    add(catalogue, {1: ["water"] * 70_000, 2: [], 3: [long_term, "x" * 100], 4: ["water"]})
    assert [id_ for id_, _ in find(catalogue, ["water"])] in ([1, 4], [4, 1])
    assert [id_ for id_, _ in find(catalogue, [long_term])] == [3]
    assert find(catalogue, [long_term]) == find(catalogue, ["x" * 100])
    assert find(catalogue, [""]) == find(catalogue, []) == []


@pytest.mark.parametrize("term", ['" OR 1=1', "NEAR(a b)", "a*", "%", "_", "'", "\x00", "-- x", "water AND head"])
def test_no_term_has_a_meaning_of_its_own(catalogue: Catalogue, term: str) -> None:
    add(catalogue, {1: ["water", "head"], 2: ["river"]})
    assert find(catalogue, [term]) == []


def test_hundreds_of_query_terms(catalogue: Catalogue) -> None:
    add(catalogue, {1: [f"w{number}" for number in range(3000)], 2: ["w1"]})
    assert [id_ for id_, _ in find(catalogue, [f"w{number}" for number in range(2000)])] == [1, 2]


def test_an_aborted_transaction_leaves_the_index_as_it_was(catalogue: Catalogue) -> None:
    add(catalogue, {1: ["water"]})
    before = find(catalogue, ["water"])
    with pytest.raises(RuntimeError), catalogue.writing() as session:
        keyword.index_terms(session, [(2, "c", "water")])
        keyword.remove(session, "c", [1])
        raise RuntimeError
    assert find(catalogue, ["water"]) == before
