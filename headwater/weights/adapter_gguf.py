"""A LoRA adapter of PEFT as the GGUF file that llama.cpp loads beside its base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from headwater.core.errors import BadInput
from headwater.weights.gguf_writer import Array, write_gguf
from headwater.weights.peft_folder import MERGE, LoraPair, Matrix, read_peft

# llama.cpp rotates neighbouring numbers of a head, transformers the two halves: rows of q and k change places.
ROTATES_NEIGHBOURS = {"llama": True, "gemma3": False, "qwen2": False, "qwen3": False}
_PLACES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip
_LAYER = re.compile(r"(?:^|\.)layers\.(\d+)\.(.+)$")


@dataclass(frozen=True, slots=True)
class AdapterBase:
    """What a converter must know of the base: its GGUF architecture and numbers of attention heads.

    `shapes` maps tensor names to (inputs, outputs), the order of GGUF; where given, sizes are compared.
    """

    name: str
    architecture: str
    heads: int
    kv_heads: int
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def convert_adapter(folder: Path, base: AdapterBase, target: Path) -> int:
    """Write the PEFT adapter of `folder` to `target` and return how many modules it changes.

    rsLoRA and ranks that differ by module keep their factors. Raises BadInput for DoRA, changed
    embeddings, architectures that are not known, and an adapter of another base.
    """
    if base.architecture not in ROTATES_NEIGHBOURS:
        raise BadInput(
            f"{base.name} is of the architecture {base.architecture!r};"
            f" adapters are served for {', '.join(ROTATES_NEIGHBOURS)}",
            MERGE,
        )
    # The order in which a safetensors file lists its tensors changes from one reading to the next.
    named = {tensor_name(module): pair for module, pair in read_peft(folder).pairs.items()}
    pairs = dict(sorted(named.items()))
    for name, pair in pairs.items():
        _check_size(folder.name, name, pair, base)
    # llama.cpp multiplies by alpha / rank, one alpha for the file: what differs goes into the matrices.
    alpha = next((pair.scale * pair.rank for pair in pairs.values() if pair.scale), 1.0)
    tensors: dict[str, Array] = {}
    for name, pair in pairs.items():
        up = _rotated(pair.up, name, base)
        factor = pair.scale * pair.rank / alpha
        tensors[f"{name}.lora_a"] = pair.down
        tensors[f"{name}.lora_b"] = up if factor == 1.0 else (up * np.float32(factor)).astype(np.float32)
    metadata: dict[str, str | float] = {
        "general.architecture": base.architecture,
        "general.type": "adapter",
        "general.name": folder.name,
        "adapter.type": "lora",
        "adapter.lora.alpha": float(alpha),
    }
    write_gguf(target, metadata, tensors)
    return len(pairs)


def tensor_name(module: str) -> str:
    """The GGUF name of a module's weight. Raises BadInput for a module that cannot be adapted."""
    match = _LAYER.search(module)
    if match is None or match[2] not in _PLACES:
        raise BadInput(
            f"The adapter changes {module}; only the linear layers of attention and feed-forward can be served"
            " beside a base",
            MERGE,
        )
    return f"blk.{match[1]}.{_PLACES[match[2]]}.weight"


def rotate_rows(matrix: Matrix, heads: int) -> Matrix:
    """Order the rows of each head as llama.cpp has them: first half and second half interleaved."""
    rows = matrix.shape[0]
    halves = matrix.reshape(heads, 2, rows // heads // 2, *matrix.shape[1:])
    rotated: Matrix = np.ascontiguousarray(halves.swapaxes(1, 2).reshape(matrix.shape))
    return rotated


def _rotated(up: Matrix, name: str, base: AdapterBase) -> Matrix:
    if not ROTATES_NEIGHBOURS[base.architecture]:
        return up
    if name.endswith("attn_q.weight"):
        return rotate_rows(up, base.heads)
    return rotate_rows(up, base.kv_heads) if name.endswith("attn_k.weight") else up


def _check_size(adapter: str, name: str, pair: LoraPair, base: AdapterBase) -> None:
    if not base.shapes:
        return
    found = (pair.down.shape[1], pair.up.shape[0])
    expected = base.shapes.get(name)
    if expected != found:
        there = f"{expected[0]} x {expected[1]}" if expected else "no such layer"
        raise BadInput(
            f"{adapter} was not trained for {base.name}: {name} is {found[0]} x {found[1]}, the base has {there}",
            "Name the base it was trained on.",
        )
