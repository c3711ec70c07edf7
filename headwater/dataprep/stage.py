"""A stage: the steps between two points where all rows must be known. One block goes through it at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.block import Block
from headwater.dataprep.collector import paused
from headwater.dataprep.ledger import EXAMPLES, BlockLedger, StepLine
from headwater.dataprep.part import DROPPED, DROPPED_SCHEMA, STATISTICS, Part, write_part
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.step import AnyStep, Drop, GlobalStep, RecordStep, Services, Step
from headwater.records.formats.native import Native
from headwater.records.reading import OpenedSource, records_of
from headwater.records.record import Record, Task
from headwater.records.rows import BadRow, Chunk
from headwater.records.writing import as_json

POSITION_BITS = 32
SHOWN_CHARACTERS = 400


@dataclass(frozen=True)
class StageSpec:
    """Which steps of a recipe: an opening global one whose verdicts are applied, local ones, a closing gather.

    `run` names the whole run, `key` this stage with everything before it.
    """

    recipe: Recipe
    run: str
    key: str
    opening: int | None
    local: tuple[int, ...]
    closing: int | None


@dataclass(frozen=True)
class BlockJob:
    """One block to do: from a chunk of a source, or from a part with verdicts on its rows. `path`: its own part."""

    number: int
    path: Path
    stage: StageSpec
    source_number: int = 0
    source: OpenedSource | None = None
    chunk: Chunk | None = None
    part: Part | None = None
    verdicts: pl.DataFrame | None = None
    limit: int | None = None


@dataclass
class StageRun:
    """A block on its way through a stage, with what it leaves behind."""

    block: Block
    number: int
    ledger: BlockLedger = field(default_factory=BlockLedger)
    statistics: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    frames: list[pl.DataFrame] = field(default_factory=list)
    dropped: list[pl.DataFrame] = field(default_factory=list)
    # The next free position for a row that a step adds; positions of the block's own rows come first.
    next_position: int = 0

    def drop(
        self, line: StepLine, place: int, rows: npt.NDArray[np.int64], reasons: list[str], values: list[Any]
    ) -> None:
        """Drop rows for reasons; keep what they were."""
        native = Native()
        records = self.block.records(rows)
        self.dropped.append(
            pl.DataFrame(
                {
                    "step": [line.name] * len(records),
                    "place": [place] * len(records),
                    "index": self.block.rows["index"].gather(rows).to_list(),
                    "reason": reasons,
                    "value": [None if value is None else _shown(value) for value in values],
                    "id": [record.id for record in records],
                    "file": [record.source.file for record in records],
                    "row": [record.source.row for record in records],
                    "record": [as_json(native.write(record)) for record in records],
                },
                schema=DROPPED_SCHEMA,
            )
        )
        self.block.alive[rows] = False
        line.dropped += len(records)
        line.reasons.update(Counter(reasons))

    def keep_statistics(self) -> None:
        """Set the statistics measured so far aside, before rows move."""
        if self.statistics:
            index = {"index": self.block.rows["index"].to_numpy()}
            columns = {name: _column(values) for name, values in self.statistics.items()}
            self.frames.append(pl.DataFrame({**index, **columns}))
            self.statistics = {}

    def compact(self) -> None:
        """Take dropped rows out of the block."""
        if not self.block.alive.all():
            self.keep_statistics()
            self.block.compact()


@paused()
def run_block(job: BlockJob, services: Services, steps: Sequence[AnyStep]) -> Part:
    """Bring one block through its stage and write the part. A part that is there already is kept."""
    done = Part(job.path)
    if done.complete:
        return done
    run = _opened(job)
    if job.stage.opening is not None:
        _apply_verdicts(run, job, steps[job.stage.opening])
    for place in job.stage.local:
        step = steps[place]
        line = StepLine(step.name, rows_in=int(run.block.alive.sum()))
        started = time.process_time()
        if isinstance(step, RecordStep):
            _run_record_step(run, step, line, place)
        elif isinstance(step, Step):
            _run_step(run, step, line, place)
        line.seconds = time.process_time() - started
        run.ledger.steps.append(line)
    run.keep_statistics()
    run.block.compact()
    frames: dict[str, pl.DataFrame] = {}
    if run.dropped:
        frames[DROPPED] = pl.concat(run.dropped)
    if run.frames:
        frames[STATISTICS] = pl.concat(run.frames, how="diagonal_relaxed")
    gathered = None
    if job.stage.closing is not None:
        closing = steps[job.stage.closing]
        assert isinstance(closing, GlobalStep)
        gathered = closing.gather(run.block)
    run.ledger.rows = len(run.block)
    return write_part(job.path, run.block, frames, run.ledger, gathered)


def _opened(job: BlockJob) -> StageRun:
    if job.part is not None:
        block = job.part.block()
        run = StageRun(block, job.number)
        positions = block.rows["index"].to_numpy() & np.uint64((1 << POSITION_BITS) - 1)
        run.next_position = int(positions.max()) + 1 if len(positions) else 0
        return run
    assert job.source is not None and job.chunk is not None
    records: list[Record] = []
    ledger = BlockLedger()
    for found in records_of(job.source, job.chunk):
        if job.limit is not None and len(records) >= job.limit:
            break
        if isinstance(found, BadRow):
            ledger.quarantine.append(
                {"file": found.file, "row": found.number, "reason": found.reason, "excerpt": found.excerpt}
            )
        else:
            records.append(_with_task(found, job.stage.recipe.file.task))
    ledger.read = len(records) + len(ledger.quarantine)
    block = Block.of(records, job.number << POSITION_BITS, job.source_number)
    return StageRun(block, job.number, ledger, next_position=len(records))


def _with_task(record: Record, task: Task | None) -> Record:
    if task is None or record.task is task:
        return record
    if task is Task.PRETRAINING and record.messages:
        return record  # a chat is trained as text by its template, not by gluing it here
    return replace(record, task=task)


def _run_step(run: StageRun, step: Step, line: StepLine, place: int) -> None:
    if step.changes_first:
        _change(run, step, line)
    for name, values in step.measure(run.block).items():
        run.statistics[f"{place:02}.{step.name}.{name}"] = values
    if step.rules():
        _decide(run, step, line, place)
    if not step.changes_first:
        _change(run, step, line)


def _change(run: StageRun, step: Step, line: StepLine) -> None:
    if type(step).change is Step.change:
        return
    run.compact()
    before = run.block.texts
    changed = step.change(run.block)
    if changed is not None:
        line.changed = int(changed.sum())
        line.examples = _examples(before, run.block, changed)


def _decide(run: StageRun, step: Step, line: StepLine, place: int) -> None:
    reasons: dict[int, tuple[str, Any]] = {}
    undecided = run.block.alive.copy()
    for rule in step.rules():
        values = run.statistics[f"{place:02}.{step.name}.{rule.statistic}"]
        with np.errstate(invalid="ignore"):
            broken = rule.broken(values) & undecided
        undecided &= ~broken
        for row in np.flatnonzero(broken).tolist():
            reasons[row] = (rule.reason, values[row])
    if reasons:
        rows = sorted(reasons)
        run.drop(line, place, np.array(rows), [reasons[r][0] for r in rows], [reasons[r][1] for r in rows])


def _examples(before: pl.DataFrame, block: Block, changed: npt.NDArray[np.bool_]) -> list[dict[str, str]]:
    """Return the first changed texts, before and after; only where texts still correspond."""
    if not changed.any() or before.height != block.texts.height:
        return []
    different = np.flatnonzero((before["text"] != block.texts["text"]).to_numpy())[:EXAMPLES]
    ids = block.rows["id"]
    return [
        {
            "id": str(ids[int(block.texts["row"][n])]),
            "field": str(block.texts["field"][n]),
            **_around(str(before["text"][n]), str(block.texts["text"][n])),
        }
        for n in different.tolist()
    ]


def _around(before: str, after: str) -> dict[str, str]:
    """Cut both texts to where they first differ."""
    start = max(0, _shared(before, after) - SHOWN_CHARACTERS // 4)
    return {"before": before[start : start + SHOWN_CHARACTERS], "after": after[start : start + SHOWN_CHARACTERS]}


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common: halving, as Python compares slices quickly."""
    known, most = 0, min(len(one), len(other))
    while known < most:
        middle = (known + most + 1) // 2
        if one[known:middle] == other[known:middle]:
            known = middle
        else:
            most = middle - 1
    return known


