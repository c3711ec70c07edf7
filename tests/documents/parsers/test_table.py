"""Tables as text: every row, the header on each page, the right delimiter."""

from __future__ import annotations

import pytest

from headwater.documents.parsers.table import has_header, sniff_delimiter, split_records


def test_every_row_is_there_once_with_the_header_on_each_page(read) -> None:
    rows = [f"{n},name {n},{n * 2}" for n in range(1, 10_001)]
    found = read("a.csv", ("id,name,twice\n" + "\n".join(rows) + "\n").encode())
    assert [line for page in found.pages for line in page.text.split("\n")[1:]] == rows
    assert all(page.text.startswith("id,name,twice\n") for page in found.pages)
    assert [found.pages[0].label, found.pages[-1].label] == ["rows 1-200", "rows 9801-10000"]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2", ","), ("a;b\n1,5;2,5\n3,5;4,5", ";"), ("a\tb\n1 2\t3", "\t"), ("a|b|c\n1|2|3", "|"),
        ("time,note\n10:30,ok\n11:30,no", ","), ("one column\nonly", ","),
    ],
)  # fmt: skip
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert sniff_delimiter(text) == delimiter


def test_a_quoted_field_may_span_lines() -> None:
    assert list(split_records('a,b\n"x\ny",2\n3,4', ",")) == ["a,b", '"x\ny",2', "3,4"]


def test_a_stray_quote_does_not_swallow_the_table(read) -> None:
    rows = [f'{n},"5" pipe' if n == 3 else f'{n},"open' if n == 7 else f"{n},x" for n in range(1, 2001)]
    text = "\n".join(page.text for page in read("a.csv", ("n,what\n" + "\n".join(rows)).encode()).pages)
    assert all(row in text for row in rows)
    assert len(read("a.csv", ("n,what\n" + "\n".join(rows)).encode()).pages) > 5


@pytest.mark.parametrize(("first", "expected"), [("name,age", True), ("1,2", False), ("Title,,", False)])
def test_a_header_has_names(first: str, expected: bool) -> None:
    assert has_header([first, "3,4,5"], ",") is expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "windows-1252"])
def test_any_encoding(read, encoding: str) -> None:
    assert (
        "Müller,München,15 €" in read("a.csv", "name,town,pays\nMüller,München,15 €\n".encode(encoding)).pages[0].text
    )


def test_a_table_of_only_a_header_is_shown(read) -> None:
    assert read("a.csv", b"name,age\n").pages[0].text == "name,age"


def test_a_line_that_names_the_delimiter_is_obeyed(read) -> None:
    assert read("a.csv", b"sep=|\na,b|c\n1|2\n").pages[0].text == "a,b|c\n1|2"


def test_a_field_without_end_is_kept(read) -> None:
    assert "a" * 1000 in read("a.csv", b'x,y\n"' + b"a" * 11_000_000).pages[-1].text
