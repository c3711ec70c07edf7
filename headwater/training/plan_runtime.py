"""What a training process takes before any model: measured once by training a small one in it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from headwater.training.config import TrainingConfig
from headwater.training.launch import end, new_run, start
from headwater.training.load_config import check_config
from headwater.training.resources import high_water_bytes
from headwater.training.run_folder import write_atomically
from headwater.training.tiny import tiny_config, tiny_tokenizer

ROW_TOKENS = 256
PACKAGES = ("torch", "transformers", "peft", "accelerate")


def runtime_bytes(remembered: Path | None = None) -> int:
    """Return the memory of the interpreter and its libraries in training; `remembered` keeps it between processes."""
    versions = " ".join([sys.version.split()[0], *(f"{name} {metadata.version(name)}" for name in PACKAGES)])
    if remembered is not None and remembered.is_file():
        known = json.loads(remembered.read_text("utf-8"))
        if known.get("versions") == versions:
            return int(known["bytes"])
    measured = _measured()
    if remembered is not None:
        remembered.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(remembered, json.dumps({"versions": versions, "bytes": measured}))
    return measured


@lru_cache(maxsize=1)
def _measured() -> int:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = "abcd " * (ROW_TOKENS // 10)
        row = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": text}]}
        (folder / "rows.jsonl").write_text((json.dumps(row) + "\n") * 8, "utf-8")
        architecture = _save_reference(folder / "base")
        config = _config(folder / "base", folder / "rows.jsonl")
        return _trained(config, folder / "runs") - _own_bytes(architecture, config)


def _save_reference(folder: Path) -> Any:
    """A model as small as can be that still makes the libraries take their buffers for products."""
    from transformers import LlamaForCausalLM
    from transformers.utils.logging import disable_progress_bar

    architecture = tiny_config(width=256, layers=2, vocabulary=8192)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    LlamaForCausalLM(architecture).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return architecture


def _own_bytes(architecture: Any, config: TrainingConfig) -> int:
    """What the plan says about the reference model, apart from the runtime."""
    import torch

    from headwater.training.base import number_type
    from headwater.training.plan_memory import Load, Setting, memory_parts
    from headwater.training.plan_trace import Recipe

    kind = number_type("auto", "cpu")
    recipe = Recipe(config.adapter, "none", kind, kind if kind == torch.bfloat16 else None)
    parts = memory_parts(architecture, recipe, Load(ROW_TOKENS, ROW_TOKENS // 2), Setting("cpu", "adamw", 0))
    return sum(parts.values()) - parts["loading"]


def _config(base: Path, path: Path) -> TrainingConfig:
    rows = [{"path": str(path)}]
    return check_config(
        {
            "model": {"base": str(base)},
            "data": {"train": rows, "valid": rows},
            "train": {"max_steps": 2, "micro_tokens": ROW_TOKENS, "tokens_per_step": 128, "threads": 1},
            "memory": {"checkpointing": "off"},
            "eval": {"samples": 1, "sample_tokens": 4},
        }
    )


def _trained(config: TrainingConfig, runs: Path) -> int:
    training = start(new_run(config, runs), config, Path(config.model.base), 1)
    peak = 0
    try:
        while training.process.poll() is None:
            peak = max(peak, high_water_bytes(training.process.pid))
            time.sleep(0.05)
    finally:
        end(training)
    training.result()
    return peak or int(training.folder.state()["peak_memory_bytes"])
