"""A sample of rows on its way through a recipe, every row watched.

Unlike a run, a row that a threshold would drop goes on and is measured by the later steps too. So the effect
of another threshold can be counted from what was measured, without measuring again (`counting.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.block import Block
from headwater.dataprep.recipe import Recipe, StepEntry
from headwater.dataprep.step import AnyStep, Drop, Gathered, GlobalStep, RecordStep, Rule, Services, Step
from headwater.records.record import Record, Task

Values = npt.NDArray[Any]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Change:
    """A text before and after a step. `field` is its part in the row."""

    place: int
    field: str
    before: str
    after: str


@dataclass
class TracedStep:
    """What one step did. Arrays have one value for each row that is there at the end.

    `ids`: which row of that moment an end row was; rows that a later step cut out of one share it.
    `verdicts`: reasons that no threshold moves, None where there is none.
    """

    name: str
    entry: StepEntry
    step: AnyStep
    ids: Ids
    values: dict[str, Values] = field(default_factory=dict)
    verdicts: list[str | None] = field(default_factory=list)
    verdict_values: list[str | None] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    changed: int = 0
    added: int = 0
    # Copies that a run would write; the sample has each row once.
    copies: int = 0
    rewrites: bool = False


@dataclass
class Trace:
    """The whole way. `records` are the rows as read, by id; `changes` of each row in the order of steps."""

    recipe: Recipe
    services: Services
    records: dict[int, Record]
    steps: list[TracedStep] = field(default_factory=list)
    ids: Ids = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    parents: dict[int, int] = field(default_factory=dict)
    changes: dict[int, list[Change]] = field(default_factory=dict)
    block: Block = field(default_factory=lambda: Block.of([]))


def trace(recipe: Recipe, services: Services, samples: Sequence[tuple[int, Sequence[Record]]]) -> Trace:
    """Take records of each source (number, records) through the steps. Raises what a step raises."""
    records = [_with_task(record, recipe.file.task) for _, some in samples for record in some]
    sources = [number for number, some in samples for _ in some]
    block = Block.of(records)
    if records:
        block.set_rows("source", pl.Series("source", sources, dtype=pl.UInt32))
    ids = np.arange(len(records), dtype=np.int64)
    walk = Walk(Trace(recipe, services, dict(enumerate(records)), ids=ids, block=block))
    for place, entry in enumerate(recipe.steps):
        walk.take(place, entry)
    return walk.trace


def _with_task(record: Record, task: Task | None) -> Record:
    # As in a run: a chat is trained as text by its template, not by gluing it here.
    if task is None or record.task is task or (task is Task.PRETRAINING and record.messages):
        return record
    return replace(record, task=task)


class Walk:
    """Goes from step to step and keeps what each leaves behind."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._next_id = len(trace.records)

    def take(self, place: int, entry: StepEntry) -> None:
        """Let a step act on the sample."""
        trace = self.trace
        step = entry.make(trace.recipe, trace.services)
        traced = TracedStep(entry.name, entry, step, trace.ids.copy())
        trace.steps.append(traced)
        count = len(trace.ids)
        traced.verdicts, traced.verdict_values = [None] * count, [None] * count
        if isinstance(step, RecordStep):
            self._records(place, traced, step)
        elif isinstance(step, GlobalStep):
            self._all_rows(traced, step)
        elif isinstance(step, Step):
            self._row_by_row(place, traced, step)

    def alive(self) -> npt.NDArray[np.bool_]:
        """Which rows no step so far drops, by the options as they are."""
        alive = np.ones(len(self.trace.ids), dtype=bool)
        for traced in self.trace.steps:
            alive &= np.array([verdict is None for verdict in traced.verdicts], dtype=bool)
            for rule in traced.rules:
                if rule.statistic in traced.values:
                    with np.errstate(invalid="ignore"):
                        alive &= ~rule.broken(traced.values[rule.statistic])
        return alive

    # --- the three kinds of steps --------------------------------------------------------------

    def _row_by_row(self, place: int, traced: TracedStep, step: Step) -> None:
        traced.rewrites = type(step).change is not Step.change
        if step.changes_first:
            self._change(place, traced, step)
        traced.values = {name: np.asarray(values) for name, values in step.measure(self.trace.block).items()}
        traced.rules = [rule for rule in step.rules() if rule.statistic in traced.values]
        if not step.changes_first:
            self._change(place, traced, step)

    def _change(self, place: int, traced: TracedStep, step: Step) -> None:
        if not traced.rewrites:
            return
        block = self.trace.block
        before = block.texts
        changed = step.change(block)
        traced.rewrites = changed is not None
        if changed is None or not changed.any():
            return
        different = np.flatnonzero((before["text"] != block.texts["text"]).to_numpy())
        for at in different.tolist():
            row = int(block.texts["row"][at])
            text = Change(place, str(before["field"][at]), str(before["text"][at]), str(block.texts["text"][at]))
            self.trace.changes.setdefault(int(self.trace.ids[row]), []).append(text)
        traced.changed = int((changed & self.alive()).sum())

    def _records(self, place: int, traced: TracedStep, step: RecordStep) -> None:
        trace, alive = self.trace, self.alive()
        results: list[Record] = []
        parents: list[int] = []
        for row, record in enumerate(trace.block.records(range(len(trace.block)))):
            # A row that was dropped stays as it is: a step that cuts rows apart never sees it.
            answer = _applied(step, record) if alive[row] else record
            if isinstance(answer, Drop) or answer == []:
                dropped = answer if isinstance(answer, Drop) else Drop("nothing left")
                traced.verdicts[row] = dropped.reason
                traced.verdict_values[row] = None if dropped.value is None else str(dropped.value)
                answer = record
            made = answer if isinstance(answer, list) else [answer]
            assert not isinstance(made[0], Drop)
            if made != [record]:
                traced.changed += 1
                self._note_records(place, int(trace.ids[row]), record, made)
            results += made
            parents += [row] * len(made)
        traced.added = len(parents) - len(trace.ids)
        self._rebuild(results, np.array(parents, dtype=np.int64))

    def _note_records(self, place: int, row_id: int, before: Record, after: list[Any]) -> None:
        olds, news = list(before.texts()), [text for record in after for text in record.texts()]
        old = "\n\n".join(text for _, text in olds)
        new = "\n\n".join(text for _, text in news)
        self.trace.changes.setdefault(row_id, []).append(Change(place, "whole row", old, new))

    def _rebuild(self, results: list[Record], parents: Ids) -> None:
        """Make the block anew; each first piece keeps its row's id, further ones get their own."""
        trace = self.trace
        old = trace.block.rows
        block = Block.of(results)
        if len(parents):
            block.set_rows("index", old["index"].gather(parents.tolist()))
            block.set_rows("source", old["source"].gather(parents.tolist()))
        ids = trace.ids[parents]
        seen: set[int] = set()
        for at, row_id in enumerate(ids.tolist()):
            if row_id in seen:
                ids[at] = self._next_id
                trace.parents[self._next_id] = row_id
                trace.changes[self._next_id] = list(trace.changes.get(row_id, ()))
                self._next_id += 1
            seen.add(row_id)
        for traced in trace.steps:
            traced.ids = traced.ids[parents]
            traced.values = {name: values[parents] for name, values in traced.values.items()}
            traced.verdicts = [traced.verdicts[row] for row in parents.tolist()]
            traced.verdict_values = [traced.verdict_values[row] for row in parents.tolist()]
        trace.block, trace.ids = block, ids

    def _all_rows(self, traced: TracedStep, step: GlobalStep) -> None:
        trace = self.trace
        places = np.flatnonzero(self.alive())
        if not len(places):
            return
        living = trace.block.take(places)
        with tempfile.TemporaryDirectory(prefix="headwater-sample-") as folder:
            path = Path(folder) / "stage" / "000000" / "gathered.arrow"
            path.parent.mkdir(parents=True)
            step.gather(living).write_ipc(path)
            plan = step.decide([Gathered(path, len(places))])
        if plan.reorders:
            return
        verdicts = living.rows.select("index").join(plan.verdicts, on="index", how="left", maintain_order="left")
        reasons = verdicts["reason"].to_list()
        values = verdicts["value"].to_list() if "value" in verdicts.columns else [None] * len(reasons)
        for row, reason, value in zip(places.tolist(), reasons, values, strict=True):
            traced.verdicts[row] = reason
            traced.verdict_values[row] = None if value is None else str(value)
        if "copies" in verdicts.columns:
            traced.copies = int((verdicts["copies"].fill_null(1) - 1).clip(0).sum())


def _applied(step: RecordStep, record: Record) -> Any:
    try:
        return step.apply(record)
    except Exception as error:  # noqa: BLE001 - as in a run, it costs this row alone
        return Drop(f"step {step.name} failed: {error!r}")
