"""Our side of the training benchmark: the product's trainer on the rows, one process."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from run import memory_of

WARM = int(os.environ.get("BENCH_WARM", "3"))


def main() -> None:
    _, side, rows, base, steps, threads, micro, batch_rows = sys.argv
    torch.set_num_threads(int(threads))
    from headwater.training.base import find_base
    from headwater.training.load_config import check_config, dump_config
    from headwater.training.run_folder import RunFolder
    from headwater.training.session import load_parts, make_trainer

    settings: dict[str, Any] = {
        "model": {"base": base, "precision": os.environ.get("BENCH_PRECISION", "auto")},
        "adapter": {"r": 8, "alpha": 16},
        "data": {
            "train": [{"path": rows}],
            "valid": 0.0,
            "max_length": 512,
            "overlong": "truncate",
            "learn_on": "all",
        },
        "train": {
            "micro_tokens": int(micro),
            "lr": 2e-4,
            "max_steps": int(steps),
            "schedule": "constant",
            "warmup": 0.0,
            "epochs": 3,
        },
        "memory": memory_of(side),
        "save": {"every": 10_000},
    }
    # As many tokens as the peers' batch of rows holds on average.
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:  # what it takes must not count
        mean = elsewhere.submit(mean_tokens, settings).result()
    settings["train"]["tokens_per_step"] = round(mean * int(batch_rows))
    config = check_config(settings)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder), "bench")
        (run.path / "config.yaml").write_text(dump_config(config), "utf-8")
        loaded = load_parts(config, run, find_base(base))
        trainer, _ = make_trainer(loaded)
        clock: list[tuple[float, float]] = []
        tokens: list[int] = []
        losses: list[float] = []
        step = trainer.training_step

        def timed(model: object, inputs: object, count: object = None) -> torch.Tensor:
            clock.append((time.perf_counter(), time.process_time()))
            lengths = loaded.prepared.train.lengths
            number = len(clock) - 1
            batch = loaded.schedule[number]
            tokens.append(int(sum(lengths[list(micro.rows)].sum() for micro in batch.micro_batches)))
            loss = step(model, inputs, count)
            losses.append(loss.item())
            return loss

        trainer.training_step = timed
        trainer._save_checkpoint = lambda *_: None
        trainer.train()
        clock.append((time.perf_counter(), time.process_time()))
    elapsed, of_processor = (last - first for last, first in zip(clock[-1], clock[WARM], strict=True))
    print(
        json.dumps(
            {
                "tokens_per_second": sum(tokens[WARM:]) / elapsed,
                "tokens_per_cpu_second": sum(tokens[WARM:]) / of_processor,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "targets_per_step": sum(loaded.schedule[n].targets for n in range(int(steps))) / int(steps),
                "last_loss": losses[-1],
                "losses": losses,
            }
        )
    )


def mean_tokens(settings: dict[str, Any]) -> float:
    """Tokens of a row on average."""
    from headwater.training.base import find_base, load_tokenizer
    from headwater.training.load_config import check_config
    from headwater.training.rows.prepare import prepare_data

    config = check_config(settings)
    return float(prepare_data(config, load_tokenizer(find_base(config.model.base))).train.lengths.mean())


if __name__ == "__main__":
    main()