def _run_record_step(run: StageRun, step: RecordStep, line: StepLine, place: int) -> None:
    run.keep_statistics()
    run.compact()
    block = run.block
    results: list[Record] = []
    parents: list[int] = []
    drops: dict[int, Drop] = {}
    broken: dict[int, str] = {}
    for row, record in enumerate(block.records()):
        try:
            answer = step.apply(record)
        except Exception as error:  # noqa: BLE001 - a person's step may raise anything; it costs this row alone
            broken[row] = f"step {step.name} failed: {error!r}"
            continue
        made = answer if isinstance(answer, list) else [answer]
        if isinstance(answer, Drop) or not made:
            drops[row] = answer if isinstance(answer, Drop) else Drop("nothing left")
            continue
        line.changed += made != [record]
        results += [one for one in made if isinstance(one, Record)]
        parents += [row] * len(made)
    rows = sorted(drops)
    if rows:
        run.drop(line, place, np.array(rows), [drops[r].reason for r in rows], [drops[r].value for r in rows])
    _quarantine(run, line, broken)
    line.added = len(parents) - len(set(parents))
    _rebuild(run, results, parents)


def _quarantine(run: StageRun, line: StepLine, broken: dict[int, str]) -> None:
    rows = run.block.rows
    for row, reason in broken.items():
        found = rows.row(row, named=True)
        run.ledger.quarantine.append(
            {"file": found["file"], "row": found["row"], "reason": reason, "excerpt": found["id"]}
        )
        line.quarantined += 1


