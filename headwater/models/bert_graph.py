"""BERT encoders as ONNX graphs, written from their weights with onnx and numpy: no torch.

`build_bert_graph(weights, config, head)` writes the encoder once; a head turns its token states
into what the model is for: `unit_mean` and `unit_first` (sentence embeddings), `token_states`, or
`token_logits` and `pair_logits` for a model that reads a question and a passage `together`.

Names: n texts, s tokens, h hidden size, a attention heads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.models.graph_writer import Array, GraphWriter

if TYPE_CHECKING:
    import onnx

OPSET = 20
MASKED = -1e9


@dataclass(frozen=True, slots=True)
class BertConfig:
    """Shape of a BERT encoder; the fields of a `config.json` that change the arithmetic."""

    layers: int
    heads: int
    hidden: int
    intermediate: int
    positions: int
    layer_norm_epsilon: float = 1e-12
    pair_input: bool = False
    half_embeddings: bool = False

    @classmethod
    def from_json(
        cls, config: Mapping[str, Any], *, pair_input: bool = False, half_embeddings: bool = False
    ) -> BertConfig:
        """Read a Hugging Face `config.json`. Raises ValueError for an encoder that is not plain BERT."""
        if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
            shape = f"model_type={config.get('model_type')!r}, hidden_act={config.get('hidden_act')!r}"
            raise ValueError(f"only BERT with GELU can be built, not {shape}")
        return cls(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            hidden=config["hidden_size"],
            intermediate=config["intermediate_size"],
            positions=config["max_position_embeddings"],
            layer_norm_epsilon=config["layer_norm_eps"],
            pair_input=pair_input,
            half_embeddings=half_embeddings,
        )


def weight_shapes(config: BertConfig, vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights the encoder needs, without those of a head."""
    h, wide = config.hidden, config.intermediate
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (vocabulary, h),
        "embeddings.position_embeddings.weight": (config.positions, h),
        "embeddings.token_type_embeddings.weight": (2, h),
    }
    norms = ["embeddings.LayerNorm"]
    linears: dict[str, tuple[int, int]] = {}
    for layer in range(config.layers):
        prefix = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linears[f"{prefix}.attention.{part}"] = (h, h)
        linears[f"{prefix}.intermediate.dense"] = (wide, h)
        linears[f"{prefix}.output.dense"] = (h, wide)
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
    for name, shape in linears.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes | {f"{name}.{part}": (h,) for name in norms for part in ("weight", "bias")}


@dataclass(frozen=True, slots=True)
class Output:
    """A result of the graph: its name, the symbols or numbers of its shape."""

    name: str
    shape: tuple[str | int, ...]


Head = Callable[[GraphWriter, BertConfig, str, str], Sequence[Output]]
"""(graph, config, name of the (n, s, h) token states, name of the (n, s) mask) -> the outputs."""


