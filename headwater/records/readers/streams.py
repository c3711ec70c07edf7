"""Byte streams: files that are plain, compressed or in another Unicode encoding, read the same way."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

COMPRESSED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PIECE_BYTES = 1 << 20


def inner_name(name: str) -> str:
    """Return the file name without its compression suffix: `a.jsonl.gz` -> `a.jsonl`."""
    path = Path(name)
    return path.stem if path.suffix.lower() in COMPRESSED else path.name


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacked on the way when its suffix says that it is compressed."""
    opener = COMPRESSED.get(path.suffix.lower())
    if opener is None:
        with path.open("rb") as stream:
            yield stream
    else:
        with opener(path, "rb") as stream:
            yield cast("BinaryIO", stream)


def as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return a stream of UTF-8 bytes without byte-order mark; UTF-16 with a mark is converted."""
    buffered: BinaryIO = stream if hasattr(stream, "peek") else io.BufferedReader(cast("io.RawIOBase", stream))
    head = cast("Any", buffered).peek(4)[:4]
    if head.startswith(codecs.BOM_UTF8):
        buffered.read(3)
        return buffered
    if head.startswith(UTF16_MARKS) and not head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return io.BufferedReader(Recoder(buffered))
    return buffered


class Recoder(io.RawIOBase):
    """Reads UTF-16, gives UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._ready = b""

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, target: object) -> int:
        """Fill `target` with UTF-8 bytes; return how many."""
        view = memoryview(target)  # type: ignore[arg-type]
        while not self._ready:
            piece = self._stream.read(PIECE_BYTES)
            self._ready = self._decoder.decode(piece, final=not piece).encode("utf-8")
            if not piece:
                break
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
