"""Parquet, Arrow and Excel: columns with types, read through polars in slices."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import polars as pl

from headwater.core.errors import UnreadableDocument
from headwater.records.rows import Chunk, RawRow, ReadLimits


def read_columns(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield the rows of a Parquet or Arrow file. Raises UnreadableDocument when it is damaged."""
    suffix = Path(file).suffix.lower()
    with _seekable(stream, suffix) as path:
        scan = pl.scan_parquet if suffix in (".parquet", ".pq") else pl.scan_ipc
        try:
            number = 0
            for frame in scan(path).collect_batches(chunk_size=limits.chunk_rows, maintain_order=True):
                for start in range(0, frame.height, limits.chunk_rows):
                    part = frame.slice(start, limits.chunk_rows)
                    yield Chunk(file, rows=tuple(_numbered(part, number)))
                    number += part.height
        except (pl.exceptions.PolarsError, OSError) as error:
            raise UnreadableDocument(
                f"{file} cannot be read: {error}", "The file may be cut off; copy it again."
            ) from error


def read_sheet(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield the rows of the first sheet of a workbook; the first row names the columns."""
    import fastexcel

    try:
        book = fastexcel.read_excel(stream.read())
        frame = book.load_sheet(0).to_polars()
    except fastexcel.FastExcelError as error:
        raise UnreadableDocument(f"{file} cannot be read: {error}", "Save it again as .xlsx or .csv.") from error
    for start in range(0, frame.height, limits.chunk_rows):
        yield Chunk(file, rows=tuple(_numbered(frame.slice(start, limits.chunk_rows), start)))


def _numbered(frame: pl.DataFrame, before: int) -> Iterator[RawRow]:
    for number, row in enumerate(frame.iter_rows(named=True), before + 1):
        yield RawRow(number, row)


@contextmanager
def _seekable(stream: BinaryIO, suffix: str) -> Iterator[Path]:
    """Give the stream a path: its own when it is a plain file, else a temporary copy."""
    name = getattr(stream, "name", None)
    if isinstance(name, str) and Path(name).suffix.lower() == suffix and Path(name).is_file():
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile(suffix=suffix) as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Path(copy.name)
