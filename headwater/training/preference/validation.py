"""Validation of compared answers: loss, how often the chosen one is ahead, rewards and margin; written answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from headwater.training.preference.loss import MEASURES, measures_of, told_measures
from headwater.training.preference.trainer import Objective, batch_of
from headwater.training.rows.batches import BatchSettings, MicroBatch, Schedule
from headwater.training.rows.conversations import Conversation
from headwater.training.validation import Validation


@dataclass
class PreferenceValidation(Validation):
    """A Validation over compared rows; `examples` are all their answers."""

    objective: Objective = field(kw_only=True)

    def batches(self) -> list[MicroBatch]:
        """All rows in micro-batches, always the same."""
        settings = BatchSettings(1 << 30, self.micro_tokens, self.layout, 0)
        schedule = Schedule(self.objective.pairs, settings, 1)
        return [batch for number in range(schedule.steps) for batch in schedule[number].micro_batches]

    def losses(self, trainer: Any) -> dict[str, float]:
        """Mean loss by row, and what is measured of it, over all rows and devices."""
        rows = len(self.objective.pairs)
        if not rows:
            return {}
        device = trainer.args.device
        mine = self.batches()[trainer.args.process_index :: trainer.args.world_size]
        made = [batch_of(self.objective.pairs, batch, self.objective.pad) for batch in mine]
        divergence = None
        if self.objective.task == "kto":
            divergence = trainer.divergence(self.objective, trainer.model, made, rows)
        sums = torch.zeros(len(MEASURES) + 1, dtype=torch.float64, device=device)
        for batch in made:
            with trainer.autocast():
                values = self.objective.values(trainer.model, batch.answers, device)
            compared, threshold = self.objective.compare(values, batch.answers, divergence)
            sums[0] += compared.losses.double().sum()
            sums[1:] += measures_of(compared, threshold)
        sums = trainer.over_devices(sums)
        return {"loss": float(sums[0]) / rows, **told_measures(sums[1:])}

    def _loss_of(self, trainer: Any, row: Conversation) -> float | None:
        """Loss by token of the expected answer."""
        pairs = self.objective.pairs
        if row.row not in pairs.rows:
            return None
        return self.answer_loss(trainer, 2 * pairs.rows.index(row.row))


def asked_once(rows: Sequence[Conversation]) -> tuple[Conversation, ...]:
    """Return one row for each prompt, with an answer that is wanted: what samples are written for."""
    found: dict[tuple[str, ...], Conversation] = {}
    for row in rows:
        if row.label is not False:
            found.setdefault(tuple(turn["content"] for turn in row.turns[:-1]), row)
    return tuple(found.values())
