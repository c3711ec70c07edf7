"""Planned against measured memory of a training run: seven configurations on a CPU, three steps each.

Measured is VmHWM, the most resident memory that the training process ever had, read from /proc while it runs.
The models are random Llamas saved to a temporary folder, and `--gguf` (a real GGUF base) when given.

Usage: python benchmarks/training/plan.py [--only NAME ...] [--gguf FILE]        bar: every ratio within 10 %
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from headwater.core.settings import child_environment
from headwater.training.base import find_base
from headwater.training.config import TrainingConfig
from headwater.training.devices.launch import Training, command_of, end, environment_of, new_run
from headwater.training.heap import TIGHT_HEAP
from headwater.training.load_config import check_config
from headwater.training.planning.plan import plan_run
from headwater.training.resources import high_water_bytes
from headwater.training.tiny import tiny_tokenizer

BAR = 0.10
WORDS = ("river", "stone", "light", "water", "small", "open", "north", "table", "paper", "seven", "evening", "bridge")


def llama(folder: Path, width: int, layers: int, vocabulary: int) -> Path:
    """Save a random Llama with a byte tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if not (folder / "config.json").is_file():
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=width * 11 // 4 // 32 * 32,
            num_hidden_layers=layers,
            num_attention_heads=width // 64,
            num_key_value_heads=max(1, width // 128),
            max_position_embeddings=4096,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
        LlamaForCausalLM(config).save_pretrained(folder)
        tiny_tokenizer().save_pretrained(folder)
    return folder


def chats(path: Path, rows: int, words: int) -> Path:
    """Write rows of like length, so that a micro-batch is as full as the plan takes it to be."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as stream:
        for _ in range(rows):
            question, answer = (" ".join(chance.choices(WORDS, k=words)) for _ in range(2))
            turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            stream.write(json.dumps({"messages": turns}) + "\n")
    return path


CASES: dict[str, dict[str, Any]] = {
    "lora-7m-small-batch": {"shape": (256, 4, 8000), "micro": 512},
    "lora-7m-large-batch": {"shape": (256, 4, 8000), "micro": 8192},
    "full-31m": {"shape": (512, 6, 16000), "micro": 2048, "adapter": {"type": "full"}},
    "lora-70m-checkpointing": {"shape": (640, 8, 24000), "micro": 2048, "memory": {"checkpointing": "on"}},
    "lora-70m-4bit": {"shape": (640, 8, 24000), "micro": 1024, "model": {"quantize": "4bit"}},
    "full-70m-fp32-checkpointing": {
        "shape": (640, 8, 24000), "micro": 1024, "adapter": {"type": "full"}, "model": {"precision": "fp32"},
        "memory": {"checkpointing": "on"},
    },
}  # fmt: skip


def config_of(name: str, case: dict[str, Any], base: str, folder: Path) -> TrainingConfig:
    """Return the config of a case: three steps of two micro-batches, one validation with one written answer."""
    micro = case["micro"]
    return check_config(
        {
            "name": name,
            "model": {"base": base, **case.get("model", {})},
            "adapter": case.get("adapter", {"type": "lora"}),
            "data": {
                "train": [{"path": str(folder / "chats.jsonl")}],
                "valid": [{"path": str(folder / "valid.jsonl")}],
                "max_length": 512,
            },
            "train": {"max_steps": 3, "tokens_per_step": micro, "micro_tokens": micro, "threads": 1, "epochs": 4},
            "memory": {"checkpointing": "off", **case.get("memory", {})},
            "eval": {"every": 1.0, "samples": 1, "sample_tokens": 16},
        }
    )


def measured(config: TrainingConfig, runs: Path, base: Path, tight: bool) -> tuple[int, dict[str, int]]:
    """Train; return the peak and what it was when each part of the run was told."""
    folder = new_run(config, runs)
    environment = environment_of(config, 1)
    if tight:
        environment = {name: value for name, value in environment.items() if not name.startswith("MALLOC_")}
        environment |= TIGHT_HEAP
    with (folder.path / "log.txt").open("ab") as log:
        command = command_of(config, folder, base)
        process = subprocess.Popen(command, stdout=log, stderr=log, env=child_environment(environment))
    training = Training(folder, process)
    peak, marks = 0, {}
    try:
        while training.process.poll() is None:
            peak = max(peak, high_water_bytes(training.process.pid))
            state = folder.state()
            marks[f"{state['state']}-{state.get('step') or 0}"] = peak
            time.sleep(0.05)
    finally:
        end(training)
    training.result()
    return peak, marks


def one(name: str, case: dict[str, Any], base: Path, folder: Path, tight: bool) -> dict[str, Any]:
    """Plan and measure a case."""
    config = config_of(name, case, str(base), folder)
    plan = plan_run(config, find_base(str(base)), tight_heap=tight).as_json()
    peak, marks = measured(config, folder / "runs", base, tight)
    ratio = plan["peak_bytes"] / peak
    return {
        "case": name, "planned_mb": round(plan["peak_bytes"] / 1e6, 1), "measured_mb": round(peak / 1e6, 1),
        "ratio": round(ratio, 4), "within_bar": abs(ratio - 1) <= BAR,
        "parts_mb": {part: round(size / 1e6, 1) for part, size in plan["parts"].items()},
        "marks_mb": {mark: round(size / 1e6, 1) for mark, size in marks.items()},
    }  # fmt: skip


def main() -> None:
    """Run the cases and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(CASES))
    parser.add_argument("--gguf", type=Path)
    parser.add_argument(
        "--heap", choices=("launched", "tight"), default="launched", help="as runs start, or TIGHT_HEAP"
    )
    given = parser.parse_args()
    tight = given.heap == "tight"
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        chats(folder / "chats.jsonl", 400, 32)
        chats(folder / "valid.jsonl", 4, 32)
        for name in given.only:
            base = llama(folder / "-".join(map(str, CASES[name]["shape"])), *CASES[name]["shape"])
            found.append(one(name, CASES[name], base, folder, tight))
            sys.stderr.write(json.dumps(found[-1]) + "\n")
        if given.gguf is not None:
            found.append(one("lora-gguf", {"micro": 512}, given.gguf, folder, tight))
    ratios = [case["ratio"] for case in found]
    print(
        json.dumps(
            {"heap": given.heap, "cases": found, "worst": max(ratios, key=lambda ratio: abs(ratio - 1), default=None)},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
