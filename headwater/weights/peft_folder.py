"""A LoRA adapter as the PEFT library saves it: its configuration and its matrices, read without that library."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
MERGE = "Export the model merged instead."

# How the matrices may begin so that base + B.A is the trained model. Others (PiSSA, OLoRA, LoftQ, CorDA,
# LoRA-GA) also change the base while they are set up, which a file of matrices cannot tell.
_BEGINNINGS = (True, False, "gaussian", "eva", "orthogonal")
_FALSE_OR_MORE = ("use_dora", "modules_to_save", "lora_bias", "trainable_token_indices", "target_parameters",
                  "alora_invocation_tokens", "use_qalora", "use_bdlora", "arrow_config", "fan_in_fan_out",
                  "layer_replication", "kasa_config", "monteclora_config", "velora_config")  # fmt: skip
_PREFIX = re.compile(r"^(?:base_model\.model\.)+")
_MATRIX = re.compile(r"^(?P<module>.+)\.lora_(?P<side>[AB])(?:\.default)?\.weight$")

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LoraPair:
    """The two matrices of a module and the factor on their product: weight + scale * up @ down.

    `down` is (rank, inputs), called lora_A by PEFT; `up` is (outputs, rank), called lora_B.
    """

    down: Matrix
    up: Matrix
    scale: float

    @property
    def rank(self) -> int:
        """Inner size."""
        return int(self.down.shape[0])


@dataclass(frozen=True, slots=True)
class PeftAdapter:
    """A plain LoRA adapter: pairs by module name, such as `model.layers.0.self_attn.q_proj`."""

    pairs: Mapping[str, LoraPair]
    config: Mapping[str, Any]


def read_peft(folder: Path) -> PeftAdapter:
    """Read an adapter. Raises BadInput for what is no plain LoRA (DoRA, changed embeddings, biases)."""
    config = _read_config(folder)
    refuse_what_is_no_plain_lora(folder.name, config)
    matrices: dict[str, dict[str, Matrix]] = {}
    for name, array in read_safetensors(folder / WEIGHTS_FILE).items():
        bare = _PREFIX.sub("", name)
        match = _MATRIX.match(bare)
        if match is None:
            raise BadInput(
                f"{folder.name} holds {bare}, which is no part of a LoRA pair: it was trained with changed"
                " embeddings, norms or magnitudes",
                MERGE,
            )
        matrices.setdefault(match["module"], {})[match["side"]] = array
    if not matrices:
        raise BadInput(f"{folder / WEIGHTS_FILE} holds no matrices", "Train again, or give another folder.")
    return PeftAdapter({module: _pair(module, sides, config) for module, sides in matrices.items()}, config)


def refuse_what_is_no_plain_lora(name: str, config: Mapping[str, Any]) -> None:
    """Raise BadInput when the weights are not base + scale * B.A alone."""
    kind = config.get("peft_type")
    if kind != "LORA":
        raise BadInput(f"{name} is a {kind} adapter; only LoRA adapters are served beside their base", MERGE)
    used = [key for key in _FALSE_OR_MORE if config.get(key)]
    if config.get("bias", "none") != "none":
        used.append(f"bias={config['bias']}")
    if config.get("init_lora_weights", True) not in _BEGINNINGS:
        used.append(f"init_lora_weights={config['init_lora_weights']}")
    if used:
        raise BadInput(
            f"{name} was trained with {', '.join(used)}; llama.cpp adapters hold plain LoRA pairs and nothing else",
            MERGE,
        )


def read_safetensors(path: Path) -> dict[str, Matrix]:
    """Read every tensor of a file as float32. Raises BadInput."""
    from safetensors import SafetensorError, deserialize

    if not path.is_file():
        raise BadInput(f"{path} does not exist", "Give the folder that a training run calls adapter/.")
    try:
        entries: list[tuple[str, Any]] = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise BadInput(f"{path} is no safetensors file: {error}", "Copy it again.") from error
    return {name: _as_float32(f"{path.name}: {name}", entry) for name, entry in entries}


def _as_float32(what: str, entry: Mapping[str, Any]) -> Matrix:
    kind, content = str(entry["dtype"]), bytes(entry["data"])
    if kind == "BF16":
        # The upper half of a float32.
        array = (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif kind in ("F32", "F16", "F64"):
        array = np.frombuffer(content, {"F32": "<f4", "F16": "<f2", "F64": "<f8"}[kind]).astype(np.float32)
    else:
        raise BadInput(f"{what} is of type {kind}; F32, F16 and BF16 can be read", "Save the adapter in float32.")
    shaped: Matrix = array.reshape(entry["shape"])
    return shaped


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{folder} is no adapter: it has no {CONFIG_FILE}", "Give adapter/ of a run.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not JSON: {error}", "Copy the folder again.") from error
    if not isinstance(config, dict):
        raise BadInput(f"{path} holds {type(config).__name__}, an object was expected", "Copy the folder again.")
    return config


def _pair(module: str, sides: Mapping[str, Matrix], config: Mapping[str, Any]) -> LoraPair:
    if set(sides) != {"A", "B"} or sides["A"].ndim != 2 or sides["B"].ndim != 2:
        raise BadInput(f"{module} has no pair of two-dimensional matrices; only linear layers can be served", MERGE)
    down, up = sides["A"], sides["B"]
    if down.shape[0] != up.shape[1]:
        raise BadInput(f"{module} has ranks {down.shape[0]} and {up.shape[1]}", "The file is damaged: copy it again.")
    if not (np.isfinite(down).all() and np.isfinite(up).all()):
        raise BadInput(f"{module} holds numbers that are not finite", "Take a checkpoint from before they came up.")
    alpha = float(_of_module(module, config.get("alpha_pattern"), config.get("lora_alpha", 8)))
    rank = down.shape[0]
    return LoraPair(down, up, alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank)


def _of_module(module: str, pattern: Mapping[str, Any] | None, default: Any) -> Any:
    """The value PEFT takes for a module: that of the first key that matches the end of its name."""
    for key, value in (pattern or {}).items():
        if re.match(rf"(.*\.)?({key})$", module):
            return value
    return default
