"""One side of preparation.py: rows to ids and labels, kept as arrays; prints rows a second and a CPU second."""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

TEMPLATE = Path(__file__).resolve().parents[2] / "headwater" / "training" / "rows" / "templates" / "human_bot.jinja"
LONGEST = 512


def main() -> None:
    _, side, learned, rows, base, target = sys.argv
    made = (ours if side == "ours" else trl)(learned, rows, base)
    (seconds, cpu_seconds), ids, labels = made
    lengths = np.array([len(row) for row in ids])
    flat = [np.fromiter(chain.from_iterable(part), np.int64) for part in (ids, labels)]
    np.savez(target, lengths=lengths, ids=flat[0], labels=flat[1])
    print(len(ids) / seconds, len(ids) / cpu_seconds)


def ours(learned: str, rows: str, base: str) -> tuple[tuple[float, float], list[Any], list[Any]]:
    """Read, render, encode, mask, count and hash: the product's preparation."""
    import torch  # noqa: F401 - both sides have the libraries in memory before the clock starts
    import transformers  # noqa: F401

    from headwater.training.base import find_base, load_tokenizer
    from headwater.training.load_config import check_config
    from headwater.training.rows.prepare import prepare_data

    data = {"train": [{"path": rows}], "valid": 0.0, "max_length": LONGEST, "overlong": "truncate"}
    config = check_config({"model": {"base": base}, "data": data | {"learn_on": learned}})
    tokenizer = load_tokenizer(find_base(base))
    began, began_cpu = time.perf_counter(), time.process_time()
    examples = prepare_data(config, tokenizer).train
    seconds = time.perf_counter() - began, time.process_time() - began_cpu
    found = [examples.row(number) for number in range(len(examples))]
    return seconds, [ids for ids, _ in found], [np.where(mask, ids, -100) for ids, mask in found]


def trl(learned: str, rows: str, base: str) -> tuple[tuple[float, float], list[Any], list[Any]]:
    """SFTTrainer's preparation, which happens while it is made."""
    import torch
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    with tempfile.TemporaryDirectory() as folder:
        data = load_dataset("json", data_files=rows, split="train", cache_dir=f"{folder}/cache")
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(base)
        tokenizer.chat_template = TEMPLATE.read_text("utf-8")
        settings: dict[str, Any] = {"output_dir": f"{folder}/out", "max_length": LONGEST, "report_to": "none"}
        settings |= {"use_cpu": True, "disable_tqdm": True, "assistant_only_loss": learned == "assistant"}
        began, began_cpu = time.perf_counter(), time.process_time()
        trainer = SFTTrainer(model=model, processing_class=tokenizer, args=SFTConfig(**settings), train_dataset=data)
        seconds = time.perf_counter() - began, time.process_time() - began_cpu
        made = trainer.train_dataset
        return seconds, list(made["input_ids"]), list(made["labels"])


if __name__ == "__main__":
    main()
