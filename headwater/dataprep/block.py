"""A block: a few thousand records as columns, so that a step is one pass over a column.

    rows    one line a record: index, id, task, score, label, language, origin, cluster, source..., meta
    texts   one line a text, in reading order: row (place in `rows`), field, text, extra

Rows are dropped by clearing `alive`; statistics may so be computed once for several filters in a row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.selection import Selection
from headwater.records.record import Record, Source, Task, Turn

FIELDS = ("system", "context", "question", "answer", "tool", "completion", "chosen", "rejected")
ROLE_FIELDS = {"user": "question", "assistant": "answer", "tool": "tool", "system": "system"}
FIELD_ROLES = {"question": "user", "answer": "assistant", "tool": "tool", "system": "system"}
INSIDE = "inside"  # marks a system message that stands among the messages
FIELD_TYPE = pl.Enum(FIELDS)
ROW_SCHEMA: dict[str, pl.DataType] = {
    "index": pl.UInt64(), "id": pl.String(), "task": pl.String(), "score": pl.Float64(), "label": pl.Boolean(),
    "language": pl.String(), "origin": pl.String(), "cluster": pl.UInt64(), "file": pl.String(), "row": pl.Int64(),
    "hash": pl.String(), "licence": pl.String(), "meta": pl.String(), "source": pl.UInt32(),
}  # fmt: skip
TEXT_SCHEMA: dict[str, Any] = {"row": pl.UInt32(), "field": FIELD_TYPE, "text": pl.String(), "extra": pl.String()}


class Block:
    """Rows and their texts. Steps change it through the methods, which keep the cached features right."""

    def __init__(self, rows: pl.DataFrame, texts: pl.DataFrame) -> None:
        self.rows, self.texts = rows, texts
        self.alive: npt.NDArray[np.bool_] = np.ones(rows.height, dtype=bool)
        self._selections: dict[tuple[tuple[str, ...], bool], Selection] = {}

    def __len__(self) -> int:
        return self.rows.height

    @classmethod
    def of(cls, records: Sequence[Record], first_index: int = 0, source: int = 0) -> Block:
        """Build a block; record n gets the index `first_index` + n."""
        rows = pl.DataFrame(_row_columns(records, first_index, source), schema=ROW_SCHEMA)
        return cls(rows, pl.DataFrame(_text_columns(records), schema=TEXT_SCHEMA))

    def select(self, fields: tuple[str, ...] | None = None, joined: bool = True) -> Selection:
        """Return the texts of some fields (None: all) with shared features.

        `joined`: one text a row, the row's texts joined by line ends; else every text for itself.
        """
        key = (fields or FIELDS, joined)
        if key not in self._selections:
            self._selections[key] = Selection.of(self.texts, key[0], len(self), joined)
        return self._selections[key]

    def mask(self, fields: tuple[str, ...] | None) -> pl.Series:
        """Return which lines of `texts` belong to these fields (None: all)."""
        if fields is None:
            return pl.repeat(True, self.texts.height, eager=True)
        return self.texts["field"].cast(pl.String).is_in(list(fields))

    def set_texts(self, texts: pl.Series) -> npt.NDArray[np.bool_]:
        """Replace all texts; return which rows changed."""
        different = (self.texts["text"] != texts).to_numpy()
        changed = np.zeros(len(self), dtype=bool)
        if different.any():
            changed[self.texts["row"].to_numpy()[different]] = True
            self.texts = self.texts.with_columns(texts.alias("text"))
            self._selections.clear()
        return changed

    def set_rows(self, name: str, values: pl.Series) -> None:
        """Replace one column of `rows`."""
        self.rows = self.rows.with_columns(values.cast(ROW_SCHEMA[name]).alias(name))

    def compact(self) -> None:
        """Take the dropped rows out."""
        if self.alive.all():
            return
        keep = self.alive
        place = np.cumsum(keep) - 1
        of_text = self.texts["row"].to_numpy()
        kept_texts = keep[of_text]
        self.rows = self.rows.filter(pl.Series(keep))
        moved = pl.Series("row", place[of_text[kept_texts]].astype(np.uint32))
        self.texts = self.texts.filter(pl.Series(kept_texts)).with_columns(moved)
        self.alive = np.ones(self.rows.height, dtype=bool)
        self._selections.clear()

    def take(self, places: npt.NDArray[np.int64]) -> Block:
        """Return a block of the rows at these places, in that order; a place may come twice."""
        lookup = pl.DataFrame({"old": places.astype(np.uint32), "new": np.arange(len(places), dtype=np.uint32)})
        numbered = self.texts.with_row_index("order")
        texts = (
            lookup.join(numbered, left_on="old", right_on="row", how="left")
            .filter(pl.col("text").is_not_null())
            .sort(["new", "order"])
            .select(pl.col("new").alias("row"), "field", "text", "extra")
        )
        return Block(self.rows[places], texts)

    def records(self, places: Iterable[int] | None = None) -> list[Record]:
        """Return the rows at these places (None: all living ones) as records."""
        chosen = [int(p) for p in (np.flatnonzero(self.alive) if places is None else places)]
        wanted = set(chosen)
        held: dict[int, list[tuple[str, str, str | None]]] = {place: [] for place in wanted}
        columns = zip(*(self.texts[name].to_list() for name in ("row", "field", "text", "extra")), strict=True)
        for row, field, text, extra in columns:
            if row in wanted:
                held[row].append((field, text, extra))
        rows = self.rows if len(chosen) == len(self) else self.rows[chosen]
        values = zip(*(rows[name].to_list() for name in _RECORD_COLUMNS), strict=True)
        return [_record(row, held[place]) for row, place in zip(values, chosen, strict=True)]


def concat(blocks: Sequence[Block]) -> Block:
    """Join blocks in order."""
    offset = 0
    texts = []
    for block in blocks:
        texts.append(block.texts.with_columns((pl.col("row") + offset).cast(pl.UInt32)))
        offset += len(block)
    return Block(pl.concat([block.rows for block in blocks]), pl.concat(texts))


def _row_columns(records: Sequence[Record], first_index: int, source: int) -> dict[str, Any]:
    """Return the columns of ROW_SCHEMA, each built whole: row by row would take twice the time."""
    count = len(records)
    origins = [record.source for record in records]
    return {
        "index": range(first_index, first_index + count), "id": [record.id for record in records],
        "task": [record.task._value_ for record in records], "score": [record.score for record in records],
        "label": [record.label for record in records], "language": [record.language for record in records],
        "origin": [record.origin for record in records], "cluster": [None] * count,
        "file": [origin.file for origin in origins], "row": [origin.row for origin in origins],
        "hash": [origin.hash for origin in origins], "licence": [origin.licence for origin in origins],
        "meta": [_as_json(record.meta) for record in records], "source": [source] * count,
    }  # fmt: skip


def _as_json(value: Any) -> str | None:
    return json.dumps(value, ensure_ascii=False, default=str) if value else None


def _text_columns(records: Sequence[Record]) -> dict[str, Any]:
    """Return the columns of TEXT_SCHEMA: every text of every record in reading order."""
    found: list[tuple[int, str, str, str | None]] = []
    add = found.append
    for place, record in enumerate(records):
        if record.system is not None:
            add((place, "system", record.system, None))
        if record.context is not None:
            add((place, "context", record.context, None))
        for turn in record.messages:
            extra = _as_json(turn.extra) or (INSIDE if turn.role == "system" else None)
            add((place, ROLE_FIELDS[turn.role], turn.content, extra))
        if record.completion is not None:
            add((place, "completion", record.completion, None))
        if record.chosen is not None:
            add((place, "chosen", record.chosen, None))
        if record.rejected is not None:
            add((place, "rejected", record.rejected, None))
    columns = zip(*found, strict=True) if found else ((), (), (), ())
    return dict(zip(TEXT_SCHEMA, columns, strict=True))


_RECORD_COLUMNS = (
    "task", "label", "score", "language", "id", "origin", "file", "row", "hash", "licence", "meta"
)  # fmt: skip
_TASKS = {task.value: task for task in Task}


def _record(row: tuple[Any, ...], texts: list[tuple[str, str, str | None]]) -> Record:
    single: dict[str, str] = {}
    turns: list[Turn] = []
    for name, text, extra in texts:
        if name in FIELD_ROLES and (name != "system" or extra is not None):
            turns.append(Turn(FIELD_ROLES[name], text, json.loads(extra) if extra and extra != INSIDE else {}))
        else:
            single[name] = text
    task, label, score, language, own_id, origin, file, number, digest, licence, meta = row
    return Record(
        _TASKS[task], tuple(turns), system=single.get("system"), context=single.get("context"),
        completion=single.get("completion"), chosen=single.get("chosen"), rejected=single.get("rejected"),
        label=label, score=score, language=language, id=own_id, origin=origin,
        source=Source(file, number, digest, licence), meta=json.loads(meta) if meta else {},
    )  # fmt: skip
