"""The model families that can be written as GGUF: what their tensors and numbers are called there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput

_OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
_INNER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip
_GEMMA_NORMS = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
_LAYER = re.compile(r"^model\.layers\.(\d+)\.(.+)\.(weight|bias)$")
GEMMA_GLOBAL_EVERY = 6
GEMMA_LOCAL_THETA = 10_000.0


@dataclass(frozen=True, slots=True)
class Family:
    """How a family is written: its GGUF architecture and what is done to its tensors."""

    architecture: str
    rotates_neighbours: bool = False
    norms_from_zero: bool = False
    inner: Mapping[str, str] = field(default_factory=lambda: _INNER)

    def tensor_name(self, name: str) -> str:
        """The GGUF name of a transformers tensor. Raises BadInput."""
        module, _, kind = name.rpartition(".")
        if module in _OUTER:
            return f"{_OUTER[module]}.{kind}"
        match = _LAYER.match(name)
        if match is None or match[2] not in self.inner:
            raise BadInput(f"{name} has no place in a GGUF of the kind {self.architecture!r}", "Use the merged folder.")
        return f"blk.{match[1]}.{self.inner[match[2]]}.{match[3]}"


FAMILIES = {
    "llama": Family("llama", rotates_neighbours=True),
    "mistral": Family("llama", rotates_neighbours=True),
    "qwen2": Family("qwen2"),
    "qwen3": Family("qwen3"),
    "gemma3_text": Family("gemma3", norms_from_zero=True, inner={**_INNER, **_GEMMA_NORMS}),
}


def family_of(config: Mapping[str, Any]) -> Family:
    """The family of a `config.json`. Raises BadInput for one that cannot be written faithfully."""
    kind = str(config.get("model_type"))
    if kind not in FAMILIES:
        raise BadInput(
            f"Models of the type {kind!r} cannot be written as GGUF here; {', '.join(FAMILIES)} can",
            "The merged folder works with transformers and vLLM as it is.",
        )
    if kind == "gemma3_text":
        _check_gemma(config)
    elif _windowed(config):
        raise BadInput(f"This {kind} model has a sliding window, which is not written", "Use the merged folder.")
    return FAMILIES[kind]


def model_numbers(config: Mapping[str, Any], family: Family) -> dict[str, int | float | str]:
    """The metadata keys of the model, without the name of the architecture before them."""
    heads = int(config["num_attention_heads"])
    head_width = int(config.get("head_dim") or config["hidden_size"] // heads)
    rope = rope_of(config)
    numbers: dict[str, int | float | str] = {
        "context_length": int(config["max_position_embeddings"]),
        "embedding_length": int(config["hidden_size"]),
        "block_count": int(config["num_hidden_layers"]),
        "feed_forward_length": int(config["intermediate_size"]),
        "attention.head_count": heads,
        "attention.head_count_kv": int(config.get("num_key_value_heads") or heads),
        "attention.key_length": head_width,
        "attention.value_length": head_width,
        "attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]),
        "rope.freq_base": float(rope.get("rope_theta", 10_000.0)),
        "rope.dimension_count": head_width,
        "vocab_size": int(config["vocab_size"]),
    }
    if rope.get("rope_type") == "linear":
        numbers |= {"rope.scaling.type": "linear", "rope.scaling.factor": float(rope["factor"])}
    if family.architecture == "gemma3":
        numbers["attention.sliding_window"] = int(config["sliding_window"])
    return numbers


def rope_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rotary parameters of the layers that look at everything. Raises BadInput for kinds not written."""
    rope = config.get("rope_parameters") or {
        "rope_theta": config.get("rope_theta", 10_000.0),
        **(config.get("rope_scaling") or {}),
    }
    rope = rope.get("full_attention", rope)
    kind = rope.get("rope_type", "default")
    if kind not in ("default", "linear", "llama3"):
        raise BadInput(f"Rotary embeddings of the type {kind!r} are not written", "Use the merged folder.")
    return dict(rope)


def llama3_factors(config: Mapping[str, Any]) -> npt.NDArray[np.float32] | None:
    """Divisors of the rotary frequencies of Llama 3.1 and later; None for other models.

    Method: `rope_type: llama3` of transformers (long waves are slowed by `factor`, short ones stay).
    """
    rope = rope_of(config)
    if rope.get("rope_type") != "llama3":
        return None
    width = int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])
    waves = 2 * math.pi * np.power(float(rope["rope_theta"]), np.arange(0, width, 2) / width)
    old = float(rope["original_max_position_embeddings"])
    low, high, factor = float(rope["low_freq_factor"]), float(rope["high_freq_factor"]), float(rope["factor"])
    smooth = np.clip((old / waves - low) / (high - low), 0.0, 1.0)
    divisors: npt.NDArray[np.float32] = (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)
    return divisors


def _windowed(config: Mapping[str, Any]) -> bool:
    kinds = config.get("layer_types")
    if kinds is not None:
        return "sliding_attention" in kinds
    return bool(config.get("sliding_window")) and config.get("use_sliding_window", True)


def _check_gemma(config: Mapping[str, Any]) -> None:
    """Refuse what llama.cpp takes for granted in this family and the model does otherwise."""
    layers = int(config["num_hidden_layers"])
    expected = ["full_attention" if (n + 1) % GEMMA_GLOBAL_EVERY == 0 else "sliding_attention" for n in range(layers)]
    rope = (config.get("rope_parameters") or {}).get("sliding_attention", {})
    local = rope.get("rope_theta", config.get("rope_local_base_freq", GEMMA_LOCAL_THETA))
    odd = {
        "layer_types": list(config.get("layer_types") or expected) != expected,
        "query_pre_attn_scalar": config.get("query_pre_attn_scalar") not in (None, config.get("head_dim")),
        "final_logit_softcapping": bool(config.get("final_logit_softcapping")),
        "rope_theta of sliding_attention": local != GEMMA_LOCAL_THETA,
    }
    wrong = [name for name, is_odd in odd.items() if is_odd]
    if wrong:
        raise BadInput(
            f"This gemma3 model differs from what llama.cpp runs in: {', '.join(wrong)}", "Use the merged folder."
        )
