"""Runs on a Ray cluster: the same weights as under torchrun, and what cannot be placed is said before it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from headwater.core.errors import BadInput
from headwater.training.config import TrainingConfig
from headwater.training.devices import launch
from headwater.training.devices.ray_driver import check_places, worker_count
from headwater.training.devices.ray_worker import Seen, Worker, rank_variables, versions
from headwater.training.load_config import load_config
from headwater.training.possible import refusals
from headwater.training.run_folder import RunFolder

NewRun = Callable[..., RunFolder]
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="the extra 'cluster' (ray) is not installed")


def trained(folder: RunFolder) -> RunFolder:
    training = launch.start(folder, load_config(folder.path / "config.yaml"), None, 1)
    assert training.wait(300) == 0, (folder.path / "log.txt").read_text("utf-8")[-2000:]
    return folder


@needs_ray
def test_two_workers_of_a_cluster_learn_what_two_local_processes_do(new_run: NewRun) -> None:
    changes = {"train.micro_tokens": 64, "train.max_steps": 4, "eval.samples": 0, "parallel.devices": 2}
    here = trained(new_run("here", **changes))
    there = trained(new_run("there", **changes, **{"parallel.ray": "local"}))
    left, right = (load_file(next((each.path / "adapter").glob("*.safetensors"))) for each in (here, there))
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)
    assert (there.path / "log-1.txt").is_file()
    assert any("2 workers on" in line["text"] for line in there.lines("events.jsonl"))
    assert there.state()["state"] == "done"


@needs_ray
def test_a_cluster_that_is_not_there_or_too_small_is_said(new_run: NewRun) -> None:
    folder = new_run("many", **{"parallel.ray": "local", "parallel.devices": 500})
    training = launch.start(folder, load_config(folder.path / "config.yaml"), None, 1)
    assert training.wait(120) == 1
    assert "500 workers were asked for" in folder.state()["error"]["message"]


@needs_ray
def test_a_worker_that_fails_ends_the_run_with_its_error(new_run: NewRun, sums: Path) -> None:
    folder = new_run("broken", **{"parallel.ray": "local", "parallel.devices": 2, "data.template": "chatml"})
    sums.write_text('{"nothing": 1}\n', "utf-8")
    training = launch.start(folder, load_config(folder.path / "config.yaml"), None, 1)
    assert training.wait(120) == 1
    assert folder.state()["state"] == "failed"
    assert folder.state()["error"]["message"]


def test_a_process_is_told_its_rank_as_torchrun_does() -> None:
    told = rank_variables(1, 3, ("10.0.0.1", 29500), "run")
    assert (told["RANK"], told["WORLD_SIZE"], told["LOCAL_RANK"]) == ("1", "3", "0")
    assert (told["MASTER_ADDR"], told["MASTER_PORT"]) == ("10.0.0.1", "29500")


def config(**parallel: Any) -> TrainingConfig:
    return TrainingConfig.model_validate({"data": {"train": [{"path": "x"}]}, "parallel": parallel})


def test_how_many_workers() -> None:
    assert worker_count(config(), {"CPU": 8, "GPU": 4}, 2, 1) == 4
    assert worker_count(config(), {"CPU": 8}, 2, 4) == 2
    assert worker_count(config(devices=3), {"CPU": 8}, 2, 2) == 3
    with pytest.raises(BadInput, match="4 GPUs"):
        worker_count(config(devices=5), {"CPU": 8, "GPU": 4}, 2, 1)
    with pytest.raises(BadInput, match="8 cores, 4 for each worker"):
        worker_count(config(devices=3), {"CPU": 8}, 2, 4)


def test_machines_must_see_the_files_and_have_the_same_versions() -> None:
    good = Seen("one", "10.0.0.1", 1, versions(), ())
    check_places([good])
    with pytest.raises(BadInput, match="one does not see /data/x"):
        check_places([good, replace(good, missing=("/data/x",))])
    with pytest.raises(BadInput, match="two has torch 1"):
        check_places([good, replace(good, host="two", versions={**versions(), "torch": "1"})])


def test_a_worker_runs_the_training_process_and_returns_its_code(new_run: NewRun, tmp_path: Path) -> None:
    folder = new_run("alone", **{"train.max_steps": 1, "eval.samples": 0})
    log = tmp_path / "log.txt"
    environment = {"OMP_NUM_THREADS": "1"}
    assert Worker().train((str(folder.path),), environment, str(log)) == 0
    assert Worker().train((str(tmp_path / "none"),), environment, str(log)) != 0
    assert folder.state()["state"] == "done"


@pytest.mark.parametrize(
    ("parallel", "said"),
    [
        ({"ray": "auto", "nodes": 2, "rendezvous": "a:1"}, "Ray places the workers itself"),
        ({"ray": "auto", "strategy": "deepspeed"}, "DeepSpeed is started by torchrun"),
        ({"rendezvous": "a:1"}, "for several machines"),
        ({"nodes": 2}, "need parallel.rendezvous"),
    ],
)
def test_what_does_not_go_together_is_refused(parallel: dict[str, Any], said: str) -> None:
    assert any(said in line for line in refusals(config(**parallel), "cpu"))
