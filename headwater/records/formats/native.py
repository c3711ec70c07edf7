"""Headwater's own format: every field of a record under its own name. Nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from headwater.records.formats.chat import turn_from_message
from headwater.records.formats.format import ASPECTS, Format, Row, id_of, number_of, text_of, turns_of
from headwater.records.record import Record, RowError, Source, Task, Turn
from headwater.records.tasks import missing_for

TEXT_FIELDS = ("system", "context", "completion", "chosen", "rejected", "language", "origin")


class Native(Format):
    """The columns of a prepared data set; `extra` of a message and `meta` are JSON texts, so the schema is fixed."""

    name, title, tasks = "headwater", "Headwater records", frozenset(Task)
    holds = frozenset(ASPECTS)
    columns: ClassVar[tuple[str, ...]] = (
        "id", "task", "system", "context", "messages", "completion", "chosen", "rejected", "label", "score",
        "language", "origin", "source", "meta",
    )  # fmt: skip

    def matches(self, row: Row) -> bool:
        """Whether the row has our task and source."""
        return row.get("task") in tuple(Task) and isinstance(row.get("source"), Mapping) and "file" in row["source"]

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        try:
            task = Task(str(row["task"]))
        except ValueError as error:
            raise RowError(f"unknown task {row['task']!r}, expected one of {', '.join(Task)}") from error
        turns = tuple(_turn(value) for value in turns_of(row, "messages")) if row.get("messages") else ()
        texts = {name: text_of(row, name) for name in TEXT_FIELDS}
        label = row.get("label")
        if label is not None and not isinstance(label, bool):
            raise RowError(f"wrong type: label is {label!r}, expected true or false")
        return [
            Record(
                task, turns, id=id_of(row), label=label, score=number_of(row, "score"), source=_source(row),
                meta=_mapping(row.get("meta"), "meta"), system=texts["system"], context=texts["context"],
                completion=texts["completion"], chosen=texts["chosen"], rejected=texts["rejected"],
                language=texts["language"], origin=texts["origin"],
            )
        ]  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return every field; absent ones are null."""
        messages = [
            {
                "role": t.role,
                "content": t.content,
                "extra": json.dumps(t.extra, ensure_ascii=False) if t.extra else None,
            }
            for t in record.messages
        ]
        source = record.source
        return {
            "id": record.id, "task": record.task.value, "system": record.system, "context": record.context,
            "messages": messages, "completion": record.completion, "chosen": record.chosen,
            "rejected": record.rejected, "label": record.label, "score": record.score, "language": record.language,
            "origin": record.origin,
            "source": {"file": source.file, "row": source.row, "hash": source.hash, "licence": source.licence},
            "meta": json.dumps(record.meta, ensure_ascii=False) if record.meta else None,
        }  # fmt: skip

    def losses(self, record: Record) -> list[str]:
        """Nothing is lost."""
        return []

    def problems_of(self, record: Record, row: Row) -> list[str]:
        """Check the record itself."""
        missing = missing_for(record, record.task)
        return [missing] if missing else []

    def problems(self, row: Row) -> list[str]:
        """Check that the record has what its task needs."""
        record = self.read(row)[0]
        missing = missing_for(record, record.task)
        return [missing] if missing else []


def _turn(value: Any) -> Turn:
    if isinstance(value, Mapping) and "extra" in value:
        extra = _mapping(value["extra"], "extra")
        return Turn(str(value.get("role")), str(value.get("content") or ""), extra)
    return turn_from_message(value)


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise RowError(f"{name} is no JSON") from error
    if not isinstance(found, Mapping):
        raise RowError(f"wrong type: {name} is {type(found).__name__}, expected an object")
    return dict(found)


def _source(row: Row) -> Source:
    value = row.get("source")
    if not isinstance(value, Mapping):
        return Source()
    licence = value.get("licence")
    return Source(str(value.get("file") or ""), int(value.get("row") or 0), str(value.get("hash") or ""), licence)
