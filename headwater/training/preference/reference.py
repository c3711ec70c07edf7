"""What the model said of every answer before it learned: measured once, kept in the run's folder.

The reference of dpo and kto is the model as a run begins: for a fresh adapter that is the base without it. So no
second model is held, and no second pass is made in training. A measurement that was cut short goes on where it was.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headwater.training.config import TrainingConfig
from headwater.training.preference.batches import PairArrays
from headwater.training.preference.pairs import Pairs
from headwater.training.preference.trainer import Objective, PreferenceTrainer, batch_of
from headwater.training.rows.batches import MicroBatch, Schedule
from headwater.training.run_folder import RunFolder, write_atomically
from headwater.training.trainer import NotFinite

FOLDER = "reference"
KEEP_SECONDS = 20.0
Numbers = npt.NDArray[np.float32]


class Interrupted(Exception):
    """The run was told to pause or stop before its first step."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def key_of(config: TrainingConfig, pairs: Pairs) -> str:
    """What decides the numbers: the answers as tokens, and the model as it begins."""
    begins = [config.model.model_dump(mode="json"), config.train.seed if config.adapter.init != "default" else None]
    return hashlib.sha256((pairs.digest() + json.dumps(begins)).encode()).hexdigest()[:24]


def every_batch(schedule: Schedule) -> Iterable[MicroBatch]:
    """The micro-batches of a run, in its order."""
    for number in range(schedule.steps):
        yield from schedule[number].micro_batches


class Reference:
    """The log-probabilities of the answers of some pairs. NaN is what is not measured yet."""

    def __init__(self, folder: RunFolder, config: TrainingConfig, pairs: Pairs) -> None:
        self._folder, self._pairs = folder, pairs
        self.path = folder.path / FOLDER / f"{key_of(config, pairs)}.npy"
        self._values = self._kept()

    def _kept(self) -> Numbers:
        if self.path.is_file():
            found: Numbers = np.load(self.path)
            if found.shape == (2 * len(self._pairs),):
                return found
        return np.full(2 * len(self._pairs), np.nan, np.float32)

    def measure(self, trainer: PreferenceTrainer, objective: Objective, batches: Iterable[MicroBatch]) -> torch.Tensor:
        """Measure what `batches` need and is missing, on all devices; return the values of all answers.

        Raises Interrupted when the run is told to pause or stop meanwhile.
        """
        todo = self._missing(batches)
        rank, world = trainer.args.process_index, trainer.args.world_size
        if todo and rank == 0:
            count = sum(len(batch.rows) for batch in todo)
            self._folder.event("reference", f"what the model says of {count:,} rows before it learns")
        saved = time.monotonic()
        with trainer.quietly():
            for place in range(0, len(todo), world):
                word = self._told(rank, world)
                if word is not None:
                    self._keep(rank)
                    raise Interrupted(word)
                mine = todo[place + rank] if place + rank < len(todo) else None
                self._take(self._measured(trainer, objective, mine), world)
                if time.monotonic() - saved > KEEP_SECONDS:
                    saved = self._keep(rank)
        if todo:
            self._keep(rank)
            self._check(todo)
        return torch.from_numpy(self._values)

    def _check(self, batches: Iterable[MicroBatch]) -> None:
        rows = [row for batch in batches for row in batch.rows if not self._is_known(row)]
        if rows:
            named = ", ".join(self._pairs.rows[row] for row in rows[:8])
            raise NotFinite(
                f"What the model says of {len(rows):,} rows before it learns is no number. Rows: {named}",
                "Look at these rows; use model.precision: fp32.",
            )

    def _is_known(self, row: int) -> bool:
        return bool(np.isfinite(self._values[2 * row : 2 * row + 2]).all())

    def _missing(self, batches: Iterable[MicroBatch]) -> list[MicroBatch]:
        seen = {row for row in range(len(self._pairs)) if self._is_known(row)}
        todo = []
        for batch in batches:
            if not seen.issuperset(batch.rows):
                todo.append(batch)
                seen.update(batch.rows)
        return todo

    def _measured(
        self, trainer: PreferenceTrainer, objective: Objective, batch: MicroBatch | None
    ) -> list[tuple[int, float]]:
        if batch is None:
            return []
        found: list[tuple[int, float]] = []
        made = batch_of(self._pairs, batch, objective.pad)
        for part in (made.answers, made.foreign):
            if part is not None:
                found += self._values_of(trainer, objective, part)
        return found

    def _values_of(self, trainer: PreferenceTrainer, objective: Objective, part: PairArrays) -> list[tuple[int, float]]:
        with trainer.autocast():
            values = objective.values(trainer.model, part, trainer.args.device)
        return list(zip(part.answers, values.float().cpu().tolist(), strict=True))

    def _take(self, found: list[tuple[int, float]], world: int) -> None:
        parts: list[Any] = [found]
        if world > 1:
            parts = [None] * world
            torch.distributed.all_gather_object(parts, found)
        for number, value in (pair for part in parts for pair in part):
            self._values[number] = value

    def _told(self, rank: int, world: int) -> str | None:
        words = [self._folder.asked() if rank == 0 else None]
        if world > 1:
            torch.distributed.broadcast_object_list(words, src=0)
        return words[0] if words[0] in ("pause", "stop") else None

    def _keep(self, rank: int) -> float:
        if rank == 0:
            save(self.path, self._values)
        return time.monotonic()


def save(path: Path, values: Numbers) -> None:
    """Write numbers in one step. Raises StorageFull."""
    path.parent.mkdir(exist_ok=True)
    content = io.BytesIO()
    np.save(content, values)
    write_atomically(path, content.getvalue())
