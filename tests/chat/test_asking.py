"""What a question asks for."""

from __future__ import annotations

import pytest

from headwater.chat.asking import understand
from headwater.chat.words import guess_language, languages


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who built the bridge?", "person"),
        ("When was it built?", "time"),
        ("In what year was the bridge built?", "time"),
        ("How many arches does it have?", "number"),
        ("Where is the bridge?", "place"),
        ("Which city lies on the Elster?", "place"),
        ("Wie viele Bögen hat die Brücke?", "number"),
        ("In welchem Jahr wurde die Brücke gebaut?", "time"),
        ("¿Cuándo se construyó el puente?", "time"),
        ("Сколько арок у моста?", "number"),
        ("这座桥有多少拱？", "number"),
        ("पुल कब बना था?", "time"),
    ],
)
def test_names_the_kind_of_answer(question: str, wanted: str) -> None:
    assert wanted in understand(question, guess_language(question)).asks


def test_terms_are_the_telling_words_once() -> None:
    asked = understand("Which bridge is the oldest bridge in Saxony?", languages()["en"])
    assert [term.text for term in asked.terms] == ["bridge", "oldest", "Saxony"]


def test_question_words_of_a_script_without_spaces_are_no_terms() -> None:
    asked = understand("谁建造了这座桥？", languages()["zh"])
    assert asked.terms
    assert not any("谁" in term.text for term in asked.terms)