def _rebuild(run: StageRun, results: list[Record], parents: list[int]) -> None:
    """Make a block of new records; each keeps its parent's index, further ones get a free position."""
    old = run.block.rows
    block = Block.of(results)
    index, seen = [], set()
    for parent in parents:
        own = int(old["index"][parent])
        if parent in seen:
            own = (run.number << POSITION_BITS) | run.next_position
            run.next_position += 1
        seen.add(parent)
        index.append(own)
    kept = old[np.array(parents, dtype=np.int64)] if parents else old.clear()
    block.set_rows("index", pl.Series("index", index, dtype=pl.UInt64))
    block.set_rows("cluster", kept["cluster"])
    block.set_rows("source", kept["source"])
    run.block = block


def _apply_verdicts(run: StageRun, job: BlockJob, step: AnyStep) -> None:
    assert job.verdicts is not None and job.stage.opening is not None
    block = run.block
    line = StepLine(step.name, rows_in=len(block))
    joined = block.rows.select("index").join(job.verdicts, on="index", how="left", maintain_order="left")
    if "cluster" in joined.columns:
        block.set_rows("cluster", pl.Series(joined["cluster"]).fill_null(pl.Series(block.rows["cluster"])))
    if "score" in joined.columns:
        block.set_rows("score", joined["score"])
    copies = joined["copies"].fill_null(1).to_numpy() if "copies" in joined.columns else None
    reasons = joined["reason"].to_list()
    rows = [row for row, reason in enumerate(reasons) if reason is not None]
    if rows:
        values = joined["value"].to_list() if "value" in joined.columns else [None] * len(reasons)
        run.drop(line, job.stage.opening, np.array(rows), [reasons[r] for r in rows], [values[r] for r in rows])
    if copies is not None and (copies[block.alive] > 1).any():
        _copy_rows(run, line, copies)
    run.ledger.steps.append(line)


def _copy_rows(run: StageRun, line: StepLine, copies: npt.NDArray[np.int64]) -> None:
    block = run.block
    times = np.where(block.alive, copies, 0)
    places = np.repeat(np.arange(len(block)), times)
    number = np.arange(len(places)) - np.repeat(np.cumsum(times) - times, times)
    taken = block.take(places)
    extra = number > 0
    ids = [f"{i}#{n + 1}" if n else i for i, n in zip(taken.rows["id"].to_list(), number.tolist(), strict=True)]
    index = taken.rows["index"].to_numpy().copy()
    fresh = np.arange(run.next_position, run.next_position + int(extra.sum()), dtype=np.uint64)
    index[extra] = fresh | np.uint64(run.number << POSITION_BITS)
    run.next_position += int(extra.sum())
    taken.set_rows("id", pl.Series(ids, dtype=pl.String))
    taken.set_rows("index", pl.Series(index))
    line.added = int(extra.sum())
    run.block = taken


def _column(values: npt.NDArray[Any]) -> pl.Series:
    return pl.Series(values.tolist(), dtype=pl.String) if values.dtype == object else pl.Series(values)


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
