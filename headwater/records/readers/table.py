"""CSV and TSV: every value stays text, a row with the wrong number of columns is a bad row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from headwater.core.errors import BadInput
from headwater.records.readers.array import batched
from headwater.records.readers.streams import as_utf8
from headwater.records.rows import BadRow, Chunk, RawRow, ReadLimits, excerpt

DELIMITERS = (",", ";", "\t", "|")


def read_table(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield the rows of a CSV or TSV file as mappings from the header's names."""
    text = io.TextIOWrapper(as_utf8(stream), encoding="utf-8", errors="surrogateescape", newline="")
    yield from batched(_rows(text, file, limits), file, limits)


def _rows(text: io.TextIOWrapper, file: str, limits: ReadLimits) -> Iterator[RawRow | BadRow]:
    # The module-wide limit (128 kB) would refuse long answers; ours is checked row by row.
    csv.field_size_limit(max(limits.row_bytes, 131072) * 8)
    first = text.readline()
    if not first.strip():
        return
    delimiter = max(DELIMITERS, key=lambda mark: (first.count(mark), -DELIMITERS.index(mark)))
    reader = csv.reader(_with_first(first, text), delimiter=delimiter)
    header = [name.strip() for name in next(reader)]
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise BadInput(f"{file}: the header names {', '.join(map(repr, twice))} twice", "Rename the columns.")
    number = 0
    while True:
        number += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(file, number, f"bad CSV: {error}")
            continue
        if not values:
            number -= 1
            continue
        if len(values) != len(header):
            reason = f"wrong number of columns: {len(values)}, the header has {len(header)}"
            yield BadRow(file, number, reason, excerpt(delimiter.join(values)))
        else:
            yield RawRow(number, dict(zip(header, values, strict=True)))


def _with_first(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield first
    yield from text
