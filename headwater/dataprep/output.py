"""The output: files in the recipe's format by split, and the rows that were dropped or quarantined."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from headwater.core.progress import Progress, Report
from headwater.dataprep.block import Block
from headwater.dataprep.collector import paused
from headwater.dataprep.part import Part
from headwater.dataprep.recipe import Recipe, SplitEntry
from headwater.records.reading import sha256_of
from headwater.records.record import Task
from headwater.records.tasks import TASKS
from headwater.records.writing import RecordWriter

NATIVE = "headwater"


@dataclass(frozen=True)
class OutputFiles:
    """Where everything goes. One file by its suffix, or a folder with Parquet (our records) and JSON Lines."""

    target: Path
    single: bool

    @classmethod
    def of(cls, recipe: Recipe) -> OutputFiles:
        """Settle the paths of a recipe."""
        target = recipe.resolve(recipe.file.output.path)
        return cls(target, bool(target.suffix) and not target.is_dir())

    def data(self, split: str, suffix: str) -> Path:
        """Return the data file of a split."""
        if not self.single:
            return self.target / f"{split}{suffix}"
        return (
            self.target
            if split == "train"
            else self.target.with_name(f"{self.target.stem}.{split}{self.target.suffix}")
        )

    def beside(self, name: str) -> Path:
        """Return a file that goes with the data: report.json, dropped.parquet."""
        return self.target.with_name(f"{self.target.stem}.{name}") if self.single else self.target / name

    def work_folder(self, dry: bool) -> Path:
        """Return where parts lie while running. Beside the output, so that a full disk is the same disk."""
        if dry:
            return Path(tempfile.mkdtemp(prefix="headwater-dry-run-"))
        return self.target.with_name(f".{self.target.name}.work")


@dataclass
class WrittenOutput:
    """What was written: files with rows and hash, losses of the format, rows that a trainer would refuse."""

    files: list[dict[str, object]] = field(default_factory=list)
    format: str = ""
    losses: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    problem_ids: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def output_format(recipe: Recipe, parts: list[Part]) -> str:
    """Return the format asked for, else the default of the rows' task (our own when there are several)."""
    if recipe.file.output.format:
        return recipe.file.output.format
    tasks: set[str] = {str(recipe.file.task)} if recipe.file.task else set()
    for part in parts if not tasks else []:
        tasks |= set(part.block().rows["task"].unique().to_list())
    formats = {TASKS[Task(task)].format for task in tasks}
    return formats.pop() if len(formats) == 1 else NATIVE


def split_of(block: Block, split: SplitEntry | None, seed: int) -> list[str]:
    """Return the split of each row; rows of one group go together, whatever else is in the set."""
    if split is None or not (split.validation or split.test):
        return ["train"] * len(block)
    names = []
    for row in block.rows.iter_rows(named=True):
        group = {
            "origin": row["origin"] or row["id"],
            "cluster": row["cluster"] if row["cluster"] is not None else row["id"],
            "source": row["file"],
            "record": f"{row['id']}\0{row['index']}",
        }[split.by]
        digest = hashlib.blake2b(f"{seed}\0{group}".encode(), digest_size=8).digest()
        share = int.from_bytes(digest, "big") / (1 << 64)
        names.append(
            "test" if share < split.test else "validation" if share < split.test + split.validation else "train"
        )
    return names


def write_output(recipe: Recipe, parts: list[Part], files: OutputFiles, report: Report) -> WrittenOutput:
    """Write every split. Rows that the format has no place for are named in `refused`."""
    chosen = output_format(recipe, parts)
    split = recipe.file.split
    names = ["train", *(n for n in ("validation", "test") if split is not None and getattr(split, n) > 0)]
    done = 0
    written = WrittenOutput(format=chosen)
    with ExitStack() as stack:
        writers = {name: [stack.enter_context(w) for w in _writers(files, name, chosen)] for name in names}
        for part in parts:
            done += _write_part(part, writers, split, recipe.file.seed)
            report(Progress(done, None, "rows", "write"))
    for name, opened in writers.items():
        for writer in opened:
            _count(written, name, writer)
    return written


@paused()
def _write_part(part: Part, writers: dict[str, list[RecordWriter]], split: SplitEntry | None, seed: int) -> int:
    block = part.block()
    for record, name in zip(block.records(), split_of(block, split, seed), strict=True):
        for writer in writers[name]:
            writer.write(record)
    return len(block)


def _writers(files: OutputFiles, name: str, chosen: str) -> Iterator[RecordWriter]:
    if files.single:
        yield RecordWriter(files.data(name, ""), chosen)
        return
    yield RecordWriter(files.data(name, ".parquet"), NATIVE)
    if chosen != NATIVE:
        yield RecordWriter(files.data(name, ".jsonl"), chosen)


def _count(written: WrittenOutput, name: str, writer: RecordWriter) -> None:
    found = writer.written
    written.files.append(
        {
            "path": str(writer.path), "split": name, "format": writer.format.name, "records": found.records,
            "rows": found.rows, "bytes": writer.path.stat().st_size, "sha256": sha256_of(writer.path),
        }
    )  # fmt: skip
    written.losses.update(found.losses)
    if writer.format.name == written.format:
        written.problems.update(found.problems)
        written.problem_ids += found.problem_ids[:1000]
        written.refused += found.refused


def gather_frames(history: list[list[Part]], name: str) -> list[pl.DataFrame]:
    """Return the frames of that name from all parts of all stages, in order."""
    found = (part.frame(name) for parts in history for part in parts)
    return [frame for frame in found if frame is not None]
