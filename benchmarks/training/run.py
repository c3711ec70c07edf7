"""LoRA fine-tuning on a CPU: tokens per second and peak memory, ours and TRL's SFTTrainer, in one run.

    python benchmarks/training/run.py [--rounds 3] [--steps 14] [--threads 2] [--base MODEL] [--sides ours,trl_default]

TRL lives in its own folder (made by `--peer-install`): trl and datasets, with our torch and transformers. The side
`llamafactory` has an environment with its own pins (`--factory-install`). Rows: made chats of mixed length (mean about
160, 95th percentile about 400 tokens). The model: a random Llama of 5 million parameters, or the one given (a folder,
or a GGUF file, which becomes a folder of 32 bits); LoRA r=8 on all linear layers; every token is learned on all sides.
`ours_small` saves memory: it makes activations twice. Each side is a process of its own, sides take turns, each step is
given about as many tokens; padding never counts. `cpu` is by the time of the process: with one thread and a machine
that others use, only that repeats. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".build" / "peers" / "trl"
FACTORY = ROOT / ".build" / "peers" / "llamafactory"
TEMPLATE = ROOT / "headwater" / "training" / "rows" / "templates" / "human_bot.jinja"
SIDES = ("ours", "trl_default", "trl_tuned", "trl_packed")
OURS = ("ours", "ours_small")
RATIOS = {"speed": "tokens_per_second", "cpu": "tokens_per_cpu_second", "memory": "peak_memory_mb"}
PACKAGES = (
    "trl==1.16.0 datasets==5.2.0 pyarrow pandas dill multiprocess xxhash aiohttp aiosignal frozenlist multidict yarl "
    "propcache aiohappyeyeballs attrs fsspec python-dateutil pytz tzdata six"
)
WORDS = (
    "time year people way day man thing woman life child world school state family student group country problem hand"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=14)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--base", type=Path, help="folder or .gguf of a model; a random Llama when unset")
    parser.add_argument("--micro-tokens", type=int, default=2560)
    parser.add_argument(
        "--batch-rows", type=int, default=16, help="rows of a step of the peers; ours holds as many tokens"
    )
    parser.add_argument("--peer-install", action="store_true")
    parser.add_argument("--factory-install", action="store_true")
    given = parser.parse_args()
    if given.factory_install:
        subprocess.run([sys.executable, "-m", "venv", str(FACTORY)], check=True)
        pip = [str(FACTORY / "bin" / "pip"), "install", "-q", "torch==2.13.0", "llamafactory==0.9.5"]
        subprocess.run(pip, check=True)
    if given.peer_install:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(PEER), *PACKAGES.split()]
        subprocess.run(command, check=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        rows.write_text("\n".join(json.dumps(row) for row in made_rows()), "utf-8")
        base = made_base(given.base, Path(folder) / "base")
        results: dict[str, list[dict[str, Any]]] = {side: [] for side in given.sides.split(",")}
        for _ in range(given.rounds):
            for side in results:
                results[side].append(run_side(side, rows, base, given))
    print(json.dumps(summary(results), indent=1))


def made_rows(count: int = 2400) -> list[dict[str, Any]]:
    """Chats of one to four turns with lengths as people have them: many short, some long."""
    chance = random.Random(3)
    words = WORDS.split()
    rows = []
    for _ in range(count):
        messages = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
            question = " ".join(chance.choices(words, k=max(3, int(chance.lognormvariate(2.4, 0.6)))))
            answer = " ".join(chance.choices(words, k=max(3, int(chance.lognormvariate(3.4, 0.8)))))
            messages += [{"role": "user", "content": f"{question}?"}, {"role": "assistant", "content": f"{answer}."}]
        rows.append({"messages": messages})
    return rows


def made_base(given: Path | None, folder: Path) -> Path:
    """The model's folder, with the template of the rows where its tokenizer has none: TRL wants one."""
    if given is None:
        return made_model(folder)
    if given.suffix != ".gguf":
        return given
    from headwater.training.base import find_base, load_model, load_tokenizer
    from headwater.training.config import ModelSection

    base = find_base(str(given))
    load_model(base, ModelSection(precision="fp32"), "cpu", "sdpa").save_pretrained(folder)
    tokenizer = load_tokenizer(base)
    tokenizer.chat_template = tokenizer.chat_template or TEMPLATE.read_text("utf-8")
    tokenizer.save_pretrained(folder)
    return folder


def made_model(folder: Path) -> Path:
    """A random Llama of 256 x 4 with a vocabulary of 8,000, and a tokenizer trained on the rows."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=8000,
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator((m["content"] for row in made_rows() for m in row["messages"]), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>")
    fast.chat_template = TEMPLATE.read_text("utf-8")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=8000, hidden_size=256, intermediate_size=688, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=2048, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def run_side(side: str, rows: Path, base: Path, given: argparse.Namespace) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(given.threads), "HF_HUB_OFFLINE": "1"}
    if side in OURS:
        from headwater.training.devices.launch import environment_of
        from headwater.training.load_config import check_config

        config = {"data": {"train": [{"path": "x"}]}, "train": {"threads": given.threads}, "memory": memory_of(side)}
        environment |= environment_of(check_config(config), given.threads)
        environment["TRANSFORMERS_OFFLINE"] = "1"
    elif side.startswith("trl"):
        environment["PYTHONPATH"] = str(PEER)
    script = Path(__file__).with_name(f"side_{side.partition('_')[0]}.py")
    python = str(FACTORY / "bin" / "python") if side == "llamafactory" else sys.executable
    command = [python, str(script), side, str(rows), str(base), str(given.steps), str(given.threads)]
    command += [str(given.micro_tokens), str(given.batch_rows)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    result["mean_loss"] = statistics.mean(result["losses"])
    print(side, json.dumps({name: value for name, value in result.items() if name != "losses"}), file=sys.stderr)
    return result


def memory_of(side: str) -> dict[str, str]:
    """The config's section of memory for one of our sides."""
    return {"checkpointing": "on" if side == "ours_small" else "off"}


def summary(results: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians over the rounds, and the ratios of each round's ours to each peer."""
    told: dict[str, Any] = {}
    for side, rounds in results.items():
        told[side] = {
            name: round(statistics.median(result[name] for result in rounds), 3)
            for name in (
                "tokens_per_second",
                "tokens_per_cpu_second",
                "peak_memory_mb",
                "targets_per_step",
                "last_loss",
                "mean_loss",
            )
        }
    for ours in (side for side in results if side in OURS):
        for peer in (side for side in results if side not in OURS):
            pairs = list(zip(results[ours], results[peer], strict=True))
            for name, measure in RATIOS.items():
                told[f"{name}_{ours}_over_{peer}"] = round(
                    statistics.median(o[measure] / t[measure] for o, t in pairs), 2
                )
            told[f"loss_difference_{ours}_{peer}"] = round(
                statistics.median(abs(o["mean_loss"] / t["mean_loss"] - 1) for o, t in pairs), 4
            )
    return told


if __name__ == "__main__":
    main()
