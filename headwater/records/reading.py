"""From a file to records: the format is told once, then every row becomes records or a bad row with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from headwater.records.detect import Detection, detect, format_named
from headwater.records.formats.format import Format, Row
from headwater.records.mapping import Mapped
from headwater.records.readers.containers import DocumentReader, read_chunks
from headwater.records.record import Record, RowError, Source
from headwater.records.rows import BadRow, Chunk, RawRow, ReadLimits, excerpt, parse

SAMPLED_ROWS = 200
SHOWN_SAMPLES = 5
HASH_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What a person may say about a file: its format, a mapping of columns, its licence, its limits."""

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    licence: str | None = None
    limits: ReadLimits = field(default_factory=ReadLimits)


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A file whose format is settled. `samples` are the first records, for a person to check."""

    path: Path
    name: str
    format: Format
    settings: SourceSettings
    hash: str
    detection: Detection | None
    samples: tuple[Record, ...]


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(HASH_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def open_source(path: Path, settings: SourceSettings, document: DocumentReader | None = None) -> OpenedSource:
    """Settle the format of a file from its first rows. Raises BadInput when there is none that fits."""
    rows = _first_rows(path, settings.limits, document)
    detection = None
    if settings.mapping:
        chosen: Format = Mapped(settings.mapping)
        columns = {str(name) for row in rows for name in row.value}
        if rows:
            Mapped(settings.mapping).check_columns(columns, path.name)
    elif settings.format:
        chosen = format_named(settings.format)
    else:
        detection = detect([row.value for row in rows], path.name)
        chosen = format_named(detection.format)
    samples = _samples(rows, chosen)
    return OpenedSource(path, path.name, chosen, settings, sha256_of(path), detection, samples)


def _first_rows(path: Path, limits: ReadLimits, document: DocumentReader | None) -> list[RawRow]:
    few = replace(limits, chunk_rows=SAMPLED_ROWS, chunk_bytes=1 << 20)
    found = (row for chunk in read_chunks(path, few, document) for row in parse(chunk, few))
    return [row for row in islice(found, SAMPLED_ROWS) if isinstance(row, RawRow)]


def _samples(rows: list[RawRow], chosen: Format) -> tuple[Record, ...]:
    samples: list[Record] = []
    for row in rows:
        if len(samples) >= SHOWN_SAMPLES:
            break
        try:
            samples += chosen.read(row.value)
        except RowError:
            continue  # a bad row among the first is reported by the run, with its number
    return tuple(samples[:SHOWN_SAMPLES])


def chunks_of(source: OpenedSource, document: DocumentReader | None = None) -> Iterator[Chunk]:
    """Yield the file's rows in chunks; a whole-file format gets one chunk with all rows of a file."""
    if not source.format.whole_file:
        yield from read_chunks(source.path, source.settings.limits, document)
        return
    rows: list[RawRow] = []
    bad: list[BadRow] = []
    file = source.name
    for chunk in read_chunks(source.path, source.settings.limits, document):
        file = chunk.file
        for row in parse(chunk, source.settings.limits):
            if isinstance(row, RawRow):
                rows.append(row)
            else:
                bad.append(row)
    yield Chunk(file, rows=tuple(rows), bad=tuple(bad))


def records_of(source: OpenedSource, chunk: Chunk) -> Iterator[Record | BadRow]:
    """Yield the records of a chunk, stamped with id and source, and the rows that are bad."""
    good: list[tuple[int, Row]] = []
    for row in parse(chunk, source.settings.limits):
        if isinstance(row, BadRow):
            yield row
        elif source.format.whole_file:
            good.append((row.number, row.value))
        else:
            yield from _of_row(source, chunk.file, row)
    if good:
        yield from _of_file(source, chunk.file, good)


def _of_row(source: OpenedSource, file: str, row: RawRow) -> Iterator[Record | BadRow]:
    try:
        found = source.format.read(row.value)
    except RowError as error:
        yield BadRow(file, row.number, str(error), excerpt(str(row.value)))
        return
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        # A value of an unforeseen type costs this row alone.
        yield BadRow(file, row.number, f"wrong type: {error}", excerpt(str(row.value)))
        return
    for place, record in enumerate(found):
        yield _stamped(source, file, row.number, record, place if len(found) > 1 else None)


def _of_file(source: OpenedSource, file: str, rows: list[tuple[int, Row]]) -> Iterator[Record | BadRow]:
    """Take out the rows that make the chains impossible, one at a time, until the others can be read."""
    rest = list(rows)
    while rest:
        try:
            found = source.format.read_all(rest)
        except RowError as error:
            number = _named_row(str(error), rest)
            row = next(value for at, value in rest if at == number)
            yield BadRow(file, number, str(error), excerpt(str(row)))
            rest = [(at, value) for at, value in rest if at != number]
            continue
        for number, record in found:
            yield _stamped(source, file, number, record, None)
        return


def _named_row(message: str, rows: list[tuple[int, Row]]) -> int:
    words = message.removeprefix("row ").partition(":")[0]
    return int(words) if message.startswith("row ") and words.isdigit() else rows[0][0]


def _stamped(source: OpenedSource, file: str, number: int, record: Record, place: int | None) -> Record:
    """Give a record that was just made its id and source."""
    own = record.id or (f"{file}:{number}" if place is None else f"{file}:{number}/{place + 1}")
    # Nobody else has seen the record yet, so it may still be filled in; a copy of each would double the time.
    object.__setattr__(record, "id", own)
    if not record.source.file:
        object.__setattr__(record, "source", Source(file, number, source.hash, source.settings.licence))
    return record


def read_records(path: Path, settings: SourceSettings | None = None) -> Iterator[Record | BadRow]:
    """Yield every record and bad row of a file: the short way in for training and tests."""
    source = open_source(path, settings or SourceSettings())
    for chunk in chunks_of(source):
        yield from records_of(source, chunk)
