"""Names of files are labels that can do no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.documents.parsers.names import as_ranges, extension, harmless_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/pass\x00wd", "etc/passwd"), ("..\\..\\a.txt", "a.txt"), ("C:\\Users\\x.doc", "Users/x.doc"),
        ("/abs/x", "abs/x"), ("a/./b/../c", "a/b/c"), ("cod\u202etxt.exe", "codtxt.exe"), ("...", "unnamed"),
        ("", "unnamed"), ("a\nb.txt", "ab.txt"), ("Bericht März.pdf", "Bericht März.pdf"),
        ("x" * 500 + ".pdf", "x" * 236 + ".pdf"),
    ],
)  # fmt: skip
def test_harmless_names(name: str, expected: str) -> None:
    assert harmless_name(name) == expected


@given(st.text())
def test_no_name_points_elsewhere(name: str) -> None:
    clean = harmless_name(name)
    assert clean
    assert not clean.startswith("/")
    assert not {"..", ".", ""} & set(clean.split("/"))
    assert clean.isprintable()


def test_extensions_and_ranges() -> None:
    assert [extension(n) for n in ("a.PDF", "b", ".hidden", "x.tar.gz")] == [".pdf", "", "", ".gz"]
    assert as_ranges([3, 1, 2, 7, 9, 8]) == "1-3, 7-9"
