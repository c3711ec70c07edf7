"""Every other format that kreuzberg knows: FictionBook, DocBook, Org, Typst, bibliographies, iWork and more."""

from __future__ import annotations

from headwater.core.types import Extraction
from headwater.documents.parsers.library import extract_bytes, media_type_of
from headwater.documents.parsers.markup import NotMarkup, refuse_entities, tidy
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable


def read(source: Source, reading: Reading) -> Extraction:
    """Read a file of a rarer format. Raises UnreadableDocument where the library does not know it."""
    media_type = media_type_of(source.name, source.data)
    if media_type is None:
        raise unreadable(
            source.name, "is of a kind that cannot be read.", "Export it as PDF, or as plain text, and add that."
        )
    if source.head(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        try:
            refuse_entities(source.data, source.name)
        except NotMarkup:
            reading.warn("The XML is not well-formed; some text may be missing.")
    result = extract_bytes(source.data, media_type, source.name, reading)
    text = tidy(result.content)
    reading.budget.text(len(text))
    if not text:
        raise unreadable(source.name, "has no text that can be read.", "Export it as PDF, and add that.")
    return Extraction(parts(text), False, (), tuple(reading.warnings), media_type, result.metadata.get("title") or None)
