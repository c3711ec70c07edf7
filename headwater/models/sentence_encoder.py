"""Safetensors of a BERT sentence encoder (MiniLM and its family) into an ONNX file, without torch.

The int8 build quantises the weights of each output channel apart: one scale for a whole matrix
costs far more (cosine 0.79-0.93 against 0.99).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput
from headwater.models.bert_graph import BertConfig, Head, build_bert_graph, unit_first, unit_mean
from headwater.models.graph_writer import Array

if TYPE_CHECKING:
    import onnx

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
INPUT_FILES = ("model.safetensors", "config.json", "pooling.json")
LEAST_MEDIAN_COSINE = 0.985

# Lengths and kinds of text that an embedder meets, to compare two builds on.
PROBES = (
    "How long did the siege last?",
    "invoice",
    "The bridge was closed to traffic after an inspection found cracks in two of its main girders.",
    "Payment is due within thirty days of the date of the invoice; interest of four percent is charged afterwards.",
    "def mean(values): return sum(values) / len(values)",
    "Table 3: revenue by region, in millions. North 12.4, South 9.8, East 15.1, West 7.7.",
    "Photosynthesis turns light into chemical energy. " * 12,
)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made of the downloaded files: the files to keep, its version, vector length, longest input."""

    files: tuple[str, ...]
    version: str
    dimensions: int
    context_tokens: int


def build_int8(folder: Path) -> Built:
    """Write `model.onnx` with int8 weights into `folder` and check it against float32. Raises BadInput."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    weights, config, head = _read(folder)
    # float16 rows lose nothing that int8 arithmetic keeps, and halve the largest table.
    model = build_bert_graph(weights, replace(config, half_embeddings=True), head)
    _mark_prepared(model)
    target = folder / MODEL_FILE
    quantize_dynamic(
        model,
        str(target),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    exact = build_bert_graph(weights, config, head).SerializeToString()
    median = float(np.median(cosines((exact, target.read_bytes()), folder / TOKENIZER_FILE, PROBES, config.positions)))
    if median < LEAST_MEDIAN_COSINE:
        raise BadInput(
            f"The int8 build has a median cosine of {median:.4f} to float32, at least {LEAST_MEDIAN_COSINE} is asked",
            "Build it in float32.",
        )
    return Built((MODEL_FILE, TOKENIZER_FILE), "int8-1", config.hidden, config.positions)


def build_fp32(folder: Path) -> Built:
    """Write `model.onnx` in float32 into `folder`: exact, and half as fast."""
    weights, config, head = _read(folder)
    (folder / MODEL_FILE).write_bytes(build_bert_graph(weights, config, head).SerializeToString())
    return Built((MODEL_FILE, TOKENIZER_FILE), "fp32-1", config.hidden, config.positions)


def read_weights(path: Path) -> dict[str, Array]:
    """Read a safetensors file as float32 arrays, names without the prefix `bert.`."""
    from safetensors.numpy import load_file

    tensors: Mapping[str, Array] = load_file(str(path))
    return {
        name.removeprefix("bert."): value.astype(np.float32)
        for name, value in tensors.items()
        if value.dtype.kind == "f"
    }


def cosines(
    models: tuple[bytes, bytes], tokenizer: Path, texts: Sequence[str], longest: int = 256
) -> npt.NDArray[np.float64]:
    """Return the cosine of two models' unit vectors for each text, cut at `longest` tokens."""
    from tokenizers import Tokenizer

    encoder = Tokenizer.from_file(str(tokenizer))
    encoder.no_padding()
    encoder.enable_truncation(longest)
    tokens = [np.array([encoder.encode(text).ids], np.int64) for text in texts]
    left, right = (_vectors(model, tokens) for model in models)
    cosine: npt.NDArray[np.float64] = np.einsum("nd,nd->n", left, right)
    return cosine


def _vectors(model: bytes, tokens: Sequence[Array]) -> npt.NDArray[np.float64]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = [{"input_ids": ids, "attention_mask": np.ones_like(ids)} for ids in tokens]
    vectors: npt.NDArray[np.float64] = np.concatenate([session.run(["embedding"], feed)[0] for feed in feeds])
    return vectors.astype(np.float64)


def _read(folder: Path) -> tuple[dict[str, Array], BertConfig, Head]:
    try:
        config = BertConfig.from_json(json.loads((folder / "config.json").read_text("utf-8")))
    except (KeyError, ValueError) as error:
        raise BadInput(f"This encoder cannot be built: {error}", "Pull a repository that has ONNX files.") from error
    return read_weights(folder / "model.safetensors"), config, _pooling(folder / "pooling.json")


def _pooling(path: Path) -> Head:
    modes: Mapping[str, Any] = (
        json.loads(path.read_text("utf-8")) if path.exists() else {"pooling_mode_mean_tokens": True}
    )
    chosen = [name for name, on in modes.items() if name.startswith("pooling_mode_") and on is True]
    heads: dict[str, Head] = {"pooling_mode_mean_tokens": unit_mean, "pooling_mode_cls_token": unit_first}
    if len(chosen) != 1 or chosen[0] not in heads:
        raise BadInput(f"This encoder pools by {chosen}; one of {sorted(heads)} was expected", "Pull another encoder.")
    return heads[chosen[0]]


def _mark_prepared(model: onnx.ModelProto) -> None:
    # The quantiser asks for a pass of its own shape inference first; this graph is simple enough without.
    entry = model.metadata_props.add()
    entry.key, entry.value = "onnx.quant.pre_process", "onnxruntime.quant"
