"""No key of a config is passed over in silence: each one changes what a run is, or is refused with a sentence.

The tables name every key of the schema, so a new key fails here until somebody says what it does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import BaseModel

from headwater.core.errors import HeadwaterError
from headwater.training import child
from headwater.training.base import find_base
from headwater.training.config import PreferenceSection, Section, TrainingConfig
from headwater.training.devices.launch import command_of, environment_of, name_for
from headwater.training.load_config import check_config, overridden, sweep_configs
from headwater.training.possible import refusals
from headwater.training.preference.trainer import Objective
from headwater.training.run_folder import RunFolder
from headwater.training.session import load_parts, make_trainer

NewRun = Callable[..., RunFolder]
JUDGE = {"url": "http://127.0.0.1:1/v1", "model": "m"}

# What is decided before the first step. A second value gives what else must be set for the key to mean something.
BEFORE: dict[str, Any] = {
    "name": "other",
    "task": "pretrain",
    "sweep": {"train.lr": [1e-3, 1e-4]},
    "model.base": "nowhere",
    "model.precision": "bf16",
    "model.quantize": "8bit",
    "model.attention": "eager",
    "model.adapter_from": "/nowhere",
    "adapter.type": "full",
    "adapter.r": 2,
    "adapter.alpha": 3,
    "adapter.dropout": 0.5,
    "adapter.targets": "q_proj",
    "adapter.init": "orthogonal",
    "adapter.dora": True,
    "adapter.rslora": True,
    "data.train.path": "other.jsonl",
    "data.train.format": "alpaca",
    "data.train.mapping": {"messages": "nothing"},
    "data.train.weight": 2.0,
    "data.train.licence": "CC0",
    "data.valid": 0.4,
    "data.template": "chatml",
    "data.learn_on": "last",
    "data.max_length": 50,
    "data.overlong": ("truncate", {"data.max_length": 50, "data.max_dropped": 1.0}),
    "data.max_dropped": (0.0, {"data.max_length": 100, "data.valid": 0.0}),
    "data.packing": "packed",
    "data.workers": 1,
    "train.epochs": 2,
    "train.max_steps": 1,
    "train.tokens_per_step": 300,
    "train.micro_tokens": 64,
    "train.lr": 0.5,
    "train.schedule": "constant",
    "train.warmup": 0.9,
    "train.optimizer": "sgd",
    "train.weight_decay": 0.5,
    "train.clip": 0.5,
    "train.neftune": 5,
    "train.seed": 9,
    "train.threads": 3,
    "train.compile": True,
    "memory.checkpointing": "on",
    "memory.offload": "cpu",
    "memory.fp8": True,
    "parallel.strategy": "fsdp",
    "parallel.devices": 2,
    "parallel.nodes": 2,
    "parallel.rendezvous": "a:1",
    "parallel.ray": "auto",
    "eval.every": 1,
    "eval.early_stop": (1, {"data.valid": 0.0}),
    "eval.judge.url": (JUDGE, {}),
    "save.every": 1,
    "save.best": "judge",
    "track.to": ["neptune"],
}
# What is asked for while it runs or at its end: read there, and tested by its effect in the named file.
DURING = {
    "eval.metrics": "test_runs.py",
    "eval.samples": "test_runs.py",
    "eval.sample_tokens": "test_runs.py",
    "eval.early_stop": "test_runs.py",
    "save.keep": "test_runs.py",
    "save.best": "test_runs.py",
    "save.final": "test_every_key.py",
    "memory.limit_gb": "test_memory.py",
}
ELSEWHERE = {"eval.judge.model": "test_small_parts.py", "eval.judge.key_variable": "test_small_parts.py"}
ONE_VALUE = {"version"}


def leaves(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = next(iter(_models(field.annotation)), None)
        if inner is None or name == "valid":
            yield before + name
        else:
            yield from leaves(inner, f"{before}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def test_every_key_of_the_schema_is_in_a_table() -> None:
    preference = {key for key in leaves(TrainingConfig) if key.startswith("preference.")}
    named = {*BEFORE, *DURING, *ELSEWHERE, *ONE_VALUE, *preference}
    assert sorted(set(leaves(TrainingConfig)) ^ named) == []
    assert preference == {f"preference.{key}" for key in PREFERENCE} | {"preference.shared_prompt"}


# The task in which a key of `preference` counts, and another value than its default.
PREFERENCE: dict[str, tuple[str, Any]] = {
    "beta": ("dpo", 0.7), "loss": ("dpo", "ipo"), "wanted_weight": ("kto", 3.0), "unwanted_weight": ("kto", 3.0),
    "odds_weight": ("orpo", 0.7), "centre": ("reward", 0.5),
}  # fmt: skip


@pytest.mark.parametrize("key", list(PREFERENCE))
def test_each_key_of_preferences_changes_what_is_learned(key: str) -> None:
    """`shared_prompt` changes the layout and not the loss; it is tested in test_preference_pairs.py."""
    task, value = PREFERENCE[key]
    batch: Any = SimpleNamespace(counts=(4, 3), answers=(0, 1), rows=(0, 1))
    pairs: Any = SimpleNamespace(labels=np.array([True, False]))
    losses = []
    for section in (PreferenceSection.model_validate({}), PreferenceSection.model_validate({key: value})):
        objective = Objective(task, section, pairs, 0, torch.tensor([-4.0, -5.0]))
        compared, _ = objective.compare(torch.tensor([-2.0, -3.5]), batch, torch.tensor(0.1))
        losses.append(compared.losses.tolist())
    assert losses[0] != losses[1]


@pytest.fixture
def what_a_run_is(new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], Any]:
    plain = new_run("plain")
    values = TrainingConfig.model_validate(_yaml(plain)).model_dump(mode="json")

    def describe(changes: dict[str, Any]) -> Any:
        changed = values
        for key, value in changes.items():
            changed = _with(changed, key, value)
        try:
            config = check_config(changed)
            points = [differs for differs, _ in sweep_configs(config)]
            if refused := list(refusals(config, "cpu")):
                return ("refused", refused)
            (plain.path / "data.json").unlink(missing_ok=True)
            parts = load_parts(config, plain, find_base(config.model.base))
            trainer, callback = make_trainer(parts)
        except HeadwaterError as error:
            return ("refused", error.message)
        named = name_for(config, plain.path.parent), environment_of(config, 1), command_of(config, plain, None)
        return json.dumps([points, named, _model(parts.model), _steps(parts), _trainer(trainer, callback)], default=str)

    return describe


def _yaml(folder: RunFolder) -> Any:
    import yaml

    return yaml.safe_load((folder.path / "config.yaml").read_text("utf-8"))


def _with(values: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    if key.startswith("data.train."):
        entry = {**values["data"]["train"][0], key.removeprefix("data.train."): value}
        return {**values, "data": {**values["data"], "train": [entry]}}
    if key == "eval.judge.url":
        key = "eval.judge"
    if key in ("sweep", "name", "task"):
        return {**values, key: value}
    return overridden(values, [f"{key}={json.dumps(value)}"])


def _model(model: Any) -> Any:
    weights = {name: str(weight.dtype) for name, weight in model.named_parameters()}
    digest = hashlib.sha256()
    for weight in model.parameters():
        digest.update(weight.detach().float().numpy().tobytes())
    inner = model.get_base_model() if hasattr(model, "peft_config") else model
    scales = [getattr(module, "scaling", None) for module in model.modules()]
    checkpointing = inner.is_gradient_checkpointing
    return [repr(model), weights, digest.hexdigest(), scales, inner.config._attn_implementation, checkpointing]


def _steps(parts: Any) -> Any:
    steps = [[batch.rows for batch in parts.schedule[n].micro_batches] for n in range(parts.schedule.steps)]
    account = {key: value for key, value in parts.prepared.account.items() if key != "seconds"}
    return [steps, account, parts.layout, parts.settings, len(parts.prepared.valid), parts.prepared.template.source]


def _trainer(trainer: Any, callback: Any) -> Any:
    loader = trainer.get_train_dataloader().num_workers
    return [trainer.args.to_dict(), loader, callback._validate_every, callback._save_every]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_each_key_changes_the_run_or_is_refused(what_a_run_is: Any) -> None:
    silent = []
    plain = what_a_run_is({})
    assert plain == what_a_run_is({}), "what a run is must not change by itself"
    for key, value in BEFORE.items():
        value, given = value if isinstance(value, tuple) else (value, {})
        without = what_a_run_is(given) if given else plain
        if what_a_run_is({**given, key: value}) == without:
            silent.append(key)
    assert silent == []


def test_what_matters_later_is_asked_for_while_it_runs(new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    plain = Section.__getattribute__

    def remember(section: Section, name: str) -> Any:
        asked.add((type(section).__name__, name))
        return plain(section, name)

    folder = new_run("watched", **{"train.max_steps": 2, "eval.every": 1})
    monkeypatch.setattr(Section, "__getattribute__", remember)
    assert child.main([str(folder.path)]) == 0
    sections = {"eval": "EvalSection", "save": "SaveSection", "memory": "MemorySection"}
    wanted = {(sections[key.split(".")[0]], key.split(".")[1]) for key in DURING}
    assert wanted - asked == set()
    folder_of_tests = Path(__file__).parent
    for key, name in {**DURING, **ELSEWHERE}.items():
        assert key.rpartition(".")[2] in (folder_of_tests / name).read_text("utf-8"), f"{key} is not tested in {name}"


def test_the_final_result_is_the_last_checkpoint_when_that_is_asked_for(new_run: NewRun) -> None:
    worse = {"train.lr": 5.0, "train.warmup": 0, "train.max_steps": 3, "train.schedule": "constant", "eval.samples": 0}
    for final in ("best", "last"):
        folder = new_run(final, **worse, **{"eval.every": 1, "save.every": 1, "save.final": final})
        assert child.main([str(folder.path)]) == 0
        best = folder.state()["best"]["step"]
        assert best < 3, "it must get worse, or the test says nothing"
        step = best if final == "best" else 3
        assert any(f"comes from step {step}" in line["text"] for line in folder.lines("events.jsonl"))
