"""Rows of a data set corrected by hand: texts changed, rows said to be relevant or not.

The rows as prepared stay in `.original/`; what a person did lies in `.edits.json`; the files that a trainer reads
are those two put together, and rows that are not relevant are left out of them.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from headwater.core.errors import BadInput, NotFound
from headwater.core.progress import Progress, Report
from headwater.records.formats.native import Native
from headwater.records.record import Record, Turn
from headwater.records.writing import RecordWriter

NATIVE = "headwater"
SPLITS = ("train", "validation", "test")
EDITS_FILE, ORIGINAL = ".edits.json", ".original"
BATCH_ROWS = 5000
MOST_CHARACTERS = 1_000_000
Label = Literal["relevant", "not_relevant", "none"]
LABELS: dict[str, bool | None] = {"relevant": True, "not_relevant": False, "none": None}


@dataclass(frozen=True)
class Edit:
    """What a person did to a row: its label, and new texts by their place in reading order."""

    relevant: bool | None = None
    texts: Mapping[int, str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was done."""
        return self.relevant is None and not self.texts


class EditedRows:
    """The rows of one data set's folder, with what was done to them by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._edits = self._load()

    def splits(self) -> list[str]:
        """The parts that there are."""
        return [name for name in SPLITS if (self.folder / f"{name}.parquet").exists()]

    def base(self, split: str) -> Path:
        """The rows of a part as they were prepared. Raises NotFound."""
        original = self.folder / ORIGINAL / f"{split}.parquet"
        path = original if original.exists() else self.folder / f"{split}.parquet"
        if split not in SPLITS or not path.exists():
            raise NotFound(
                f"This data set has no part {split[:40]!r}.", f"Parts: {', '.join(self.splits()) or 'none'}."
            )
        return path

    def edits(self, split: str) -> dict[int, Edit]:
        """What was done, by row number from 0."""
        return self._edits.get(split, {})

    def counts(self) -> dict[str, int]:
        """How many rows were edited, and how many are labelled."""
        every = [edit for edits in self._edits.values() for edit in edits.values()]
        return {
            "edited": sum(bool(edit.texts) for edit in every),
            "relevant": sum(edit.relevant is True for edit in every),
            "not_relevant": sum(edit.relevant is False for edit in every),
        }

    def record(self, split: str, number: int) -> Record:
        """The row as it stands. Raises NotFound."""
        return self.applied(split, number, self._as_prepared(split, number))

    def _as_prepared(self, split: str, number: int) -> Record:
        found = pl.scan_parquet(self.base(split)).slice(max(number, 0), 1).collect().to_dicts()
        if number < 0 or not found:
            raise NotFound(f"No row {number + 1} in {split}.", "Open the list of rows again.")
        return Native().read(found[0])[0]

    def applied(self, split: str, number: int, record: Record) -> Record:
        """The record with the person's texts."""
        edit = self.edits(split).get(number)
        return with_texts(record, edit.texts) if edit and edit.texts else record

    def change(self, split: str, number: int, label: Label | None, texts: Mapping[int, str] | None) -> Record:
        """Label a row or change its texts (None: leave that as it is). Raises NotFound, BadInput."""
        record = self._as_prepared(split, number)
        before = self.edits(split).get(number, Edit())
        merged = {**(before.texts or {}), **(texts or {})}
        edited = with_texts(record, merged)
        known = [text for _, text in record.texts()]
        kept = {place: text for place, text in merged.items() if text != known[place]}
        edit = Edit(before.relevant if label is None else LABELS[label], kept or None)
        rows = self._edits.setdefault(split, {})
        if edit.is_empty:
            rows.pop(number, None)
        else:
            rows[number] = edit
        self._save()
        return edited

    def records(self, split: str) -> Iterator[Record]:
        """Every row that is not labelled irrelevant, as it stands."""
        scan, edits, native = pl.scan_parquet(self.base(split)), self.edits(split), Native()
        start = 0
        while rows := scan.slice(start, BATCH_ROWS).collect().to_dicts():
            for number, row in enumerate(rows, start):
                edit = edits.get(number)
                if edit is None or edit.relevant is not False:
                    yield self.applied(split, number, native.read(row)[0])
            start += len(rows)

    def write(self, format_name: str, report: Report) -> dict[str, int]:
        """Write the files of every part anew, for trainers; return the rows of each part."""
        rows: dict[str, int] = {}
        original = self.folder / ORIGINAL
        original.mkdir(exist_ok=True)
        for split in self.splits():
            kept = original / f"{split}.parquet"
            if not kept.exists():
                os.link(self.folder / f"{split}.parquet", kept)
            targets = [(self.folder / f"{split}.parquet", NATIVE)]
            if format_name != NATIVE:
                targets.append((self.folder / f"{split}.jsonl", format_name))
            for target, written_format in targets:
                rows[split] = write_format(self.records(split), target, written_format, report)
        return rows

    def _load(self) -> dict[str, dict[int, Edit]]:
        path = self.folder / EDITS_FILE
        if not path.exists():
            return {}
        stored = json.loads(path.read_text("utf-8"))
        return {
            split: {
                int(number): Edit(
                    edit.get("relevant"), {int(p): t for p, t in (edit.get("texts") or {}).items()} or None
                )
                for number, edit in edits.items()
            }
            for split, edits in stored.items()
        }

    def _save(self) -> None:
        stored = {
            split: {str(number): {"relevant": e.relevant, "texts": e.texts} for number, e in sorted(edits.items())}
            for split, edits in self._edits.items()
        }
        partial = self.folder / f".{secrets.token_hex(4)}.edits"
        partial.write_text(json.dumps(stored, ensure_ascii=False), "utf-8")
        partial.replace(self.folder / EDITS_FILE)


def write_format(records: Iterator[Record], target: Path, format_name: str, report: Report) -> int:
    """Write records to a file by its suffix; return its rows."""
    with RecordWriter(target, format_name) as writer:
        for number, record in enumerate(records, 1):
            writer.write(record)
            if number % BATCH_ROWS == 0:
                report(Progress(number, None, "rows", "write"))
    return writer.written.rows


def with_texts(record: Record, texts: Mapping[int, str] | None) -> Record:
    """Return the record with other texts at these places of its reading order. Raises BadInput for a wrong place."""
    if not texts:
        return record
    names = [name for name, _ in record.texts()]
    for place, text in texts.items():
        if not 0 <= place < len(names):
            raise BadInput(f"The row has no text {place + 1}; it has {len(names)}.", "Open the row again.")
        if len(text) > MOST_CHARACTERS or "\x00" in text:
            raise BadInput(
                f"The text {place + 1} cannot be kept.", f"Use at most {MOST_CHARACTERS:,} characters, no NUL."
            )
    turns: list[Turn] = list(record.messages)
    single: dict[str, Any] = {}
    first = (record.system is not None) + (record.context is not None)
    for place, text in texts.items():
        if first <= place < first + len(turns):
            turn = turns[place - first]
            turns[place - first] = Turn(turn.role, text, turn.extra)
        else:
            single[names[place]] = text
    return replace(record, messages=tuple(turns), **single)
