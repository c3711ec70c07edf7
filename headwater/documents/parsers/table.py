"""Tables as text (CSV, TSV): every row as it was written, a page every some hundred rows, the header on each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from headwater.core.types import Extraction, Page
from headwater.documents.parsers.encoding import decode
from headwater.documents.parsers.names import extension
from headwater.documents.parsers.reading import Reading, Source

ROWS_A_PAGE = 200
CHARACTERS_A_PAGE = 60_000
DELIMITERS = ",;\t|:"
SAMPLE_LINES = 200
LONGEST_FIELD = 10_000_000
LONGEST_RECORD_LINES = 500


def read(source: Source, reading: Reading) -> Extraction:
    """Read a table. Pages are labelled by their rows, which count from 1 below the header."""
    decoded = decode(source.data)
    if decoded.guessed and not decoded.encoding.startswith("utf-16"):
        reading.warn(f"The text is not UTF-8; it was read as {decoded.encoding}.")
    text = decoded.text.replace("\0", "")
    reading.budget.text(len(text))
    named = re.match(r"sep=(.)\n", text)
    text = text[named.end() :] if named else text
    delimiter = named.group(1) if named else sniff_delimiter(text, extension(source.name))
    records = list(split_records(text, delimiter))
    header = records[0] if has_header(records[:SAMPLE_LINES], delimiter) else None
    pages = tuple(_pages(records[1:] if header is not None else records, header))
    return Extraction(pages, False, (), tuple(reading.warnings), "text/csv")


def sniff_delimiter(text: str, ending: str = "") -> str:
    """Return the character that splits the first lines most evenly into more than one field."""
    if ending in (".tsv", ".tab") and "\t" in text[:20_000]:
        return "\t"
    best, best_score = ",", 0.0
    sample = "\n".join(text[:400_000].split("\n")[:SAMPLE_LINES])
    for delimiter in DELIMITERS:
        widths = [len(fields) for fields in _fields(sample, delimiter) if fields]
        if len(widths) > 1 and len(text) > len(sample):
            widths.pop()
        usual = max(set(widths), key=widths.count, default=1)
        score = widths.count(usual) / len(widths) * min(usual, 20) ** 0.3 if usual > 1 else 0.0
        # Colons stand in times and addresses; they win only when nothing else splits.
        score *= 0.5 if delimiter == ":" else 1.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def split_records(text: str, delimiter: str) -> Iterator[str]:
    """Yield the records of a table as they are written; a quoted field may span lines."""
    lines = text.split("\n")
    if '"' not in text:
        yield from (line for line in lines if line.strip(f" \t{delimiter}"))
        return
    csv.field_size_limit(LONGEST_FIELD)
    at = 0
    is_broken = False
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error:
            fields = []
            is_broken = True
        if is_broken or reader.line_num - at > LONGEST_RECORD_LINES:
            # A stray quote swallowed the rest: from here on a line is a record.
            yield from (line for line in lines[at:] if line.strip())
            return
        record = "\n".join(lines[at : reader.line_num])
        at = reader.line_num
        if any(field.strip() for field in fields):
            yield record


def has_header(records: list[str], delimiter: str) -> bool:
    """Whether the first record names the columns: mostly filled, and no numbers."""
    if len(records) < 2:
        return False
    first = next(iter(_fields(records[0], delimiter)), [])
    names = [name.strip() for name in first]
    filled = [name for name in names if name]
    return len(filled) > len(names) / 2 and not any(re.fullmatch(r"[-+\d.,%€$£ ]+", name) for name in filled)


def _pages(records: list[str], header: str | None) -> Iterator[Page]:
    number = 0
    start = 0
    while start < len(records):
        end, size = start, 0
        while end < len(records) and end - start < ROWS_A_PAGE and (size < CHARACTERS_A_PAGE or end == start):
            size += len(records[end]) + 1
            end += 1
        number += 1
        rows = records[start:end]
        text = "\n".join([header, *rows] if header is not None else rows)
        yield Page(number, text, f"rows {start + 1}-{end}" if end > start + 1 else f"row {end}")
        start = end
    if number == 0:
        yield Page(1, header or "", None)


def _fields(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    try:
        yield from csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=delimiter)
    except csv.Error:
        return
