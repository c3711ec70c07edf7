"""From a file to its reader: the table of readers, and the one function that reads any file."""

from __future__ import annotations

from headwater.core.registry import Registry
from headwater.core.types import Extraction
from headwater.documents.kinds import detect
from headwater.documents.parsers.reading import ReadDocument, Reading, Source

READERS: Registry[ReadDocument] = Registry(
    "reader",
    {
        name: f"headwater.documents.parsers.{name}:read"
        for name in (
            "archive",
            "book",
            "latex",
            "legacy",
            "mail",
            "notebook",
            "old_workbook",
            "opendocument",
            "other",
            "pdf",
            "picture",
            "plain",
            "restructured",
            "rich_text",
            "slides",
            "table",
            "unsupported",
            "webpage",
            "word",
            "workbook",
            "xml_text",
        )
    },
)


def read_any(source: Source, reading: Reading) -> Extraction:
    """Read a file of any kind. Raises UnreadableDocument naming the file and the cure, OverLimit."""
    kind, warning = detect(source)
    if warning:
        reading.warn(warning)
    return READERS[kind.reader](source, reading)
