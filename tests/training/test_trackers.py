"""Trackers are told what the run tells, and nothing that goes wrong in one ends the run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from headwater.training import child, possible
from headwater.training.run_folder import RunFolder
from headwater.training.trackers import OPEN, Tracking, numbers_of

NewRun = Callable[..., RunFolder]
Told = list[tuple[str, Any]]


class Recorded(dict[str, Any]):
    """A fake of every tracker's run: keeps what it is told."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told

    def log(self, values: Any, step: int) -> None:
        self.told.append(("log", (step, dict(values))))

    def finish(self) -> None:
        self.told.append(("end", None))

    stop = finish

    def __getitem__(self, name: str) -> Any:
        return SimpleNamespace(append=lambda value, step: self.told.append((name, (step, value))))


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Told]:
    told: dict[str, Told] = {"mlflow": [], "wandb": [], "neptune": []}

    def module(name: str, **functions: Any) -> None:
        fake: Any = ModuleType(name)
        fake.__spec__ = ModuleSpec(name, None)
        for key, value in functions.items():
            setattr(fake, key, value)
        monkeypatch.setitem(sys.modules, name, fake)

    def note(name: str, kind: str) -> Callable[..., None]:
        return lambda *arguments, **named: told[name].append((kind, (*arguments, named)))

    module("wandb", init=lambda **settings: (told["wandb"].append(("init", settings)), Recorded(told["wandb"]))[1])
    module("neptune", init_run=lambda **settings: (told["neptune"].append(("init", settings)),
                                                   Recorded(told["neptune"]))[1])  # fmt: skip
    module(
        "mlflow", set_tracking_uri=note("mlflow", "uri"), set_experiment=note("mlflow", "experiment"),
        start_run=note("mlflow", "init"), log_params=note("mlflow", "params"), log_metrics=note("mlflow", "log"),
        end_run=note("mlflow", "end"),
    )  # fmt: skip
    monkeypatch.setattr(possible, "find_spec", lambda name: object())
    return told


SHORT = {"train.max_steps": 2, "eval.every": 2, "eval.samples": 0}


def test_a_run_tells_all_that_are_named(new_run: NewRun, fakes: dict[str, Told]) -> None:
    folder = new_run("told", **SHORT, **{"track.to": ["mlflow", "wandb", "neptune"]})
    assert child.main([str(folder.path)]) == 0
    losses = [line["loss"] for line in folder.lines("metrics.jsonl") if "loss" in line]
    assert [values["loss"] for kind, (_, values) in _logs(fakes["wandb"]) if "loss" in values] == losses
    assert any("eval/perplexity" in values for _, (_, values) in _logs(fakes["wandb"]))
    assert fakes["wandb"][0][1]["config"]["train.lr"] == 0.003
    assert fakes["wandb"][-1][0] == fakes["neptune"][-1][0] == fakes["mlflow"][-1][0] == "end"
    assert [value for kind, value in fakes["neptune"] if kind == "metrics/loss"] == list(enumerate(losses, 1))
    assert fakes["mlflow"][0][1][0] == f"sqlite:///{folder.path.parent / 'mlflow.db'}"
    assert [values[1]["step"] for kind, values in fakes["mlflow"] if kind == "log"] == [1, 2, 2]


def _logs(told: Told) -> Told:
    return [each for each in told if each[0] == "log"]


def test_nothing_is_opened_unless_it_is_asked_for(new_run: NewRun, fakes: dict[str, Told]) -> None:
    assert child.main([str(new_run("quiet", **SHORT).path)]) == 0
    assert list(fakes.values()) == [[], [], []]


def test_a_tracker_that_fails_is_left_out_and_the_run_goes_on(
    new_run: NewRun, fakes: dict[str, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> Any:
        raise ConnectionError("no network")

    monkeypatch.setattr(sys.modules["neptune"], "init_run", broken)
    monkeypatch.setattr(Recorded, "log", lambda *_: 1 / 0)
    folder = new_run("broken", **SHORT, **{"track.to": ["neptune", "wandb", "mlflow"]})
    assert child.main([str(folder.path)]) == 0
    said = [line["text"] for line in folder.lines("events.jsonl") if line["kind"] == "tracker"]
    assert said == [
        "neptune failed and is told nothing more: ConnectionError: no network",
        "wandb failed and is told nothing more: TypeError: " + said[1].rpartition("TypeError: ")[2],
    ]
    assert len([kind for kind, _ in fakes["mlflow"] if kind == "log"]) == 3
    assert folder.state()["state"] == "done"


def test_what_an_earlier_process_told_is_not_told_again(tmp_path: Path, fakes: dict[str, Told]) -> None:
    from headwater.training.load_config import check_config

    folder = RunFolder(tmp_path)
    folder.append("metrics.jsonl", {"step": 1, "loss": 3.0})
    tracking = Tracking(check_config({"data": {"train": [{"path": "x"}]}, "track": {"to": ["wandb"]}}), folder)
    main = SimpleNamespace(is_world_process_zero=True)
    tracking.on_train_begin(None, main, None)
    folder.append("metrics.jsonl", {"step": 2, "loss": 2.0})
    with (tmp_path / "metrics.jsonl").open("a") as half:
        half.write('{"step": 3, "lo')
    tracking.on_step_end(None, main, None)
    assert [step for _, (step, _) in _logs(fakes["wandb"])] == [2]
    with (tmp_path / "metrics.jsonl").open("a") as rest:
        rest.write('ss": 1.0}\n')
    tracking.on_train_end(None, main, None)
    assert [step for _, (step, _) in _logs(fakes["wandb"])] == [2, 3]


def test_only_the_first_device_tells(tmp_path: Path, fakes: dict[str, Told]) -> None:
    from headwater.training.load_config import check_config

    config = check_config({"data": {"train": [{"path": "x"}]}, "track": {"to": list(OPEN)[1:]}})
    Tracking(config, RunFolder(tmp_path)).on_train_begin(None, SimpleNamespace(is_world_process_zero=False), None)
    assert list(fakes.values()) == [[], [], []]


def test_numbers_of_a_line() -> None:
    assert numbers_of({"step": 3, "loss": 1, "grad_norm": None, "epoch": 0.5}) == (3, {"loss": 1.0, "epoch": 0.5})
    assert numbers_of({"step": 3, "eval": {"bleu": 2.0}}) == (3, {"eval/bleu": 2.0})


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="tensorboard is not installed")
def test_tensorboard_itself_reads_what_was_written(new_run: NewRun) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = new_run("board", **SHORT, **{"track.to": ["tensorboard"]})
    assert child.main([str(folder.path)]) == 0
    read = EventAccumulator(str(folder.path / "tensorboard")).Reload()
    losses = [line["loss"] for line in folder.lines("metrics.jsonl") if "loss" in line]
    assert [event.value for event in read.Scalars("loss")] == pytest.approx(losses)
    assert "eval/perplexity" in read.Tags()["scalars"]
    assert json.dumps(read.Tags()["tensors"]).count("config") >= 1
