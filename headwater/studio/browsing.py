"""Rows of a prepared data set as a page shows them: some at a time, by words or by label; and the dropped ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from headwater.records.formats.native import Native
from headwater.records.record import Record
from headwater.studio.edits import Edit, EditedRows

SHOWN_CHARACTERS = 4000


def as_row(record: Record, number: int, edit: Edit | None, characters: int | None = None) -> dict[str, Any]:
    """Return a row as a page shows it; `characters`: longer texts are cut there."""
    texts = list(record.texts())
    return {
        "number": number, "id": record.id, "task": record.task.value, "file": record.source.file,
        "row": record.source.row, "score": record.score, "language": record.language,
        "texts": [{"field": name, "text": text[:characters]} for name, text in texts],
        "cut": characters is not None and any(len(text) > characters for _, text in texts),
        "relevant": None if edit is None else edit.relevant, "edited": bool(edit and edit.texts),
    }  # fmt: skip


def page_of(rows: EditedRows, split: str, wanted: Wanted) -> dict[str, Any]:
    """Return some rows of a part, filtered, and how many there are."""
    scan = pl.scan_parquet(rows.base(split)).with_row_index("number")
    edits = rows.edits(split)
    if wanted.query:
        scan = scan.filter(_holds(wanted.query))
    if wanted.only != "all":
        numbers = [n for n, edit in edits.items() if wanted.takes(edit)]
        inside = pl.col("number").is_in(numbers)
        scan = scan.filter(inside if wanted.only != "unlabelled" else ~pl.col("number").is_in(_labelled(edits)))
    total = int(scan.select(pl.len()).collect().item())
    found = scan.slice(wanted.offset, wanted.limit).collect().to_dicts()
    native = Native()
    shown = [
        as_row(
            rows.applied(split, row["number"], native.read(row)[0]),
            row["number"],
            edits.get(row["number"]),
            SHOWN_CHARACTERS,
        )
        for row in found
    ]
    return {"rows": shown, "total": total, "splits": rows.splits(), "counts": rows.counts()}


def _labelled(edits: Mapping[int, Edit]) -> Sequence[int]:
    return [number for number, edit in edits.items() if edit.relevant is not None]


@dataclass(frozen=True)
class Wanted:
    """Which rows: `only` is all, relevant, not_relevant, unlabelled or edited."""

    offset: int = 0
    limit: int = 50
    query: str = ""
    only: str = "all"

    def takes(self, edit: Edit) -> bool:
        """Whether the filter takes a row with this edit."""
        return {
            "relevant": edit.relevant is True,
            "not_relevant": edit.relevant is False,
            "edited": bool(edit.texts),
        }.get(self.only, True)


def _holds(query: str) -> pl.Expr:
    """Whether any text of the row holds the words, capitals aside."""
    said = pl.col("messages").list.eval(pl.element().struct.field("content")).list.join("\n")
    single = [pl.col(name) for name in ("system", "context", "completion", "chosen", "rejected", "id")]
    texts = [said, *single]
    wanted = query.lower()
    return pl.any_horizontal(
        [text.fill_null("").str.to_lowercase().str.contains(wanted, literal=True) for text in texts]
    )


def dropped_page(folder: Path, place: int | None, reason: str | None, offset: int, limit: int) -> dict[str, Any]:
    """Return some of the rows that a run dropped, of one step and reason or of all."""
    path = folder / "dropped.parquet"
    if not path.exists():
        return {"rows": [], "total": 0}
    scan = pl.scan_parquet(path)
    if place is not None:
        scan = scan.filter(pl.col("place") == place)
    if reason is not None:
        scan = scan.filter(pl.col("reason") == reason)
    total = int(scan.select(pl.len()).collect().item())
    rows = [
        {
            **{name: row[name] for name in ("place", "step", "reason", "value", "id", "file", "row")},
            "texts": _texts_of(row["record"]),
        }
        for row in scan.slice(offset, limit).collect().to_dicts()
    ]
    return {"rows": rows, "total": total}


def _texts_of(stored: str) -> list[dict[str, str]]:
    record = Native().read(json.loads(stored))[0]
    return [{"field": name, "text": text[:SHOWN_CHARACTERS]} for name, text in record.texts()]
