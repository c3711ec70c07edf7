"""Read the streams of an OLE compound file, the container of old Office files and Outlook messages.

Layout: [MS-CFB], Compound File Binary File Format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

END_OF_CHAIN = 0xFFFFFFFE
LARGEST_SECTOR = 0xFFFFFFFA
NO_STREAM = 0xFFFFFFFF
ENTRY_BYTES = 128
STORAGE, STREAM, ROOT = 1, 2, 5


class BrokenCompoundFile(ValueError):
    """The file's tables do not make sense."""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class CompoundFile:
    """Streams by their path, such as `__attach_version1.0_#00000000/__substg1.0_37010102`."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512:
            raise BrokenCompoundFile("it ends inside its header")
        self._data = data
        self._sector_bytes = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
        self._mini_bytes = 1 << min(struct.unpack_from("<H", data, 32)[0], 16)
        first_directory, self._mini_limit = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 56)[0]
        first_mini_table, first_extra = struct.unpack_from("<I", data, 60)[0], struct.unpack_from("<I", data, 68)[0]
        self._table = self._sector_table(first_extra)
        self._entries = self._directory(self._chain(first_directory))
        self._mini_table = self._numbers(self._chain(first_mini_table))
        self._mini_data = self._chain(self._entries[0].start) if self._entries else b""
        self._paths = dict(self._walk())

    @property
    def names(self) -> set[str]:
        """Paths of all streams."""
        return set(self._paths)

    def read(self, path: str) -> bytes | None:
        """Return a stream's bytes, or None where there is none."""
        entry = self._paths.get(path)
        if entry is None:
            return None
        if entry.size < self._mini_limit:
            return self._follow(entry.start, self._mini_table, self._mini_data, self._mini_bytes, 0)[: entry.size]
        return self._chain(entry.start)[: entry.size]

    def _sector_table(self, first_extra: int) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self._data, 76))
        seen = 0
        while first_extra < LARGEST_SECTOR and seen <= len(self._data) // self._sector_bytes:
            extra = self._numbers(self._sector(first_extra))
            if not extra:
                break
            sectors += extra[:-1]
            first_extra = extra[-1]
            seen += 1
        return self._numbers(b"".join(self._sector(n) for n in sectors if n < LARGEST_SECTOR))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_bytes
        return self._data[start : start + self._sector_bytes]

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _chain(self, start: int) -> bytes:
        return self._follow(start, self._table, self._data, self._sector_bytes, 1)

    @staticmethod
    def _follow(start: int, table: list[int], data: bytes, sector_bytes: int, skip: int) -> bytes:
        pieces = []
        while start < len(table):
            at = (start + skip) * sector_bytes
            pieces.append(data[at : at + sector_bytes])
            if len(pieces) > len(table):
                raise BrokenCompoundFile("its sector table runs in a circle")
            start = table[start]
        return b"".join(pieces)

    @staticmethod
    def _directory(data: bytes) -> list[_Entry]:
        entries = []
        for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
            length = min(struct.unpack_from("<H", data, at + 64)[0], 64)
            name = data[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
            left, right, below = struct.unpack_from("<3I", data, at + 68)
            start, size = struct.unpack_from("<IQ", data, at + 116)
            entries.append(_Entry(name, data[at + 66], left, right, below, start, size & 0xFFFFFFFF))
        if not entries or entries[0].kind != ROOT:
            raise BrokenCompoundFile("its directory is missing")
        return entries

    def _walk(self) -> list[tuple[str, _Entry]]:
        found: list[tuple[str, _Entry]] = []
        waiting = [(self._entries[0].child, "")]
        seen: set[int] = set()
        while waiting:
            number, folder = waiting.pop()
            if number >= len(self._entries) or number in seen:
                continue
            seen.add(number)
            entry = self._entries[number]
            waiting += [(entry.left, folder), (entry.right, folder)]
            if entry.kind == STORAGE:
                waiting.append((entry.child, f"{folder}{entry.name}/"))
            elif entry.kind == STREAM:
                found.append((folder + entry.name, entry))
        return found
