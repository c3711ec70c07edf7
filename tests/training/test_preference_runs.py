"""Whole runs on compared answers: resumed bit for bit, cut and shared out without a change, stopped by bad numbers."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from headwater.core.errors import NotFound
from headwater.training import checkpoints, child
from headwater.training.base import find_base
from headwater.training.load_config import load_config
from headwater.training.planning.parts import Setting
from headwater.training.planning.plan import Plan, Planner
from headwater.training.preference.reward_model import RewardModel, as_reward, base_name
from headwater.training.run_folder import RunFolder

NewRun = Callable[..., RunFolder]
TASKS = ("dpo", "kto", "orpo", "reward")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Questions of different lengths; the better answer is polite, the worse one is not."""
    path = tmp_path / "pairs.jsonl"
    rows = [
        {
            "prompt": f"What is {n} plus {n % 5}?" + " Think well." * (n % 4),
            "chosen": f"It is {n + n % 5}, sir." + " Surely." * (n % 3),
            "rejected": "No." + " Go away." * (n % 4 + 1),
        }
        for n in range(36)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


@pytest.fixture
def compare(new_run: NewRun, pairs: Path) -> NewRun:
    """Make a run that compares the answers: `compare("name", "dpo", **changes)`."""

    def make(name: str, task: str = "dpo", **changes: Any) -> RunFolder:
        plain = {"task": task, "data.train": [{"path": str(pairs)}], "eval.samples": 0, "train.tokens_per_step": 400}
        return new_run(name, **{**plain, **changes})

    return make


def train(folder: RunFolder, processes: int = 1) -> int:
    if processes == 1:
        return child.main([str(folder.path)])
    target = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [sys.executable, *target, "-m", "headwater.training.child", str(folder.path)]
    done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, timeout=300)
    return done.returncode


def steps(folder: RunFolder) -> list[dict[str, Any]]:
    return [line for line in folder.lines("metrics.jsonl") if "loss" in line]


def validations(folder: RunFolder) -> list[dict[str, float]]:
    return [line["eval"] for line in folder.lines("metrics.jsonl") if "eval" in line]


def weights(folder: RunFolder) -> dict[str, torch.Tensor]:
    return load_file(next((folder.path / "adapter").glob("*.safetensors")))


def kill_when(folder: RunFolder, there: Callable[[], bool]) -> None:
    command = [sys.executable, "-m", "headwater.training.child", str(folder.path)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, **quiet)  # type: ignore[call-overload]
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        if there():
            process.send_signal(signal.SIGKILL)
        time.sleep(0.005)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the run ended before it could be killed"


@pytest.mark.parametrize("task", ["dpo", "kto"])
def test_killed_and_resumed_is_bit_equal_to_never_stopped(compare: NewRun, task: str) -> None:
    changes = {"adapter.dropout": 0.2, "train.epochs": 3, "save.every": 3, "train.micro_tokens": 300}
    whole, killed = compare("whole", task, **changes), compare("killed", task, **changes)
    assert train(whole) == 0
    kill_when(killed, lambda: any(line["step"] >= 5 for line in killed.lines("metrics.jsonl")))
    assert checkpoints.latest(killed.checkpoints) is not None
    assert train(killed) == 0
    told = [
        [{k: line[k] for k in ("step", "loss", "accuracy", "tokens", "lr")} for line in steps(f)]
        for f in (whole, killed)
    ]
    assert told[0] == told[1]
    assert validations(whole) == validations(killed)
    left, right = weights(whole), weights(killed)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("init", ["default", "pissa"])
def test_the_loss_begins_at_log_2_whatever_an_adapter_begins_with(compare: NewRun, init: str) -> None:
    folder = compare("first", **{"adapter.init": init, "train.max_steps": 1})
    assert train(folder) == 0
    assert steps(folder)[0]["loss"] == pytest.approx(math.log(2), abs=1e-5)
    assert steps(folder)[0]["margin"] == pytest.approx(0, abs=1e-5)


def test_the_reference_is_measured_once_and_does_not_depend_on_the_adapter(compare: NewRun) -> None:
    folder = compare("once", **{"train.max_steps": 2, "save.every": 1})
    assert train(folder) == 0
    kept = sorted((folder.path / "reference").glob("*.npy"))
    assert len(kept) == 2, "training and validation rows"
    whole = kept[0].stat().st_mtime_ns, kept[1].stat().st_mtime_ns
    assert train(folder) == 0
    assert (kept[0].stat().st_mtime_ns, kept[1].stat().st_mtime_ns) == whole
    assert sum(line["kind"] == "reference" for line in folder.lines("events.jsonl")) == 2
    again = compare("again", **{"train.max_steps": 2, "adapter.r": 8})
    assert train(again) == 0
    same = sorted((again.path / "reference").glob("*.npy"))
    assert [path.name for path in same] == [path.name for path in kept], "the key is the data and the base"
    for one, other in zip(kept, same, strict=True):
        known = ~np.isnan(np.load(one))
        assert known.any()
        assert np.array_equal(np.load(one)[known], np.load(other)[known])


