"""Formats of running text: pre-training text, article with summary, token ids."""

from __future__ import annotations

from typing import Any, ClassVar

from headwater.records.formats.format import Format, Row, id_of, need, rest_of
from headwater.records.formats.instructions import empty_fields
from headwater.records.record import Record, RowError, Task

UNTRAINED = -100  # the label of a token that is read but not learned


class Text(Format):
    """`text`, and whatever else the row carries as meta."""

    name, title, tasks = "text", "Plain text", frozenset({Task.PRETRAINING})
    holds = frozenset[str]()
    columns: ClassVar[tuple[str, ...]] = ("text",)

    def matches(self, row: Row) -> bool:
        """Whether the row has a text."""
        return isinstance(row.get("text"), str)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        return [
            Record(Task.PRETRAINING, completion=need(row, "text"), id=id_of(row), meta=rest_of(row, ("text", "id")))
        ]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"text"}. Raises RowError for a record that is not plain text."""
        if record.messages or record.chosen is not None or record.context is not None or record.completion is None:
            raise RowError(f"{self.name} holds plain text; this record is for {record.task.value}")
        return {"text": record.completion}

    def problems(self, row: Row) -> list[str]:
        """Check that there is text."""
        return empty_fields(row, "text")


class Summary(Format):
    """`article` (or `document`, `context`) and `summary`."""

    name, title, tasks = "summary", "Article and summary", frozenset({Task.SUMMARISATION})
    holds = frozenset({"context"})
    columns: ClassVar[tuple[str, ...]] = ("article", "summary")

    def matches(self, row: Row) -> bool:
        """Whether there is a summary with its text."""
        return "summary" in row and any(name in row for name in ("article", "document", "context", "text"))

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        names = ("article", "document", "context", "text")
        meta = rest_of(row, (*names, "summary", "id"))
        return [
            Record(
                Task.SUMMARISATION, context=need(row, *names), completion=need(row, "summary"), id=id_of(row), meta=meta
            )
        ]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"article", "summary"}. Raises RowError for another task."""
        if record.context is None or record.completion is None or record.messages:
            raise RowError(f"{self.name} holds a text and its summary; this record is for {record.task.value}")
        return {"article": record.context, "summary": record.completion}

    def problems(self, row: Row) -> list[str]:
        """Check that both hold text."""
        return empty_fields(row, "article", "summary")


class Tokenized(Format):
    """`input_ids, attention_mask, labels`: rows a trainer takes as they are; labels of -100 are not learned.

    Text becomes token ids with the chat template that trains, so training fills `meta` and this format
    only carries the numbers.
    """

    name, title, tasks = "tokenized", "Token ids", frozenset({Task.PRETRAINING})
    holds = frozenset({"meta"})
    columns: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "labels")

    def matches(self, row: Row) -> bool:
        """Whether there are input_ids."""
        return isinstance(row.get("input_ids"), list)

    def read(self, row: Row) -> list[Record]:
        """Return a record without text; the numbers are in its meta."""
        ids = _numbers(row, "input_ids")
        mask = _numbers(row, "attention_mask") if row.get("attention_mask") is not None else [1] * len(ids)
        labels = _numbers(row, "labels") if row.get("labels") is not None else list(ids)
        if len(mask) != len(ids) or len(labels) != len(ids):
            raise RowError(f"{len(ids)} input_ids, {len(mask)} attention_mask, {len(labels)} labels")
        meta = {"input_ids": ids, "attention_mask": mask, "labels": labels}
        return [Record(Task.PRETRAINING, completion="", id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return the three lists. Raises RowError for a record that was not tokenized."""
        if "input_ids" not in record.meta:
            raise RowError("not tokenized: token ids are made with the template of the model that trains")
        return {name: list(record.meta[name]) for name in self.columns}

    def losses(self, record: Record) -> list[str]:
        """Meta beside the numbers goes, and so does any text."""
        found = [name for name in super().losses(record) if name != "meta"]
        found += ["meta"] if set(record.meta) - set(self.columns) else []
        return found + (["text"] if any(text for _, text in record.texts()) else [])

    def problems(self, row: Row) -> list[str]:
        """Check the lengths and that at least one token is learned."""
        found = (
            [] if any(label != UNTRAINED for label in row["labels"]) else ["no token is learned: all labels are -100"]
        )
        same = len(row["input_ids"]) == len(row["attention_mask"]) == len(row["labels"])
        return found if same else [*found, "the three lists differ in length"]


def _numbers(row: Row, name: str) -> list[int]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise RowError(f"wrong type: {name} is no list of whole numbers")
    return value
