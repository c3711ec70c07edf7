"""The graph against a forward pass written in numpy."""

from __future__ import annotations

from dataclasses import replace
from math import erf

import numpy as np
import onnxruntime
import pytest

from headwater.models.bert_graph import (
    BertConfig,
    build_bert_graph,
    pair_logits,
    together,
    token_logits,
    token_states,
    unit_first,
    unit_mean,
    weight_shapes,
)


def norm(x, w, name, epsilon):
    mean = x.mean(-1, keepdims=True)
    spread = np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + epsilon)
    return (x - mean) / spread * w[f"{name}.weight"] + w[f"{name}.bias"]


def reference_states(weights, config: BertConfig, ids, mask, types):
    """BERT (Devlin et al. 2019, arXiv:1810.04805) in float64, layer by layer."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids]
    x = (
        x
        + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        + w["embeddings.token_type_embeddings.weight"][types]
    )
    x = norm(x, w, "embeddings.LayerNorm", config.layer_norm_epsilon)
    n, s, h = x.shape
    for layer in range(config.layers):
        p = f"encoder.layer.{layer}"
        q, k, v = (
            linear(x, f"{p}.attention.self.{part}").reshape(n, s, config.heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(h / config.heads)
        scores = np.where(mask[:, None, None, :] == 1, scores, -np.inf)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = (shares @ v).transpose(0, 2, 1, 3).reshape(n, s, h)
        x = norm(
            x + linear(mixed, f"{p}.attention.output.dense"),
            w,
            f"{p}.attention.output.LayerNorm",
            config.layer_norm_epsilon,
        )
        wide = linear(x, f"{p}.intermediate.dense")
        wide = 0.5 * wide * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        x = norm(x + linear(wide, f"{p}.output.dense"), w, f"{p}.output.LayerNorm", config.layer_norm_epsilon)
    return x


def run(model, **feeds):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True))


@pytest.fixture
def batch():
    generator = np.random.default_rng(3)
    ids = generator.integers(0, 19, (3, 11))
    mask = np.ones_like(ids)
    mask[1, 7:] = 0
    mask[2, 2:] = 0
    return ids, mask


def test_states_equal_the_reference(tiny_weights, tiny_config, batch):
    ids, mask = batch
    states = run(build_bert_graph(tiny_weights, tiny_config, token_states), input_ids=ids, attention_mask=mask)[
        "states"
    ]
    expected = reference_states(tiny_weights, tiny_config, ids, mask, np.zeros_like(ids))
    real = mask == 1
    assert np.abs(states[real] - expected[real]).max() < 1e-5
    assert np.abs(expected).max() > 0.5


@pytest.mark.parametrize("head", [unit_mean, unit_first])
def test_embedding_heads(tiny_weights, tiny_config, batch, head):
    ids, mask = batch
    vectors = run(build_bert_graph(tiny_weights, tiny_config, head), input_ids=ids, attention_mask=mask)["embedding"]
    states = reference_states(tiny_weights, tiny_config, ids, mask, np.zeros_like(ids))
    pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True) if head is unit_mean else states[:, 0]
    assert np.abs(vectors - pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).max() < 1e-5


def test_padding_changes_nothing(tiny_weights, tiny_config, batch):
    ids, mask = batch
    model = build_bert_graph(tiny_weights, tiny_config)
    padded = run(model, input_ids=ids, attention_mask=mask)["embedding"][1]
    alone = run(model, input_ids=ids[1:2, :7], attention_mask=mask[1:2, :7])["embedding"][0]
    assert np.abs(padded - alone).max() < 1e-5


def test_pair_heads_see_the_token_types(tiny_weights, tiny_config, batch):
    ids, mask = batch
    generator = np.random.default_rng(5)
    h = tiny_config.hidden
    span = generator.normal(size=(2, h)).astype(np.float32), np.array([0.5, -0.5], np.float32)
    dense = generator.normal(size=(h, h)).astype(np.float32) / h, np.zeros(h, np.float32)
    classifier = generator.normal(size=(1, h)).astype(np.float32), np.array([0.25], np.float32)
    config = replace(tiny_config, pair_input=True)
    model = build_bert_graph(tiny_weights, config, together(token_logits(*span), pair_logits(dense, classifier)))
    types = np.zeros_like(ids)
    types[:, 4:] = 1
    out = run(model, input_ids=ids, attention_mask=mask, token_type_ids=types)
    states = reference_states(tiny_weights, config, ids, mask, types)
    real = mask == 1
    assert np.abs(out["token_logits"] - (states @ span[0].T + span[1]))[real].max() < 1e-4
    assert np.abs(out["pair_logits"] - (np.tanh(states[:, 0] @ dense[0].T) @ classifier[0].T + 0.25)).max() < 1e-4


def test_half_embeddings_stay_close(tiny_weights, tiny_config, batch):
    ids, mask = batch
    exact = run(build_bert_graph(tiny_weights, tiny_config), input_ids=ids, attention_mask=mask)["embedding"]
    half = run(
        build_bert_graph(tiny_weights, replace(tiny_config, half_embeddings=True)), input_ids=ids, attention_mask=mask
    )
    assert (exact * half["embedding"]).sum(1).min() > 0.99999


def test_a_missing_weight_is_named(tiny_weights, tiny_config):
    name = "encoder.layer.1.output.dense.weight"
    with pytest.raises(KeyError, match=r"layer\.1\.output\.dense\.weight"):
        build_bert_graph({k: v for k, v in tiny_weights.items() if k != name}, tiny_config)


def test_only_plain_bert_is_built():
    with pytest.raises(ValueError, match="roberta"):
        BertConfig.from_json({"model_type": "roberta", "hidden_act": "gelu"})


def test_weight_shapes_are_those_of_the_weights(tiny_weights, tiny_config):
    vocabulary = len(tiny_weights["embeddings.word_embeddings.weight"])
    assert {k: v.shape for k, v in tiny_weights.items()} == weight_shapes(tiny_config, vocabulary)
