"""The support check passes what a passage says and stops what it does not."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from headwater.chat.support import Passages
from headwater.chat.words import languages
from tests.chat.conftest import PARAGRAPHS

ENGLISH = languages()["en"]


@pytest.fixture(scope="module")
def passages() -> Passages:
    return Passages(PARAGRAPHS, ENGLISH)


@pytest.mark.parametrize(
    "sentence",
    [
        "The old stone bridge over the Elster was built in 1745 by the mason Johann Krahn.",
        "The bridge over the Elster was built in 1745.",
        "Its largest crane lifts 900 tonnes.",
        "The harbour handles 340000 containers a year.",
        "Contractors are not covered by this rule.",
        "Ines Okafor took office in March 2019.",
    ],
)
def test_what_a_passage_says_is_supported(passages: Passages, sentence: str) -> None:
    verdict = passages.check(sentence)
    assert verdict.supported, verdict.reason
    assert verdict.passage is not None
    source = PARAGRAPHS[verdict.passage]
    assert sentence.split()[-1].strip(".") in source[verdict.start : verdict.end]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The bridge over the Elster was built in 1754.", "1754"),
        ("The bridge was built by the mason Ines Okafor.", "not in the passage"),
        ("Contractors are covered by this rule.", "not"),
        ("The bridge was not built in 1745.", "not"),
        ("In 1745 retreating soldiers blew up two of them.", "1745"),
        ("On Sundays it stays open.", "not in the passage: open"),
        ("Each reader may borrow four books for twelve weeks.", "order"),
        ("The harbour master is Johann Krahn.", "not in the passage"),
        ("The bridge is beautiful.", "beautiful"),
        ("It is.", "nothing"),
    ],
)
def test_what_no_passage_says_is_not_supported(passages: Passages, sentence: str, reason: str) -> None:
    verdict = passages.check(sentence)
    assert not verdict.supported
    assert reason in verdict.reason


def test_a_cited_passage_must_be_the_one_that_says_it(passages: Passages) -> None:
    assert passages.check("Its largest crane lifts 900 tonnes.", cited=[1]).supported
    assert not passages.check("Its largest crane lifts 900 tonnes.", cited=[0]).supported
    assert passages.check("Its largest crane lifts 900 tonnes.", cited=[]).reason == "it cites no passage"


def test_a_pronoun_may_stand_for_the_name_before_it() -> None:
    passages = Passages(["Johann Krahn was a mason. He died in Leipzig in 1760."], ENGLISH)
    assert passages.check("Johann Krahn died in Leipzig in 1760.").supported
    assert not passages.check("Ines Okafor died in Leipzig in 1760.").supported


def test_other_languages() -> None:
    german = Passages(["Die Brücke wurde 1745 gebaut. Vertragspartner sind nicht abgedeckt."], languages()["de"])
    assert german.check("Die Brücke wurde 1745 gebaut.").supported
    assert not german.check("Die Brücke wurde 1746 gebaut.").supported
    assert not german.check("Vertragspartner sind abgedeckt.").supported
    chinese = Passages(["这座桥建于1745年，有七个拱。"], languages()["zh"])
    assert chinese.check("这座桥建于1745年").supported
    assert not chinese.check("这座桥不是建于1745年").supported


def test_planted_lies_are_caught() -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "answers"))
    from planted import lies, true_sentences

    rng = random.Random(4)
    passed = total = kept = true = 0
    for text in PARAGRAPHS:
        passages = Passages([text], ENGLISH)
        for sentence in true_sentences(text):
            true, kept = true + 1, kept + passages.check(sentence).supported
            for lie in lies(text, sentence, rng):
                total, passed = total + 1, passed + passages.check(lie.sentence).supported
    assert total > 25
    assert passed <= 0.02 * total
    assert kept >= 0.8 * true
