from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.core.errors import BadInput
from headwater.training.base import Base, find_base
from headwater.training.config import TrainingConfig
from headwater.training.load_config import check_config
from headwater.training.planning.parts import Load, Setting, memory_parts
from headwater.training.planning.plan import Plan, Planner, recipe_of
from headwater.training.resources import size
from headwater.training.tiny import tiny_config

RUNTIME = 500_000_000
ON_CPU = Setting("cpu", "adamw", RUNTIME)
TINY = find_base("tiny")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    turns = [{"role": "user", "content": "q" * 100}, {"role": "assistant", "content": "a" * 100}]
    path.write_text((json.dumps({"messages": turns}) + "\n") * 40, "utf-8")
    return path


def config_of(rows: Path, **sections: Any) -> TrainingConfig:
    return check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": str(rows)}], "valid": 0.1}, **sections})


def planned(config: TrainingConfig, limit: float, base: Base = TINY) -> Plan:
    return Planner(config, base, ON_CPU, int(limit)).plan()


def test_a_plan_that_fits(rows: Path) -> None:
    plan = planned(config_of(rows), 8e9)
    told = plan.as_json()
    assert told["fits"] and not told["checkpointing"] and told["micro_tokens"] == 2048
    assert sum(told["parts"].values()) == told["peak_bytes"] > RUNTIME
    assert told["steps"] == 2  # 36 rows of 102 learned tokens, 2,048 a step
    assert told["seconds"] > 0 and told["seconds_range"][0] < told["seconds"] < told["seconds_range"][1]
    assert told["sentence"].startswith("It takes ") and "8.0 GB" in told["sentence"]
    json.dumps(told)


def test_less_memory_takes_fewer_tokens_then_checkpointing(rows: Path) -> None:
    config = config_of(rows)
    roomy = planned(config, 8e9)
    tight = planned(config, roomy.peak_bytes - 1)
    assert tight.fits
    assert tight.micro_tokens < roomy.micro_tokens
    fixed = config_of(rows, train={"micro_tokens": 2048})
    again = planned(fixed, planned(fixed, 8e9).peak_bytes - 1)
    assert again.fits and again.checkpointing and again.micro_tokens == 2048


def test_what_does_not_fit_says_so_and_what_would(rows: Path) -> None:
    config = config_of(rows, train={"micro_tokens": 2048}, memory={"checkpointing": "off"})
    need = planned(config, 8e9).peak_bytes
    plan = planned(config, need - 1_000_000)
    assert not plan.fits
    assert plan.sentence.startswith("It does not fit: it takes ")
    assert "it fits" in plan.sentence
    assert any(line.startswith("train.micro_tokens: 256") for line in plan.advice)
    hopeless = planned(config, 1e6)
    assert not hopeless.fits and hopeless.sentence.endswith("more memory.")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        planned(config_of(tmp_path / "no.jsonl"), 8e9)


def test_full_training_is_held_in_32_bits(rows: Path) -> None:
    import torch

    base = Base("some", "folder", rows.parent)
    full = recipe_of(config_of(rows, adapter={"type": "full"}), base, "cpu", False, "none")
    assert full.kind == torch.float32
    half = recipe_of(config_of(rows, model={"base": "x", "precision": "bf16"}), base, "cpu", False, "none")
    assert half.kind == half.autocast == torch.bfloat16


@settings(max_examples=6, deadline=None)
@given(tokens=st.sampled_from([32, 64, 128]), rank=st.sampled_from([1, 8]), bits=st.sampled_from(["8bit", "4bit"]))
def test_more_takes_more(tokens: int, rank: int, bits: str) -> None:
    from headwater.training.config import AdapterSection
    from headwater.training.planning.trace import Recipe

    def peak(tokens: int, rank: int, quantize: Any = "none") -> int:
        recipe = Recipe(AdapterSection(r=rank), quantize)
        return sum(memory_parts(tiny_config(), recipe, Load(tokens, tokens), ON_CPU).values())

    assert peak(tokens * 2, rank) > peak(tokens, rank)
    assert peak(tokens, rank * 4) > peak(tokens, rank)
    parts = memory_parts(tiny_config(), Recipe(AdapterSection(r=rank), bits), Load(tokens, tokens), ON_CPU)
    plain = memory_parts(tiny_config(), Recipe(AdapterSection(r=rank)), Load(tokens, tokens), ON_CPU)
    assert parts["weights"] < plain["weights"]


def test_on_a_gpu_all_moments_of_adamw_count() -> None:
    from headwater.training.config import AdapterSection
    from headwater.training.planning.trace import Recipe

    recipe = Recipe(AdapterSection(type="full"))
    parts = memory_parts(tiny_config(), recipe, Load(8, 8), Setting("cuda", "adamw", 0))
    assert parts["optimizer"] == 2 * parts["weights"]
    # The head's own gradient counts with the logits; all others are gradients of the body.
    assert 0 < parts["gradients"] <= parts["weights"] * 1.01


def test_the_common_heap_takes_more_than_the_tight_one() -> None:
    from headwater.training.config import AdapterSection
    from headwater.training.planning.trace import Recipe

    def peak(tight: bool) -> int:
        setting = Setting("cpu", "adamw", RUNTIME, tight)
        return sum(memory_parts(tiny_config(), Recipe(AdapterSection()), Load(512, 512), setting).values())

    assert peak(False) > peak(True) > RUNTIME


def test_sizes_are_read_as_people_do() -> None:
    assert size(1_500_000_000) == "1.5 GB" and size(2_000_000) == "2 MB"
