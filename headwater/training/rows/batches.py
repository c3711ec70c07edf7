"""Which rows go through the model together, decided once from (seed, epoch): the plan of every step.

A step holds about `tokens_per_step` learned tokens over all devices; it is cut into micro-batches that fit
`micro_tokens`. On a CPU rows of like length share a micro-batch (padding is wasted work there, and a packed row
pays for the square of its length); on a GPU rows are packed end to end and attention keeps them apart.
Micro-batches are made from windows of the shuffled rows, then shuffled, so that a step mixes lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from headwater.training.rows.examples import Examples

Layout = Literal["buckets", "packed"]
WINDOW_STEPS = 16  # rows of this many steps are sorted by length together
PAD_TO = 8
IGNORED = -100


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """The row numbers that go through the model at once."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step: its micro-batches for all devices, and how many tokens it learns."""

    micro_batches: tuple[MicroBatch, ...]
    targets: int
    epoch: int


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """`tokens_per_step` learned tokens a step; `micro_tokens` tokens with padding a micro-batch."""

    tokens_per_step: int
    micro_tokens: int
    layout: Layout
    seed: int


class Rows(Protocol):
    """What batches are made of: each row's tokens in a micro-batch, and how many it learns."""

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each row."""
        ...

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """Learned tokens of each row."""
        ...


class Schedule:
    """Every step of a run. The same examples, settings and seed give the same steps on any number of devices."""

    def __init__(self, examples: Rows, settings: BatchSettings, epochs: float, max_steps: int | None = None) -> None:
        self._lengths = examples.lengths
        self._targets = examples.targets
        self._settings = settings
        self._epoch_of = lru_cache(maxsize=2)(self._epoch)
        per_epoch = len(self._epoch_of(0))
        whole, part = divmod(epochs, 1)
        counts = [len(self._epoch_of(number)) for number in range(int(whole))]
        if part:
            counts.append(max(1, round(part * per_epoch)))
        self._ends = np.cumsum(counts)
        total = int(self._ends[-1])
        self.steps = total if max_steps is None else min(total, max_steps)
        self.steps_per_epoch = per_epoch

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, number: int) -> Step:
        """Return step `number`, from 0."""
        if not 0 <= number < self.steps:
            raise IndexError(number)
        epoch = int(np.searchsorted(self._ends, number, side="right"))
        first = int(self._ends[epoch - 1]) if epoch else 0
        return self._epoch_of(epoch)[number - first]

    def _epoch(self, epoch: int) -> tuple[Step, ...]:
        chance = np.random.default_rng([self._settings.seed, epoch])
        order = chance.permutation(len(self._lengths))
        steps: list[Step] = []
        for window in self._windows(order):
            batches = list(self._micro_batches(window))
            shuffled = [batches[place] for place in chance.permutation(len(batches))]
            steps += self._steps(shuffled, epoch)
        return tuple(steps)

    def _windows(self, order: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
        ends = np.cumsum(self._targets[order])
        size = self._settings.tokens_per_step * WINDOW_STEPS
        cuts = np.searchsorted(ends, np.arange(size, int(ends[-1]), size), side="left") + 1
        # A last window of less than one step would make a step of a few rows; it joins the one before.
        if len(cuts) and ends[-1] - ends[cuts[-1] - 1] < self._settings.tokens_per_step:
            cuts = cuts[:-1]
        yield from (part for part in np.split(order, cuts) if len(part))

    def _micro_batches(self, window: npt.NDArray[np.int64]) -> Iterator[MicroBatch]:
        if self._settings.layout == "packed":
            yield from self._packed(window)
            return
        # Stable, so that equal lengths keep the shuffled order.
        ordered = window[np.argsort(-self._lengths[window], kind="stable")]
        batch: list[int] = []
        learned = 0
        for row in ordered:
            wide = padded(int(self._lengths[batch[0] if batch else row]))
            targets = int(self._targets[row])
            if batch and (wide * (len(batch) + 1) > self._settings.micro_tokens or self._too_many(learned + targets)):
                yield MicroBatch(tuple(batch))
                batch, learned = [], 0
            batch.append(int(row))
            learned += targets
        if batch:
            yield MicroBatch(tuple(batch))

    def _too_many(self, targets: int) -> bool:
        """A micro-batch is never more than a step, however much memory there is."""
        return targets > self._settings.tokens_per_step

    def _packed(self, window: npt.NDArray[np.int64]) -> Iterator[MicroBatch]:
        """Best fit: longest rows first, each into the fullest pack that still holds it."""
        packs: list[tuple[int, int, list[int]]] = []  # room in tokens, learned tokens, rows
        ordered = window[np.argsort(-self._lengths[window], kind="stable")]
        for row in ordered:
            length, targets = int(self._lengths[row]), int(self._targets[row])
            fits = [
                n for n, (room, seen, _) in enumerate(packs) if room >= length and not self._too_many(seen + targets)
            ]
            if fits:
                best = min(fits, key=lambda place: packs[place][0])
                room, seen, rows = packs[best]
                packs[best] = (room - length, seen + targets, [*rows, int(row)])
            else:
                packs.append((max(0, self._settings.micro_tokens - length), targets, [int(row)]))
        yield from (MicroBatch(tuple(rows)) for _, _, rows in packs)

    def _steps(self, batches: list[MicroBatch], epoch: int) -> Iterator[Step]:
        """Cut the window's micro-batches into steps of as equal learned tokens as they allow."""
        counts = [int(self._targets[list(batch.rows)].sum()) for batch in batches]
        total = sum(counts)
        wanted = max(1, round(total / self._settings.tokens_per_step))
        begun, start, seen = 0, 0, 0
        for place, count in enumerate(counts):
            seen += count
            if seen >= total * (begun + 1) / wanted - 0.5 or place + 1 == len(counts):
                yield Step(tuple(batches[start : place + 1]), sum(counts[start : place + 1]), epoch)
                start = place + 1
                begun = max(begun + 1, int(seen * wanted / total))


