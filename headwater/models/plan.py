"""Will a model fit, and why: weights, key-value cache and compute against the memory that is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from headwater.models.gguf import GgufHeader

# The window pattern that llama.cpp gives a family: of so many layers one looks at everything.
_GLOBAL_EVERY = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "llama4": 4, "exaone4": 4}
_F16_BYTES = 2
_STEP_TOKENS = 512
_CELL_ROUNDING = 256
# Measured on llama.cpp (docs/log.md): interpreter, graph and buffers; the vocabulary; prompts kept aside.
_RUNTIME_BYTES = 96 << 20
_BYTES_PER_TOKEN_OF_VOCABULARY = 160
_PROMPT_CACHE_BYTES = 256 << 20
_ENCODER_RUNTIME_BYTES = 160 << 20

Part = Literal["weights", "kv_cache", "compute"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a model needs while it serves and what is free; `sentence` says it to a person."""

    fits: bool
    needs_bytes: int
    free_bytes: int
    parts: Mapping[Part, int]
    sentence: str


def kv_cache_bytes(header: GgufHeader, context_tokens: int, parallel: int) -> int:
    """Bytes of keys and values for `parallel` requests of `context_tokens` each.

    Layers with a sliding window keep the window and one step of prompt, rounded up, not the whole context.
    """
    layers = int(header.of_model("block_count", 0))
    width = int(header.of_model("embedding_length", 0))
    heads = _per_layer(header.of_model("attention.head_count", 1), layers)
    kv_heads = _per_layer(header.of_model("attention.head_count_kv", heads), layers)
    default_width = width // max(heads[0], 1) if heads else 0
    key = int(header.of_model("attention.key_length", default_width))
    value = int(header.of_model("attention.value_length", default_width))
    window = int(header.of_model("attention.sliding_window", 0) or 0)
    window_cells = -(-min(context_tokens, window + _STEP_TOKENS) // _CELL_ROUNDING) * _CELL_ROUNDING
    cells = [window_cells if narrow and window else context_tokens for narrow in _window_layers(header, layers)]
    return sum(c * h * (key + value) * _F16_BYTES for c, h in zip(cells, kv_heads, strict=True)) * parallel


def plan_gguf(header: GgufHeader, context_tokens: int, parallel: int, free_bytes: int) -> Plan:
    """Plan a chat model of llama.cpp."""
    weights = header.file_bytes
    cache = kv_cache_bytes(header, context_tokens, parallel)
    vocabulary = header.metadata.get("tokenizer.ggml.tokens", 0)
    tokens = vocabulary if isinstance(vocabulary, int) else len(vocabulary)
    kept_prompts = min(_PROMPT_CACHE_BYTES, cache)
    compute = _RUNTIME_BYTES + tokens * _BYTES_PER_TOKEN_OF_VOCABULARY + kept_prompts
    return _plan({"weights": weights, "kv_cache": cache, "compute": compute}, free_bytes, (context_tokens, parallel))


def plan_encoder(weights_bytes: int, free_bytes: int) -> Plan:
    """Plan an ONNX encoder: weights, and the worker process with its activations."""
    return _plan({"weights": weights_bytes, "kv_cache": 0, "compute": _ENCODER_RUNTIME_BYTES}, free_bytes, None)


def plan_weights(weights_bytes: int, free_bytes: int) -> Plan:
    """Plan a model whose engine is not part of the core: its weights alone."""
    return _plan({"weights": weights_bytes, "kv_cache": 0, "compute": 0}, free_bytes, None)


def readable_bytes(count: int) -> str:
    """Write a size the way people read it: 253 MB, 1.4 GB."""
    if count < 1_000_000_000:
        return f"{max(1, round(count / 1e6))} MB"
    return f"{count / 1e9:.1f} GB"


def _plan(parts: Mapping[Part, int], free_bytes: int, shape: tuple[int, int] | None) -> Plan:
    needs = sum(parts.values())
    fits = needs <= free_bytes
    names = {"weights": "weights", "kv_cache": "key-value cache", "compute": "compute"}
    detail = ", ".join(f"{readable_bytes(size)} {names[part]}" for part, size in parts.items() if size)
    size = f" for {shape[1]} x {shape[0]} tokens of context" if shape else ""
    verdict = "Fits" if fits else "Does not fit"
    sentence = (
        f"{verdict}: needs {readable_bytes(needs)} ({detail}){size}; {readable_bytes(free_bytes)} of memory is free."
    )
    return Plan(fits, needs, free_bytes, parts, sentence)


def _per_layer(value: int | tuple[int, ...] | list[int], layers: int) -> list[int]:
    return [int(v) for v in value] if isinstance(value, tuple | list) else [int(value)] * layers


def _window_layers(header: GgufHeader, layers: int) -> list[bool]:
    """Which layers look at a window only. A family whose pattern is unknown is planned as if none did."""
    pattern = header.of_model("attention.sliding_window_pattern", _GLOBAL_EVERY.get(header.architecture, 1))
    if isinstance(pattern, tuple | list) and len(pattern) == layers:
        return [bool(narrow) for narrow in pattern]
    every = pattern if isinstance(pattern, int) and pattern > 0 else 1
    return [(layer + 1) % every != 0 for layer in range(layers)]
