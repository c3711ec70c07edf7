"""Rows as they lie in files: a good row is a mapping, a bad one carries its file, number and reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

EXCERPT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """`row_bytes`: a longer row is quarantined · `chunk_bytes`, `chunk_rows`: rows handed on at once."""

    row_bytes: int = 32 * 1024 * 1024
    chunk_bytes: int = 4 * 1024 * 1024
    chunk_rows: int = 4096
    text_unit: str = "line"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of a file, numbered from 1."""

    number: int
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why."""

    file: str
    number: int
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some following rows of one file: unparsed JSON lines (cheap to send to a worker), parsed rows, or bad ones."""

    file: str
    lines: tuple[tuple[int, bytes], ...] = ()
    rows: tuple[RawRow, ...] = ()
    bad: tuple[BadRow, ...] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.lines) + len(self.rows) + len(self.bad)


def parse(chunk: Chunk, limits: ReadLimits) -> Iterator[RawRow | BadRow]:
    """Yield every row of the chunk in file order, each checked."""
    found: list[RawRow | BadRow] = [*chunk.bad]
    found += [_parse_line(chunk.file, number, line) for number, line in chunk.lines]
    found += [_checked(chunk.file, row, limits) for row in chunk.rows]
    if chunk.bad:
        found.sort(key=lambda row: row.number)
    yield from found


def _parse_line(file: str, number: int, line: bytes) -> RawRow | BadRow:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return BadRow(file, number, f"not UTF-8 (byte {line[error.start]:#04x} at {error.start})", excerpt(line))
    if "\x00" in text:
        return BadRow(file, number, "NUL character", excerpt(line))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"bad JSON: {error}" if isinstance(error, ValueError) else "bad JSON: nested too deep"
        return BadRow(file, number, reason, excerpt(line))
    # An escaped NUL or surrogate needs these letters, so most rows skip the walk.
    lowered = b"\\u0000" in line or b"\\ud" in line or b"\\uD" in line
    problem = problem_of(value) if lowered else None
    if problem:
        return BadRow(file, number, problem, excerpt(line))
    return _as_row(file, number, value)


def _checked(file: str, row: RawRow, limits: ReadLimits) -> RawRow | BadRow:
    problem = problem_of(row.value, limits.row_bytes)
    if problem:
        return BadRow(file, row.number, problem, excerpt(str(row.value)))
    return _as_row(file, row.number, row.value)


def _as_row(file: str, number: int, value: object) -> RawRow | BadRow:
    if isinstance(value, dict):
        return RawRow(number, value)
    if isinstance(value, str):
        return RawRow(number, {"text": value})
    kind = type(value).__name__
    return BadRow(file, number, f"wrong type: a row is an object or a text, this is {kind}", excerpt(str(value)))


def problem_of(value: object, most_bytes: int | None = None) -> str | None:
    """Return why a value cannot be stored as text (NUL, surrogate, too large), or None."""
    for text in _strings(value):
        if "\x00" in text:
            return "NUL character"
        if most_bytes is not None and len(text) > most_bytes:
            return f"field of {len(text):,} characters, the limit is {most_bytes:,} bytes a row"
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError as error:
                code = ord(text[error.start])
                # Undecodable bytes arrive as U+DC80..U+DCFF (surrogateescape).
                if 0xDC80 <= code <= 0xDCFF:
                    return f"not UTF-8 (byte {code - 0xDC00:#04x})"
                return f"lone surrogate U+{code:04X}"
    return None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        for item in value:
            yield from _strings(item)


def excerpt(value: bytes | str) -> str:
    """Return the first characters of a row, safe to store and to show."""
    text = value[: EXCERPT_CHARACTERS * 4].decode("utf-8", "replace") if isinstance(value, bytes) else value
    kept = text[:EXCERPT_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return kept.replace("\x00", "\N{SYMBOL FOR NULL}")
