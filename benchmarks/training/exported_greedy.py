"""Does llama.cpp say what PEFT says? The starter adapter on gemma-270m in 32-bit numbers: beside its base, and merged.

The base of the package is quantised, so it is written out in float32 first: on a quantised base the engines compute
differently, and equal texts may not be asked for. Prints JSON.

    python benchmarks/training/exported_greedy.py --models .build/models
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from headwater.engines.llama import LlamaModel
from headwater.engines.llama_process import Adapter, LlamaProcess, LlamaSpec
from headwater.models.starter import builtin_adapter
from headwater.training.export.chat_files import read_chat
from headwater.training.export.gguf_merged import write_merged_gguf
from headwater.training.export.greedy_check import TorchModel, check_greedy
from headwater.training.export.merged import load_base

QUESTIONS = (
    "What is the capital of France?",
    "Who are you?",
    "Write one sentence about the sea.",
    "Explain to a child why it rains.",
    "Passage: The ferry to Holm leaves at nine and at four.\n\nWhen does the ferry leave?",
    "Name three colours.",
)


def run_folder(data: Path, models: Path, base: Path, adapter: Path) -> None:
    """A run whose result is the starter adapter, on the base in 32 bits."""
    (data / "models").symlink_to(models.absolute())
    run = data / "runs" / "starter32"
    run.mkdir(parents=True)
    (run / "adapter").symlink_to(adapter)
    config = f"name: starter32\nmodel: {{base: {base}, precision: fp32}}\ndata: {{train: [{{path: rows.jsonl}}]}}\n"
    (run / "config.yaml").write_text(config, "utf-8")


def export(data: Path, form: str, target: Path) -> str:
    """`headwater export`, as people type it."""
    command = [sys.executable, "-c", "from headwater.cli.main import run; run()", "export", "starter32", "--to", form]
    command += ["--output", str(target), "--precision", "f32", "--data-dir", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return " ".join(done.stdout.split())


def asking(model: LlamaModel) -> Any:
    return lambda prompt, count: asyncio.run(model.greedy_tokens(prompt, count))


def measured(models: Path, place: Path) -> dict[str, Any]:
    adapter, packed = builtin_adapter("starter"), models / "gemma-270m" / "model.gguf"
    chat = read_chat(adapter, packed)
    base = place / "base32"
    model = load_base(packed, None)
    model.save_pretrained(base)
    chat.tokenizer.save_pretrained(base)
    del model
    whole = write_merged_gguf(base, place / "base32.gguf", "f32", packed).path
    run_folder(place / "data", models, whole, adapter)
    told = {form: export(place / "data", form, place / f"out-{form}") for form in ("adapter", "gguf")}
    prompts = [
        chat.tokenizer(
            chat.tokenizer.apply_chat_template(
                [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
            ),
            add_special_tokens=False,
        )["input_ids"]
        for text in QUESTIONS
    ]
    from peft import PeftModel

    trained = TorchModel(PeftModel.from_pretrained(load_base(whole, None), str(adapter)).eval(), chat.stop_ids)
    beside = LlamaSpec(
        "base32", whole, "human_bot", 512, adapters=(Adapter("a", place / "out-adapter" / "adapter.gguf"),)
    )
    merged = LlamaSpec("merged32", place / "out-gguf", "human_bot", 512)
    found: dict[str, Any] = {"exports": told}
    processes = {"adapter": LlamaProcess(beside), "gguf": LlamaProcess(merged)}
    try:
        plain = asking(LlamaModel(processes["adapter"]))
        for form, process in processes.items():
            engine = asking(LlamaModel(process, "a" if form == "adapter" else None))
            check = check_greedy(prompts, trained, engine, plain, quantised=False)
            found[form] = {"passed": check.passed, "equal": check.equal_prompts, "ties": check.ties,
                           "changed": check.changed, "prompts": check.prompts, "sentence": check.sentence}  # fmt: skip
    finally:
        for process in processes.values():
            process.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path(".build/models"))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measured(chosen.models, Path(name)), indent=1).replace(name, ""))


if __name__ == "__main__":
    main()
