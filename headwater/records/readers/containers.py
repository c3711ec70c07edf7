"""Which reader a file goes to, by its name; archives hand their members on one by one."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from headwater.core.errors import BadInput, UnreadableDocument
from headwater.core.registry import Registry
from headwater.records.readers.streams import COMPRESSED, inner_name, open_bytes
from headwater.records.rows import Chunk, RawRow, ReadLimits

Reader = Callable[[BinaryIO, str, ReadLimits], Iterator[Chunk]]

READERS: Registry[Reader] = Registry(
    "file type",
    {
        ".jsonl": "headwater.records.readers.lines:read_json_lines",
        ".ndjson": "headwater.records.readers.lines:read_json_lines",
        ".json": "headwater.records.readers.array:read_json",
        ".csv": "headwater.records.readers.table:read_table",
        ".tsv": "headwater.records.readers.table:read_table",
        ".parquet": "headwater.records.readers.columns:read_columns",
        ".pq": "headwater.records.readers.columns:read_columns",
        ".arrow": "headwater.records.readers.columns:read_columns",
        ".feather": "headwater.records.readers.columns:read_columns",
        ".ipc": "headwater.records.readers.columns:read_columns",
        ".xlsx": "headwater.records.readers.columns:read_sheet",
        ".xls": "headwater.records.readers.columns:read_sheet",
        ".ods": "headwater.records.readers.columns:read_sheet",
        ".txt": "headwater.records.readers.lines:read_text",
        ".md": "headwater.records.readers.lines:read_text",
    },
)
DocumentReader = Callable[[Path], str]


def holds_rows(path: Path) -> bool:
    """Whether the name says that a file is a table of rows or an archive, and not a document."""
    return path.suffix.lower() == ".zip" or Path(inner_name(path.name)).suffix.lower() in READERS


def read_chunks(path: Path, limits: ReadLimits, document: DocumentReader | None = None) -> Iterator[Chunk]:
    """Yield the rows of a file in chunks, in file order.

    A type that is no table of rows (.pdf, .docx) goes to `document`, which returns its text.
    Raises BadInput when there is no such file or no reader, UnreadableDocument when it is damaged.
    """
    if not path.is_file():
        raise BadInput(f"No file {path}", "Check the path; a recipe's paths start at the recipe's folder.")
    if path.suffix.lower() == ".zip":
        yield from _read_archive(path, limits)
        return
    suffix = Path(inner_name(path.name)).suffix.lower()
    if suffix not in READERS and document is not None and path.suffix.lower() not in COMPRESSED:
        yield Chunk(path.name, rows=(RawRow(1, {"text": document(path), "title": path.stem}),))
        return
    read = READERS[suffix]
    try:
        with open_bytes(path) as stream:
            yield from read(stream, inner_name(str(path)) if suffix != path.suffix.lower() else path.name, limits)
    except (EOFError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise UnreadableDocument(f"{path} cannot be read to its end: {error}", "The file may be cut off.") from error


def _read_archive(path: Path, limits: ReadLimits) -> Iterator[Chunk]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = Path(info.filename)
                hidden = name.name.startswith(".") or "__MACOSX" in name.parts
                if info.is_dir() or hidden or name.suffix.lower() not in READERS:
                    continue
                with archive.open(info) as member:
                    for chunk in READERS[name.suffix.lower()](cast("BinaryIO", member), info.filename, limits):
                        yield Chunk(f"{path.name}/{chunk.file}", chunk.lines, chunk.rows, chunk.bad)
    except zipfile.BadZipFile as error:
        raise UnreadableDocument(f"{path} is no complete zip archive: {error}", "Copy it again.") from error
    except RuntimeError as error:
        raise UnreadableDocument(f"{path} cannot be unpacked: {error}", "Remove the password first.") from error
