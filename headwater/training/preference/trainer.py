"""Training on compared answers: the same steps, checkpoints and words as any run, with another loss.

A step's loss is the mean over its rows on all devices. For labelled answers (kto) the distance from the reference
belongs to the whole step, so it is measured before its first micro-batch: how rows are cut changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from headwater.training.base import inner_model
from headwater.training.config import WITH_REFERENCE, PreferenceSection
from headwater.training.preference.batches import BOTH, FIRST, SECOND, PairArrays, pair_arrays, pair_tensors
from headwater.training.preference.head import summed
from headwater.training.preference.loss import (
    MEASURES,
    Compared,
    LabelWeights,
    bradley_terry,
    divergence_of,
    dpo,
    ipo,
    kto,
    measures_of,
    orpo,
    told_measures,
)
from headwater.training.preference.pairs import Pairs
from headwater.training.rows.batches import MicroBatch, Schedule, Step
from headwater.training.trainer import DeviceSteps, StepInputs, TokenTrainer


@dataclass(frozen=True)
class Batch:
    """A micro-batch to learn from; `foreign` are its prompts with other rows' answers (kto)."""

    answers: PairArrays
    foreign: PairArrays | None = None


class PairSteps(DeviceSteps):
    """The steps of rows that are compared."""

    def __init__(self, pairs: Pairs, schedule: Schedule, pad: int, rank: int, world: int) -> None:
        super().__init__(schedule, rank, world)
        self._pairs, self._pad = pairs, pad

    def made(self, batch: MicroBatch) -> Batch:
        """Return the answers of a micro-batch."""
        return batch_of(self._pairs, batch, self._pad)

    def idle(self, batch: MicroBatch) -> Batch:
        """Return a micro-batch whose answers count for nothing."""
        whole = self.made(batch)
        return replace(whole, answers=replace(whole.answers, counts_for_nothing=True))

    def row_of(self, number: int) -> str:
        """Return the name of a row."""
        return self._pairs.rows[number]

    def divisor(self, step: Step) -> int:
        """Return the compared rows of all devices."""
        return sum(len(batch.rows) for batch in step.micro_batches)


def batch_of(pairs: Pairs, micro: Any, pad: int) -> Batch:
    """Lay out a micro-batch: both answers of pairs, or labelled answers with the foreign ones beside them."""
    if pairs.labelled:
        return Batch(pair_arrays(pairs, micro, pad, FIRST), pair_arrays(pairs, micro, pad, SECOND))
    return Batch(pair_arrays(pairs, micro, pad, BOTH))


@dataclass
class Objective:
    """What is learned from answers: the task, its settings, and what the reference said of each answer."""

    task: str
    section: PreferenceSection
    pairs: Pairs
    pad: int
    reference: torch.Tensor | None = None

    @property
    def scored(self) -> bool:
        """Whether the model gives a score instead of log-probabilities."""
        return self.task == "reward"

    @property
    def has_reference(self) -> bool:
        """Whether the loss asks what the model said before it learned."""
        return self.task in WITH_REFERENCE

    def values(self, model: Any, batch: PairArrays, device: torch.device) -> torch.Tensor:
        """Run a micro-batch; return one number an answer: its summed log-probability, or its score."""
        config = inner_model(getattr(model, "module", model)).config
        found = model(**pair_tensors(batch, config, device, self.scored))
        scores: torch.Tensor = found["scores"] if self.scored else summed(found["log_probabilities"], batch.counts)
        return scores

    def referred(self, batch: PairArrays, device: torch.device) -> torch.Tensor:
        """What the reference said of the answers of a micro-batch."""
        assert self.reference is not None, "measured before the first step"
        return self.reference[list(batch.answers)].to(device)

    def compare(
        self, values: torch.Tensor, batch: PairArrays, divergence: torch.Tensor | None = None
    ) -> tuple[Compared, torch.Tensor | None]:
        """Return losses and rewards of a micro-batch's rows, and from which reward on an answer counts as wanted."""
        section, device = self.section, values.device
        if self.task == "kto":
            assert divergence is not None
            labels = torch.from_numpy(self.pairs.labels[list(batch.rows)]).to(device)
            weights = LabelWeights(section.beta, section.wanted_weight, section.unwanted_weight)
            found = kto(values, self.referred(batch, device), labels, divergence, weights)
            return found, section.beta * divergence.clamp(min=0)
        paired = values.reshape(-1, 2)
        if self.task == "reward":
            return bradley_terry(paired, section.centre), None
        lengths = torch.tensor(batch.counts, device=device).reshape(-1, 2)
        if self.task == "orpo":
            return orpo(paired, lengths, section.odds_weight), None
        reference = self.referred(batch, device).reshape(-1, 2)
        if section.loss == "ipo":
            return ipo(paired, reference, lengths, section.beta), None
        return dpo(paired, reference, section.beta), None


class PreferenceTrainer(TokenTrainer):
    """A TokenTrainer whose micro-batches are compared answers."""

    def __init__(self, objective: Objective, validation: Any, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.objective: Objective = objective
        self.validation = validation
        self._divergence: torch.Tensor | None = None
        self._sums = torch.zeros(len(MEASURES), dtype=torch.float64)

    def before_step(self, model: Any, inputs: StepInputs) -> None:
        """Measure the distance from the reference on foreign answers, over the whole step and all devices."""
        self._sums = torch.zeros(len(MEASURES), dtype=torch.float64, device=self.args.device)
        if self.objective.task == "kto":
            batches = [batch for batch in inputs.micro_batches if not batch.answers.counts_for_nothing]
            self._divergence = self.divergence(self.objective, model, batches, inputs.divisor)

    def divergence(self, objective: Objective, model: Any, batches: Sequence[Batch], rows: int) -> torch.Tensor:
        """Mean log-ratio of foreign answers over `rows` rows of all devices."""
        total = torch.zeros((), device=self.args.device)
        # Noise on the way (dropout) would count as distance. Without the wrapper of several devices, which waits.
        plain = self.accelerator.unwrap_model(model)
        training = plain.training
        plain.eval()
        with torch.no_grad():
            for batch in batches:
                assert batch.foreign is not None
                with self.autocast():
                    values = objective.values(plain, batch.foreign, self.args.device)
                total += divergence_of(values, objective.referred(batch.foreign, self.args.device))
        plain.train(training)
        return self.over_devices(total) / rows

    def batch_loss(self, model: Any, batch: Any) -> torch.Tensor:
        """Return the summed loss of one micro-batch's rows, and add up what it measures."""
        values = self.objective.values(model, batch.answers, self.args.device)
        with torch.autocast(self.args.device.type, enabled=False):
            compared, threshold = self.objective.compare(values, batch.answers, self._divergence)
        if batch.answers.counts_for_nothing:
            return compared.losses.sum() * 0.0
        self._sums += measures_of(compared, threshold)
        return compared.losses.sum()

    def measures(self) -> dict[str, float]:
        """Accuracy, rewards and margin of the last step, over all devices."""
        return told_measures(self.over_devices(self._sums.clone()))

    def over_devices(self, value: torch.Tensor) -> torch.Tensor:
        """Add a value up over all devices."""
        if self.args.world_size > 1:
            torch.distributed.all_reduce(value)
        return value

    def quietly(self) -> contextlib.AbstractContextManager[Any]:
        """No gradients and no dropout, for measuring with the model as it is."""
        stack = contextlib.ExitStack()
        model: Any = self.model
        stack.callback(model.train, model.training)
        model.eval()
        stack.enter_context(torch.no_grad())
        return stack
