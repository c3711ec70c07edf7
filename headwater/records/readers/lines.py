"""JSON Lines and plain text: one row a line, never more than one line in memory beyond the chunk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from headwater.records.readers.streams import as_utf8
from headwater.records.rows import BadRow, Chunk, ReadLimits, excerpt


def read_json_lines(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield chunks of unparsed lines; blank lines are no rows, overlong ones are bad rows."""
    lines: list[tuple[int, bytes]] = []
    bad: list[BadRow] = []
    size = 0
    for number, line, length in _lines(as_utf8(stream), limits.row_bytes):
        if length > limits.row_bytes:
            bad.append(BadRow(file, number, _too_long(length, limits), excerpt(line)))
        elif not line.isspace():
            lines.append((number, line))
            size += length
        if size >= limits.chunk_bytes or len(lines) + len(bad) >= limits.chunk_rows:
            yield Chunk(file, lines=tuple(lines), bad=tuple(bad))
            lines, bad, size = [], [], 0
    if lines or bad:
        yield Chunk(file, lines=tuple(lines), bad=tuple(bad))


def read_text(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield the lines, paragraphs (parted by blank lines) or the whole of a text file as rows {"text"}."""
    joined: list[bytes] = []
    start = 0
    lines: list[tuple[int, bytes]] = []
    bad: list[BadRow] = []
    size = 0

    def close_unit() -> None:
        nonlocal size
        whole = b"".join(joined).strip(b"\r\n") if joined else b""
        joined.clear()
        if whole.strip():
            found = _text_row(whole, file, start, limits)
            if isinstance(found, BadRow):
                bad.append(found)
            else:
                lines.append((start, found))
                size += len(found)

    for number, line, length in _lines(as_utf8(stream), limits.row_bytes):
        if length > limits.row_bytes:
            bad.append(BadRow(file, number, _too_long(length, limits), excerpt(line)))
            continue
        start = start if joined else number
        joined.append(line)
        if limits.text_unit == "line" or (limits.text_unit == "paragraph" and not line.strip()):
            close_unit()
        if size >= limits.chunk_bytes or len(lines) + len(bad) >= limits.chunk_rows:
            yield Chunk(file, lines=tuple(lines), bad=tuple(bad))
            lines, bad, size = [], [], 0
    close_unit()
    if lines or bad:
        yield Chunk(file, lines=tuple(lines), bad=tuple(bad))


def _text_row(whole: bytes, file: str, number: int, limits: ReadLimits) -> bytes | BadRow:
    """Return the text as a JSON line, so that text files share the checks of JSON Lines."""
    if len(whole) > limits.row_bytes:
        return BadRow(file, number, _too_long(len(whole), limits), excerpt(whole))
    try:
        return json.dumps({"text": whole.decode("utf-8")}, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        return BadRow(file, number, f"not UTF-8 (byte {whole[error.start]:#04x} at {error.start})", excerpt(whole))


def _too_long(length: int, limits: ReadLimits) -> str:
    return f"row of {length:,} bytes, the limit is {limits.row_bytes:,}"


def _lines(stream: BinaryIO, most: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield (number from 1, line, its length in bytes); of an overlong line only the head is kept."""
    number = 0
    while line := stream.readline(most + 1):
        number += 1
        length = len(line)
        if length > most and not line.endswith(b"\n"):
            while rest := stream.readline(most):
                length += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield number, line, length
