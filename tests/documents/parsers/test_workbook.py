"""Workbooks: a page a sheet, cells in rows."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import io
import zipfile

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.old_workbook import shown
from headwater.documents.parsers.sheet_xml import EPOCH_1904, date_text, is_date_format


def test_a_page_a_sheet_with_its_name_even_where_one_is_empty(make, read) -> None:
    data = make.xlsx_bytes({"Empty": [], "Cups & Co": [["Team", "Won"], ["Blues", "=><s:v>1</s:v>"]], "Last": [["x"]]})
    found = read("a.xlsx", data)
    assert [(p.number, p.label, p.text) for p in found.pages] == [
        (1, "Empty", ""), (2, "Cups & Co", "Team | Won\nBlues | 1"), (3, "Last", "x"),
    ]  # fmt: skip


def test_cells_are_written_as_the_program_shows_them(make, read) -> None:
    cells = ['=s="1"><s:v>45292</s:v>', '=t="b"><s:v>1</s:v>', "=><s:v>16893702.26</s:v>", "a\nb", "", "end"]
    found = read("a.xlsx", make.xlsx_bytes({"S": [["date", "yes", "sum", "two lines", "none", "last"], cells]}))
    assert found.pages[0].text.split("\n")[1] == "2024-01-01 | TRUE | 16893702.26 | a b |  | end"


def test_the_last_of_many_rows_is_there(make, read) -> None:
    rows = [["n", "text"], *([str(n), f"row {n}"] for n in range(1, 3001))]
    lines = read("a.xlsx", make.xlsx_bytes({"S": rows})).pages[0].text.split("\n")
    assert len(lines) == 3001
    assert lines[-1] == "3000 | row 3000"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("false", "FALSE"), ("2024-01-31 00:00:00", "2024-01-31"), ("1899-12-31 12:30:00", "12:30:00"), ("#ERR: Div0", "#DIV/0!"), ("a 00:00:00", "a 00:00:00")],
)  # fmt: skip
def test_shown(cell: str, expected: str) -> None:
    assert shown(cell) == expected


def test_a_damaged_workbook_is_refused_with_its_name(make, read) -> None:
    data = make.zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<nothing>"})
    with pytest.raises(UnreadableDocument, match=r"bad\.xlsx has no sheets"):
        read("bad.xlsx", data)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_lonely_cell_at_the_far_corner_is_neither_lost_nor_a_bomb(make, read) -> None:
    files = unpacked(make.xlsx_bytes({"S": [["near"], ["=><s:v>7</s:v>"]]}))
    part = "xl/worksheets/sheet1.xml"
    files[part] = files[part].replace(b'r="A2"', b'r="XFD1048576"')
    assert read("a.xlsx", make.zipped(files)).pages[0].text == "near\n" + " | " * 40 + "7"


def test_strings_are_shared_and_hints_for_speaking_are_left_out(make, read) -> None:
    files = unpacked(make.xlsx_bytes({"S": [['=t="s"><s:v>1</s:v>', '=t="s"><s:v>9</s:v>', "x"]]}))
    files["xl/sharedStrings.xml"] = (
        f"<s:sst {make.names}><s:si><s:t>zero</s:t></s:si><s:si><s:r><s:t>東</s:t></s:r><s:r><s:t>京</s:t></s:r>"
        "<s:rPh><s:t>とうきょう</s:t></s:rPh></s:si></s:sst>"
    ).encode()
    files["xl/_rels/workbook.xml.rels"] = make.relations(
        {"s1": ("worksheet", "worksheets/sheet1.xml"), "x": ("sharedStrings", "sharedStrings.xml")}
    ).encode()
    assert read("a.xlsx", make.zipped(files)).pages[0].text == "東京 |  | x"


def test_comments_on_cells_follow_the_rows(make, read) -> None:
    files = unpacked(make.xlsx_bytes({"S": [["x"]]}))
    files["xl/worksheets/_rels/sheet1.xml.rels"] = make.relations({"c": ("comments", "../comments1.xml")}).encode()
    files["xl/comments1.xml"] = (
        f"<s:comments {make.names}><s:commentList><s:comment ref='A1'><s:text><s:t>check this</s:t></s:text></s:comment>"
        "</s:commentList></s:comments>"
    ).encode()
    assert read("a.xlsx", make.zipped(files)).pages[0].text == "x\n\nComment on A1: check this"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("yyyy-mm-dd", True), ("[$-409]d/m/yy h:mm AM/PM;@", True), ("[h]:mm:ss", True), ("General", False), ("0.00%", False),
        ('#,##0 "days"', False), ("0.00E+00", False), ("[Red]0.0", False), ('"Month" 0', False),
    ],
)  # fmt: skip
def test_date_formats(code: str, expected: bool) -> None:
    assert is_date_format(code) is expected


def test_dates_count_from_either_epoch() -> None:
    assert date_text(1.0) == "1899-12-31"
    assert date_text(0.0, EPOCH_1904) == "00:00:00"
    assert date_text(43830.25, EPOCH_1904) == "2024-01-01 06:00:00"
