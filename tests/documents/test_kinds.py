"""What a file is, told by its content; its extension only where content leaves a choice."""

from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.kinds import BY_EXTENSION, KINDS, detect
from headwater.documents.parsers.dispatch import READERS
from headwater.documents.parsers.reading import Source


def kind_of(name: str, data: bytes) -> str:
    return detect(Source(name, data))[0].name


def test_every_kind_has_a_reader() -> None:
    assert {kind.reader for kind in KINDS.values()} <= set(READERS)
    assert all(callable(READERS[name]) for name in READERS)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("x", b"%PDF-1.4\n", "pdf"), ("x", b"junk before\n%PDF-1.4\n", "pdf"), ("x", b"{\\rtf1 a}", "rtf"),
        ("x", b"\x89PNG\r\n\x1a\n....", "png"), ("x", b"\xff\xd8\xff\xe0", "jpeg"), ("x", b"II*\0", "tiff"),
        ("x", b"RIFF1234WEBPVP8 ", "webp"), ("x", b"<!DOCTYPE html><p>", "html"), ("x", b"<html lang=en>", "html"),
        ("x", b"<!-- c --><html>", "html"), ("a.html", b"<p>fragment</p>", "html"),
        ("x", b"<?xml version='1.0'?><r/>", "xml"),
        ("x", b"<svg xmlns='s'/>", "svg"), ("x", b"<!doctype html><body><svg/>", "html"), ("x", b"just text", "text"),
        ("a.csv", b"a,b\n", "csv"), ("a.tsv", b"a\tb\n", "csv"), ("a.md", b"# x", "markdown"),
        ("a.rst", b"x\n=\n", "rst"),
        ("a.tex", b"\\section{x}", "latex"), ("a.py", b"print(1)", "text"), ("a.json", b'{"a": 1}', "json"),
        ("x", b'{"cells": [{"cell_type": "code"}]}', "notebook"), ("x", b"From: a@b\nTo: c\nSubject: d\n\nhi", "eml"),
        ("x", b"From a@b Mon Jan 1 00:00:00 2024\nSubject: d\n\nhi", "mbox"),
        ("x", b"Name: value\nOther: value\n\ntext", "text"),
        ("a.org", b"* heading", "other"), ("a.txt", "ÄÖÜ text".encode("utf-16"), "text"),
        ("x", b"\x1f\x8b\x08", "gzip"),
        ("x", b"\0" * 257 + b"ustar", "tar"),
    ],
)  # fmt: skip
def test_kinds(name: str, data: bytes, expected: str) -> None:
    assert kind_of(name, data) == expected


@pytest.mark.parametrize("folder", ["word", "ppt", "xl"])
def test_office_files_are_told_by_their_parts(make, folder: str) -> None:
    data = make.zipped({"[Content_Types].xml": "<Types/>", f"{folder}/x.xml": "<x/>"})
    expected = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}[folder]
    assert kind_of("renamed.zip", data) == expected
    assert kind_of("cut", data[: data.find(b"PK\x01\x02")]) == expected


def test_a_zip_is_a_zip_and_a_book_is_a_book(make) -> None:
    assert kind_of("x.docx", make.zipped({"a.txt": "a"})) == "zip"
    assert kind_of("x", make.zipped({"mimetype": "application/epub+zip", "a": "b"})) == "epub"
    assert kind_of("x", make.zipped({"mimetype": "application/vnd.oasis.opendocument.presentation"})) == "odp"


def test_a_wrong_extension_is_said(make) -> None:
    kind, warning = detect(Source("report.pdf", make.docx_bytes("")))
    assert kind.name == "docx"
    assert warning == "The name ends in .pdf, but the content is a Word document; it was read as that."
    for name, data in (("a.txt", b"a,b\n"), ("a.jpg", b"\x89PNG\r\n\x1a\n"), ("a.log", b"plain"), ("a.htm", b"<html>")):
        assert detect(Source(name, data))[1] is None, name


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\0" * 900, b"\xef\xbb\xbf"])
def test_nothing_is_refused_as_nothing(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.txt (is empty|holds nothing but zero bytes)"):
        detect(Source("a.txt", data))


def test_bytes_that_nobody_knows_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.txt is of a kind that cannot be read \(it starts with 00 01"):
        detect(Source("a.txt", bytes(range(256)) * 8))


def test_an_extension_belongs_to_one_kind() -> None:
    endings = [ending for kind in KINDS.values() for ending in kind.extensions]
    assert len(endings) == len(set(endings)) == len(BY_EXTENSION)
