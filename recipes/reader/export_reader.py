"""Put the trained weights into MiniLM and write the reader as an int8 ONNX file (no torch needed).

    python recipes/reader/export_reader.py --base FOLDER --weights recipes/reader/reader.safetensors --out FOLDER

--base holds model.safetensors, config.json and tokenizer.json of all-MiniLM-L6-v2. Outputs are those that
`headwater.engines.reader` reads: `token_logits` (n, s, 2) and `pair_logits` (n, 1).
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

from headwater.models.bert_graph import BertConfig, Head, Output, build_bert_graph
from headwater.models.graph_writer import GraphWriter
from headwater.models.sentence_encoder import read_weights

Array = npt.NDArray[np.float32]
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "f1": "intermediate.dense",
    "f2": "output.dense",
}
NORMS = {"ln1": "attention.output.LayerNorm", "ln2": "output.LayerNorm"}


def merged(base: dict[str, Array], trained: dict[str, Array], layers: int) -> dict[str, Array]:
    """Return the weights of the encoder after training: W + B A, and what was trained whole."""
    weights = dict(base)
    weights["embeddings.token_type_embeddings.weight"] = trained["typ"]
    weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"] = trained["eln.w"], trained["eln.b"]
    for number in range(layers):
        for short, path in PARTS.items():
            name, kept = f"encoder.layer.{number}.{path}", f"layers.{number}.{short}"
            weights[f"{name}.weight"] = base[f"{name}.weight"] + trained[f"{kept}.B"] @ trained[f"{kept}.A"]
            weights[f"{name}.bias"] = trained[f"{kept}.b"]
        for short, path in NORMS.items():
            name, kept = f"encoder.layer.{number}.{path}", f"layers.{number}.{short}"
            weights[f"{name}.weight"], weights[f"{name}.bias"] = trained[f"{kept}.w"], trained[f"{kept}.b"]
    return weights


def reading_head(trained: dict[str, Array]) -> Head:
    """Span logits of each token; relevance from the first state and the mean state of the passage."""

    def head(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
        axis = graph.constant("axis1", np.array([1], np.int64))
        first = graph.apply("Gather", [states, graph.constant("zero", np.array(0, np.int64))], "pair.first", axis=1)
        inside = graph.apply("Cast", [graph.apply("Mul", [mask, "token_type_ids"], "pair.both")], "pair.inside", to=1)
        row = graph.apply("Unsqueeze", [inside, axis], "pair.row")
        total = graph.apply("Squeeze", [graph.apply("MatMul", [row, states], "pair.total"), axis], "pair.sum")
        count = graph.apply("ReduceSum", [inside, axis], "pair.count", keepdims=1)
        joined = graph.apply("Concat", [first, graph.apply("Div", [total, count], "pair.mean")], "pair.joined", axis=-1)
        spans = graph.linear(states, trained["span.weight"], trained["span.bias"], "token_logits")
        relevance = graph.linear(joined, trained["rel.weight"], trained["rel.bias"], "pair_logits")
        return [Output(spans, ("n", "s", 2)), Output(relevance, ("n", 1))]

    return head


def main() -> None:
    """Write `model.onnx` and `tokenizer.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    settings = json.loads((arguments.base / "config.json").read_text("utf-8"))
    config = replace(BertConfig.from_json(settings), pair_input=True, half_embeddings=True)
    trained = {name: value.astype(np.float32) for name, value in load_file(str(arguments.weights)).items()}
    weights = merged(read_weights(arguments.base / "model.safetensors"), trained, config.layers)
    model = build_bert_graph(weights, config, reading_head(trained))
    entry = model.metadata_props.add()
    entry.key, entry.value = "onnx.quant.pre_process", "onnxruntime.quant"  # shapes are known, no pass is needed
    quantize_dynamic(
        model,
        str(arguments.out / "model.onnx"),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    shutil.copy(arguments.base / "tokenizer.json", arguments.out / "tokenizer.json")


if __name__ == "__main__":
    main()