def test_a_pause_before_the_first_step_keeps_what_was_measured(compare: NewRun) -> None:
    folder = compare("early", **{"train.micro_tokens": 128})
    folder.ask("pause")
    assert train(folder) == 0
    assert folder.state()["state"] == "paused"
    assert not steps(folder)
    assert train(folder) == 0
    assert folder.state()["state"] == "done"


@pytest.mark.parametrize("task", TASKS)
def test_cutting_and_sharing_change_nothing(compare: NewRun, task: str) -> None:
    forms: list[dict[str, Any]] = [
        {"train.micro_tokens": 4000},
        {"train.micro_tokens": 64},
        {"preference.shared_prompt": "off"},
        {"data.packing": "packed"},
    ]
    runs = []
    for number, changes in enumerate(forms):
        folder = compare(f"form{number}", task, **{"train.max_steps": 3, "train.tokens_per_step": 100_000, **changes})
        assert train(folder) == 0
        runs.append([line["loss"] for line in steps(folder)])
    for other in runs[1:]:
        assert other == pytest.approx(runs[0], rel=2e-4)


@pytest.mark.parametrize("task", ["kto"])
def test_two_processes_learn_what_one_does(compare: NewRun, task: str) -> None:
    changes = {"train.micro_tokens": 200, "train.max_steps": 3, "eval.every": 3, "save.every": 3}
    one, two = compare("one", task, **changes), compare("two", task, **changes)
    assert train(one) == 0
    assert train(two, processes=2) == 0
    for name in ("loss", "accuracy", "margin"):
        mine, theirs = ([line[name] for line in steps(folder)] for folder in (one, two))
        assert theirs == pytest.approx(mine, rel=1e-4, abs=1e-5)
    assert validations(two)[-1]["loss"] == pytest.approx(validations(one)[-1]["loss"], rel=1e-4)
    for name, weight in weights(one).items():
        assert torch.allclose(weight, weights(two)[name], atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_what_can_be_told_apart_is_told_apart(compare: NewRun, task: str) -> None:
    folder = compare("apart", task, **{"train.epochs": 8, "train.lr": 0.005, "data.valid": 0.2})
    assert train(folder) == 0
    last = validations(folder)[-1]
    assert last["accuracy"] == 1.0
    assert last["margin"] > 0
    assert last["loss"] < validations(folder)[0]["loss"]
    assert folder.state()["best"]["metric"] == "loss"


def test_ipo_brings_the_margin_to_where_it_should_be(compare: NewRun) -> None:
    folder = compare("ipo", **{"preference.loss": "ipo", "preference.beta": 0.5, "train.epochs": 10, "train.lr": 0.005})
    assert train(folder) == 0
    assert steps(folder)[0]["loss"] == pytest.approx(1.0, abs=1e-4), "(1 / (2 beta)) squared"
    assert steps(folder)[-1]["loss"] < 0.2


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_rows(compare: NewRun) -> None:
    changes = {"train.lr": 1e30, "train.clip": 0, "train.warmup": 0, "train.optimizer": "sgd", "adapter.type": "full"}
    folder = compare("blown", **changes, **{"save.every": 1, "data.valid": 0.0, "train.epochs": 4})
    assert train(folder) == 1
    assert folder.state()["state"] == "failed"
    assert "not a number" in folder.state()["error"]["message"]
    assert "pairs.jsonl:" in folder.state()["error"]["message"]


@pytest.mark.parametrize("task", TASKS)
def test_rows_longer_than_allowed_give_no_nan(compare: NewRun, tmp_path: Path, task: str) -> None:
    rows = [{"prompt": "Q" * size, "chosen": "A" * 5, "rejected": "B" * 9} for size in (1, 3, 5, 200, 300, 2)]
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    for overlong in ("drop", "truncate"):
        changes = {"data.train": [{"path": str(path)}], "data.max_length": 64, "data.max_dropped": 1.0}
        changes |= {"data.overlong": overlong, "data.valid": 0.0, "train.max_steps": 3, "train.epochs": 3}
        folder = compare(f"long-{overlong}", task, **changes)
        assert train(folder) == 0
        assert all(math.isfinite(line["loss"]) and math.isfinite(line["grad_norm"]) for line in steps(folder))
        data = folder.read_json("data.json")
        assert sum(data["dropped"].values()) in (2, 4)
        assert any("long.jsonl:4" in name for names in data["dropped_examples"].values() for name in names)


def test_a_full_fine_tune_needs_no_second_model(compare: NewRun) -> None:
    folder = compare("full", **{"adapter.type": "full", "train.epochs": 2, "train.lr": 0.001, "data.valid": 0.2})
    assert train(folder) == 0
    assert steps(folder)[0]["loss"] == pytest.approx(math.log(2), abs=1e-5)
    assert validations(folder)[-1]["accuracy"] == 1.0
    assert (folder.path / "model" / "config.json").is_file()


def test_a_reward_model_is_asked_from_python(compare: NewRun) -> None:
    folder = compare("judge", "reward", **{"train.epochs": 6, "train.lr": 0.005, "preference.centre": 0.01})
    assert train(folder) == 0
    assert base_name(folder.path) == "tiny"
    model = RewardModel.open(folder.path, find_base("tiny"))
    question = "What is 40 plus 2?"
    good, bad = model.scores([(question, "It is 42, sir."), (question, "No. Go away.")])
    assert good > bad
    turns = [{"role": "user", "content": question}]
    assert model.scores([(turns, "No. Go away.")]) == pytest.approx([bad], abs=1e-5)
    between = as_reward(model)([(question, "It is 42, sir."), (question, "No. Go away."), ("Q" * 5000, "Yes.")])
    assert between[0] == pytest.approx(1 / (1 + math.exp(-good)), abs=1e-5)
    assert all(0 <= score <= 1 for score in between)
    same = plain_scores(folder, [f"<human>: {question}\n<bot>: It is 42, sir."])
    assert same == pytest.approx([good], abs=1e-4)


def plain_scores(folder: RunFolder, texts: list[str]) -> list[float]:
    """Scores by transformers and peft alone: what others load."""
    from peft import PeftModel
    from transformers import AutoTokenizer

    from headwater.training.tiny import tiny_model

    model = PeftModel.from_pretrained(tiny_model(scored=True), str(folder.path / "adapter")).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder.path / "adapter")
    found = []
    for text in texts:
        rendered = tokenizer.apply_chat_template(
            [
                {"role": "user", "content": text.partition("\n")[0].removeprefix("<human>: ")},
                {"role": "assistant", "content": text.partition("<bot>: ")[2]},
            ],
            tokenize=False,
        )
        ids = tokenizer(rendered.rstrip(), add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            found.append(float(model(input_ids=ids).logits[0, 0]))
    return found


def test_a_run_of_another_kind_is_no_reward_model(compare: NewRun) -> None:
    folder = compare("chat", **{"train.max_steps": 1})
    assert train(folder) == 0
    with pytest.raises(Exception, match="holds no reward model"):
        RewardModel.open(folder.path, find_base("tiny"))
    with pytest.raises(NotFound):
        RunFolder.find(folder.path.parent, "nobody")


def test_what_a_run_tells(compare: NewRun) -> None:
    folder = compare("told", **{"train.max_steps": 2, "eval.samples": 2, "data.valid": 0.2})
    assert train(folder) == 0
    first = folder.read_json("first_batch.json")
    assert [row["row"].rpartition(" ")[2] for row in first[:2]] == ["chosen", "rejected"]
    learned = "".join(token["text"] for token in first[0]["tokens"] if token["learned"])
    assert "sir" in learned
    assert "What" not in learned
    data = folder.read_json("data.json")
    assert data["kept"] + data["validation_rows"] == data["rows"] == 36
    assert steps(folder)[-1].keys() >= {"accuracy", "chosen_reward", "rejected_reward", "margin", "grad_norm"}
    assert validations(folder)[-1].keys() >= {"loss", "accuracy", "margin", "bleu"}
    samples = folder.read_json("samples/2.json")
    assert "sir" in samples[0]["expected"]
    assert math.isfinite(samples[0]["loss"])
    assert steps(folder)[-1]["tokens"] <= data["target_tokens"]


def test_the_plan_knows_pairs(compare: NewRun) -> None:
    folder = compare("planned", **{"train.micro_tokens": 400})
    config = load_config(folder.path / "config.yaml")
    setting = Setting("cpu", "adamw", 500_000_000)

    def planned(task: str, **preference: str) -> Plan:
        changes = {"task": task, "preference": config.preference.model_copy(update=preference)}
        return Planner(config.model_copy(update=changes), find_base("tiny"), setting, 1 << 40).plan()

    plans = {task: planned(task) for task in TASKS}
    assert train(folder) == 0
    assert plans["dpo"].steps == steps(folder)[-1]["step"]
    seconds = {task: plan.seconds or 0.0 for task, plan in plans.items()}
    assert seconds["dpo"] > 1.05 * seconds["orpo"], "the reference is a pass of its own"
    assert (planned("orpo", shared_prompt="off").seconds or 0.0) > 1.2 * seconds["orpo"]
