"""LLaMA-Factory's side of the training benchmark, as it comes, one process in its own environment.

Its own template registry gets the benchmark's template, so that the rows become the same tokens; it learns every
token (`train_on_prompt`) as the other sides do. Batches, collator, checkpointing and loss are its defaults.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

WARM = int(os.environ.get("BENCH_WARM", "3"))


def main() -> None:
    _, _, rows, base, steps, threads, _, batch_rows = sys.argv
    torch.set_num_threads(int(threads))
    without_sound()
    from llamafactory.train.sft.trainer import CustomSeq2SeqTrainer
    from llamafactory.train.tuner import run_exp

    named_template()
    clock: list[tuple[float, float]] = []
    tokens: list[int] = []
    losses: list[float] = []
    step = CustomSeq2SeqTrainer.training_step

    def timed(trainer: Any, model: object, inputs: dict[str, torch.Tensor], *more: Any) -> torch.Tensor:
        if not clock:
            clock.append((time.perf_counter(), time.process_time()))
        tokens.append(int(inputs["attention_mask"].sum()))
        loss = step(trainer, model, inputs, *more)
        losses.append(loss.item())
        clock.append((time.perf_counter(), time.process_time()))
        return loss

    CustomSeq2SeqTrainer.training_step = timed
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run_exp(arguments(folder, Path(rows), base, int(steps)) | {"per_device_train_batch_size": int(batch_rows)})
    told = {
        "tokens_per_second": sum(tokens[WARM:]) / (clock[-1][0] - clock[WARM][0]),
        "tokens_per_cpu_second": sum(tokens[WARM:]) / (clock[-1][1] - clock[WARM][1]),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "targets_per_step": sum(tokens) / len(tokens),
        "last_loss": losses[-1],
        "losses": losses,
    }
    print(json.dumps(told))


def without_sound() -> None:
    """Stand in for torchaudio, which it imports for audio rows and whose wheels load with CUDA only."""
    if find_spec("torchaudio") is None:
        module = ModuleType("torchaudio")
        module.__spec__ = ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = module


def named_template() -> None:
    """Tell it the template of the other sides."""
    from llamafactory.data.formatter import EmptyFormatter, StringFormatter
    from llamafactory.data.template import register_template

    register_template(
        name="human_bot",
        format_user=StringFormatter(slots=["<human>: {{content}}\n<bot>:"]),
        format_assistant=StringFormatter(slots=[" {{content}}", {"eos_token"}, "\n"]),
        format_prefix=EmptyFormatter(slots=[{"bos_token"}]),
    )


def arguments(folder: Path, rows: Path, base: str, steps: int) -> dict[str, Any]:
    """Its settings: what the benchmark fixes for all sides, nothing else."""
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    about = {"file_name": str(rows), "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    (folder / "dataset_info.json").write_text(json.dumps({"rows": about}), "utf-8")
    return {
        "stage": "sft",
        "do_train": True,
        "model_name_or_path": base,
        "dataset_dir": str(folder),
        "dataset": "rows",
        "template": "human_bot",
        "train_on_prompt": True,
        "cutoff_len": 512,
        "finetuning_type": "lora",
        "lora_rank": 8,
        "lora_alpha": 16,
        "lora_target": "all",
        "output_dir": str(folder / "out"),
        "max_steps": steps,
        "learning_rate": 2e-4,
        "lr_scheduler_type": "constant",
        "logging_steps": 1,
        "report_to": "none",
        "save_strategy": "no",
        "use_cpu": True,
        "disable_tqdm": True,
    }


if __name__ == "__main__":
    main()
