"""DPO on a CPU: the loss of every step beside TRL's DPOTrainer, and the time of an epoch, in one run.

    python benchmarks/training/preference.py [--rounds 3] [--pairs 96] [--threads 2] [--prompts long,short]

The peer lies where `run.py --peer-install` puts it. A random Llama of 5 million parameters (or --base FOLDER), LoRA
r=8 on all linear layers, eight pairs a step, one epoch. Two workloads: long prompts (about 600 tokens, answers of
about 40) and short ones (about 40 and 60). An epoch's time is that of its steps and of whatever asks the reference,
without loading and tokenising. Pairs a second are compared: each side counts the tokens of a prompt as it likes.

`step` times forward and backward of two pairs with a shared prompt and without, by turns in one process.

`equal` runs both sides with every pair in every step, from one adapter, without dropout: the losses of six steps.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from run import PEER, WORDS, made_model

SIDES = ("ours", "ours_separate", "trl_default", "trl_tuned")
STEP_PAIRS = 8
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'assistant' %}<bot>: {{ message.content }}"
    "{{ eos_token }}{% else %}<human>: {{ message.content }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<bot>:{% endif %}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=96)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--prompts", default="equal,long,short")
    parser.add_argument("--base", type=Path)
    parser.add_argument("--micro-tokens", type=int, default=4096)
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is not None:
        side, kind, folder = given.side
        told = (ours if side.startswith("ours") else trl)(side, kind, Path(folder), given)
        print(json.dumps(told))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = made_model(folder / "base") if given.base is None else given.base
        os.environ["BENCH_BASE"] = str(base)
        (folder / "plain.jinja").write_text(TEMPLATE, "utf-8")
        made_adapter(base, folder / "start")
        report = {
            kind: by_turns(folder, given) if kind == "step" else measured(kind, folder, given)
            for kind in given.prompts.split(",")
        }
    print(json.dumps(report, indent=1))


def measured(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    rows = made_pairs(kind, 16 if kind == "equal" else given.pairs)
    (folder / f"{kind}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    sides = ("ours", "trl_default") if kind == "equal" else tuple(given.sides.split(","))
    rounds = 1 if kind == "equal" else given.rounds
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            results[side].append(run_side(side, kind, folder, given))
    if kind == "equal":
        mine, theirs = results["ours"][0]["losses"], results["trl_default"][0]["losses"]
        apart = max(abs(a - b) for a, b in zip(mine, theirs, strict=True))
        return {"ours": mine, "trl": theirs, "largest_difference": apart}
    told: dict[str, Any] = {
        side: {
            name: round(statistics.median(result[name] for result in found), 3)
            for name in ("pairs_per_second", "peak_memory_mb", "seconds", "first_loss", "last_loss")
        }
        for side, found in results.items()
    }
    for side in sides[1:]:
        ratios = [
            o["pairs_per_second"] / t["pairs_per_second"] for o, t in zip(results["ours"], results[side], strict=True)
        ]
        told[f"speed_ours_over_{side}"] = [
            round(value, 2) for value in (min(ratios), statistics.median(ratios), max(ratios))
        ]
    return told


def by_turns(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Median time of a micro-batch of two pairs, shared and separate, for long and short prompts."""
    import torch

    torch.set_num_threads(given.threads)
    from headwater.training.base import find_base, load_tokenizer
    from headwater.training.load_config import check_config
    from headwater.training.preference.batches import pair_arrays
    from headwater.training.preference.pairs import Pairs
    from headwater.training.preference.session import objective_of
    from headwater.training.rows.batches import MicroBatch
    from headwater.training.rows.prepare import prepare_data
    from headwater.training.session import prepare_model

    told: dict[str, Any] = {}
    base = find_base(os.environ["BENCH_BASE"])
    for kind in ("long", "short"):
        (folder / "few.jsonl").write_text("\n".join(json.dumps(row) for row in made_pairs(kind, 2)), "utf-8")
        data = {"train": [{"path": str(folder / "few.jsonl")}], "valid": 0.0, "max_length": 1536}
        data["template"] = str(folder / "plain.jinja")
        model_section = {"base": base.name, "precision": "fp32"}
        config = check_config({"task": "orpo", "model": model_section, "adapter": {"r": 8}, "data": data})
        model = prepare_model(config, base, "cpu")
        pairs = prepare_data(config, load_tokenizer(base)).train
        assert isinstance(pairs, Pairs)
        times: dict[str, list[float]] = {"shared": [], "separate": []}
        for _ in range(given.rounds * 2 + 1):
            for form, seconds in times.items():
                laid = pairs.in_form(form)  # type: ignore[arg-type]
                objective, batch = objective_of(config, laid, 0), pair_arrays(laid, MicroBatch((0, 1)), 0)
                began = time.process_time()
                objective.compare(objective.values(model, batch, torch.device("cpu")), batch)[0].losses.sum().backward()
                seconds.append(time.process_time() - began)
        middle = {form: statistics.median(seconds[1:]) for form, seconds in times.items()}
        tokens = {form: int(pairs.in_form(form).lengths.sum()) for form in ("shared", "packed")}  # type: ignore[arg-type]
        told[kind] = {"cpu_seconds": middle, "tokens": tokens, "ratio": round(middle["separate"] / middle["shared"], 2)}
    return told


