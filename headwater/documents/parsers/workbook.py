"""Workbooks (xlsx, xlsb, xls, ods): a page a sheet, labelled with its name; rows as `a | b | c`."""

from __future__ import annotations

import re

from headwater.core.types import Extraction, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.compound import CompoundFile
from headwater.documents.parsers.container import Container
from headwater.documents.parsers.library import extract_bytes
from headwater.documents.parsers.markup import NotMarkup, all_named, attribute, one_line, parse, rows_as_text
from headwater.documents.parsers.opendocument import refuse_locked
from headwater.documents.parsers.reading import Reading, Source, unreadable

FILE_PASS = 0x002F
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


def read(source: Source, reading: Reading) -> Extraction:
    """Read a workbook. Raises UnreadableDocument for a locked or damaged one."""
    kind, _ = detect(source)
    comments: dict[str, list[str]] = {}
    if kind.name == "xls":
        _refuse_locked_xls(source)
    else:
        container = Container(source, reading)
        reading.budget.unpacked(sum(part.size for part in container.parts))
        if kind.name == "ods":
            refuse_locked(container)
        comments = _comments(container) if kind.name == "xlsx" else {}
    result = extract_bytes(source.data, kind.media_type, source.name, reading)
    names = list(result.metadata.get("sheet_names") or [])
    by_sheet = {table.page_number: table for table in result.tables}
    pages = []
    for number in range(1, max([len(names), *by_sheet]) + 1):
        name = names[number - 1] if number <= len(names) else None
        table = by_sheet.get(number)
        text = rows_as_text([shown(cell) for cell in row] for row in table.cells) if table else ""
        text = "\n\n".join(piece for piece in (text, "\n".join(comments.get(name or "", []))) if piece)
        reading.budget.text(len(text))
        pages.append(Page(number, text, name))
    if not pages:
        raise unreadable(source.name, "has no sheets.", "Open it and save it anew.")
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), kind.media_type)


def shown(cell: str) -> str:
    """Write a cell as its program shows it: dates without midnight, times without a day, errors by name.

    >>> shown("2024-01-31 00:00:00"), shown("1899-12-31 12:30:00"), shown("#ERR: Div0")
    ('2024-01-31', '12:30:00', '#DIV/0!')
    """
    if cell.endswith(" 00:00:00") and len(cell) == 19:
        return cell[:10]
    if re.fullmatch(r"1899-12-3[01] \d\d:\d\d:\d\d", cell):
        return cell[11:]
    if cell.startswith("#ERR: "):
        return ERRORS.get(cell[6:], f"#{cell[6:].upper()}")
    return cell


def _refuse_locked_xls(source: Source) -> None:
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


def _comments(container: Container) -> dict[str, list[str]]:
    """Return the notes on cells by sheet name; the library leaves them out."""
    sheets = _sheet_parts(container)
    found: dict[str, list[str]] = {}
    for part in container.parts:
        sheet = re.fullmatch(r"xl/worksheets/_rels/(.+)\.rels", part.stored_name)
        if not sheet or f"xl/worksheets/{sheet.group(1)}" not in sheets:
            continue
        for target in re.findall(rb'Target="\.\./(comments[^"]+)"', container.read(part)):
            data = container.find(f"xl/{target.decode('utf-8', 'replace')}")
            if data:
                found[sheets[f"xl/worksheets/{sheet.group(1)}"]] = _comment_lines(data, container.source.name)
    return found


def _comment_lines(data: bytes, name: str) -> list[str]:
    try:
        tree = parse(data, name)
    except NotMarkup:
        return []
    texts = (
        (c.get("ref", ""), one_line("".join(t.text or "" for t in all_named(c, "t"))))
        for c in all_named(tree, "comment")
    )
    return [f"Comment on {cell}: {text}" for cell, text in texts if text]


def _sheet_parts(container: Container) -> dict[str, str]:
    """Return part name -> sheet name."""
    workbook, relations = container.find("xl/workbook.xml"), container.find("xl/_rels/workbook.xml.rels")
    if not workbook or not relations:
        return {}
    try:
        names = {
            attribute(s, "id"): s.get("name", "") for s in all_named(parse(workbook, container.source.name), "sheet")
        }
        targets = {r.get("Id"): r.get("Target", "") for r in parse(relations, container.source.name)}
    except NotMarkup:
        return {}
    return {
        (target.lstrip("/") if target.startswith("/") else f"xl/{target}"): names[key]
        for key, target in targets.items()
        if key in names
    }
