from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.documents.terms import fold, query_terms, stem, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running, runs and RUN!", ["run", "run", "and", "run"]),
        ("naïve café Straße", ["naiv", "cafe", "strass"]),
        ("$1,500.25 of 12,000 in 3.5 years", ["1500.25", "of", "12000", "in", "3.5", "year"]),
        ("COVID-19 and H2O", ["covid", "19", "and", "h2o"]),
        ("getUserName snake_case", ["getusernam", "get", "user", "name", "snake", "case"]),
        ("a deriva\u00ad\ntive and a deriva-\ntive", ["a", "deriv", "and", "a", "deriv"]),
        ("the company\u2019s", ["the", "compani"]),
        ("ﬁle Ｆｕｌｌ", ["file", "full"]),
    ],
)
def test_words_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_scripts_without_spaces_become_pairs() -> None:
    assert words("天气很好") == ["天气", "气很", "很好"]
    assert words("犬 is 狗") == ["犬", "is", "狗"]
    assert words("東京タワーへ行く")[:3] == ["東京", "京タ", "タワ"]
    assert words("ภาษาไทย")[0] == "ภา"


def test_marks_of_indic_and_arabic_words_stay_with_them() -> None:
    assert words("हिन्दी किताब") == ["हिन्दी", "किताब"]
    assert fold("كِتَابٌ") == "كتاب"
    assert fold("مدرسة") == fold("مدرسه")


@pytest.mark.parametrize(
    ("passage", "query"),
    [
        ("Die Universitäten wurden gegründet.", "Wann wurde die Universität gegründet?"),
        ("The children were running to school.", "Who ran, the child? running schools"),
        ("Las ciudades más grandes de España", "¿Cuál es la ciudad más grande de España?"),
        ("Университеты были основаны в городах", "Когда был основан университет в городе?"),
        ("由于河水涨过了道路", "河水涨了吗？"),
        ("وصل الطلاب إلى المدرسة", "متى وصل الطالب إلى المدرسة؟"),
    ],
)
def test_questions_and_passages_meet(passage: str, query: str) -> None:
    assert {term for group in query_terms(query) for term in group} & set(terms(passage))


def test_a_question_loses_its_function_words_unless_it_has_no_others() -> None:
    assert query_terms("What is the capital of France?") == [("capit",), ("franc",)]
    assert query_terms("to be or not to be") == [("to",), ("be",), ("or",), ("not",)]
    assert query_terms("  ?! ") == []
    assert query_terms("river River rivers") == [("river",)]


def test_a_short_question_is_read_in_the_languages_that_are_searched() -> None:
    groups = query_terms("Universitäten", ("english", "german"))
    assert set(groups[0]) == {stem("universitäten", "english"), stem("universitäten", "german")}


@given(st.text(max_size=200))
def test_any_text_gives_clean_terms(text: str) -> None:
    found = terms(text)
    assert all(term and not any(letter.isspace() for letter in term) and len(term) <= 64 for term in found)
    assert found == terms(text)
