"""Word documents: what a person sees in Word is what is read, in that order."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.word_styles import Numbering


def text_of(found) -> str:
    return "\n\n".join(page.text for page in found.pages)


def test_headings_come_from_styles_their_parents_and_outline_levels(make, read) -> None:
    styles = f"""<w:styles {make.names}>
      <w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
      <w:style w:styleId="Mine"><w:name w:val="My heading"/><w:basedOn w:val="H1"/></w:style>
      <w:style w:styleId="Loop"><w:name w:val="loop"/><w:basedOn w:val="Loop"/></w:style></w:styles>"""
    body = (
        make.paragraph("One", "H1") + make.paragraph("Two", "Mine") + make.paragraph("plain", "Loop")
        + '<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Three</w:t></w:r></w:p>'
    )  # fmt: skip
    data = make.docx_bytes(body, parts={"styles.xml": styles}, targets={"s": ("styles", "styles.xml")})
    assert text_of(read("a.docx", data)) == "# One\n\n# Two\n\nplain\n\n### Three"


def test_a_word_split_over_runs_stays_one_word(make, read) -> None:
    body = "<w:p><w:r><w:t>Hea</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>dwa</w:t></w:r><w:r><w:t>ter</w:t></w:r></w:p>"
    assert text_of(read("a.docx", make.docx_bytes(body))) == "Headwater"


def test_deleted_and_hidden_text_is_left_out_and_inserted_text_is_kept(make, read) -> None:
    body = (
        "<w:p><w:r><w:t xml:space='preserve'>Pay </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>twenty</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
        "<w:r><w:instrText>PAGEREF x</w:instrText></w:r></w:p>"
    )
    assert text_of(read("a.docx", make.docx_bytes(body))) == "Pay twenty"


def cell(text: str, properties: str = "", inner: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p>{inner}</w:tc>"


def test_tables_keep_rows_and_merged_cells_keep_their_columns(make, read) -> None:
    rows = "".join(
        f"<w:tr>{''.join(cells)}</w:tr>"
        for cells in (
            [cell("wide", "<w:gridSpan w:val='2'/>"), cell("c")],
            [cell("tall", "<w:vMerge w:val='restart'/>"), cell("1"), cell("2")],
            [cell("", "<w:vMerge/>"), cell("3"), cell("4")],
        )
    )
    found = read("a.docx", make.docx_bytes(f"<w:tbl>{rows}</w:tbl>"))
    assert text_of(found) == "wide |  | c\ntall | 1 | 2\ntall | 3 | 4"


def test_a_table_in_a_cell_follows_its_row(make, read) -> None:
    inner = f"<w:tbl><w:tr>{cell('x')}{cell('y')}</w:tr></w:tbl>"
    found = read("a.docx", make.docx_bytes(f"<w:tbl><w:tr>{cell('left', inner=inner)}{cell('right')}</w:tr></w:tbl>"))
    assert text_of(found) == "left | right\nx | y"


def test_a_table_of_one_column_is_a_frame_around_paragraphs(make, read) -> None:
    found = read(
        "a.docx", make.docx_bytes(f"<w:tbl><w:tr>{cell('boxed text', inner=make.paragraph('more'))}</w:tr></w:tbl>")
    )
    assert text_of(found) == "boxed text\n\nmore"


def test_lists_get_the_numbers_that_word_shows(make, read) -> None:
    numbering = f"""<w:numbering {make.names}><w:abstractNum w:abstractNumId="7">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
      <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>
      </w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"""

    def item(text: str, level: int) -> str:
        return f"<w:p><w:pPr><w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    body = item("one", 0) + item("inner", 1) + item("inner two", 1) + item("two", 0) + item("again", 1)
    data = make.docx_bytes(body, parts={"n.xml": numbering}, targets={"n": ("numbering", "n.xml")})
    assert text_of(read("a.docx", data)) == "1. one\n  1.a) inner\n  1.b) inner two\n2. two\n  2.a) again"


def test_an_unknown_list_has_no_label() -> None:
    assert Numbering().label("5", 0) == ""


def test_notes_comments_headers_and_text_boxes_are_read_once(make, read) -> None:
    box = f"<wps:txbx><w:txbxContent>{make.paragraph('in a box')}</w:txbxContent></wps:txbx>"
    body = (
        "<w:p><w:r><w:t>Body</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r><w:r><w:commentReference w:id='0'/></w:r>"
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    parts = {
        "footnotes.xml": f"<w:footnotes {make.names}><w:footnote w:id='0' w:type='separator'>{make.paragraph('----')}</w:footnote>"
        f"<w:footnote w:id='2'>{make.paragraph('see below')}</w:footnote></w:footnotes>",
        "comments.xml": f"<w:comments {make.names}><w:comment w:id='0' w:author='Ada'>{make.paragraph('why?')}</w:comment></w:comments>",
        "header1.xml": f"<w:hdr {make.names}>{make.paragraph('Draft for review')}</w:hdr>",
        "header2.xml": f"<w:hdr {make.names}>{make.paragraph('Draft for review')}</w:hdr>",
        "footer1.xml": f"<w:ftr {make.names}>{make.paragraph('Confidential')}{make.paragraph('3')}</w:ftr>",
    }
    targets = {
        "f": ("footnotes", "footnotes.xml"), "c": ("comments", "comments.xml"), "h": ("header", "header1.xml"),
        "h2": ("header", "header2.xml"), "t": ("footer", "footer1.xml"),
    }  # fmt: skip
    text = text_of(read("a.docx", make.docx_bytes(body, parts=parts, targets=targets)))
    assert (
        text == "Draft for review\n\nBody\n\nNote 1: see below\n\nComment by Ada: why?\n\nin a box\n\nConfidential\n3"
        or (
            text
            == "Draft for review\n\nBody\n\nNote 1: see below\n\nComment by Ada: why?\n\nin a box\n\nConfidential\n\n3"
        )
    )


def test_formulas_read_in_one_line(make, read) -> None:
    names = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'

    def run(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    body = (
        f"<w:p><m:oMath {names}>{run('E=')}<m:sSup><m:e>{run('c')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>{run('+')}"
        f"<m:f><m:fPr/><m:num>{run('a+b')}</m:num><m:den>{run('2')}</m:den></m:f></m:oMath></w:p>"
    )
    assert text_of(read("a.docx", make.docx_bytes(body))) == "E=c^2+(a+b)/2"


def test_a_chart_becomes_its_title_and_a_table(make, read) -> None:
    chart = f"""<c:chartSpace {make.names}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Rain by month</a:t></a:r></a:p></c:rich></c:tx></c:title>
      <c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>mm</c:v></c:pt></c:strCache></c:strRef></c:tx>
      <c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>May</c:v></c:pt><c:pt idx="1"><c:v>June</c:v></c:pt></c:strCache></c:strRef></c:cat>
      <c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>41</c:v></c:pt><c:pt idx="1"><c:v>57</c:v></c:pt></c:numCache></c:numRef></c:val>
      </c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"""
    body = "<w:p><w:r><w:drawing><a:graphic><a:graphicData><c:chart r:id='k'/></a:graphicData></a:graphic></w:drawing></w:r></w:p>"
    data = make.docx_bytes(body, parts={"charts/c1.xml": chart}, targets={"k": ("chart", "charts/c1.xml")})
    assert text_of(read("a.docx", data)) == "Rain by month\n | mm\nMay | 41\nJune | 57"


def test_a_body_that_does_not_parse_is_read_plainly_with_a_warning(make, read) -> None:
    data = make.docx_bytes(make.paragraph("kept &amp; read".replace("&amp;", "&")) + "<w:p><w:r></w:p>")
    found = read("broken.docx", data)
    assert "kept & read" in text_of(found)
    assert any("damaged" in w for w in found.warnings)


def test_a_cut_off_file_is_read_as_far_as_it_goes(make, read) -> None:
    data = make.docx_bytes(make.paragraph("the beginning survives"))
    found = read(
        "cut.docx",
        data[: data.rfind(b"PK\x01\x02") - 1 if b"PK\x01\x02" in data else -80][: data.find(b"PK\x01\x02") + 4],
    )
    assert "the beginning survives" in text_of(found)
    assert any("damaged or cut off" in w for w in found.warnings)


def test_without_its_body_the_file_is_refused(make, read) -> None:
    with pytest.raises(UnreadableDocument, match=r"has no part word/document\.xml"):
        read("a.docx", make.zipped({"[Content_Types].xml": "<Types/>", "word/other.xml": "<x/>"}))


def test_a_document_that_declares_entities_is_refused(make, read) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w:document>&b;</w:document>'
    data = make.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": bomb})
    with pytest.raises(UnreadableDocument, match="declares the XML entity 'a'"):
        read("bomb.docx", data)


def test_a_part_that_unpacks_without_end_is_refused(make, read) -> None:
    data = make.docx_bytes("<w:p><w:r><w:t>" + " " * 30_000_000 + "</w:t></w:r></w:p>")
    with pytest.raises(UnreadableDocument, match="looks like a bomb"):
        read("bomb.docx", data)
