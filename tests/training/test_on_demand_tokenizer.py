"""A tokenizer is in memory only while it is used, and not while a run trains."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.training import checkpoints, on_demand_tokenizer
from headwater.training.base import Base, find_base, load_tokenizer
from headwater.training.load_config import load_config
from headwater.training.on_demand_tokenizer import OnDemandTokenizer
from headwater.training.run_folder import RunFolder
from headwater.training.session import keep_result, load_parts, make_trainer, run
from headwater.training.tiny import tiny_tokenizer


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Any]]:
    """Every tokenizer that is read from now on."""
    found: list[weakref.ref[Any]] = []

    def watched(base: Any) -> Any:
        tokenizer = load_tokenizer(base)
        found.append(weakref.ref(tokenizer))
        return tokenizer

    monkeypatch.setattr(on_demand_tokenizer, "load_tokenizer", watched)
    return found


def in_memory(read: list[weakref.ref[Any]]) -> int:
    return sum(one() is not None for one in read)


def test_it_goes_after_its_last_user(read: list[weakref.ref[Any]]) -> None:
    words = OnDemandTokenizer(find_base("tiny"))
    assert words.pad_token_id == load_tokenizer(find_base("tiny")).pad_token_id
    with words.in_memory() as outer:
        with words.in_memory() as inner:
            assert inner is outer
        assert outer.decode(outer("stone")["input_ids"]) == "stone"
        del outer, inner
        assert in_memory(read) == 1
    assert in_memory(read) == 0
    with words.in_memory() as again:
        assert again.decode(again("stone")["input_ids"]) == "stone"
    assert len(read) == 2


def test_it_goes_after_a_failure_too(read: list[weakref.ref[Any]]) -> None:
    words = OnDemandTokenizer(find_base("tiny"))
    with pytest.raises(ZeroDivisionError), words.in_memory():
        raise ZeroDivisionError
    assert in_memory(read) == 0


def test_one_that_is_slow_to_read_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read: list[Base] = []

    def watched(base: Base) -> Any:
        read.append(base)
        return tiny_tokenizer()

    monkeypatch.setattr(on_demand_tokenizer, "load_tokenizer", watched)
    base = Base("pointed at", "gguf", tmp_path / "model.gguf")
    words = OnDemandTokenizer(base)
    for _ in range(2):
        with words.in_memory():
            pass
    assert read == [base]


def test_a_run_that_trains_holds_none(new_run: Callable[..., RunFolder], read: list[weakref.ref[Any]]) -> None:
    folder = new_run("plain")
    config = load_config(folder.path / "config.yaml")
    loaded = load_parts(config, folder, find_base(config.model.base))
    trainer, _ = make_trainer(loaded)
    assert (len(read), in_memory(read)) == (1, 0)
    trainer.train()
    assert in_memory(read) == 0
    chosen = checkpoints.latest(folder.checkpoints)
    assert chosen is not None
    kept = keep_result(loaded, chosen)
    assert (kept / "tokenizer_config.json").is_file()
    assert in_memory(read) == 0


def test_a_run_of_compared_answers_too(
    new_run: Callable[..., RunFolder], tmp_path: Path, read: list[weakref.ref[Any]]
) -> None:
    rows = tmp_path / "pairs.jsonl"
    rows.write_text('{"prompt": "1+1?", "chosen": "2", "rejected": "3"}\n' * 8, "utf-8")
    folder = new_run("pairs", **{"task": "dpo", "data.train": [{"path": str(rows)}], "train.max_steps": 1})
    assert run(folder)["state"] == "done"
    assert in_memory(read) == 0
