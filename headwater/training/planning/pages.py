"""The page docs/reference/memory.md: what LoRA takes for Llamas of 7B to 65B in 16, 8 and 4 bits, planned."""

from __future__ import annotations

from typing import Any

import torch

from headwater.training.config import AdapterSection
from headwater.training.planning.parts import CUDA_CONTEXT_BYTES, Load, Setting, memory_parts
from headwater.training.planning.trace import Quantize, Recipe

# width, inner width, layers, heads; and the GB that the h2oGPT paper (2023) names for 4, 8 and 16 bits.
LLAMAS = {
    "7B": ((4096, 11008, 32, 32), ("16", "12", "16")),
    "13B": ((5120, 13824, 40, 40), ("16", "24", "32")),
    "33B": ((6656, 17920, 60, 52), ("24", "48", "80")),
    "65B": ((8192, 22016, 80, 64), ("48", "80", "2 x 80")),
}
TOKENS = 1024
BITS: tuple[Quantize, ...] = ("4bit", "8bit", "none")
HEAD = """# Memory of fine-tuning

One row of 1,024 tokens at a time, all of them learned, LoRA of rank 8 on all linear layers, AdamW, activation
checkpointing, bfloat16. GiB on one GPU, beside the GB of GPU memory that the h2oGPT paper names for the same sizes.

| model | 4-bit | 8-bit | 16-bit | paper 4 / 8 / 16-bit |
|---|---|---|---|---|"""
TAIL = """
How it is computed: the weights are counted layer by layer from the architecture, without loading any (nf4 has half
a byte a number and a scale for each 64, scaled themselves; 8-bit a byte and a scale a row; embeddings and head stay in
16 bits). Two models of one and two layers then run a step on tensors that have shapes but no numbers, and every byte
alive is counted; the difference is a layer. The head works in pieces, so the logits do not grow with the row. Adapter,
its gradient and AdamW's two moments are 32-bit. 600 MiB stand for the driver, 3 % for gaps of the allocator. The
numbers were not measured on a GPU."""


def memory_page() -> str:
    """Return the page."""
    lines = [HEAD]
    for name, (shape, paper) in LLAMAS.items():
        planned = [f"{planned_bytes(shape, bits) / 2**30:.1f}" for bits in BITS]
        lines.append(f"| {name} | {' | '.join(planned)} | {' / '.join(paper)} |")
    return "\n".join([*lines, TAIL])


def planned_bytes(shape: tuple[int, int, int, int], bits: Quantize, setting: Setting | None = None) -> int:
    """Return the planned peak of LoRA on a Llama of (width, inner width, layers, heads)."""
    recipe = Recipe(AdapterSection.model_validate({"r": 8, "alpha": 16}), bits, torch.bfloat16, torch.bfloat16, True)
    setting = setting or Setting("cuda", "adamw", CUDA_CONTEXT_BYTES)
    return sum(memory_parts(llama(shape), recipe, Load(TOKENS, TOKENS), setting).values())


def llama(shape: tuple[int, int, int, int]) -> Any:
    """Return the architecture of a first-generation Llama."""
    from transformers import LlamaConfig

    width, inner, layers, heads = shape
    return LlamaConfig(
        vocab_size=32000,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        tie_word_embeddings=False,
    )