def made_pairs(kind: str, count: int) -> list[dict[str, Any]]:
    """Pairs of made words, lengths spread by half to both sides."""
    chance = random.Random(5)
    words = WORDS.split()
    prompt, answer = {"long": (600, 40), "short": (40, 60), "equal": (60, 30)}[kind]

    def text(length: int) -> str:
        return " ".join(chance.choices(words, k=max(2, int(length * chance.uniform(0.5, 1.5)))))

    return [
        {
            "prompt": [{"role": "user", "content": f"{text(prompt)}?"}],
            "chosen": [{"role": "assistant", "content": f"{text(answer)}."}],
            "rejected": [{"role": "assistant", "content": f"{text(answer)}!"}],
        }
        for _ in range(count)
    ]


def made_adapter(base: Path, folder: Path) -> None:
    """Save the adapter that both sides begin with."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    config = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    get_peft_model(model, config).save_pretrained(folder)


def run_side(side: str, kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(given.threads), "HF_HUB_OFFLINE": "1"}
    if side.startswith("ours"):
        from headwater.training.devices.launch import environment_of
        from headwater.training.load_config import check_config

        plain = check_config({"data": {"train": [{"path": "x"}]}, "train": {"threads": given.threads}})
        environment |= environment_of(plain, given.threads)
    else:
        environment["PYTHONPATH"] = str(PEER)
    command = [sys.executable, __file__, "--side", side, kind, str(folder), "--threads", str(given.threads)]
    command += ["--micro-tokens", str(given.micro_tokens)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(kind, side, json.dumps({n: v for n, v in result.items() if n != "losses"}), file=sys.stderr)
    return result


def ended(pairs: int, seconds: float, losses: list[float]) -> dict[str, Any]:
    return {
        "pairs_per_second": pairs / seconds,
        "seconds": seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "losses": losses,
    }


def ours(side: str, kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    import torch

    torch.set_num_threads(given.threads)
    from headwater.training.base import find_base
    from headwater.training.load_config import check_config, dump_config
    from headwater.training.preference.session import measure_references
    from headwater.training.preference.trainer import PreferenceTrainer
    from headwater.training.run_folder import RunFolder
    from headwater.training.session import load_parts, make_trainer

    equal = kind == "equal"
    learned = {"long": 80, "short": 120, "equal": 60}[kind] * STEP_PAIRS
    config = check_config(
        {
            "task": "dpo",
            "model": {"base": os.environ["BENCH_BASE"], "precision": "fp32", "adapter_from": str(folder / "start")},
            "data": {
                "train": [{"path": str(folder / f"{kind}.jsonl")}], "valid": 0.0, "max_length": 1536,
                "template": str(folder / "plain.jinja"),
            },
            "preference": {"shared_prompt": "off" if side == "ours_separate" else "on"},
            "train": {
                "tokens_per_step": 10_000_000 if equal else learned, "micro_tokens": given.micro_tokens, "lr": 1e-3,
                "schedule": "constant", "warmup": 0.0, "epochs": 6 if equal else 1,
            },
            "save": {"every": 10_000},
        }
    )  # fmt: skip
    run = RunFolder.create(folder / f"runs-{time.time_ns()}", "bench")
    (run.path / "config.yaml").write_text(dump_config(config), "utf-8")
    loaded = load_parts(config, run, find_base(config.model.base))
    trainer, _ = make_trainer(loaded)
    assert isinstance(trainer, PreferenceTrainer)
    losses: list[float] = []
    step = trainer.training_step

    def noted(*inputs: Any) -> Any:
        loss = step(*inputs)
        losses.append(loss.item())
        return loss

    trainer.training_step = noted  # type: ignore[method-assign]
    trainer._save_checkpoint = lambda *_: None  # type: ignore[method-assign]
    began = time.perf_counter()
    measure_references(trainer, config, loaded.schedule)
    trainer.train()
    seconds = time.perf_counter() - began
    return ended(len(loaded.prepared.train), seconds, losses)


def trl(side: str, kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    import torch

    torch.set_num_threads(given.threads)
    from datasets import load_dataset
    from peft import LoraConfig, PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    base, equal = os.environ["BENCH_BASE"], kind == "equal"
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = TEMPLATE
    data = load_dataset("json", data_files=str(folder / f"{kind}.jsonl"), split="train", cache_dir=f"{folder}/cache")
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    settings: dict[str, Any] = {
        "output_dir": f"{folder}/out", "num_train_epochs": 6 if equal else 1, "learning_rate": 1e-3,
        "per_device_train_batch_size": 16 if equal else STEP_PAIRS, "lr_scheduler_type": "constant",
        "max_length": 1536, "logging_steps": 1, "report_to": "none", "save_strategy": "no", "use_cpu": True,
        "disable_tqdm": True, "dataloader_pin_memory": False, "bf16": False,
    }  # fmt: skip
    if side == "trl_tuned":
        settings |= {
            "gradient_checkpointing": False, "precompute_ref_log_probs": True,
            "train_sampling_strategy": "group_by_length",
        }  # fmt: skip
    spent = [0.0]
    if equal:
        model, adapter = PeftModel.from_pretrained(model, str(folder / "start"), is_trainable=True), None
    else:
        adapter = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    measure = DPOTrainer._precompute_ref_logps

    def timed(self: Any, *inputs: Any) -> Any:
        began = time.perf_counter()
        found = measure(self, *inputs)
        spent[0] += time.perf_counter() - began
        return found

    DPOTrainer._precompute_ref_logps = timed
    trainer = DPOTrainer(
        model=model, args=DPOConfig(**settings), processing_class=tokenizer, train_dataset=data, peft_config=adapter
    )
    began = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - began + spent[0]
    losses = [float(line["loss"]) for line in trainer.state.log_history if "loss" in line]
    return ended(len(trainer.train_dataset), seconds, losses)


if __name__ == "__main__":
    main()