def unit_mean(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
    """Mean of the token states under the mask, scaled to length 1: (n, h)."""
    weights = graph.apply("Cast", [mask], "pool.weights", to=1)
    row = graph.apply("Unsqueeze", [weights, graph.constant("axis1", np.array([1], np.int64))], "pool.row")
    # A matrix product sums over the tokens; the mean and the sum have the same direction.
    total = graph.apply("MatMul", [row, states], "pool.total")
    flat = graph.apply("Squeeze", [total, graph.constant("axis1", np.array([1], np.int64))], "pool.sum")
    return [Output(graph.apply("LpNormalization", [flat], "embedding", axis=-1, p=2), ("n", config.hidden))]


def unit_first(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
    """State of the first token, scaled to length 1: (n, h)."""
    first = graph.apply("Gather", [states, graph.constant("zero", np.array(0, np.int64))], "pool.first", axis=1)
    return [Output(graph.apply("LpNormalization", [first], "embedding", axis=-1, p=2), ("n", config.hidden))]


def token_states(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
    """The last hidden states as they are: (n, s, h)."""
    return [Output(graph.apply("Identity", [states], "states"), ("n", "s", config.hidden))]


def token_logits(weight: Array, bias: Array) -> Head:
    """A linear layer on each token, such as the start and end of an answer span: (n, s, k)."""

    def head(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
        return [Output(graph.linear(states, weight, bias, "token_logits"), ("n", "s", weight.shape[0]))]

    return head


def pair_logits(dense: tuple[Array, Array], classifier: tuple[Array, Array]) -> Head:
    """Pooler (tanh of a linear layer on the first token) and classifier: (n, k)."""

    def head(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
        zero = graph.constant("zero", np.array(0, np.int64))
        first = graph.apply("Gather", [states, zero], "pair.first", axis=1)
        pooled = graph.apply("Tanh", [graph.linear(first, *dense, name="pair.dense")], "pair.tanh")
        return [Output(graph.linear(pooled, *classifier, name="pair_logits"), ("n", classifier[0].shape[0]))]

    return head


def together(*heads: Head) -> Head:
    """Several heads on one encoder."""

    def head(graph: GraphWriter, config: BertConfig, states: str, mask: str) -> Sequence[Output]:
        return [output for one in heads for output in one(graph, config, states, mask)]

    return head


def build_bert_graph(weights: Mapping[str, Array], config: BertConfig, head: Head = unit_mean) -> onnx.ModelProto:
    """Return an ONNX model: int64 `input_ids`, `attention_mask` (and `token_type_ids` for pairs), each (n, s).

    `weights` has the names of a Hugging Face BertModel, without a prefix. Padding tokens must be
    masked; their values change nothing. Raises KeyError for a missing weight.
    """
    from onnx import TensorProto, checker, helper

    graph = GraphWriter()
    states = _embeddings(graph, weights, config)
    bias = _mask_bias(graph)
    for layer in range(config.layers):
        states = _layer(graph, weights, config, _Place(f"encoder.layer.{layer}", states, bias))
    results = head(graph, config, states, "attention_mask")
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if config.pair_input else [])
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "s"]) for name in names]
    outputs = [helper.make_tensor_value_info(r.name, TensorProto.FLOAT, list(r.shape)) for r in results]
    body = helper.make_graph(graph.nodes, "bert", inputs, outputs, initializer=graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="headwater")
    model.ir_version = 10
    checker.check_model(model)
    return model


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a layer stands: the prefix of its weights, its input and the mask bias."""

    prefix: str
    states: str
    bias: str


def _embeddings(graph: GraphWriter, weights: Mapping[str, Array], config: BertConfig) -> str:
    words, positions = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
    types = weights["embeddings.token_type_embeddings.weight"]
    # Without pairs every token has type 0, so its row is added to the positions once and for all.
    table = positions if config.pair_input else positions + types[0]
    word = _rows(graph, "words", words, "input_ids", config)
    shape = graph.apply("Shape", ["input_ids"], "ids.length", start=1, end=2)
    axis = graph.constant("axis0", np.array([0], np.int64))
    place = graph.apply("Slice", [graph.constant("positions", table), axis, shape, axis], "positions.used")
    summed = graph.apply("Add", [word, place], "embeddings.sum")
    if config.pair_input:
        kind = graph.apply("Gather", [graph.constant("types", types), "token_type_ids"], "types.used")
        summed = graph.apply("Add", [summed, kind], "embeddings.typed")
    return _norm(graph, weights, config, "embeddings.LayerNorm", summed)


def _rows(graph: GraphWriter, name: str, table: Array, ids: str, config: BertConfig) -> str:
    if not config.half_embeddings:
        return graph.apply("Gather", [graph.constant(name, table), ids], f"{name}.used")
    rows = graph.apply("Gather", [graph.constant(name, table.astype(np.float16)), ids], f"{name}.half")
    return graph.apply("Cast", [rows], f"{name}.used", to=1)


def _mask_bias(graph: GraphWriter) -> str:
    """0 where a token may be looked at, MASKED elsewhere, as (n, 1, 1, s)."""
    real = graph.apply("Cast", ["attention_mask"], "mask.real", to=1)
    gone = graph.apply("Sub", [graph.constant("one", np.array(1, np.float32)), real], "mask.gone")
    bias = graph.apply("Mul", [gone, graph.constant("masked", np.array(MASKED, np.float32))], "mask.flat")
    return graph.apply("Unsqueeze", [bias, graph.constant("axes12", np.array([1, 2], np.int64))], "mask.bias")


def _norm(graph: GraphWriter, weights: Mapping[str, Array], config: BertConfig, name: str, source: str) -> str:
    scale = graph.constant(f"{name}.scale", weights[f"{name}.weight"])
    shift = graph.constant(f"{name}.shift", weights[f"{name}.bias"])
    return graph.apply("LayerNormalization", [source, scale, shift], name, axis=-1, epsilon=config.layer_norm_epsilon)


def _layer(graph: GraphWriter, weights: Mapping[str, Array], config: BertConfig, place: _Place) -> str:
    prefix, states = place.prefix, place.states

    def linear(source: str, name: str) -> str:
        return graph.linear(
            source, weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"], f"{prefix}.{name}"
        )

    mixed = linear(_attention(graph, weights, config, place), "attention.output.dense")
    residual = graph.apply("Add", [mixed, states], f"{prefix}.attention.sum")
    attended = _norm(graph, weights, config, f"{prefix}.attention.output.LayerNorm", residual)
    wide = graph.apply("Gelu", [linear(attended, "intermediate.dense")], f"{prefix}.gelu", approximate="none")
    residual = graph.apply("Add", [linear(wide, "output.dense"), attended], f"{prefix}.output.sum")
    return _norm(graph, weights, config, f"{prefix}.output.LayerNorm", residual)


def _attention(graph: GraphWriter, weights: Mapping[str, Array], config: BertConfig, place: _Place) -> str:
    prefix, width = place.prefix, config.hidden // config.heads
    # 1/sqrt(width) goes into the query weights; one product makes queries, keys and values.
    scales = {"query": width**-0.5, "key": 1.0, "value": 1.0}
    parts = [f"{prefix}.attention.self.{part}" for part in scales]
    weight = np.concatenate([weights[f"{p}.weight"] * s for p, s in zip(parts, scales.values(), strict=True)])
    bias = np.concatenate([weights[f"{p}.bias"] * s for p, s in zip(parts, scales.values(), strict=True)])
    joined = graph.linear(place.states, weight.astype(np.float32), bias.astype(np.float32), f"{prefix}.qkv")
    shape = graph.constant("heads.shape", np.array([0, 0, 3 * config.heads, width], np.int64))
    by_head = graph.apply("Reshape", [joined, shape], f"{prefix}.heads")
    turned = graph.apply("Transpose", [by_head], f"{prefix}.turned", perm=[0, 2, 1, 3])
    query, key, value = graph.split(turned, [f"{prefix}.{part}" for part in "qkv"], axis=1)
    key_turned = graph.apply("Transpose", [key], f"{prefix}.k.turned", perm=[0, 1, 3, 2])
    scores = graph.apply("MatMul", [query, key_turned], f"{prefix}.scores")
    shares = graph.apply(
        "Softmax", [graph.apply("Add", [scores, place.bias], f"{prefix}.masked")], f"{prefix}.shares", axis=-1
    )
    mixed = graph.apply("MatMul", [shares, value], f"{prefix}.mixed")
    back = graph.apply("Transpose", [mixed], f"{prefix}.back", perm=[0, 2, 1, 3])
    return graph.apply(
        "Reshape", [back, graph.constant("joined.shape", np.array([0, 0, config.hidden], np.int64))], f"{prefix}.joined"
    )
