"""E-books: a page a chapter, titles from the table of contents."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument

CONTAINER = "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>"


def chapter(body: str) -> str:
    return f"<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body>{body}</body></html>"


def book(make, files: dict[str, str], contents: str, more: dict[str, str] | None = None) -> bytes:
    items = "".join(f"<item id='{name}' href='{name}' media-type='application/xhtml+xml'/>" for name in files)
    spine = "".join(f"<itemref idref='{name}'/>" for name in files)
    package = (
        "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>Ferries</dc:title>"
        f"</metadata><manifest>{items}<item id='nav' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/>"
        "<item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest>"
        f"<spine><itemref idref='nav'/>{spine}</spine></package>"
    )
    return make.zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": package,
            **{f"OPS/{name}": chapter(body) for name, body in files.items()},
            **({"OPS/nav.xhtml": chapter(contents)} if contents.startswith("<nav") else {"OPS/toc.ncx": contents}),
            **(more or {}),
        }
    )


def test_chapters_are_labelled_and_the_contents_page_is_left_out(make, read) -> None:
    nav = "<nav epub:type='toc'><ol><li><a href='one.xhtml'>The Harbour</a><ol><li><a href='one.xhtml#x'>Part</a></li></ol></li><li><a href='two.xhtml'>The Sea</a></li></ol></nav>"
    found = read(
        "a.epub",
        book(make, {"one.xhtml": "<h1>Harbour</h1><p id='x'>text one</p>", "two.xhtml": "<p>text two</p>"}, nav),
    )
    assert [(p.number, p.label, p.text) for p in found.pages] == [
        (1, "The Harbour (one)", "# Harbour\n\ntext one"), (2, "The Sea (two)", "text two"),
    ]  # fmt: skip
    assert found.title == "Ferries"


def test_a_file_with_two_chapters_is_cut_and_a_chapter_over_two_files_keeps_its_name(make, read) -> None:
    ncx = (
        "<ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'><navMap>"
        + "".join(
            f"<navPoint><navLabel><text>{title}</text></navLabel><content src='{target}'/></navPoint>"
            for title, target in (
                ("First", "a-rather-long-file-name-1.xhtml"),
                ("Second", "a-rather-long-file-name-1.xhtml#s"),
            )
        )
        + "</navMap></ncx>"
    )
    files = {
        "a-rather-long-file-name-1.xhtml": "<p>one</p><div><h2 id='s'>Two</h2><p>two</p></div>",
        "a-rather-long-file-name-2.xhtml": "<p>two goes on</p>",
    }
    found = read("a.epub", book(make, files, ncx))
    assert [(p.label, p.text) for p in found.pages] == [
        ("First", "one"),
        ("Second", "## Two\n\ntwo"),
        ("Second", "two goes on"),
    ]


def test_a_book_protected_against_copying_is_refused(make, read) -> None:
    lock = {"META-INF/encryption.xml": "<encryption><CipherReference URI='OPS/one.xhtml'/></encryption>"}
    with pytest.raises(UnreadableDocument, match="protected against copying"):
        read("a.epub", book(make, {"one.xhtml": "<p>x</p>"}, "<nav></nav>", lock))


def test_a_book_without_chapters_is_refused(make, read) -> None:
    with pytest.raises(UnreadableDocument, match="no text in its chapters"):
        read("a.epub", book(make, {}, "<nav></nav>"))
