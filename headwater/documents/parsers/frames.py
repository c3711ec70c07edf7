"""How the parent and the child talk: length-prefixed JSON, because what a reader returns is not trusted.

A file may take over the process that reads it; a pickle from there could then take over the parent.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

from headwater.core.types import Extraction, Member, Page
from headwater.documents.parsers.limits import ExtractLimits

HEADER = struct.Struct(">I")
LARGEST_FRAME = 1 << 30

Frame = dict[str, Any]


def write_frame(stream: IO[bytes], frame: Frame) -> None:
    """Write one message."""
    data = json.dumps(frame, ensure_ascii=False).encode("utf-8", "replace")
    stream.write(HEADER.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Frame | None:
    """Read one message; None where the other side is gone."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    (length,) = HEADER.unpack(head)
    data = stream.read(length)
    return parsed(data) if len(data) == length else None


def parsed(data: bytes) -> Frame:
    """Parse one message. Raises ValueError where it is no JSON object."""
    frame = json.loads(data)
    if not isinstance(frame, dict):
        raise ValueError("a frame must be a JSON object")
    return frame


def limits_to_json(limits: ExtractLimits) -> Frame:
    """Return the limits as a JSON object."""
    return {name: getattr(limits, name) for name in ExtractLimits.__dataclass_fields__}


def extraction_to_json(extraction: Extraction) -> Frame:
    """Return an extraction with everything in it."""
    return {
        "pages": [[page.number, page.text, page.label] for page in extraction.pages],
        "paged": extraction.paged,
        "members": [
            {"name": member.name, "error": member.error, "extraction": extraction_to_json(member.extraction)}
            for member in extraction.members
        ],
        "warnings": list(extraction.warnings),
        "media_type": extraction.media_type,
        "title": extraction.title,
    }


def extraction_from_json(frame: Frame) -> Extraction:
    """Build an extraction from its JSON. Raises KeyError, TypeError, ValueError where it is malformed."""
    return Extraction(
        pages=tuple(Page(int(number), str(text), _text(label)) for number, text, label in frame["pages"]),
        paged=bool(frame["paged"]),
        members=tuple(
            Member(str(m["name"]), extraction_from_json(m["extraction"]), _text(m["error"])) for m in frame["members"]
        ),
        warnings=tuple(str(warning) for warning in frame["warnings"]),
        media_type=str(frame["media_type"]),
        title=_text(frame["title"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
