from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from headwater.dataprep.overlap import MEASURES, bleu, chrf, covered, meteor, rouge, rouge_l

words = st.lists(
    st.sampled_from(["the", "a", "cat", "sat", "on", "mat", "dog", "runs", "fast", "red", "blue", "seven"]),
    min_size=1,
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(words, words)
def test_bleu_and_chrf_are_those_of_sacrebleu(ours: list[str], theirs: list[str]) -> None:
    a, b = " ".join(ours), " ".join(theirs)
    exact = BLEU(tokenize="none", effective_order=True).sentence_score(a, [b]).score / 100
    assert bleu(a, b) == pytest.approx(exact, abs=1e-6)
    assert chrf(a, b) == pytest.approx(CHRF().sentence_score(a, [b]).score / 100, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(words, words)
def test_every_measure_is_from_0_to_1_and_1_for_the_same(ours: list[str], theirs: list[str]) -> None:
    a, b = " ".join(ours), " ".join(theirs)
    for name, measure in MEASURES.items():
        assert 0 <= measure(a, b) <= 1 + 1e-9, name
    assert rouge(a, a, 1) == rouge_l(a, a) == 1


def test_known_values() -> None:
    assert rouge("the cat sat", "the cat ran", 1) == pytest.approx(2 / 3)
    assert rouge("the cat sat", "the cat ran", 2) == pytest.approx(1 / 2)
    assert rouge_l("the cat sat down", "the dog sat") == pytest.approx(2 * 2 / 7)
    # One stemmed match of one word: precision = recall = 1, one chunk, penalty 0.5.
    assert meteor("running", "runs") == pytest.approx(0.5)
    assert meteor("cat", "dog") == 0
    assert covered("The blue cat", "a cat that is red") == 0.5
    assert bleu("", "x") == 0
