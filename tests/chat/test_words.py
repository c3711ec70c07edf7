"""Words as they are compared: languages, numbers, scripts without spaces, likeness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.chat.words import alike, guess_language, languages, number_value, words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Who built the bridge and when was it opened?", "en"),
        ("Wer hat die Brücke gebaut und wann wurde sie eröffnet?", "de"),
        ("¿Quién construyó el puente y cuándo se abrió?", "es"),
        ("Qui a construit le pont et quand est-il ouvert ?", "fr"),
        ("Köprüyü kim yaptı ve hangi yılda açıldı?", "tr"),
        ("Кто построил мост и когда он был открыт?", "ru"),
        ("من بنى الجسر ومتى تم افتتاحه؟", "ar"),
        ("Ποιος έχτισε τη γέφυρα και πότε άνοιξε;", "el"),
        ("पुल किसने बनाया और यह कब खुला?", "hi"),
        ("谁建造了这座桥？", "zh"),
        ("橋はいつ建てられましたか", "ja"),
        ("ใครสร้างสะพานนี้", "th"),
        ("12345", "en"),
    ],
)
def test_guesses_the_language(text: str, code: str) -> None:
    assert guess_language(text).code == code


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,250", "1250"),
        ("1.250.000", "1250000"),
        ("3,5", "3.5"),
        ("1,250.50", "1250.50"),
        ("1960s", "1960s"),
        ("٣٤", "34"),
        ("0.123", "0.123"),
        ("12 345", "12345"),
    ],
)
def test_numbers_compare_by_value(written: str, value: str) -> None:
    found = words(written.replace(" ", "\u202f"), languages()["en"])
    assert [word.stem for word in found] == [value]
    assert number_value(written.replace(" ", "\u202f")) == value


def test_endings_case_and_accents_do_not_count() -> None:
    english, german = languages()["en"], languages()["de"]
    assert words("Bridges", english)[0].stem == words("bridge", english)[0].stem
    assert words("Häuser", german)[0].stem == words("HAUS", german)[0].stem
    assert [word.function for word in words("the bridge", english)] == [True, False]


def test_ordinals_and_initials_are_one_word() -> None:
    found = words("On the 19th day of the U.S. war", languages()["en"])
    assert [(word.stem, word.kind) for word in found if not word.function] == [
        ("19", "number"),
        ("day", "word"),
        ("us", "word"),
        ("war", "word"),
    ]


@given(st.text(max_size=60), st.sampled_from(["en", "de", "zh", "th", "hi", "ar"]))
def test_ranges_point_at_the_text(text: str, code: str) -> None:
    for word in words(text, languages()[code]):
        assert text[word.start : word.end] == word.text
        assert word.stem


def test_likeness_sees_endings_and_compounds_but_not_chance() -> None:
    assert alike("krieg", "krieg") == 1.0
    assert alike("general", "generäl"[:-1] + "s") > 0.5
    assert 0.5 <= alike("maschin", "dampfmaschin") < 1.0
    assert alike("haus", "maus") < 0.5
    assert alike("1745", "1746") == 0.0
