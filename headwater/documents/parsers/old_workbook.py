"""Old and binary workbooks (xls, xlsb), read by kreuzberg: a page a sheet; rows as `a | b | c`."""

from __future__ import annotations

import re

from headwater.core.types import Extraction, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.compound import CompoundFile
from headwater.documents.parsers.container import Container
from headwater.documents.parsers.library import extract_bytes
from headwater.documents.parsers.markup import rows_as_text
from headwater.documents.parsers.reading import Reading, Source, unreadable

FILE_PASS = 0x002F
ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!",
}  # fmt: skip


def read(source: Source, reading: Reading) -> Extraction:
    """Read a workbook. Raises UnreadableDocument for a locked or damaged one."""
    kind, _ = detect(source)
    if kind.name == "xls":
        _refuse_locked(source)
    else:
        container = Container(source, reading)
        reading.budget.unpacked(sum(part.size for part in container.parts))
    result = extract_bytes(source.data, kind.media_type, source.name, reading)
    names = list(result.metadata.get("sheet_names") or [])
    by_sheet = {table.page_number: table for table in result.tables}
    pages = []
    for number in range(1, max([len(names), *by_sheet]) + 1):
        table = by_sheet.get(number)
        text = rows_as_text([shown(cell) for cell in row] for row in table.cells) if table else ""
        reading.budget.text(len(text))
        pages.append(Page(number, text, names[number - 1] if number <= len(names) else None))
    if not any(page.text for page in pages):
        raise unreadable(source.name, "has no cells that can be read.", "Save it as xlsx, and add that.")
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), kind.media_type)


def shown(cell: str) -> str:
    """Write a cell as its program shows it: dates without midnight, times without a day, errors by name.

    >>> shown("2024-01-31 00:00:00"), shown("1899-12-31 12:30:00"), shown("#ERR: Div0"), shown("true")
    ('2024-01-31', '12:30:00', '#DIV/0!', 'TRUE')
    """
    if cell.endswith(" 00:00:00") and len(cell) == 19:
        return cell[:10]
    if re.fullmatch(r"1899-12-3[01] \d\d:\d\d:\d\d", cell):
        return cell[11:]
    if cell.startswith("#ERR: "):
        return ERRORS.get(cell[6:], f"#{cell[6:].upper()}")
    return cell.upper() if cell in ("true", "false") else cell


def _refuse_locked(source: Source) -> None:
    """A FilePass record near the start of the stream means that all after it is encrypted ([MS-XLS] 2.4.117)."""
    streams = CompoundFile(source.data)
    data = streams.read("Workbook") or streams.read("Book") or b""
    at = 0
    while at + 4 <= min(len(data), 20_000):
        record, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        if record == FILE_PASS:
            raise unreadable(
                source.name, "is protected with a password.", "Save a copy without the password, and add that."
            )
        at += 4 + length
