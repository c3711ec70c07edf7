"""A look at an uploaded file: format, columns, five samples, the first bad rows, a guess which column is what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from headwater.core.errors import BadInput
from headwater.records.detect import detect
from headwater.records.mapping import FIELDS
from headwater.records.readers.containers import DocumentReader, read_chunks
from headwater.records.reading import OpenedSource, SourceSettings, chunks_of, open_source, records_of
from headwater.records.record import Record
from headwater.records.rows import BadRow, Chunk, RawRow, ReadLimits, parse

LOOKED_ROWS = 1000
SHOWN_SAMPLES = 5
SHOWN_BAD = 20
SHOWN_CHARACTERS = 600
TextUnit = Literal["line", "paragraph", "file"]
# Names that columns go by, in the order of trust.
GUESSES: dict[str, tuple[str, ...]] = {
    "messages": ("messages", "conversations", "conversation", "chat", "dialogue", "turns"),
    "chosen": ("chosen", "chosen_response", "preferred", "accepted"),
    "rejected": ("rejected", "rejected_response", "refused"),
    "question": ("question", "instruction", "prompt", "query", "input", "request", "ticket", "frage", "q"),
    "answer": ("answer", "output", "response", "reply", "completion", "antwort", "solution", "target", "a"),
    "context": ("context", "passage", "article", "document", "background", "source_text"),
    "summary": ("summary", "abstract", "highlights", "tldr", "zusammenfassung"),
    "text": ("text", "content", "body", "story", "sentence"),
    "system": ("system", "system_prompt"),
    "id": ("id", "uuid", "row_id"),
    "score": ("score", "rating", "grade"),
    "language": ("language", "lang"),
}


@dataclass
class Look:
    """What was seen. `format` is None where none fits and no mapping was given. `whole`: to the file's end."""

    name: str
    format: str | None
    title: str | None
    detected: bool
    share: float | None
    others: list[str]
    columns: list[str]
    mapping: dict[str, str]
    rows: int = 0
    records: int = 0
    whole: bool = True
    samples: list[dict[str, Any]] = field(default_factory=list)
    raw: list[dict[str, str]] = field(default_factory=list)
    tasks: dict[str, int] = field(default_factory=dict)
    bad: int = 0
    bad_rows: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None


@dataclass(frozen=True)
class Reading:
    """How a person wants a file read."""

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    text_unit: TextUnit = "line"

    def settings(self) -> SourceSettings:
        """Return it as the reader takes it."""
        return SourceSettings(self.format, self.mapping, None, ReadLimits(chunk_rows=500, text_unit=self.text_unit))


def look_at(path: Path, reading: Reading, document: DocumentReader | None = None) -> Look:
    """Look at the first rows of a file. Raises BadInput for a file without rows and for a wrong mapping."""
    limits = reading.settings().limits
    chunks, whole = _first(path, limits, document)
    found = [row for chunk in chunks for row in parse(chunk, limits)]
    raw = [row for row in found if isinstance(row, RawRow)]
    if not raw and not found:
        raise BadInput(f"{path.name} has no rows.", "Upload a file with at least one row.")
    columns = list(dict.fromkeys(str(name) for row in raw for name in row.value))
    look = Look(path.name, None, None, False, None, [], columns, {}, rows=len(found), whole=whole)
    look.raw = [{str(k): _short(v) for k, v in row.value.items()} for row in raw[:SHOWN_SAMPLES]]
    if not _settle(look, path, reading, [row.value for row in raw]):
        _note_bad(look, [row for row in found if isinstance(row, BadRow)])
        return look
    source = open_source(path, reading.settings(), document)
    look.format, look.title = source.format.name, source.format.title
    _read(look, source, chunks)
    return look


def _first(path: Path, limits: ReadLimits, document: DocumentReader | None) -> tuple[list[Chunk], bool]:
    chunks: list[Chunk] = []
    rows = 0
    for chunk in read_chunks(path, limits, document):
        if rows >= LOOKED_ROWS:
            return chunks, False
        chunks.append(chunk)
        rows += len(chunk)
    return chunks, True


def _settle(look: Look, path: Path, reading: Reading, rows: list[Any]) -> bool:
    """Tell the format; False when nothing fits and a mapping must be made, for which a guess is left."""
    if reading.mapping or reading.format:
        look.mapping = dict(reading.mapping)
        return True
    try:
        found = detect(rows, path.name)
    except BadInput as error:
        look.problem = error.message
        look.mapping = guessed_mapping(look.columns)
        return False
    look.detected, look.share, look.others = True, round(found.share, 4), list(found.others)
    return True


def _read(look: Look, source: OpenedSource, chunks: list[Chunk]) -> None:
    """Read the rows as records."""
    bad: list[BadRow] = []
    if source.format.whole_file:
        chunks = [Chunk(source.name, rows=tuple(r for c in chunks for r in parse(c, source.settings.limits)
                                                if isinstance(r, RawRow)))]  # fmt: skip
    for chunk in chunks:
        for row in records_of(source, chunk):
            if isinstance(row, BadRow):
                bad.append(row)
                continue
            look.records += 1
            look.tasks[row.task.value] = look.tasks.get(row.task.value, 0) + 1
            if len(look.samples) < SHOWN_SAMPLES:
                look.samples.append(shown_record(row))
    _note_bad(look, bad)


def _note_bad(look: Look, bad: list[BadRow]) -> None:
    look.bad = len(bad)
    look.bad_rows = [
        {"file": b.file, "row": b.number, "reason": b.reason, "excerpt": b.excerpt} for b in bad[:SHOWN_BAD]
    ]


def shown_record(record: Record, characters: int = SHOWN_CHARACTERS) -> dict[str, Any]:
    """Return a record as a person reads it."""
    texts = [{"field": name, "text": text[:characters]} for name, text in record.texts()]
    return {"id": record.id, "task": record.task.value, "texts": texts}


def guessed_mapping(columns: list[str]) -> dict[str, str]:
    """Guess which column holds what by the names of columns; a person confirms it."""
    plain = {re.sub(r"[^a-z]+", "_", column.lower()).strip("_"): column for column in reversed(columns)}
    mapping: dict[str, str] = {}
    for name in FIELDS:
        exact = (plain[guess] for guess in GUESSES.get(name, ()) if guess in plain)
        inside = (
            column
            for guess in GUESSES.get(name, ())
            for word, column in plain.items()
            if len(guess) > 2 and guess in word.split("_")
        )
        found = next((c for c in (*exact, *inside) if c not in mapping.values()), None)
        if found is not None:
            mapping[name] = found
    return mapping


def sampled(source: OpenedSource, most: int, document: DocumentReader | None) -> tuple[list[Record], list[BadRow]]:
    """Return the first records of a source, and the bad rows among them."""
    records: list[Record] = []
    bad: list[BadRow] = []
    found = (row for chunk in chunks_of(source, document) for row in records_of(source, chunk))
    for row in islice(found, most):
        (bad if isinstance(row, BadRow) else records).append(row)  # type: ignore[arg-type]
    return records, bad


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text[:SHOWN_CHARACTERS]
