"""Memory of a run, part by part, from what was counted (weights), traced (a micro-batch) and measured (runtime)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headwater.training.planning.layers import Weights, count_weights
from headwater.training.planning.trace import HeadTrace, Recipe, Trace, head_trace, meta_model, step_trace

OPTIMISER_BYTES = {"adamw": 8.0, "adamw8bit": 2.04, "sgd": 0.0, "adafactor": 0.1}  # of each number that learns
# What the allocator takes over what is alive. With heap.TIGHT_HEAP and on a GPU that is little; with heap.KEPT_HEAP
# 1.15 was measured for a LoRA of a 256 x 4 Llama at 512 and at 8,192 tokens.
TIGHT_SPREAD, HEAP_SPREAD, CUDA_SPREAD = 1.02, 1.15, 1.03
# A token among the rows that are tokenised at once, with its text and its place: the difference between a run of
# 400 rows (176,000 tokens) and one of 8 (tokenizers' encode_batch).
ENCODED_BYTES = 420
CUDA_CONTEXT_BYTES = 600 << 20  # the driver's and cuBLAS's own, not counted by torch's allocator


@dataclass(frozen=True)
class Load:
    """What a micro-batch and a validation hold: tokens through the model, how many are learned, and an answer."""

    tokens: int
    learned: int
    answer_tokens: int = 0
    source_bytes: int = 0
    encoded_tokens: int = 0
    file_bytes: int = 0
    mask_bytes: int = 0


@dataclass(frozen=True)
class Setting:
    """Where and how it is trained. `runtime_bytes` is the process without a model.

    `operations_per_second` is what the latest such run reached, None before there was one.
    """

    device: str
    optimizer: str
    runtime_bytes: int
    tight_heap: bool = False
    operations_per_second: float | None = None

    @property
    def spread(self) -> float:
        """What is taken for each byte of a micro-batch."""
        if self.device == "cuda":
            return CUDA_SPREAD
        return TIGHT_SPREAD if self.tight_heap else HEAP_SPREAD


def memory_parts(architecture: Any, recipe: Recipe, load: Load, setting: Setting) -> dict[str, int]:
    """Return bytes by part; their sum is the planned peak.

    `loading`, `validation` and `update` say only by how much that moment is above a micro-batch.
    """
    weights = weights_of(architecture, recipe)
    trace, head = traces_of(architecture, recipe, load)
    optimiser = int(weights.learned_numbers * OPTIMISER_BYTES[setting.optimizer])
    parts = {
        "weights": weights.base_bytes,
        "adapter": weights.adapter_numbers * 4,
        "gradients": int(trace.gradients),
        "optimizer": optimiser,
        "runtime": setting.runtime_bytes,
        "data": 6 * load.source_bytes + ENCODED_BYTES * load.encoded_tokens + load.mask_bytes,
    }
    standing = sum(parts.values())
    parts |= _step_parts(trace, head, setting.spread)
    step = sum(parts.values())
    cache = cache_bytes(architecture, load, recipe)
    evaluation = standing - parts["gradients"] + max(trace.evaluation_peak + head.evaluation_peak, cache)
    update = standing + 8 * weights.largest_learned
    if setting.device == "cuda":
        update = standing + 4 * weights.learned_numbers
    opening = weights.largest_bytes * 2 if recipe.quantize != "none" else 0
    loading = setting.runtime_bytes * 8 // 10 + weights.base_bytes + opening
    loading += load.file_bytes if setting.device == "cpu" else 0
    above = step
    for name, height in (("update", update), ("validation", evaluation), ("loading", loading)):
        parts[name] = max(0, int(height) - above)
        above += parts[name]
    return parts


def _step_parts(trace: Trace, head: HeadTrace, spread: float) -> dict[str, int]:
    """The moments of a micro-batch do not add up: the worst is either the head's, or inside the layers."""
    layers = max(trace.forward_peak, trace.backward_peak + head.kept) - trace.gradients
    # A gradient that is not there before the way back is not there at the head either.
    at_head = max(trace.saved - trace.gradients, 0) + head.peak
    peak = max(layers, at_head)
    return {
        "activations": int(layers),
        "logits": int(peak - layers),
        "allocator": int(peak * (spread - 1)),
    }


def weights_of(architecture: Any, recipe: Recipe) -> Weights:
    """Count the weights of an architecture."""
    return count_weights(meta_model(architecture, recipe.kind), recipe.quantize, recipe.adapter)


def traces_of(architecture: Any, recipe: Recipe, load: Load) -> tuple[Trace, HeadTrace]:
    """Trace the body and the head for a micro-batch."""
    head = (int(architecture.vocab_size), int(architecture.hidden_size))
    cap = float(getattr(architecture, "final_logit_softcapping", None) or 0.0)
    return step_trace(architecture, recipe, load.tokens), head_trace(head, max(1, load.learned), recipe, False, cap)


def cache_bytes(architecture: Any, load: Load, recipe: Recipe) -> int:
    """Keys and values of one answer being written, and its logits."""
    heads = architecture.num_attention_heads
    size = getattr(architecture, "head_dim", None) or architecture.hidden_size // heads
    pairs = 2 * architecture.num_hidden_layers * (getattr(architecture, "num_key_value_heads", None) or heads) * size
    width = (recipe.autocast or recipe.kind).itemsize
    return int(pairs * (load.tokens + load.answer_tokens) * width + 12 * architecture.vocab_size)
