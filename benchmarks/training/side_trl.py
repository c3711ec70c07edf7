"""The peer's side of the training benchmark: TRL's SFTTrainer, as it comes or tuned, one process."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time

import torch

WARM = int(os.environ.get("BENCH_WARM", "3"))


def main() -> None:
    _, side, rows, base, steps, threads, _, batch_rows = sys.argv
    torch.set_num_threads(int(threads))
    from datasets import load_dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from headwater.training.base import number_type

    tuned: dict[str, object] = {}
    if side == "trl_tuned":
        tuned = {"train_sampling_strategy": "group_by_length", "gradient_checkpointing": False}
    elif side == "trl_packed":
        tuned = {
            "packing": True,
            "gradient_checkpointing": False,
            "per_device_train_batch_size": max(1, int(batch_rows) // 3),
        }
    if tuned:
        # As it comes TRL computes in bf16, which a CPU without such instructions only imitates, slowly.
        tuned["bf16"] = number_type("auto", "cpu") == torch.bfloat16
    with tempfile.TemporaryDirectory() as folder:
        data = load_dataset("json", data_files=rows, split="train", cache_dir=f"{folder}/cache")
        settings: dict[str, object] = {
            "output_dir": f"{folder}/out",
            "max_steps": int(steps),
            "per_device_train_batch_size": int(batch_rows),
            "learning_rate": 2e-4,
            "lr_scheduler_type": "constant",
            "max_length": 512,
            "logging_steps": 1,
            "report_to": "none",
            "save_strategy": "no",
            "use_cpu": True,
            "disable_tqdm": True,
            "dataloader_pin_memory": False,
            # The rows' template marks no answers, so the peer learns every token; so does our side here.
            **tuned,
        }
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        trainer = SFTTrainer(
            model=model,
            processing_class=AutoTokenizer.from_pretrained(base),
            args=SFTConfig(**settings),
            train_dataset=data,
            peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"),
        )
        clock: list[tuple[float, float]] = []
        tokens: list[int] = []
        step = trainer.training_step

        def timed(model: object, inputs: dict[str, torch.Tensor], count: object = None) -> torch.Tensor:
            clock.append((time.perf_counter(), time.process_time()))
            mask = inputs.get("attention_mask")
            labels = inputs["labels"]
            tokens.append(int(mask.sum()) if mask is not None else int((labels != -100).sum()))
            return step(model, inputs, count)

        trainer.training_step = timed
        trainer.train()
        clock.append((time.perf_counter(), time.process_time()))
    elapsed, of_processor = (last - first for last, first in zip(clock[-1], clock[WARM], strict=True))
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    print(
        json.dumps(
            {
                "tokens_per_second": sum(tokens[WARM:]) / elapsed,
                "tokens_per_cpu_second": sum(tokens[WARM:]) / of_processor,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "targets_per_step": sum(tokens) / len(tokens),
                "last_loss": float(losses[-1]),
                "losses": [float(loss) for loss in losses],
            }
        )
    )


if __name__ == "__main__":
    main()
