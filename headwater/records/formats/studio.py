"""H2O LLM Studio: one row a question-answer pair, chained by `parent_id` into conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from headwater.records.formats.format import Format, Row, id_of, need, pairs_of, rest_of, text_of
from headwater.records.formats.instructions import empty_fields, require_chat, single
from headwater.records.record import Record, RowError, Task, Turn

LONGEST_CHAIN = 1000  # the studio refuses longer ones


class Studio(Format):
    """`instruction` (+ `input`), `output`, `system`, `id`, `parent_id`."""

    name, title = "llm_studio", "H2O LLM Studio"
    tasks = frozenset({Task.INSTRUCT, Task.QUESTION_ANSWERING, Task.CONVERSATION})
    holds = frozenset({"id", "system", "turns", "context"})
    whole_file = True
    columns: ClassVar[tuple[str, ...]] = ("id", "parent_id", "system", "instruction", "input", "output")

    def matches(self, row: Row) -> bool:
        """Whether the row has an instruction and a parent."""
        return "parent_id" in row and ("instruction" in row or "prompt" in row) and ("output" in row or "answer" in row)

    def read(self, row: Row) -> list[Record]:
        """Return one pair alone, as if it had no parent."""
        return [self._record([row])]

    def read_all(self, rows: Sequence[tuple[int, Row]]) -> list[tuple[int, Record]]:
        """Join the rows of each chain; a conversation is named by its last row. Raises RowError for a cycle."""
        by_id = {id_of(row): (number, row) for number, row in rows if id_of(row)}
        parents = {_parent(row) for _, row in rows}
        records = []
        used: set[str] = set()
        for number, row in rows:
            if id_of(row) and id_of(row) in parents:
                continue  # not a leaf: it is part of a longer conversation
            chain, seen = [row], {id_of(row)}
            while parent := _parent(chain[0]):
                if parent in seen or len(chain) >= LONGEST_CHAIN:
                    raise RowError(f"row {number}: the chain of parents of {id_of(row)!r} does not end")
                if parent not in by_id:
                    raise RowError(f"row {number}: the parent {parent!r} is not in the file")
                seen.add(parent)
                chain.insert(0, by_id[parent][1])
            used |= seen
            records.append((number, self._record(chain)))
        for number, row in rows:
            if id_of(row) and id_of(row) not in used:  # a ring has no last row, so no chain came by
                raise RowError(f"row {number}: the chain of parents of {id_of(row)!r} does not end")
        return records

    def _record(self, chain: list[Row]) -> Record:
        turns: list[Turn] = []
        for row in chain:
            turns += single(need(row, "instruction", "prompt"), need(row, "output", "answer"))
        used = ("id", "parent_id", "system", "instruction", "prompt", "input", "output", "answer")
        return Record(
            Task.INSTRUCT if len(chain) == 1 else Task.CONVERSATION, tuple(turns),
            system=text_of(chain[0], "system") or None, context=text_of(chain[0], "input") or None,
            id=id_of(chain[0]), origin=id_of(chain[0]) or None, meta=rest_of(chain[-1], used),
        )  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return the row of a single pair. Raises RowError for more; write_many holds those."""
        rows = self.write_many(record)
        if len(rows) > 1:
            raise RowError(f"{self.name} writes {len(rows)} rows for this conversation")
        return rows[0]

    def write_many(self, record: Record) -> list[dict[str, Any]]:
        """Return one row a pair; the first has no parent."""
        require_chat(record, self.name)
        if not record.id and len(record.messages) > 2:
            raise RowError(f"{self.name} chains the rows of a conversation by its id; this record has none")
        rows = []
        for place, (question, answer) in enumerate(pairs_of(record, self.name)):
            own = record.id if place == 0 else f"{record.id}#{place}"
            parent = "" if place == 0 else (record.id if place == 1 else f"{record.id}#{place - 1}")
            rows.append(
                {
                    "id": own, "parent_id": parent, "system": (record.system or "") if place == 0 else "",
                    "instruction": question, "input": (record.context or "") if place == 0 else "", "output": answer,
                }
            )  # fmt: skip
        return rows

    def losses(self, record: Record) -> list[str]:
        """An empty context or system reads back as none."""
        return super().losses(record) + [name for name in ("system", "context") if getattr(record, name) == ""]

    def problems(self, row: Row) -> list[str]:
        """Check that there is a question and an answer."""
        return empty_fields(row, "instruction", "output")


def _parent(row: Row) -> str:
    value = row.get("parent_id")
    return "" if value is None or value != value else str(value)  # a NaN differs from itself
