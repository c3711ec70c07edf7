"""What happens between the steps: metrics told, validation, checkpoints, early stop, and words left for the run."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from typing import Any

import torch
from transformers import TrainerCallback

from headwater.training import checkpoints
from headwater.training.config import TrainingConfig
from headwater.training.heap import HeapBound
from headwater.training.resources import high_water_bytes
from headwater.training.run_folder import RunFolder

LOWER_IS_BETTER = ("perplexity", "loss")
SPEED_STEPS = 20


def steps_between(every: float, steps: int) -> int:
    """Return a distance in steps: a number of steps when >= 1, else a share of the run."""
    return max(1, round(every if every >= 1 else every * steps))


def peak_memory_bytes() -> int:
    """The most memory this process has had: of the GPU when there is one, else resident."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    # Not getrusage: its high-water mark is inherited from the process that started this one.
    return high_water_bytes(os.getpid()) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass
class Best:
    """The best validation so far and how many came since."""

    metric: str
    value: float | None = None
    step: int = 0
    since: int = 0

    def take(self, value: float, step: int) -> bool:
        """Take a validation's value; return whether it is the best one."""
        lower = self.metric in LOWER_IS_BETTER
        better = self.value is None or (value < self.value if lower else value > self.value)
        if better:
            self.value, self.step, self.since = value, step, 0
        else:
            self.since += 1
        return better

    def as_json(self) -> dict[str, Any] | None:
        """The best value, None before the first."""
        return None if self.value is None else {"metric": self.metric, "value": self.value, "step": self.step}


class RunCallback(TrainerCallback):
    """Writes the run's folder and obeys it."""

    def __init__(self, config: TrainingConfig, folder: RunFolder, steps: int, validates: bool) -> None:
        planned = (folder.read_json("plan.json") or {}).get("peak_bytes")
        self._heap = HeapBound(int(planned)) if planned and not torch.cuda.is_available() else None
        self._config, self._folder, self._steps = config, folder, steps
        self.is_main = True
        self._validate_every = steps_between(config.eval.every, steps) if validates else 0
        self._save_every = steps_between(config.save.every, steps)
        self._times: list[tuple[float, int]] = []
        self._began = time.monotonic()
        self._before = 0.0
        self.best = Best(config.best_metric)
        self.trainer: Any = None
        self.ended: str = "done"

    def resume(self, seconds: float, best: dict[str, Any] | None) -> None:
        """Go on counting where the run was."""
        self._before = seconds
        if best is not None and best["metric"] == self.best.metric:
            self.best.value, self.best.step = best["value"], best["step"]

    @property
    def seconds(self) -> float:
        """Time spent training, over all resumptions."""
        return self._before + time.monotonic() - self._began

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start counting."""
        self._began = time.monotonic()
        self._times = [(self._began, self.trainer.targets_seen)]

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Decide what comes after this step."""
        step = state.global_step
        last = step >= self._steps
        control.should_log = True
        if self._validate_every and (step % self._validate_every == 0 or last):
            control.should_evaluate = True
        if step % self._save_every == 0 or last or control.should_evaluate:
            control.should_save = True
        if self._heap is not None:
            self._heap.look()
        self._obey(control)

    def _obey(self, control: Any) -> None:
        word = self._told()
        if word is None:
            return
        control.should_save = True
        if word in ("stop", "pause"):
            control.should_training_stop = True
            self.ended = "paused" if word == "pause" else "stopped"
        if self.is_main:
            self._folder.event(word, f"{word} was asked for")

    def _told(self) -> str | None:
        """Every device must obey at the same step: the first one reads the word and tells the others."""
        word = self._folder.asked() if self.is_main else None
        if self.trainer.args.world_size > 1:
            import torch.distributed

            words = [word]
            torch.distributed.broadcast_object_list(words, src=0)
            word = words[0]
        return word

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Tell the metrics of a step."""
        if logs is None or "loss" not in logs:
            return
        measured = self.trainer.measures()  # all devices ask each other
        if not self.is_main:
            return
        now = time.monotonic()
        targets = self.trainer.targets_seen
        self._times = [*self._times[-SPEED_STEPS:], (now, targets)]
        elapsed = now - self._times[0][0]
        speed = (targets - self._times[0][1]) / elapsed if elapsed > 0 else 0.0
        per_step = elapsed / (len(self._times) - 1)
        self._folder.append(
            "metrics.jsonl",
            {
                "step": state.global_step,
                "epoch": round(self.trainer.epoch_of(state.global_step), 4),
                "tokens": targets,
                "seconds": round(self.seconds, 3),
                "loss": logs["loss"],
                **measured,
                "lr": logs["learning_rate"],
                "grad_norm": logs.get("grad_norm"),
                "tokens_per_second": round(speed, 2),
                "memory_bytes": peak_memory_bytes(),
            },
        )
        self._folder.set_state(
            state="running",
            step=state.global_step,
            steps=self._steps,
            epoch=round(self.trainer.epoch_of(state.global_step), 4),
            tokens=targets,
            tokens_per_second=round(speed, 2),
            seconds=round(self.seconds, 3),
            eta_seconds=round(per_step * (self._steps - state.global_step), 1),
            loss=logs["loss"],
            peak_memory_bytes=peak_memory_bytes(),
        )

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The last step has done all that was due; the trainer would do it twice."""
        control.should_evaluate = control.should_save = control.should_log = False

    def validated(self, step: int, metrics: dict[str, float], samples: list[dict[str, Any]], control: Any) -> None:
        """Tell a validation, remember the best, stop early when the config says so."""
        if self.is_main:
            self._folder.append("metrics.jsonl", {"step": step, "eval": metrics})
            if samples:
                self._folder.write_json(f"samples/{step}.json", samples)
        value = metrics.get(self.best.metric, metrics.get("perplexity"))
        if value is None:
            return
        better = self.best.take(value, step)
        if self.is_main:
            mark = " (best)" if better else ""
            told = ", ".join(f"{name} {number:.4g}" for name, number in metrics.items())
            self._folder.event("validation", f"step {step}: {told}{mark}")
            self._folder.set_state(best=self.best.as_json())
        limit = self._config.eval.early_stop
        if limit is not None and self.best.since >= limit:
            control.should_training_stop = True
            if self.is_main:
                self._folder.event("early stop", f"no better {self.best.metric} in {limit} validations")

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the best checkpoint and remove old ones."""
        if not self.is_main:
            return
        if self.best.step == state.global_step:
            checkpoints.mark_best(self._folder.checkpoints, state.global_step)
        checkpoints.prune(self._folder.checkpoints, self._config.save.keep)
        self._folder.event("checkpoint", f"step {state.global_step} saved")
