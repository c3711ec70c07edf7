"""What every format offers: tell its rows, read them, write them, check them, name what it cannot hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from headwater.records.record import Record, RowError, Task, Turn

Row = Mapping[str, Any]

# What a record may hold that a format may not, in the words that reports use.
ASPECTS = ("id", "system", "turns", "context", "score", "label", "language", "extra", "tools", "meta")


class Format:
    """One format. `holds` names the aspects that survive writing and reading again."""

    name: ClassVar[str]
    title: ClassVar[str]
    tasks: ClassVar[frozenset[Task]]
    holds: ClassVar[frozenset[str]] = frozenset()
    # A format whose records are made of several rows (chains, flat trees) reads the file as a whole.
    whole_file: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ()

    def matches(self, row: Row) -> bool:
        """Whether this row has the fields of the format."""
        raise NotImplementedError

    def read(self, row: Row) -> list[Record]:
        """Return the records of one row. Raises RowError with the reason."""
        raise NotImplementedError

    def read_all(self, rows: Sequence[tuple[int, Row]]) -> list[tuple[int, Record]]:
        """Return (row number, record) of a whole file; only for `whole_file` formats."""
        raise NotImplementedError

    def write(self, record: Record) -> dict[str, Any]:
        """Return the row of one record. Raises RowError when the format has no place for it."""
        raise NotImplementedError

    def write_many(self, record: Record) -> list[dict[str, Any]]:
        """Return all rows of one record; most formats write one."""
        return [self.write(record)]

    def problems(self, row: Row) -> list[str]:
        """Return what is wrong with a written row; empty when a trainer can use it."""
        raise NotImplementedError

    def problems_of(self, record: Record, row: Row) -> list[str]:
        """Return the problems of a row just written from `record`, which may be quicker to look at."""
        return self.problems(row)

    def losses(self, record: Record) -> list[str]:
        """Return the names of the aspects of `record` that this format cannot hold."""
        present = aspects_of(record)
        return [name for name in ASPECTS if name in present and name not in self.holds]


def aspects_of(record: Record) -> set[str]:
    """Return which of ASPECTS the record uses."""
    found = {
        "id": bool(record.id),
        "system": record.system is not None,
        "turns": len([turn for turn in record.messages if turn.role == "user"]) > 1,
        "context": record.context is not None,
        "score": record.score is not None,
        "label": record.label is not None,
        "language": record.language is not None,
        "extra": any(turn.extra for turn in record.messages),
        "tools": "tools" in record.meta,
        "meta": bool(set(record.meta) - {"tools"}),
    }
    return {name for name, used in found.items() if used}


def text_of(row: Row, *names: str) -> str | None:
    """Return the first of `names` that the row has, as text; None when all are absent or null."""
    for name in names:
        value = row.get(name)
        if value is not None:
            return as_text(value, name)
    return None


def as_text(value: object, name: str) -> str:
    """Return a scalar as text. Raises RowError for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RowError(f"wrong type: {name} is {type(value).__name__}, expected text")
    return str(value)


def need(row: Row, *names: str) -> str:
    """Like text_of, but raises RowError when there is none."""
    found = text_of(row, *names)
    if found is None:
        raise RowError(f"missing {names[0]}")
    return found


def number_of(row: Row, name: str) -> float | None:
    """Return a number field, or None. Raises RowError for what is no number."""
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise RowError(f"wrong type: {name} is {value!r}, expected a number") from error


def rest_of(row: Row, used: Iterable[str]) -> dict[str, Any]:
    """Return the fields that the format did not use; they become the record's meta."""
    taken = set(used)
    return {name: value for name, value in row.items() if name not in taken and value is not None}


def id_of(row: Row) -> str:
    """Return the row's own id as text, or an empty one."""
    value = row.get("id")
    return "" if value is None else str(value)


def turns_of(row: Row, *names: str) -> list[Any]:
    """Return a list field, decoding JSON text (tables hold lists that way). Raises RowError."""
    for name in names:
        value = row.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise RowError(f"{name} is text, expected a list of messages") from error
        if not isinstance(value, list):
            raise RowError(f"wrong type: {name} is {type(value).__name__}, expected a list")
        return value
    raise RowError(f"missing {names[0]}")


def question_turns(record: Record, joiner: str = "\n\n") -> list[Turn]:
    """Return the messages with the context written into the first question, for formats without one."""
    if record.context is None:
        return list(record.messages)
    turns = list(record.messages)
    for place, turn in enumerate(turns):
        if turn.role == "user":
            turns[place] = Turn("user", f"{record.context}{joiner}{turn.content}", turn.extra)
            return turns
    return [Turn("user", record.context), *turns]


def pairs_of(record: Record, format_name: str) -> list[tuple[str, str]]:
    """Return the (question, answer) pairs of a chat record. Raises RowError for another shape."""
    contents = [turn for turn in record.messages if turn.role != "system"]
    roles = [turn.role for turn in contents]
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
        raise RowError(f"{format_name} holds user/assistant pairs; this record has {', '.join(roles) or 'no messages'}")
    return [(contents[i].content, contents[i + 1].content) for i in range(0, len(contents), 2)]
