"""A mapping says which column holds what, for rows in no known format."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import ClassVar

from headwater.core.errors import BadInput
from headwater.records.formats.chat import chat_task, split_system, turn_from_message, turn_from_share
from headwater.records.formats.format import Format, Row, id_of, need, number_of, rest_of, text_of, turns_of
from headwater.records.formats.instructions import single
from headwater.records.record import Record, RowError, Task, Turn

FIELDS = (
    "id", "system", "context", "question", "answer", "messages", "text", "summary", "chosen", "rejected", "label",
    "score", "language", "origin",
)  # fmt: skip


class Mapped(Format):
    """Reads rows through `{field: column}`; the fields are those of FIELDS."""

    name, title, tasks = "mapping", "Mapped columns", frozenset(Task)
    columns: ClassVar[tuple[str, ...]] = FIELDS

    def __init__(self, mapping: Mapping[str, str]) -> None:
        unknown = [name for name in mapping if name not in FIELDS]
        if unknown:
            near = get_close_matches(unknown[0], FIELDS, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise BadInput(f"A mapping has no field {unknown[0]!r}.{guess}", f"Fields: {', '.join(FIELDS)}.")
        self._mapping = dict(mapping)

    def check_columns(self, columns: Collection[str], file: str) -> None:
        """Raise BadInput, with the nearest column, when a mapped column is not in the file."""
        for field, column in self._mapping.items():
            if column not in columns:
                near = get_close_matches(column, list(columns), n=1, cutoff=0.4)
                guess = f" Did you mean {near[0]!r}?" if near else ""
                raise BadInput(
                    f"{file} has no column {column!r} for {field}.{guess}", f"Columns: {', '.join(sorted(columns))}."
                )

    def matches(self, row: Row) -> bool:
        """Whether every mapped column is there."""
        return all(column in row for column in self._mapping.values())

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row. Raises RowError when the mapped fields make no task."""
        named = {field: row.get(column) for field, column in self._mapping.items()}
        meta = rest_of(row, self._mapping.values())
        score, language, origin = number_of(named, "score"), text_of(named, "language"), text_of(named, "origin")
        system, context = text_of(named, "system") or None, text_of(named, "context") or None
        made = self._content(named, system, context)
        return [
            Record(
                made.task, made.messages, system=made.system, context=made.context, completion=made.completion,
                chosen=made.chosen, rejected=made.rejected, label=_truth(named.get("label")), id=id_of(named),
                score=score, language=language, origin=origin, meta=meta,
            )
        ]  # fmt: skip

    def _content(self, named: Row, system: str | None, context: str | None) -> Record:
        has = self._mapping.keys()
        if "chosen" in has:
            prompt = (Turn("user", need(named, "question")),)
            chosen, rejected = need(named, "chosen"), need(named, "rejected")
            return Record(Task.PREFERENCE, prompt, system, context, chosen=chosen, rejected=rejected)
        if "label" in has:
            prompt = (Turn("user", need(named, "question")),)
            return Record(Task.PREFERENCE, prompt, system, context, completion=need(named, "answer"))
        if "messages" in has:
            values = turns_of(named, "messages")
            share = bool(values) and isinstance(values[0], dict) and "from" in values[0]
            inner, turns = split_system([turn_from_share(v) if share else turn_from_message(v) for v in values])
            return Record(chat_task(turns), turns, system or inner, context)
        if "question" in has:
            task = Task.QUESTION_ANSWERING if "context" in has else Task.INSTRUCT
            return Record(task, single(need(named, "question"), need(named, "answer")), system, context)
        if "summary" in has:
            return Record(Task.SUMMARISATION, context=need(named, "context"), completion=need(named, "summary"))
        if "text" in has:
            return Record(Task.PRETRAINING, completion=need(named, "text"))
        raise RowError("the mapping names no question, messages, text or summary")


def _truth(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(value).strip().lower() not in known:
        raise RowError(f"wrong type: label is {value!r}, expected true or false")
    return known[str(value).strip().lower()]
