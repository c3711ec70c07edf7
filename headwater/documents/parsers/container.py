"""Zip files, and the many formats that are zip files, unpacked under the budget of the whole file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.limits import OverLimit
from headwater.documents.parsers.names import harmless_name
from headwater.documents.parsers.reading import Reading, Source, unreadable

# Text packs 3 to 30 times, an empty spreadsheet some 200 times; a bomb packs a thousand times.
LARGEST_RATIO = 400
SMALL_BYTES = 20_000_000
CHUNK_BYTES = 1 << 20
LOCAL_HEADER = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the container: the name it is stored by, one that is safe to show, its packed and full size."""

    stored_name: str
    name: str
    size: int
    packed: int


class Container:
    """An open zip file. Damaged ones are read from their local headers, as far as they go."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self._zip: zipfile.ZipFile | None = None
        self._rescued: dict[str, bytes] = {}
        try:
            self._zip = zipfile.ZipFile(source.open())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            self._rescued = dict(_rescue(source.data, reading))
            if not self._rescued:
                raise unreadable(
                    source.name, "is damaged: nothing in it can be unpacked.", "Get the file again, or save it anew."
                ) from None
            reading.warn(f"The file is damaged or cut off; {len(self._rescued)} parts of it were recovered.")
        self.parts = self._list()
        self._by_name = {part.stored_name.lower().lstrip("/"): part for part in self.parts}

    def __contains__(self, stored_name: str) -> bool:
        return stored_name.lower() in self._by_name

    def find(self, stored_name: str) -> bytes | None:
        """Return a part's bytes, or None where there is no such part."""
        part = self._by_name.get(stored_name.lower().lstrip("/"))
        return self.read(part) if part else None

    def read(self, part: Part) -> bytes:
        """Unpack one part, counting what comes out rather than trusting what the file says.

        Raises OverLimit, UnreadableDocument when it is damaged or needs another password.
        """
        if self._zip is None:
            return self._rescued[part.stored_name]
        password = self.reading.password.encode() if self.reading.password else None
        try:
            with self._zip.open(self._zip.getinfo(part.stored_name), pwd=password) as stream:
                return self._unpack(stream, part)
        except RuntimeError as error:
            raise self._locked(part, error) from error
        except NotImplementedError as error:
            raise unreadable(part.name, f"cannot be unpacked: {error}.", "Pack it again as a plain zip.") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
            raise unreadable(part.name, f"is damaged inside {self.source.name}: {error}", "Pack it again.") from error

    def _unpack(self, stream: IO[bytes], part: Part) -> bytes:
        pieces = []
        total = 0
        while chunk := stream.read(CHUNK_BYTES):
            total += len(chunk)
            self.reading.budget.unpacked(len(chunk))
            refuse_bomb(self.source.name, part.name, part.packed, total)
            pieces.append(chunk)
        return b"".join(pieces)

    def _locked(self, part: Part, error: RuntimeError) -> UnreadableDocument:
        if "password" not in str(error).lower():
            return unreadable(part.name, f"cannot be unpacked: {error}.", "Pack it again as a plain zip.")
        if self.reading.password:
            return unreadable(part.name, "does not open with this password.", "Give the right password.")
        return unreadable(part.name, "is protected with a password.", "Give the password, or unpack it first.")

    def _list(self) -> list[Part]:
        if self._zip is None:
            return [Part(name, harmless_name(name), len(data), len(data)) for name, data in self._rescued.items()]
        files = [info for info in self._zip.infolist() if not info.is_dir()]
        parts = [Part(i.filename, harmless_name(_true_name(i)), i.file_size, i.compress_size) for i in files]
        limits = self.reading.limits
        declared = sum(part.size for part in parts)
        if declared > limits.max_unpacked_mb * 1_000_000:
            raise OverLimit(
                f"{self.source.name} unpacks to {declared // 1_000_000:,} MB; the limit is {limits.max_unpacked_mb:,}.",
                "Split the archive, or raise the setting max_unpacked_mb.",
            )
        return parts


def refuse_bomb(archive: str, member: str, packed: int, unpacked: int) -> None:
    """Raise OverLimit when a member grows as only a bomb does."""
    if unpacked > SMALL_BYTES and unpacked > LARGEST_RATIO * max(packed, 1):
        raise OverLimit(
            f"{archive} looks like a bomb: {member} is {packed:,} bytes and unpacks to more than {unpacked:,}.",
            "If the file is yours, unpack it and add its contents instead.",
        )


def _true_name(info: zipfile.ZipInfo) -> str:
    """Undo the reading of an UTF-8 name as code page 437, which old packers make necessary."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _rescue(data: bytes, reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Walk the local headers of a damaged zip and unpack what is whole, or the part of it that is."""
    at = data.find(LOCAL_HEADER)
    while 0 <= at <= len(data) - 30:
        method = int.from_bytes(data[at + 8 : at + 10], "little")
        name_length = int.from_bytes(data[at + 26 : at + 28], "little")
        extra_length = int.from_bytes(data[at + 28 : at + 30], "little")
        packed_size = int.from_bytes(data[at + 18 : at + 22], "little")
        name = data[at + 30 : at + 30 + name_length].decode("utf-8", "replace")
        start = at + 30 + name_length + extra_length
        next_header = data.find(LOCAL_HEADER, start)
        stop = start + packed_size if packed_size else (next_header if next_header > 0 else len(data))
        content = _inflate(data[start:stop], reading) if method == 8 else data[start:stop] if method == 0 else b""
        if content and name and not name.endswith("/"):
            yield name, content
        at = data.find(LOCAL_HEADER, max(start, at + 4))


def _inflate(packed: bytes, reading: Reading) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    stream = BytesIO(packed)
    pieces = []
    total = 0
    try:
        while not inflater.eof and (chunk := inflater.unconsumed_tail or stream.read(65_536)):
            piece = inflater.decompress(chunk, CHUNK_BYTES)
            reading.budget.unpacked(len(piece))
            total += len(piece)
            refuse_bomb(reading.budget.name, "a damaged part", len(packed), total)
            pieces.append(piece)
    except zlib.error:
        # The rest of a cut-off part is lost; what came out before is kept.
        return b"".join(pieces)
    return b"".join(pieces)
