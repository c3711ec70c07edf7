"""Old Word and PowerPoint files, Outlook messages and Hangul documents, read by kreuzberg."""

from __future__ import annotations

from headwater.core.types import Extraction, Member, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.compound import CompoundFile
from headwater.documents.parsers.library import extract_bytes
from headwater.documents.parsers.markup import tidy
from headwater.documents.parsers.names import harmless_name
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable

ENCRYPTED_DOC = 0x0100
# What a presentation's master says to its author, on every file.
MASTER_TEXT = ("Click to edit Master", "Second level", "Third level", "Fourth level", "Fifth level")


def read(source: Source, reading: Reading) -> Extraction:
    """Read an old Office file. Raises UnreadableDocument for a locked or damaged one."""
    kind, _ = detect(source)
    streams = CompoundFile(source.data)
    _refuse_locked(source, kind.name, streams)
    result = extract_bytes(source.data, kind.media_type, source.name, reading)
    members = tuple(_attachments(streams, reading)) if kind.name == "msg" else ()
    title = result.metadata.get("title") or result.metadata.get("subject") or None
    if kind.name == "ppt" and result.pages:
        reading.budget.pages(len(result.pages))
        pages = tuple(Page(n, _without_master(page["content"])) for n, page in enumerate(result.pages, start=1))
    else:
        pages = parts(tidy(_without_master(result.content) if kind.name == "ppt" else result.content))
    reading.budget.text(sum(len(page.text) for page in pages))
    if not any(page.text for page in pages):
        raise unreadable(source.name, "has no text that can be read.", "Save it in the current format, and add that.")
    paged = kind.name == "ppt" and bool(result.pages)
    return Extraction(pages, paged, members, tuple(reading.warnings), kind.media_type, title)


def _without_master(text: str) -> str:
    return tidy("\n".join(line for line in text.split("\n") if not line.strip().startswith(MASTER_TEXT)))


def _refuse_locked(source: Source, kind: str, streams: CompoundFile) -> None:
    locked = False
    if kind == "doc":
        head = (streams.read("WordDocument") or b"")[:12]
        # The flag word of the file information block ([MS-DOC] 2.5.2).
        locked = len(head) == 12 and bool(int.from_bytes(head[10:12], "little") & ENCRYPTED_DOC)
    elif kind == "ppt":
        locked = any("EncryptedSummary" in name for name in streams.names)
    if locked:
        raise unreadable(
            source.name, "is protected with a password.", "Save a copy without the password, and add that."
        )


def _attachments(streams: CompoundFile, reading: Reading) -> list[Member]:
    """Return the attachments of an Outlook message ([MS-OXMSG] 2.2.2)."""
    folders = sorted({name.split("/", 1)[0] for name in streams.names if name.startswith("__attach_version1.0_")})
    reading.budget.members(len(folders))
    members = []
    for number, folder in enumerate(folders, start=1):
        data = streams.read(f"{folder}/__substg1.0_37010102")
        if data is None:
            continue
        reading.budget.unpacked(len(data))
        names = [streams.read(f"{folder}/__substg1.0_{code}001F") for code in ("3707", "3704", "3001")]
        name = next((n.decode("utf-16-le", "replace") for n in names if n), f"attachment {number}")
        members.append(reading.member(harmless_name(name), data))
    return members
