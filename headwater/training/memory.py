"""Keeping a run within memory: the limit that is watched, activations kept off the GPU, 8-bit float products."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import torch

from headwater.core.errors import BadInput, MissingExtra
from headwater.training.config import TrainingConfig
from headwater.training.heap import resident_bytes
from headwater.training.possible import FP8_CAPABILITY, check_possible
from headwater.training.resources import size
from headwater.training.run_folder import RunFolder, failed

LOOK_SECONDS = 0.05
OVER_LIMIT = 3  # exit code


def keep_within(config: TrainingConfig, folder: RunFolder, device: str) -> None:
    """Refuse what this device cannot do, and watch the memory limit of the config. Raises BadInput."""
    check_possible(config, device)
    if config.memory.limit_gb is None:
        return
    # Processes of one machine share its memory; each GPU has its own.
    processes = (config.parallel.devices or 1) if device == "cpu" and config.parallel.ray is None else 1
    limit = int(config.memory.limit_gb * 1e9) // processes
    keep_to(limit, lambda message, hint: failed(folder, message, hint))


def keep_to(limit_bytes: int, tell: Callable[[str, str], object], leave: Callable[[int], object] = os._exit) -> None:
    """End this process, with a word, as soon as it takes more than `limit_bytes`. On a GPU that is the GPU's memory.

    Checkpoints are renamed into place when they are whole, so ending at any moment leaves the last one intact.
    """
    if torch.cuda.is_available():
        whole = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit_bytes / whole))
        return
    threading.Thread(target=_watch, args=(limit_bytes, tell, leave), name="memory limit", daemon=True).start()


def _watch(limit_bytes: int, tell: Callable[[str, str], object], leave: Callable[[int], object]) -> None:
    while (taken := resident_bytes()) <= limit_bytes:
        time.sleep(LOOK_SECONDS)
    tell(
        f"The run took {size(taken)}, memory.limit_gb allows {size(limit_bytes)}",
        "The last checkpoint is intact. Lower train.micro_tokens, set memory.checkpointing: on, or raise the limit; "
        "then start it again, or resume it.",
    )
    leave(OVER_LIMIT)


def keep_saved_on_cpu(model: Any, pinned: bool = True) -> None:
    """Let what the forward pass saves for the way back lie in main memory (torch's save_on_cpu)."""
    forward = model.forward

    def offloading(*arguments: Any, **named: Any) -> Any:
        with torch.autograd.graph.save_on_cpu(pin_memory=pinned):
            return forward(*arguments, **named)

    model.forward = offloading


def multiply_in_fp8(model: Any) -> None:
    """Let linear layers multiply in 8-bit floats (torchao's float8 training). Raises BadInput, MissingExtra."""
    capability = torch.cuda.get_device_capability() if torch.cuda.is_available() else (0, 0)
    if capability < FP8_CAPABILITY:
        raise BadInput("memory.fp8: this GPU makes no 8-bit float products", "It needs Ada, Hopper or later.")
    try:
        from torchao.float8 import convert_to_float8_training  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise MissingExtra("memory.fp8 needs torchao", "pip install torchao") from None
    convert_to_float8_training(model, module_filter_fn=fits_fp8)


def fits_fp8(module: Any, name: str) -> bool:
    """Whether a layer is one of the large products: not the head, not an adapter, sizes in blocks of 16."""
    if not isinstance(module, torch.nn.Linear) or "lm_head" in name or "lora_" in name:
        return False
    return module.in_features % 16 == 0 and module.out_features % 16 == 0
