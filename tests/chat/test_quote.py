"""Choosing what to quote, abstaining, and the shipped weights."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.chat.answerable import signals
from headwater.chat.evidence import FEATURES, gather
from headwater.chat.judge import Linear, judge, means_with
from headwater.chat.quote import choose, citation, written
from headwater.core.types import Filters, Hit
from tests.chat.conftest import PARAGRAPHS, SCOPE, WordSearch, hit

HITS = [hit(number, text) for number, text in enumerate(PARAGRAPHS, start=1)]


def found(question: str) -> list[Hit]:
    return WordSearch()(question, SCOPE, Filters(), 8)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When was the stone bridge over the Elster built?", "1745"),
        ("Who is the harbour master of Port Amsel?", "Ines Okafor"),
        ("How many containers does the harbour of Port Amsel handle a year?", "340,000"),
        ("When do marsh orchids flower?", "late May"),
        ("How many books may each reader borrow from the library?", "twelve"),
    ],
)
def test_answers_are_found_and_quoted(question: str, said: str) -> None:
    choice = choose(gather(question, found(question)), "words")
    assert choice.answered
    assert said in " ".join(candidate.text for candidate in choice.quoted)
    assert 1 <= len(choice.quoted) <= 2
    assert sum(choice.chances) == pytest.approx(1)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the chess tournament in Reykjavik?",
        "When did Ines Lindqvist become the mayor of Hamburg?",
        "What is the boiling point of mercury?",
    ],
)
def test_what_is_not_there_is_not_answered(question: str) -> None:
    assert not choose(gather(question, found(question)), "words").answered


def test_a_quote_is_marked_by_passage_in_order_of_showing() -> None:
    evidence = gather("When was the bridge built?", HITS)
    first, other, last = evidence.candidates[0], evidence.candidates[3], evidence.candidates[1]
    text, hits = written((first, other, last))
    assert text.count("[1]") == 2
    assert text.count("[2]") == 1
    assert hits == (first.hit, other.hit)
    made = citation(1, HITS[0])
    assert made.quote == HITS[0].passage.text
    assert (made.number, made.start, made.end) == (1, 0, len(PARAGRAPHS[0]))


def test_nothing_found_is_not_answered() -> None:
    choice = choose(gather("Anything?", []), "words")
    assert not choice.answered
    assert choice.quoted == ()


def test_shipped_weights_name_features_that_exist() -> None:
    evidence = gather("When was the bridge built?", HITS)
    known = signals(evidence, evidence.column("covered"))
    for means in ("words", "vectors"):
        weights = judge(means)
        assert set(weights.quote.names) <= set(FEATURES)
        assert set(weights.answerable.names) <= set(known)
        assert 0 < weights.threshold("en") < 1
        assert weights.threshold("el") == weights.thresholds["other"]
    assert not {"cosine", "relevance"} & set(judge("words").quote.names)


def test_a_model_the_weights_do_not_know_counts_as_absent() -> None:
    assert means_with(None, None) == "words"
    assert means_with("minilm-3", None) == "vectors"
    assert means_with("minilmx", None) == "words"
    assert means_with("other-embedder", "reader-1") == "words"


def test_a_linear_model_centres_and_scales() -> None:
    model = Linear(("a", "b"), np.array([1.0, 0.0]), np.array([2.0, 1.0]), np.array([4.0, 1.0]), 0.5)
    assert model.of({"a": np.array([3.0, 1.0]), "b": np.array([0.0, 2.0])}).tolist() == [4.5, 2.5]
    assert model.of({"a": 1.0, "b": 0.0}).tolist() == [0.5]
