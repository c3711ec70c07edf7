"""Text as it is: plain text, Markdown, JSON, program code."""

from __future__ import annotations

import re

from headwater.core.types import Extraction
from headwater.documents.kinds import BY_EXTENSION
from headwater.documents.parsers.encoding import decode
from headwater.documents.parsers.markup import tidy
from headwater.documents.parsers.names import extension
from headwater.documents.parsers.reading import Reading, Source, parts


def read(source: Source, reading: Reading) -> Extraction:
    """Read a text file in whatever encoding it is."""
    # Word for word: offsets of passages are then offsets in the file, and quotes are found in it again.
    text = _decoded(source, reading).replace("\0", "\ufffd")
    reading.budget.text(len(text))
    kind = BY_EXTENSION.get(extension(source.name))
    media_type = kind.media_type if kind and kind.reader == "plain" else "text/plain"
    title = re.search(r"^#\s+(.+)", text, re.M) if media_type == "text/markdown" else None
    return Extraction(
        parts(text), False, (), tuple(reading.warnings), media_type, title.group(1).strip() if title else None
    )


def decoded_text(source: Source, reading: Reading) -> str:
    """Decode a file of a markup language, without trailing spaces and empty lines, and count its characters."""
    text = tidy(_decoded(source, reading))
    reading.budget.text(len(text))
    return text


def _decoded(source: Source, reading: Reading) -> str:
    decoded = decode(source.data)
    if decoded.guessed and not decoded.encoding.startswith("utf-16"):
        reading.warn(f"The text is not UTF-8; it was read as {decoded.encoding}.")
    return decoded.text