def padded(length: int) -> int:
    """Round a length up to what the kernels like."""
    return -(-length // PAD_TO) * PAD_TO


def share_of(step: Step, rank: int, world: int) -> tuple[MicroBatch, ...]:
    """Return the micro-batches of one device. All devices together have each exactly once."""
    return step.micro_batches[rank::world]


@dataclass(frozen=True)
class Arrays:
    """A micro-batch as arrays, all (batch, length): `ids`, `positions` and the `labels` of the next token.

    `labels` are shifted already (labels[t] is ids[t + 1] where that is learned, else -100). In the packed layout
    batch is 1 and `starts` says where each row begins, with the total length last.
    """

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int32] | None = None


def arrays(examples: Examples, batch: MicroBatch, layout: Layout, pad: int) -> Arrays:
    """Lay a micro-batch out. Right padding needs no attention mask: causal tokens never look at what follows."""
    rows = [examples.row(number) for number in batch.rows]
    if layout == "packed":
        labels = np.concatenate([_labels(ids, learned) for ids, learned in rows])
        ids = np.concatenate([ids for ids, _ in rows]).astype(np.int64)
        positions = np.concatenate([np.arange(len(ids)) for ids, _ in rows])
        starts = np.concatenate([[0], np.cumsum([len(ids) for ids, _ in rows])]).astype(np.int32)
        return Arrays(ids[None], positions[None], labels[None], starts)
    width = padded(max(len(ids) for ids, _ in rows))
    ids = np.full((len(rows), width), pad, np.int64)
    labels = np.full((len(rows), width), IGNORED, np.int64)
    for place, (tokens, learned) in enumerate(rows):
        ids[place, : len(tokens)] = tokens
        labels[place, : len(tokens)] = _labels(tokens, learned)
    positions = np.broadcast_to(np.arange(width), ids.shape)
    return Arrays(ids, positions, labels)


def _labels(ids: npt.NDArray[np.int32], learned: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    labels = np.full(len(ids), IGNORED, np.int64)
    labels[:-1] = np.where(learned[1:], ids[1:], IGNORED)
    return labels
