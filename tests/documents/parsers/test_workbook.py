"""Workbooks: a page a sheet, cells in rows."""

from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.workbook import shown


def test_a_page_a_sheet_with_its_name_even_where_one_is_empty(make, read) -> None:
    data = make.xlsx_bytes({"Empty": [], "Cups & Co": [["Team", "Won"], ["Blues", "=><s:v>1</s:v>"]], "Last": [["x"]]})
    found = read("a.xlsx", data)
    assert [(p.number, p.label, p.text) for p in found.pages] == [
        (1, "Empty", ""), (2, "Cups & Co", "Team | Won\nBlues | 1"), (3, "Last", "x"),
    ]  # fmt: skip


def test_cells_are_written_as_the_program_shows_them(make, read) -> None:
    cells = ['=s="1"><s:v>45292</s:v>', '=t="b"><s:v>1</s:v>', "=><s:v>16893702.26</s:v>", "a\nb", "", "end"]
    found = read("a.xlsx", make.xlsx_bytes({"S": [["date", "yes", "sum", "two lines", "none", "last"], cells]}))
    assert found.pages[0].text.split("\n")[1] == "2024-01-01 | true | 16893702.26 | a b |  | end"


def test_the_last_of_many_rows_is_there(make, read) -> None:
    rows = [["n", "text"], *([str(n), f"row {n}"] for n in range(1, 3001))]
    lines = read("a.xlsx", make.xlsx_bytes({"S": rows})).pages[0].text.split("\n")
    assert len(lines) == 3001
    assert lines[-1] == "3000 | row 3000"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("2024-01-31 00:00:00", "2024-01-31"), ("1899-12-31 12:30:00", "12:30:00"), ("#ERR: Div0", "#DIV/0!"), ("a 00:00:00", "a 00:00:00")],
)  # fmt: skip
def test_shown(cell: str, expected: str) -> None:
    assert shown(cell) == expected


def test_a_damaged_workbook_is_refused_with_its_name(make, read) -> None:
    data = make.zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<nothing>"})
    with pytest.raises(UnreadableDocument, match=r"bad\.xlsx cannot be read"):
        read("bad.xlsx", data)
