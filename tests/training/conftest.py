"""A small model, its tokenizer, and rows made in code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.training.load_config import check_config, dump_config
from headwater.training.run_folder import RunFolder


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    from headwater.training.tiny import tiny_tokenizer

    return tiny_tokenizer()


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    """Short chats of different lengths, some of two turns."""
    path = tmp_path / "sums.jsonl"
    rows = []
    for left in range(8):
        for right in range(6):
            turns = [
                {"role": "user", "content": f"What is {left} plus {right}?" + " Think well." * (right % 3)},
                {"role": "assistant", "content": f"It is {left + right}." + " Surely." * (left % 4)},
            ]
            if left % 2:
                turns += [
                    {"role": "user", "content": "Sure?"},
                    {"role": "assistant", "content": "Yes, I am sure of it."},
                ]
            rows.append({"messages": turns})
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


@pytest.fixture
def new_run(tmp_path: Path, sums: Path) -> Callable[..., RunFolder]:
    """Make a run on the tiny model: `new_run("name", **{"train.lr": 0.01})`."""
    from headwater.training.load_config import overridden

    def make(name: str, **changes: Any) -> RunFolder:
        plain: dict[str, Any] = {
            "name": name,
            "model": {"base": "tiny"},
            "adapter": {"r": 4, "alpha": 8},
            "data": {"train": [{"path": str(sums)}], "valid": 0.1, "max_length": 256},
            "train": {"epochs": 1, "tokens_per_step": 150, "micro_tokens": 256, "lr": 0.003, "threads": 1},
            "eval": {"samples": 1, "sample_tokens": 4},
        }
        for key, value in changes.items():
            plain = overridden(plain, [f"{key}={json.dumps(value)}"])
        config = check_config(plain)
        folder = RunFolder.create(tmp_path / "runs", name)
        (folder.path / "config.yaml").write_text(dump_config(config), "utf-8")
        return folder

    return make
