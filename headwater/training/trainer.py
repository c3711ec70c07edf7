"""The trainer: transformers.Trainer with our batches, our loss and checkpoints that are whole or absent.

One item of the data loader is one optimiser step: its micro-batches for this device. So a step may have any
number of micro-batches, resuming skips whole steps, and the number of learned tokens of the step over all
devices is known without asking them.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from transformers import Trainer

from headwater.core.errors import HeadwaterError
from headwater.training import checkpoints
from headwater.training.rows.batches import IGNORED, Arrays, Layout, MicroBatch, Schedule, Step, arrays, share_of
from headwater.training.rows.examples import Examples
from headwater.training.run_folder import RunFolder, told

Tensors = dict[str, Any]


class NotFinite(HeadwaterError):
    """The loss or the gradient is not a number any more."""

    code = "not_finite"


@dataclass(frozen=True)
class StepInputs:
    """What one device computes in one step, `micro_batches` of Arrays or of PairArrays.

    `targets` counts the learned tokens of all devices; the summed loss is divided by `divisor`: those tokens, or the
    compared rows of all devices.
    """

    micro_batches: tuple[Any, ...]
    rows: tuple[str, ...]
    targets: int
    step: int
    divisor: int


class DeviceSteps(Dataset[StepInputs], ABC):
    """The steps of a run for one device; what a micro-batch holds is the kind's matter."""

    def __init__(self, schedule: Schedule, rank: int, world: int) -> None:
        self._schedule, self._rank, self._world = schedule, rank, world
        self.per_epoch = schedule.steps_per_epoch

    def __len__(self) -> int:
        return len(self._schedule)

    def __getitem__(self, number: int) -> StepInputs:
        step = self._schedule[number]
        mine = share_of(step, self._rank, self._world)
        made = [self.made(batch) for batch in mine]
        # Every device runs equally many micro-batches, or the others would wait for its weights and gradients
        # for ever: one without a share runs a batch of which nothing is learned.
        for _ in range(len(mine), -(-len(step.micro_batches) // self._world)):
            made.append(self.idle(step.micro_batches[0]))
        rows = tuple(self.row_of(row) for batch in mine for row in batch.rows)
        return StepInputs(tuple(made), rows, step.targets, number, self.divisor(step))

    @abstractmethod
    def made(self, batch: MicroBatch) -> Any:
        """Return the arrays of a micro-batch."""

    @abstractmethod
    def idle(self, batch: MicroBatch) -> Any:
        """Return the arrays of a micro-batch of which nothing is learned."""

    @abstractmethod
    def row_of(self, number: int) -> str:
        """Return the name of a row."""

    @abstractmethod
    def divisor(self, step: Step) -> int:
        """Return what the summed loss of a step is divided by."""


class Steps(DeviceSteps):
    """The steps of rows that are learned word by word."""

    def __init__(self, examples: Examples, schedule: Schedule, layout: Layout, pad: int, rank: int, world: int) -> None:
        super().__init__(schedule, rank, world)
        self._examples, self._layout, self._pad = examples, layout, pad

    def made(self, batch: MicroBatch) -> Arrays:
        """Return the arrays of a micro-batch."""
        return arrays(self._examples, batch, self._layout, self._pad)

    def idle(self, batch: MicroBatch) -> Arrays:
        """Return a micro-batch whose labels are all ignored."""
        batch_arrays = self.made(batch)
        return replace(batch_arrays, labels=np.full_like(batch_arrays.labels, IGNORED))

    def row_of(self, number: int) -> str:
        """Return the name of a row."""
        return self._examples.rows[number]

    def divisor(self, step: Step) -> int:
        """Return the learned tokens of all devices."""
        return step.targets


def only(items: list[StepInputs]) -> StepInputs:
    """A batch of the data loader is one step."""
    return items[0]


def tensors(batch: Arrays, device: torch.device) -> Tensors:
    """Return a micro-batch as the model's inputs."""
    found: Tensors = {
        "input_ids": torch.from_numpy(batch.ids).to(device, non_blocking=True),
        "labels_shifted": torch.from_numpy(batch.labels).to(device, non_blocking=True),
    }
    if batch.starts is not None:
        # Positions that begin anew are what keeps packed rows apart: no mask, no cache.
        found["position_ids"] = torch.from_numpy(batch.positions.copy()).to(device, non_blocking=True)
    return found


class TokenTrainer(Trainer):
    """Trains on the steps of a Schedule. `folder` receives metrics and checkpoints."""

    def __init__(
        self,
        steps: Callable[[int, int], Any],
        folder: RunFolder,
        number_type: torch.dtype,
        validate: Callable[[Any], dict[str, float]] | None = None,
        workers: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._steps = steps
        self.folder = folder
        self._number_type = number_type
        self._validate = validate
        self._workers = workers
        self.targets_seen = 0
        self._steps_per_epoch: int = steps(0, 1).per_epoch

    # --- data ---------------------------------------------------------------------------------

    def get_train_dataloader(self) -> DataLoader[StepInputs]:
        """One item is one step of this device."""
        return DataLoader(
            self._steps(self.args.process_index, self.args.world_size),
            batch_size=1,
            shuffle=False,
            collate_fn=only,
            num_workers=self._workers,
            # Drawing the workers' seeds must not touch the random numbers of training.
            generator=torch.Generator().manual_seed(self.args.seed),
        )

    # --- a step -------------------------------------------------------------------------------

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Compute in 16 bits when the base is held so; adapters stay in 32."""
        wanted = self._number_type in (torch.bfloat16, torch.float16)
        return torch.autocast(self.args.device.type, dtype=self._number_type, enabled=wanted)

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """Run all micro-batches of a step forward and backward; return the loss per learned token or row."""
        model.train()
        self.before_step(model, inputs)
        total = torch.zeros((), device=self.args.device)
        scale = self.args.world_size / inputs.divisor  # devices average their gradients
        for number, batch in enumerate(inputs.micro_batches, 1):
            last = number == len(inputs.micro_batches)
            # DeepSpeed steps inside its backward pass unless it is told that more is to come.
            self.accelerator.gradient_state._set_sync_gradients(last)
            at_once = last or self.is_deepspeed_enabled
            with contextlib.nullcontext() if at_once else self.accelerator.no_sync(model):
                with self.autocast():
                    loss = self.batch_loss(model, batch) * scale
                self.accelerator.backward(loss)
            total += loss.detach().float()
        if not torch.isfinite(total):
            raise self._not_finite("loss", inputs)
        self._inputs_now = inputs
        self.targets_seen += inputs.targets
        return total

    def before_step(self, model: Any, inputs: StepInputs) -> None:
        """What must be known of a whole step before its first micro-batch: nothing."""

    def batch_loss(self, model: Any, batch: Any) -> torch.Tensor:
        """Return the summed loss of one micro-batch."""
        loss: torch.Tensor = model(**tensors(batch, self.args.device))["loss"]
        return loss

    def measures(self) -> dict[str, float]:
        """What the last step measured besides its loss."""
        return {}

    def _clip_grad_norm(self, model: Any) -> Any:
        norm = super()._clip_grad_norm(model)  # type: ignore[no-untyped-call]
        if norm is not None and not torch.isfinite(torch.as_tensor(float(norm))):
            raise self._not_finite("gradient", self._inputs_now)
        return norm

    def _not_finite(self, what: str, inputs: StepInputs) -> NotFinite:
        named = ", ".join(inputs.rows[:8]) + (f" and {len(inputs.rows) - 8} more" if len(inputs.rows) > 8 else "")
        return NotFinite(
            f"The {what} of step {inputs.step + 1} is not a number. Its rows: {named}",
            "Look at these rows; lower train.lr, or use model.precision: fp32. The last checkpoint is intact.",
        )

    # --- validation ---------------------------------------------------------------------------

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Validate as the run was told to."""
        return self._validate(self) if self._validate is not None else {}

    # --- checkpoints --------------------------------------------------------------------------

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = self.folder.checkpoints
        step = self.state.global_step
        main = self.args.should_save
        if main:
            checkpoints.begin(folder)
        self.accelerator.wait_for_everyone()
        writing = str(folder / checkpoints.WRITING)
        try:
            self.save_model(writing, _internal_call=True)
            self._save_optimizer_and_scheduler(writing)
            self._save_scaler(writing)
            self._save_rng_state(writing)
            self.accelerator.wait_for_everyone()
            if main:
                self.state.save_to_json(str(Path(writing) / "trainer_state.json"))
                (Path(writing) / "targets_seen").write_text(str(self.targets_seen))
                checkpoints.commit(folder, step)
        except OSError as error:
            raise told(error, folder) from error

    def epoch_of(self, step: int) -> float:
        """How many times the rows were seen after `step` steps."""
        return step / self._steps_per_epoch

    def _get_num_items_in_batch(self, batch_samples: list[StepInputs], device: torch.device) -> None:
        """The step knows its number of learned tokens itself."""

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted: the inputs are steps."""
        return 0

    def _track_num_input_tokens(self, inputs: Any) -> None:
        return None


def batches_of(examples: Examples, schedule: Schedule, layout: Layout, pad: int) -> Iterator[Arrays]:
    """Yield all rows of a schedule's first epoch once, for validation."""
    for number in range(schedule.steps):
        for batch in schedule[number].micro_batches:
            yield arrays(examples, batch, layout, pad)
