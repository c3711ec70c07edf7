"""Archives (zip, tar, gzip, bzip2, xz): each file inside becomes a document of its own, within the budget."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, cast

from headwater.core.errors import UnreadableDocument
from headwater.core.types import Extraction, Member, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.container import CHUNK_BYTES, Container, refuse_bomb
from headwater.documents.parsers.limits import OverLimit
from headwater.documents.parsers.names import extension, harmless_name
from headwater.documents.parsers.reading import Reading, Source, failed_member, unreadable

# What packers and file systems leave behind.
LEFTOVERS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
PACKED_ENDINGS = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar"}
DAMAGED = "Get the archive again, or pack it anew."


def read(source: Source, reading: Reading) -> Extraction:
    """Read an archive. The only page lists its files. Raises OverLimit for a bomb."""
    kind, _ = detect(source)
    if kind.name == "zip":
        members = _zip_members(source, reading)
    elif kind.name == "tar":
        members = _tar_members(source, reading)
    else:
        members = [_single(source, reading, kind.name)]
    names = [f"- {member.name}" + (" (not read)" if member.error else "") for member in members]
    text = "\n".join([f"Files in {source.name}:", *names]) if names else f"{source.name} is an empty archive."
    if not names:
        reading.warn("The archive is empty.")
    return Extraction((Page(1, text),), False, tuple(members), tuple(reading.warnings), kind.media_type)


def _is_leftover(name: str) -> bool:
    return (
        name.startswith(LEFTOVERS[0])
        or name.rsplit("/", 1)[-1] in LEFTOVERS
        or name.rsplit("/", 1)[-1].startswith("._")
    )


def _unique(name: str, taken: set[str]) -> str:
    """Two files may have one harmless name; the second gets a number."""
    stem, dot, ending = name.rpartition(".")
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem} ({number}).{ending}" if dot and "/" not in ending else f"{name} ({number})"
    taken.add(candidate)
    return candidate


def _zip_members(source: Source, reading: Reading) -> list[Member]:
    container = Container(source, reading)
    files = [part for part in container.parts if not _is_leftover(part.name)]
    reading.budget.members(len(files))
    taken: set[str] = set()
    members = []
    for number, part in enumerate(files):
        name = _unique(part.name, taken)
        try:
            data = container.read(part)
        except OverLimit:
            raise
        except UnreadableDocument as error:
            members.append(failed_member(name, f"{error.message} {error.hint or ''}".strip()))
            continue
        members.append(reading.member(name, data))
        reading.page_done(number + 1, len(files))
    return members


def _tar_members(source: Source, reading: Reading) -> list[Member]:
    members: list[Member] = []
    taken: set[str] = set()
    try:
        for name, data in _tar_files(source, reading):
            members.append(reading.member(_unique(name, taken), data))
    except (tarfile.TarError, EOFError, ValueError) as error:
        if not members:
            raise unreadable(source.name, f"is a damaged archive: {error}.", DAMAGED) from error
        reading.warn("The archive is damaged or cut off; files may be missing.")
    return members


def _tar_files(source: Source, reading: Reading) -> Iterator[tuple[str, bytes]]:
    with source.open() as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        for info in archive:
            name = harmless_name(info.name)
            if not info.isfile() or _is_leftover(name):
                continue
            reading.budget.members(1)
            # The size is the header's word; a file cannot hold more than the archive itself.
            reading.budget.unpacked(min(info.size, source.size))
            content = archive.extractfile(info)
            if content is not None:
                yield name, content.read()


def _single(source: Source, reading: Reading, kind: str) -> Member:
    """Unpack a file that holds one other (a .gz), which may be a tar archive."""
    ending = extension(source.name)
    stem = source.name[: -len(ending)] if ending else source.name
    name = harmless_name(stem.rsplit("/", 1)[-1] + PACKED_ENDINGS.get(ending, ""))
    pieces: list[bytes] = []
    total = 0
    try:
        with _opened(source, kind) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                reading.budget.unpacked(len(chunk))
                refuse_bomb(source.name, name, source.size, total)
                pieces.append(chunk)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        if not pieces:
            raise unreadable(source.name, f"is a damaged archive: {error}.", DAMAGED) from error
        reading.warn("The file is damaged or cut off; its end is missing.")
    return reading.member(name, b"".join(pieces))


def _opened(source: Source, kind: str) -> IO[bytes]:
    stream = BytesIO(source.data)
    if kind == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    return cast("IO[bytes]", bz2.BZ2File(stream) if kind == "bzip2" else lzma.LZMAFile(stream))
