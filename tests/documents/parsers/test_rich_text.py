"""Rich text: characters, tables, headers, notes, and what is not text."""

from __future__ import annotations

import pytest


def text_of(read, rtf: str | bytes) -> str:
    return read("a.rtf", rtf if isinstance(rtf, bytes) else rtf.encode("latin-1")).pages[0].text


@pytest.mark.parametrize(
    ("rtf", "expected"),
    [
        (r"{\rtf1\ansi {\b Head}water is one word.\par}", "Headwater is one word."),
        (r"{\rtf1\ansi\ansicpg1252 caf\'e9 \emdash\~\ldblquote so\rdblquote\par}", "café — “so”"),
        (r"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2\par}", "Привет"),
        (r"{\rtf1{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}\f0 a \f1 \'cf\'f0\f0  b\par}", "a Пр b"),
        (r"{\rtf1\ansi{\fonttbl{\f0\fcharset128 M;}}\f0\'83\'5c\'83\'8b\par}", "ソル"),
        (r"{\rtf1\uc1 \u8364?5 \u-10179?\u-8704? x\par}", "€5 😀 x"),
        (r"{\rtf1\uc0 \u8364 5\par}", "€5"),
        (r"{\rtf1 {\*\generator Word;}{\info{\title T}}{\stylesheet{\s1 Heading;}}shown{\v hidden}\par}", "shown"),
        (r"{\rtf1 {\field{\*\fldinst HYPERLINK x}{\fldrslt the link}}\par}", "the link"),
        (r"{\rtf1 {\pict\pngblip 89504e47}after {\*\shppict{\pict\pngblip 8950}}it\par}", "after it"),
        (r"{\rtf1 a\line b\tab c\par d\page e}", "a\nb c\n\nd\n\ne"),
        (r"{\rtf1\pard\outlinelevel0 Title\par\pard body\par}", "# Title\n\nbody"),
        (r"{\rtf1 \{braces\} and \\\par}", r"{braces} and \ ".strip()),
        ("{\\rtf1 a\\bin5 {{{{{b\\par}", "ab"),
    ],
)
def test_text(read, rtf: str, expected: str) -> None:
    assert text_of(read, rtf) == expected


def test_tables_headers_and_notes(read) -> None:
    rtf = (
        r"{\rtf1{\header Running head\par}{\footer Page foot\par}Before{\footnote a note}\par"
        r"\trowd\cellx1\cellx2\intbl A\cell B\cell\row\trowd\cellx1\intbl C\par more\cell D\cell\row\pard after\par}"
    )
    assert text_of(read, rtf) == "Running head\n\nBefore\nNote: a note\n\nA | B\nC more | D\n\nafter\n\nPage foot"


def test_a_cut_off_file_is_read_to_its_end_with_a_warning(read) -> None:
    found = read("a.rtf", rb"{\rtf1 {\b the beginning\par")
    assert found.pages[0].text == "the beginning"
    assert "cut off" in found.warnings[0]
