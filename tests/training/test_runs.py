"""Whole runs on the tiny model: resumed bit for bit, on two processes as on one, stopped by what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from headwater.core.errors import Conflict
from headwater.training import checkpoints, child
from headwater.training.devices import launch
from headwater.training.load_config import load_config
from headwater.training.run_folder import RunFolder

NewRun = Callable[..., RunFolder]


@dataclass(frozen=True)
class Ended:
    returncode: int
    stderr: str = ""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def train(folder: RunFolder, processes: int = 1) -> Ended:
    """Run a training to its end: here, or by torchrun on several processes."""
    if processes == 1:
        return Ended(child.main([str(folder.path)]))
    target = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [sys.executable, *target, "-m", "headwater.training.child", str(folder.path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    return Ended(done.returncode, done.stderr)


def weights(folder: RunFolder, result: str = "adapter") -> dict[str, torch.Tensor]:
    return load_file(next((folder.path / result).glob("*.safetensors")))


def losses(folder: RunFolder) -> list[tuple[int, float]]:
    return [(line["step"], line["loss"]) for line in folder.lines("metrics.jsonl") if "loss" in line]


def stop_after(folder: RunFolder, step: int) -> None:
    """Start the run and kill it, without warning, once `step` is told."""
    command = [sys.executable, "-m", "headwater.training.child", str(folder.path)]
    process = subprocess.Popen(
        command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        if any(line["step"] >= step for line in folder.lines("metrics.jsonl")):
            process.send_signal(signal.SIGKILL)
        time.sleep(0.01)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the run ended before it could be killed"


VARIANTS: dict[str, dict[str, Any]] = {
    "dropout, two epochs": {"adapter.dropout": 0.2, "train.epochs": 2},
    "packed, several micro-batches": {"data.packing": "packed", "train.micro_tokens": 64},
    "two workers, noise": {"data.workers": 2, "train.neftune": 5},
}


@pytest.mark.parametrize("variant", VARIANTS, ids=list(VARIANTS))
def test_killed_and_resumed_is_bit_equal_to_never_stopped(new_run: NewRun, variant: str) -> None:
    changes = {**VARIANTS[variant], "save.every": 3, "eval.samples": 0}
    whole, killed = new_run("whole", **changes), new_run("killed", **changes)
    assert train(whole).returncode == 0
    stop_after(killed, 5)
    assert checkpoints.latest(killed.checkpoints) is not None
    assert killed.state()["state"] == "stopped"
    done = train(killed)
    assert done.returncode == 0, done.stderr
    assert losses(killed) == losses(whole)
    left, right = weights(whole), weights(killed)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)
    first, second = (torch.load(checkpoints.latest(f.checkpoints) / "optimizer.pt") for f in (whole, killed))  # type: ignore[operator]
    for number, state in first["state"].items():
        assert torch.equal(state["exp_avg_sq"], second["state"][number]["exp_avg_sq"])
    assert any("goes on after step" in line["text"] for line in killed.lines("events.jsonl"))


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_processes_learn_what_one_does(new_run: NewRun, strategy: str) -> None:
    changes = {"train.micro_tokens": 64, "train.max_steps": 4, "eval.samples": 0, "eval.every": 4, "save.every": 4}
    one, two = new_run("one", **changes), new_run("two", **changes, **{"parallel.strategy": strategy})
    assert train(one).returncode == 0
    done = train(two, processes=2)
    assert done.returncode == 0, done.stderr[-2000:]
    for (_, left), (_, right) in zip(losses(one), losses(two), strict=True):
        assert right == pytest.approx(left, rel=1e-5)
    for name, weight in weights(one).items():
        assert torch.allclose(weight, weights(two)[name], atol=1e-5)
    perplexities = [
        [line["eval"]["perplexity"] for line in f.lines("metrics.jsonl") if "eval" in line] for f in (one, two)
    ]
    assert perplexities[1] == pytest.approx(perplexities[0], rel=1e-4)


def test_more_micro_batches_do_not_change_a_step(new_run: NewRun) -> None:
    runs = [new_run(f"m{size}", **{"train.micro_tokens": size, "train.max_steps": 4, "data.packing": "packed",
            "train.tokens_per_step": 4000, "eval.samples": 0}) for size in (64, 4096)]  # fmt: skip
    for run in runs:
        assert train(run).returncode == 0
    assert [loss for _, loss in losses(runs[1])] == pytest.approx([loss for _, loss in losses(runs[0])], rel=1e-5)


def test_it_learns_rows_by_heart_and_stops(new_run: NewRun, tmp_path: Path) -> None:
    rows = tmp_path / "few.jsonl"
    pairs = [("Red?", "Yes, red."), ("Blue?", "No, sir."), ("Green?", "Maybe so."), ("Black?", "Of course.")]
    rows.write_text("\n".join(json.dumps({"instruction": q, "input": "", "output": a}) for q, a in pairs), "utf-8")
    folder = new_run("heart", **{
        "data.train": [{"path": str(rows)}], "data.valid": [{"path": str(rows)}], "adapter.type": "full",
        "train.epochs": 120, "train.tokens_per_step": 1000, "train.lr": 0.005, "train.weight_decay": 0.0,
        "eval.every": 1.0, "eval.samples": 4, "eval.sample_tokens": 24, "eval.metrics": ["perplexity", "exact", "bleu"],
    })  # fmt: skip
    config = load_config(folder.path / "config.yaml", ["eval.every=120"])
    (folder.path / "config.yaml").write_text(launch.dump_config(config), "utf-8")
    done = train(folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert losses(folder)[-1][1] < 0.05
    samples = folder.read_json(f"samples/{folder.state()['step']}.json")
    assert sorted((sample["answer"], sample["stopped"]) for sample in samples) == sorted((a, True) for _, a in pairs)
    last = [line["eval"] for line in folder.lines("metrics.jsonl") if "eval" in line][-1]
    assert last["exact"] == 1.0
    assert last["stopped"] == 1.0


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_rows(new_run: NewRun) -> None:
    changes = {"train.lr": 1e30, "train.clip": 0, "train.warmup": 0, "train.max_steps": 8, "train.optimizer": "sgd"}
    changes |= {"adapter.type": "full", "save.every": 1, "eval.samples": 0, "data.valid": 0.0}
    folder = new_run("blown", **changes)
    done = train(folder)
    assert done.returncode == 1
    state = folder.state()
    assert state["state"] == "failed"
    assert "not a number" in state["error"]["message"]
    assert "sums.jsonl:" in state["error"]["message"]
    last = checkpoints.latest(folder.checkpoints)
    assert last is not None
    kept = load_file(last / "model.safetensors")
    assert kept


@pytest.mark.parametrize(
    "changes", [{"parallel.strategy": "fsdp", "model.quantize": "8bit"}, {"parallel.strategy": "deepspeed"}]
)
def test_what_cannot_be_shared_out_is_refused(new_run: NewRun, changes: dict[str, Any]) -> None:
    folder = new_run("shared", **changes)
    assert train(folder).returncode == 1
    assert "FSDP" in folder.state()["error"]["message"] or "DeepSpeed" in folder.state()["error"]["message"]


def test_words_left_for_the_run_are_obeyed(new_run: NewRun) -> None:
    folder = new_run("told", **{"train.epochs": 3, "eval.samples": 0})
    folder.ask("pause")
    training = launch.start(folder, load_config(folder.path / "config.yaml"), None, 1)
    folder.ask("pause")
    assert training.wait(240) == 0
    assert folder.state()["state"] == "paused"
    step = folder.state()["step"]
    assert checkpoints.step_of(checkpoints.latest(folder.checkpoints)) == step  # type: ignore[arg-type]
    assert train(folder).returncode == 0
    assert folder.state()["state"] == "done"
    assert folder.state()["step"] > step


def test_changed_data_cannot_be_resumed(new_run: NewRun, sums: Path) -> None:
    folder = new_run("changed", **{"train.max_steps": 2, "save.every": 1, "eval.samples": 0})
    assert train(folder).returncode == 0
    sums.write_text(sums.read_text("utf-8").replace("It is 3", "It is three"), "utf-8")
    done = train(folder)
    assert done.returncode == 1
    assert "sums.jsonl" in folder.state()["error"]["message"]
    assert checkpoints.latest(folder.checkpoints) is not None


def test_a_run_at_work_is_not_started_twice(new_run: NewRun) -> None:
    folder = new_run("busy")
    folder.set_state(state="running", pid=os.getpid())
    with pytest.raises(Conflict, match="at work"):
        launch.start(folder, load_config(folder.path / "config.yaml"), None, 1)


def test_early_stop_and_the_best_checkpoint_are_kept(new_run: NewRun) -> None:
    changes = {"train.lr": 5.0, "train.clip": 0.1, "train.warmup": 0, "train.epochs": 6, "train.schedule": "constant"}
    changes |= {"eval.every": 1, "eval.early_stop": 2, "save.keep": 1, "eval.samples": 0}
    folder = new_run("early", **changes)
    assert train(folder).returncode == 0
    events = [line["text"] for line in folder.lines("events.jsonl")]
    assert any("no better perplexity in 2 validations" in text for text in events)
    best = checkpoints.best(folder.checkpoints)
    assert best is not None
    assert checkpoints.step_of(best) == folder.state()["best"]["step"]
    assert any(f"comes from step {checkpoints.step_of(best)}" in text for text in events)


def test_the_folder_tells_everything(new_run: NewRun) -> None:
    folder = new_run("told", **{"train.max_steps": 3, "data.train": folder_rows(new_run)})
    assert train(folder).returncode == 0
    data = folder.read_json("data.json")
    assert data["kept"] + data["validation_rows"] == data["rows"] == 48
    assert sum(bar["rows"] for bar in data["lengths"]) == data["kept"]
    first = folder.read_json("first_batch.json")
    answer = "".join(token["text"] for token in first[0]["tokens"] if token["learned"])
    assert "It is" in answer or "Yes" in answer
    assert answer.endswith("<eos>")
    card = (folder.path / "README.md").read_text("utf-8")
    assert "CC0" in card
    assert "| sums.jsonl | 48 |" in card
    assert (folder.path / "adapter" / "template.jinja").is_file()
    assert json.loads((folder.path / "adapter" / "headwater.json").read_text())["base"] == "tiny"


def folder_rows(new_run: NewRun) -> list[dict[str, str]]:
    probe = load_config(new_run("probe").path / "config.yaml")
    return [{"path": probe.data.train[0].path, "licence": "CC0"}]
