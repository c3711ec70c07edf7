"""Trackers: TensorBoard, MLflow, Weights & Biases and Neptune are told what metrics.jsonl is told, if a config says so.

A tracker is somebody else's program: whatever fails in it is an event of the run, and the run goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from transformers import TrainerCallback

from headwater.core.settings import environment_value
from headwater.training.config import TrainingConfig
from headwater.training.results import flat
from headwater.training.run_folder import RunFolder

PROJECT = "headwater"
METRICS = "metrics.jsonl"
# What says where a step is, and not how it went.
PLACES = ("step", "eval")


class Tracker(Protocol):
    """Somebody who is told numbers."""

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step."""
        ...

    def close(self) -> None:
        """The run ended."""
        ...


class TensorBoard:
    """Writes into `tensorboard/` of the run's folder."""

    def __init__(self, folder: RunFolder, values: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        writer: Any = SummaryWriter
        self._writer = writer(log_dir=str(folder.path / "tensorboard"))
        self._writer.add_text("config", "\n".join(f"    {key}: {value}" for key, value in values.items()))

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


class MLflow:
    """Writes into a database beside the runs, or to the server that MLFLOW_TRACKING_URI names."""

    def __init__(self, folder: RunFolder, values: Mapping[str, Any]) -> None:
        import mlflow  # type: ignore[import-not-found, unused-ignore]

        self._mlflow: Any = mlflow
        if environment_value("MLFLOW_TRACKING_URI") is None:
            mlflow.set_tracking_uri(f"sqlite:///{(folder.path.parent / 'mlflow.db').absolute()}")
        mlflow.set_experiment(PROJECT)
        mlflow.start_run(run_name=folder.name)
        mlflow.log_params({key: str(value)[:500] for key, value in values.items()})

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step."""
        self._mlflow.log_metrics(dict(values), step=step)

    def close(self) -> None:
        """End the run there."""
        self._mlflow.end_run()


class WandB:
    """Sends to Weights & Biases, as its own settings say."""

    def __init__(self, folder: RunFolder, values: Mapping[str, Any]) -> None:
        import wandb  # type: ignore[import-not-found, unused-ignore]

        self._run: Any = wandb.init(
            project=PROJECT, name=folder.name, id=folder.name, resume="allow", dir=str(folder.path), config=dict(values)
        )

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step."""
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        """Send what is left."""
        self._run.finish()


class Neptune:
    """Sends to Neptune; its project and key come from NEPTUNE_PROJECT and NEPTUNE_API_TOKEN."""

    def __init__(self, folder: RunFolder, values: Mapping[str, Any]) -> None:
        import neptune  # type: ignore[import-not-found, unused-ignore]

        self._run: Any = neptune.init_run(name=folder.name, custom_run_id=folder.name)
        self._run["parameters"] = {key: str(value) for key, value in values.items()}

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step."""
        for name, value in values.items():
            self._run[f"metrics/{name}"].append(value, step=step)

    def close(self) -> None:
        """Send what is left."""
        self._run.stop()


OPEN: Mapping[str, Callable[[RunFolder, Mapping[str, Any]], Tracker]] = {
    "tensorboard": TensorBoard, "mlflow": MLflow, "wandb": WandB, "neptune": Neptune
}  # fmt: skip


class Tracking(TrainerCallback):
    """Tells the trackers of a config what is new in metrics.jsonl, on the first device alone."""

    def __init__(self, config: TrainingConfig, folder: RunFolder) -> None:
        self._folder = folder
        self._names: Sequence[str] = config.track.to
        self._values = flat(config.model_dump(mode="json"))
        self._open: dict[str, Tracker] = {}
        self._read = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Open them. What an earlier process told is not told again."""
        if not state.is_world_process_zero:
            return
        path = self._folder.path / METRICS
        self._read = path.stat().st_size if path.is_file() else 0
        for name in self._names:
            self._trying(name, partial(self._begin, name))

    def _begin(self, name: str) -> None:
        self._open[name] = OPEN[name](self._folder, self._values)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell what the steps before this one wrote."""
        self._tell()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell the rest, and close them."""
        self._tell()
        for name, tracker in list(self._open.items()):
            self._trying(name, tracker.close)
        self._open = {}

    def _tell(self) -> None:
        if not self._open:
            return
        for line in self._news():
            step, values = numbers_of(line)
            for name, tracker in list(self._open.items()):
                self._trying(name, partial(tracker.log, values, step))

    def _news(self) -> Iterator[dict[str, Any]]:
        new = _from(self._folder.path / METRICS, self._read)
        self._read += len(new)
        for line in new.decode("utf-8").splitlines():
            yield json.loads(line)

    def _trying(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever another program fails with must not end the run
            self._open.pop(name, None)
            self._folder.event("tracker", f"{name} failed and is told nothing more: {type(error).__name__}: {error}")


def numbers_of(line: Mapping[str, Any]) -> tuple[int, dict[str, float]]:
    """The step and the numbers of a line of metrics.jsonl; those of a validation are called eval/NAME."""
    values = {f"eval/{key}": value for key, value in line["eval"].items()} if "eval" in line else line
    return int(line["step"]), {
        key: float(value) for key, value in values.items() if key not in PLACES and isinstance(value, int | float)
    }


def _from(path: Path, start: int) -> bytes:
    """Whole lines after `start`."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        stream.seek(start)
        new = stream.read()
    return new[: new.rfind(b"\n") + 1]
