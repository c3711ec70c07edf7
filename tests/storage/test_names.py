from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.core.errors import BadInput
from headwater.storage.names import NAME_CHARACTERS, clean_name, clean_title, numbered

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=600)


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "etc/passwd"),
        ("..\\..\\windows\\system.ini", "windows/system.ini"),
        ("C:\\Users\\me\\a.docx", "Users/me/a.docx"),
        ("/absolute//double/./x", "absolute/double/x"),
        ("a\x00b.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u200f\u2067mark\u2069.txt", "mark.txt"),
        ("line\nbreak\tand  spaces.txt", "line break and spaces.txt"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("\x00\x01", "unnamed"),
        ("   ", "unnamed"),
        ("e\u0301.txt", "é.txt"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("bad\udcffbyte.txt", "bad\ufffdbyte.txt"),
        ("archive.zip/inner/../x.txt", "archive.zip/inner/x.txt"),
    ],
)
def test_hostile_names(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name) == cleaned


def test_a_name_of_4_kb_keeps_its_suffix() -> None:
    cleaned = clean_name("a" * 4096 + ".pdf")
    assert cleaned.endswith("….pdf")
    assert len(cleaned) <= 200


def test_a_deep_path_keeps_its_end() -> None:
    cleaned = clean_name("/".join(["folder" * 20] * 30) + "/the-file.txt")
    assert cleaned.endswith("/the-file.txt")
    assert len(cleaned) <= NAME_CHARACTERS


@given(any_text)
@example("a" * 199 + " b.txt")
@example("x" * 150 + "." + "y" * 100)
@example("a./ ../..")
@example("\u202e..\u202e/a")
@example("c:\u200b\\x")
@example("A:/B:/c")
@example("0 \x1b\r0")
def test_cleaning_is_safe_and_done_once(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert len(cleaned) <= NAME_CHARACTERS
    cleaned.encode("utf-8")
    parts = cleaned.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert "\\" not in cleaned
    assert not any(unicodedata.category(letter) == "Cc" for letter in cleaned)
    assert not set(cleaned) & set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    assert clean_name(cleaned) == cleaned


@given(any_text, st.integers(min_value=1, max_value=10_000))
def test_numbered_names_are_clean_and_distinct(name: str, number: int) -> None:
    cleaned = clean_name(name)
    assert numbered(cleaned, 1) == cleaned
    assert numbered(cleaned, number + 1) != numbered(cleaned, number)
    assert len(numbered(cleaned, number)) <= NAME_CHARACTERS


def test_numbers_go_before_the_suffix() -> None:
    assert numbered("a/b.c/report.pdf", 2) == "a/b.c/report (2).pdf"
    assert numbered("README", 3) == "README (3)"
    assert numbered(".profile", 2) == ".profile (2)"


def test_titles_are_cleaned_and_checked() -> None:
    assert clean_title("  My\u202e  papers\n", "collection") == "My papers"
    with pytest.raises(BadInput, match="no visible character"):
        clean_title("\u200b\x00 ", "collection")
    with pytest.raises(BadInput, match="201 characters"):
        clean_title("x" * 201, "collection")
