"""Files whose content is locked or packed in a way that is not read: each gets an error with its cure."""

from __future__ import annotations

from typing import NoReturn

from headwater.core.types import Extraction
from headwater.documents.kinds import detect
from headwater.documents.parsers.reading import Reading, Source, unreadable


def read(source: Source, reading: Reading) -> Extraction:
    """Raise UnreadableDocument saying what the file is and what to do."""
    return _refuse(source)


def _refuse(source: Source) -> NoReturn:
    kind, _ = detect(source)
    if kind.name == "locked":
        raise unreadable(
            source.name,
            "is protected with a password, and locked Office files are not opened.",
            "Open it, take the password off (File, Info, Protect), save it, and add that.",
        )
    raise unreadable(
        source.name, f"is {kind.title}, which is not read.", "Unpack it, or pack it as a zip, and add that."
    )
