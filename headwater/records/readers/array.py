"""A JSON file: an array of rows, one object that holds the array, or JSON Lines under a wrong name.

Elements are decoded one at a time from a sliding buffer. A broken element is stepped over by
counting brackets, so it costs one row and not the file.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from headwater.records.readers.lines import read_json_lines
from headwater.records.readers.streams import PIECE_BYTES, as_utf8
from headwater.records.rows import BadRow, Chunk, RawRow, ReadLimits, excerpt

GAP = re.compile(r"[\s,]*")
# Outside a text: an opening or closing bracket, a comma, or a quote that opens a text.
MARK = re.compile(r'[\[\]{}",]')
# Inside a text: its end, or a sign that makes the next character a part of it.
STRING_MARK = re.compile(r'["\\]')


def read_json(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Yield the rows of a .json file."""
    stream = as_utf8(stream)
    head = stream.read(64 * 1024)
    rest = io.BufferedReader(_Rejoined(head, stream))
    start = head.lstrip()[:1]
    if start == b"[":
        yield from batched(_elements(rest, file, limits), file, limits)
    elif start == b"{" and _is_json_lines(head):
        yield from read_json_lines(rest, file, limits)
    else:
        yield from _whole(rest, file, limits)


class _Rejoined(io.RawIOBase):
    """The bytes already looked at, then the rest of the stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type]
        piece = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(piece) :] if self._head else b""
        view[: len(piece)] = piece
        return len(piece)


def _is_json_lines(head: bytes) -> bool:
    """Whether the first line is a whole object and another one follows."""
    first, _, following = head.lstrip().partition(b"\n")
    if not following.strip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _whole(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """One object: the rows are its only (or its `data`, `rows`, `examples`) list; else it is one row."""
    text = stream.read().decode("utf-8", "surrogateescape")
    if not text.strip():
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Chunk(file, bad=(BadRow(file, 1, f"bad JSON: {error}", excerpt(text)),))
        return
    rows = _rows_of(value)
    yield from batched((RawRow(number, row) for number, row in enumerate(rows, 1)), file, limits)


def _rows_of(value: Any) -> list[Any]:
    if not isinstance(value, dict):
        return [value]
    lists = {name: item for name, item in value.items() if isinstance(item, list) and item}
    for name in ("data", "rows", "examples", "train"):
        if name in lists:
            return list(lists[name])
    only = [item for item in lists.values() if isinstance(item[0], dict)]
    return list(only[0]) if len(only) == 1 and len(value) == 1 else [value]


@dataclass
class _Buffer:
    """A window on the decoded text."""

    stream: BinaryIO
    text: str = ""
    ended: bool = False
    decoder: Any = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape"))

    def more(self) -> bool:
        """Append another piece; False at the end of the file."""
        if self.ended:
            return False
        piece = self.stream.read(PIECE_BYTES)
        self.ended = not piece
        self.text += self.decoder.decode(piece, final=self.ended)
        return not self.ended

    def grow(self, characters: int) -> bool:
        """Read on until the window has that many characters; False when there was nothing more to read."""
        pieces = [self.text]
        while not self.ended and sum(map(len, pieces)) < characters:
            self.text = ""
            self.more()
            pieces.append(self.text)
        self.text = "".join(pieces)
        return len(pieces) > 1


@dataclass(frozen=True, slots=True)
class _Broken:
    """Why an element cannot be used, and how it begins."""

    reason: str
    head: str


def _elements(stream: BinaryIO, file: str, limits: ReadLimits) -> Iterator[RawRow | BadRow]:
    buffer = _Buffer(stream)
    buffer.more()
    position = buffer.text.index("[") + 1
    number = 0
    decoder = json.JSONDecoder()
    while True:
        position = _skip_gap(buffer, position)
        if position >= len(buffer.text) or buffer.text[position] == "]":
            if position >= len(buffer.text):
                yield BadRow(file, number + 1, "bad JSON: the array is not closed, the file may be cut off")
            return
        number += 1
        if position > PIECE_BYTES:
            buffer.text, position = buffer.text[position:], 0
        found, position = _element(buffer, position, decoder, limits)
        if isinstance(found, _Broken):
            yield BadRow(file, number, found.reason, found.head)
        else:
            yield RawRow(number, found[0])


def _skip_gap(buffer: _Buffer, position: int) -> int:
    while True:
        match = GAP.match(buffer.text, position)
        position = match.end() if match else position
        if position < len(buffer.text) or not buffer.more():
            return position


def _element(
    buffer: _Buffer, position: int, decoder: json.JSONDecoder, limits: ReadLimits
) -> tuple[tuple[Any] | _Broken, int]:
    """Return ((value,) or why it is bad, where the next element starts)."""
    while True:
        have = len(buffer.text) - position
        head = excerpt(buffer.text[position : position + 200])
        try:
            value, end = decoder.raw_decode(buffer.text, position)
        except (ValueError, RecursionError) as error:
            cut = getattr(error, "pos", 0) >= len(buffer.text) - 16 or "Unterminated string" in str(error)
            # Twice as much every time: what is there is decoded from its beginning again.
            if cut and have <= limits.row_bytes and buffer.grow(position + 2 * have):
                continue
            buffer.text, position = buffer.text[position:], 0
            end, size = _step_over(buffer)
            if size > limits.row_bytes:
                return _Broken(_too_long(size, limits), head), end
            return _Broken(f"bad JSON: {getattr(error, 'msg', error)}", head), end
        if end >= len(buffer.text) and not buffer.ended and buffer.more():
            continue  # a number may go on in the next piece
        if end - position > limits.row_bytes:
            return _Broken(_too_long(end - position, limits), head), end
        return (value,), end


def _too_long(size: int, limits: ReadLimits) -> str:
    return f"row of {size:,} characters, the limit is {limits.row_bytes:,} bytes"


def _step_over(buffer: _Buffer) -> tuple[int, int]:
    """Return (where the broken element at 0 ends in the buffer, its length in characters)."""
    depth = position = dropped = 0
    while True:
        match = MARK.search(buffer.text, position)
        if match is None:
            dropped += len(buffer.text)
            buffer.text, position = "", 0
            if not buffer.more():
                return 0, dropped
            continue
        mark, position = match.group(), match.end()
        if mark == '"':
            position, gone = _after_string(buffer, position)
            dropped += gone
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            if depth == 0:
                return match.start(), dropped + match.start()
            depth -= 1
            if depth == 0:
                return position, dropped + position
        elif depth == 0:
            return match.start(), dropped + match.start()


def _after_string(buffer: _Buffer, position: int) -> tuple[int, int]:
    """Return (the place after the closing quote, how many characters left the window on the way)."""
    gone = 0
    while True:
        match = STRING_MARK.search(buffer.text, position)
        if match is not None and match.group() == '"':
            return match.end(), gone
        if match is not None and match.end() < len(buffer.text):
            position = match.end() + 1
            continue
        gone += len(buffer.text)
        buffer.text, position = "", 0 if match is None else 1  # the sign's own character comes with the next piece
        if not buffer.more():
            return 0, gone


def batched(found: Iterator[RawRow | BadRow], file: str, limits: ReadLimits) -> Iterator[Chunk]:
    """Group rows into chunks of at most `chunk_rows` rows."""
    rows: list[RawRow] = []
    bad: list[BadRow] = []
    most = max(1, limits.chunk_rows // 2)
    for item in found:
        if isinstance(item, RawRow):
            rows.append(item)
        else:
            bad.append(item)
        if len(rows) + len(bad) >= most:
            yield Chunk(file, rows=tuple(rows), bad=tuple(bad))
            rows, bad = [], []
    if rows or bad:
        yield Chunk(file, rows=tuple(rows), bad=tuple(bad))
