"""Time of a run: products of matrices a token needs, over how fast this device multiplies, measured once."""

from __future__ import annotations

import time
from functools import lru_cache

import torch

from headwater.training.planning.layers import Weights
from headwater.training.planning.trace import Recipe

# Share of the bare matrix speed that training reaches; the rest goes to norms, attention, adapters and memory.
REACHED = (0.25, 0.5, 0.9)
REPEATED = (0.6, 1.7)  # other shapes and other load than in the run before


def work_per_token(weights: Weights, recipe: Recipe, learned_share: float) -> float:
    """Floating-point operations a token takes: forward 2 for each weight, back 2 for its input, 2 where it learns."""
    passes = 2 + 2 + (2 if recipe.adapter.type == "full" else 0) + (2 if recipe.checkpointing else 0)
    head = weights.head_numbers * learned_share * (6 if recipe.adapter.type == "full" else 4)
    adapter = weights.adapter_numbers * (8 if recipe.checkpointing else 6)
    return passes * weights.multiplied_numbers + head + adapter


def forward_work(weights: Weights, learned_share: float) -> float:
    """Operations of a token that only goes through the model: what the reference says, an answer to another prompt."""
    return 2 * (weights.multiplied_numbers + weights.adapter_numbers + weights.head_numbers * learned_share)


@lru_cache(maxsize=8)
def operations_per_second(device: str, kind: torch.dtype, threads: int) -> float:
    """Multiply two matrices for a moment and return the best speed seen."""
    size = 4096 if device == "cuda" else 1024
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        left = torch.ones(size, size, dtype=kind, device=device)
        best = 0.0
        for _ in range(4):
            began = time.perf_counter()
            left @ left
            if device == "cuda":
                torch.cuda.synchronize()
            best = max(best, 2 * size**3 / (time.perf_counter() - began))
    finally:
        torch.set_num_threads(before)
    return best


def remembered_range(likely: float) -> tuple[float, float, float]:
    """Return (short, likely, long) seconds where an earlier run tells the likely ones."""
    return likely * REPEATED[0], likely, likely * REPEATED[1]


def seconds_range(work: float, speed: float, devices: int) -> tuple[float, float, float]:
    """Return (short, likely, long) seconds for `work` operations."""
    slow, likely, fast = (work / (speed * share * devices) for share in REACHED)
    return fast, likely, slow
