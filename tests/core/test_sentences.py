"""Sentence ends: exact ranges, the usual traps, several scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core.sentences import sentences


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. We left! Why? Nobody knows…", ["It rained.", "We left!", "Why?", "Nobody knows…"]),
        ("Mr. J. R. Smith paid $3.50 to Acme Inc. in the U.S. The firm closed.", 2),
        ("E. I. du Pont built it. He sold powder.", ["E. I. du Pont built it.", "He sold powder."]),
        ("The train left at 5 p.m. It was late.", ["The train left at 5 p.m.", "It was late."]),
        ("“Why?” he asked. “Because.” She left.", ["“Why?” he asked.", "“Because.”", "She left."]),
        ("Version 2.1.3 is at example.com/a.b today. Next.", 2),
        ("The river is long.[12][a] It is deep.", ["The river is long.[12][a]", "It is deep."]),
        ("Am 3. Oktober 1990 war es so. Die Stadt lag auf Platz 3. Die zweite folgte z. B. 1991.", 3),
        ("Nació en EE. UU. y vivió allí. ¿Por qué? ¡Nadie lo sabe!", 3),
        ("В 1990 г. Москва росла, т.е. строилась. Он жил там.", 2),
        ("他来了。他说：“你好！”然后走了。", ["他来了。", "他说：“你好！”", "然后走了。"]),
        ("وصل القطار. ثم ذهب؟ نعم.", 3),
        ("वह आया। वह गया।", 2),
    ],
)
def test_finds_the_sentences_of_running_text(text: str, expected: list[str] | int) -> None:
    found = pieces(text)
    assert (found if isinstance(expected, list) else len(found)) == expected


def test_list_items_rows_fields_headings_and_paragraphs_stand_alone() -> None:
    text = "# Title\n1. First item\n2. Second item\n- bullet\n\n| a | b |\n| 1 | 2 |\n\nName: Bob\nAge: 3"
    assert pieces(text) == [
        "# Title",
        "1. First item",
        "2. Second item",
        "- bullet",
        "| a | b |",
        "| 1 | 2 |",
        "Name: Bob",
        "Age: 3",
    ]


def test_a_wrapped_line_goes_on_and_a_short_heading_does_not() -> None:
    text = "Introduction\nThe committee met in the spring of that year and\ndecided nothing. It met again."
    assert pieces(text) == [
        "Introduction",
        "The committee met in the spring of that year and\ndecided nothing.",
        "It met again.",
    ]


@given(st.text(alphabet=st.sampled_from(list("aB1 .\n\r\t!?。[]()\"'”-|#:é中ع؟。\u2028…")), max_size=80))
def test_ranges_are_ordered_trimmed_and_cover_every_visible_character(text: str) -> None:
    covered = [False] * len(text)
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        covered[start:end] = [True] * (end - start)
        last = end
    assert all(seen or character.isspace() for seen, character in zip(covered, text, strict=True))


def test_a_long_text_without_end_marks_is_cut_at_its_spaces() -> None:
    clause = "สะพานหินเก่าข้ามแม่น้ำเอลสเตอร์สร้างขึ้นโดยช่างหินในเมือง"
    text = " ".join([clause] * 6)
    found = pieces(text)
    assert 2 <= len(found) <= 4
    assert " ".join(found) == text
    assert pieces(f"{clause} 1745 {clause}") == [f"{clause} 1745 {clause}"]


def test_nothing_but_white_space_has_no_sentence() -> None:
    assert sentences("") == [] == sentences(" \n\t ")


@pytest.mark.shared_data
def test_answers_of_real_questions_lie_inside_one_sentence(shared_data: Path) -> None:
    rows = json.loads((shared_data / "xquad" / "xquad.de.json").read_text("utf-8"))["data"][:36]
    whole = broken = 0
    for paragraph in (p for article in rows for p in article["paragraphs"]):
        ranges = sentences(paragraph["context"])
        for answer in (question["answers"][0] for question in paragraph["qas"]):
            start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
            inside = any(first <= start and end <= last for first, last in ranges)
            whole, broken = whole + inside, broken + (not inside)
    assert broken <= 0.005 * whole
