"""The run of a recipe: stages in order, blocks in parallel, every row counted, resumable at any block."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from headwater.core.errors import BadInput, Forbidden, MissingExtra
from headwater.core.progress import Progress, Report, silent
from headwater.dataprep.fetching import fetch_sources
from headwater.dataprep.fingerprint import source_key, step_key
from headwater.dataprep.ledger import StepLine, check_balance
from headwater.dataprep.matching import with_matches
from headwater.dataprep.output import OutputFiles, write_output
from headwater.dataprep.part import PART_SUFFIX, Part
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.reorder import reorder
from headwater.dataprep.report import RunReport, build_report
from headwater.dataprep.stage import POSITION_BITS, BlockJob, StageSpec
from headwater.dataprep.step import AnyStep, Gathered, GlobalStep, Services
from headwater.dataprep.workers import Workers
from headwater.records.disk import disk_in_words
from headwater.records.readers.containers import DocumentReader
from headwater.records.reading import OpenedSource, SourceSettings, chunks_of, open_source
from headwater.records.rows import ReadLimits

if TYPE_CHECKING:
    from headwater.dataprep.cluster import Cluster

READ_LIMITS = ReadLimits(chunk_bytes=2 * 1024 * 1024, chunk_rows=4096)
DRY_RUN_ROWS = 1000


@dataclass(frozen=True)
class RunSettings:
    """How to run: processes, rows of a dry run (None: a real run), whether to keep the work folder.

    `remote_allowed`: whether the recipe may name sources elsewhere. Who runs other people's recipes closes this:
    the addresses are asked for from here, and `env:NAME` reads the environment here.
    `cluster`: address of a Ray cluster that does the blocks instead of processes here.
    """

    workers: int = 1
    dry_run_rows: int | None = None
    keep_work: bool = False
    services: Services = field(default_factory=Services)
    document: DocumentReader | None = None
    limits: ReadLimits = READ_LIMITS
    remote_allowed: bool = True
    cluster: str | None = None


@dataclass
class _State:
    """Where the run stands."""

    recipe: Recipe
    settings: RunSettings
    work: Path
    report: Report
    steps: list[AnyStep]
    workers: Workers | Cluster
    lines: list[StepLine] = field(default_factory=list)
    rows_read: int = 0
    quarantine: list[dict[str, object]] = field(default_factory=list)
    # Parts of every stage: rows move on, but what each stage dropped and measured stays with it.
    history: list[list[Part]] = field(default_factory=list)


def prepare(recipe: Recipe, settings: RunSettings | None = None, report: Report = silent) -> RunReport:
    """Run a recipe and write its output. Raises HeadwaterError when rows do not balance.

    A run that was stopped goes on where it was. The report says whether too many rows were quarantined.
    """
    settings = settings or RunSettings()
    recipe = with_matches(recipe, settings.remote_allowed)
    dry = settings.dry_run_rows is not None
    steps = [entry.make(recipe, settings.services) for entry in recipe.steps]
    _check_services(steps, settings)
    files = OutputFiles.of(recipe)
    work = files.work_folder(dry)
    try:
        with disk_in_words(work):
            result = _prepared(recipe, settings, steps, work, report)
    except BaseException:
        if dry and not settings.keep_work:  # a real run keeps what is done, to go on with
            shutil.rmtree(work, ignore_errors=True)
        raise
    if not dry:
        with disk_in_words(files.target):
            result.save(files)
    if not settings.keep_work:
        shutil.rmtree(work, ignore_errors=True)
    return result


def _prepared(recipe: Recipe, settings: RunSettings, steps: list[AnyStep], work: Path, report: Report) -> RunReport:
    started = time.monotonic()
    fetched = fetch_sources(recipe, work / "remote", settings.remote_allowed, report, settings.dry_run_rows)
    recipe = fetched.recipe
    sources = _open_sources(recipe, settings)
    with _workers(settings, steps) as workers:
        state = _State(recipe, settings, work, report, steps, workers)
        parts = _run_stages(state, sources)
    rows_out = sum(part.ledger().rows for part in parts)
    in_steps = sum(line.quarantined for line in state.lines)
    check_balance(state.rows_read - (len(state.quarantine) - in_steps), state.lines, rows_out)
    dry = settings.dry_run_rows is not None
    written = None if dry else write_output(recipe, parts, OutputFiles.of(recipe), report)
    result = build_report(recipe, sources, state.lines, state.history, written, state.quarantine)
    result.name_addresses(fetched.addresses)
    result.finish(state.rows_read, rows_out, time.monotonic() - started, settings.dry_run_rows)
    return result


def _workers(settings: RunSettings, steps: list[AnyStep]) -> Workers | Cluster:
    if settings.cluster is not None:
        from headwater.dataprep.cluster import Cluster

        return Cluster(settings.cluster, settings.services, steps)
    return Workers(settings.workers, settings.services, steps)


def _open_sources(recipe: Recipe, settings: RunSettings) -> list[OpenedSource]:
    opened = []
    for entry in recipe.file.sources:
        limits = ReadLimits(
            settings.limits.row_bytes, settings.limits.chunk_bytes, settings.limits.chunk_rows, entry.text_unit
        )
        chosen = SourceSettings(entry.format, entry.mapping, entry.licence, limits)
        opened.append(open_source(recipe.source(entry), chosen, settings.document))
    return opened


def _check_services(steps: list[AnyStep], settings: RunSettings) -> None:
    for step in steps:
        for name in step.needed():
            if getattr(settings.services, name) is None:
                raise MissingExtra(
                    f"The step {step.name} needs a model for {name.removesuffix('_named')!r}, and none was given.",
                    "Name an installed one in its options, or take the step or its option out of the recipe.",
                )
        if step.addresses() and not settings.remote_allowed:
            raise Forbidden(
                f"The step {step.name} asks {', '.join(step.addresses())}, and other servers are closed here.",
                "Take the option out of the recipe, or ask an administrator.",
            )


def _run_stages(state: _State, sources: list[OpenedSource]) -> list[Part]:
    """Cut the recipe at its global steps and do the stages. The key grows by every step that is behind."""
    key = whole = source_key(state.recipe, sources, state.settings.dry_run_rows)
    for step in state.steps:
        whole = step_key(whole, step)
    parts: list[Part] = []
    verdicts: list[pl.DataFrame] = []
    opening: int | None = None
    place = 0
    while True:
        first = not state.history
        local = []
        while place < len(state.steps) and not isinstance(state.steps[place], GlobalStep):
            key = step_key(key, state.steps[place])
            local.append(place)
            place += 1
        closing = place if place < len(state.steps) else None
        key = step_key(key, state.steps[closing]) if closing is not None else key
        spec = StageSpec(state.recipe, whole, f"{len(state.history):02}-{key[:24]}", opening, tuple(local), closing)
        jobs = _first_jobs(state, spec, sources) if first else _next_jobs(state, spec, parts, verdicts)
        parts = _do_stage(state, spec, jobs, first)
        if closing is None:
            return parts
        place += 1
        parts, verdicts, opening = _decide(state, parts, closing)


def _do_stage(state: _State, spec: StageSpec, jobs: Iterator[BlockJob], first: bool) -> list[Part]:
    used = [state.steps[place] for place in (spec.opening, *spec.local, spec.closing) if place is not None]
    # A step that calls a service stays in this process: the service may be a model that was loaded once.
    here = any(step.needed() for step in used)
    name = " · ".join(step.name for step in used) or "read"
    parts: list[Part] = []
    lines: list[StepLine] = []
    done = 0
    for part in state.workers.do(jobs, here):
        ledger = part.ledger()
        parts.append(part)
        if first:
            state.rows_read += ledger.read
        state.quarantine += ledger.quarantine
        for number, line in enumerate(ledger.steps):
            if number == len(lines):
                lines.append(StepLine(line.name))
            lines[number].add(line)
        done += ledger.rows
        state.report(Progress(done, None, "rows", name))
    opened = state.steps[spec.opening] if spec.opening is not None else None
    if lines and isinstance(opened, GlobalStep):
        lines[0].seconds += opened.deciding_seconds
    if not parts:
        lines = [StepLine(step.name) for step in used if not isinstance(step, GlobalStep)]
    state.lines += lines
    state.history.append(parts)
    return parts


def _first_jobs(state: _State, spec: StageSpec, sources: list[OpenedSource]) -> Iterator[BlockJob]:
    folder = state.work / spec.key
    number = 0
    for source_number, source in enumerate(sources):
        left = state.settings.dry_run_rows
        for chunk in chunks_of(source, state.settings.document):
            if left is not None and left <= 0:
                break
            path = folder / f"{number:06}{PART_SUFFIX}"
            yield BlockJob(number, path, spec, source_number, source=source, chunk=chunk, limit=left)
            number += 1
            left = None if left is None else left - len(chunk)


def _next_jobs(state: _State, spec: StageSpec, parts: list[Part], verdicts: list[pl.DataFrame]) -> Iterator[BlockJob]:
    folder = state.work / spec.key
    for number, part in enumerate(parts):
        chosen = verdicts[number] if spec.opening is not None else None
        yield BlockJob(number, folder / f"{number:06}{PART_SUFFIX}", spec, part=part, verdicts=chosen)


def _decide(state: _State, parts: list[Part], closing: int) -> tuple[list[Part], list[pl.DataFrame], int | None]:
    """Let a global step judge all rows; give each part its verdicts, or put the rows in a new order."""
    step = state.steps[closing]
    assert isinstance(step, GlobalStep)
    started = time.process_time()
    state.report(Progress(0, None, "rows", step.name))
    for part in parts:
        if not part.gathered.exists():
            raise BadInput(f"{part.gathered} is missing", "Delete the work folder beside the output and run it again.")
    gathered = [Gathered(part.gathered, part.ledger().rows) for part in parts]
    plan = step.decide(gathered)
    if plan.reorders:
        line = StepLine(step.name, rows_in=sum(one.rows for one in gathered))
        moved = reorder(parts, plan.verdicts, parts[0].path.parent / "ordered") if parts else []
        line.changed = line.rows_in
        line.seconds = time.process_time() - started
        state.lines.append(line)
        return moved, [], None
    step.deciding_seconds = time.process_time() - started
    return parts, _by_block(plan.verdicts, len(parts)), closing


def _by_block(verdicts: pl.DataFrame, blocks: int) -> list[pl.DataFrame]:
    """Cut the verdicts where one block's rows end; the upper bits of an index are the number of its block."""
    numbers = verdicts["index"].to_numpy() >> np.uint64(POSITION_BITS)
    if (numbers[1:] < numbers[:-1]).any():
        order = np.argsort(numbers, kind="stable")
        verdicts, numbers = verdicts[order], numbers[order]
    edges = np.searchsorted(numbers, np.arange(blocks + 1)).tolist()
    return [verdicts[first:last] for first, last in pairwise(edges)]
