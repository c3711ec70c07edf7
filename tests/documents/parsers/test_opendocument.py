"""OpenDocument: text, lists, tables, notes; a page a slide; locked files."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)
TYPE = "application/vnd.oasis.opendocument."


def content(body: str) -> str:
    return f"<office:document-content {NAMES}><office:body><office:text>{body}</office:text></office:body></office:document-content>"


def test_text_with_headings_lists_tables_and_notes(make, read) -> None:
    body = (
        '<text:h text:outline-level="2">Head<text:s/>ing</text:h><text:p>for<text:s/>the <text:span>M</text:span>ac'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note></text:p>"
        "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list>"
        "</text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="1000000"/></table:table-row><table:table-row>'
        "<table:table-cell><text:p>b</text:p></table:table-cell><table:table-cell><text:p>c</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    styles = f"<office:document-styles {NAMES}><style:header><text:p>Running head</text:p></style:header></office:document-styles>"
    data = make.zipped({"mimetype": TYPE + "text", "content.xml": content(body), "styles.xml": styles})
    assert read("a.odt", data).pages[0].text == (
        "Running head\n\n## Head ing\n\nfor the Mac\n\nNote 1: a note\n\n- one\n  - inner\n\na\nb | c"
    )


def test_a_page_a_slide_with_notes(make, read) -> None:
    def frame(text: str, kind: str) -> str:
        return f'<draw:frame presentation:class="{kind}"><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>'

    pages = "".join(
        f"<draw:page>{frame(f'body {n}', 'outline')}{frame(f'Slide {n}', 'title')}"
        f"<presentation:notes>{frame(f'say {n}', 'notes')}</presentation:notes></draw:page>"
        for n in (1, 2)
    )
    found = read("a.odp", make.zipped({"mimetype": TYPE + "presentation", "content.xml": content(pages)}))
    assert [p.text for p in found.pages] == [f"# Slide {n}\n\nbody {n}\n\nNotes:\nsay {n}" for n in (1, 2)]
    assert found.paged


@pytest.mark.parametrize("kind", ["text", "spreadsheet"])
def test_a_locked_file_is_refused(make, read, kind: str) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    data = make.zipped({"mimetype": TYPE + kind, "content.xml": "scrambled", "META-INF/manifest.xml": manifest})
    with pytest.raises(UnreadableDocument, match="protected with a password"):
        read("a.odt", data)


def test_a_page_a_sheet_of_a_workbook(make, read) -> None:
    def row(*cells: str, repeat: int = 1) -> str:
        inner = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f'<table:table-row table:number-rows-repeated="{repeat}">{inner}</table:table-row>'

    sheets = (
        f'<table:table table:name="First">{row("a", "b")}{row("c", "d", repeat=2)}{row("", repeat=1048576)}</table:table>'
        '<table:table table:name="Second"><table:table-row><table:table-cell><office:annotation><text:p>note</text:p>'
        "</office:annotation><text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    body = f"<office:document-content {NAMES}><office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"
    found = read("a.ods", make.zipped({"mimetype": TYPE + "spreadsheet", "content.xml": body}))
    assert [(p.label, p.text) for p in found.pages] == [
        ("First", "a | b\nc | d\nc | d"),
        ("Second", "x\n\nComment: note"),
    ]
