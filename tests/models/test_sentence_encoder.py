"""Safetensors to ONNX, in float32 and int8."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest

from headwater.core.errors import BadInput
from headwater.models.sentence_encoder import PROBES, build_fp32, build_int8, cosines, read_weights

TEXTS = (
    "the river flows into the sea",
    "old bridge",
    "the bridge was built of stone in the old river bank and sea " * 3,
)


def test_fp32_and_int8_agree(tiny_encoder):
    assert build_fp32(tiny_encoder).version == "fp32-1"
    exact = (tiny_encoder / "model.onnx").read_bytes()
    built = build_int8(tiny_encoder)
    assert (built.files, built.version, built.dimensions) == (("model.onnx", "tokenizer.json"), "int8-1", 32)
    assert built.context_tokens == 64
    small = (tiny_encoder / "model.onnx").read_bytes()
    found = cosines((exact, small), tiny_encoder / "tokenizer.json", TEXTS, 64)
    assert np.median(found) >= 0.985
    assert found.max() < 1.0  # two different models, not one compared with itself


def test_int8_scales_each_channel(tiny_encoder):
    build_int8(tiny_encoder)
    model = onnx.load(str(tiny_encoder / "model.onnx"))
    kinds = {node.op_type for node in model.graph.node}
    assert {"MatMulInteger", "DynamicQuantizeLinear"} <= kinds
    scales = {t.name: t.dims for t in model.graph.initializer if t.name.endswith("qkv.weight_scale")}
    assert scales
    assert all(list(dims) == [96] for dims in scales.values())


def test_a_build_that_lost_too_much_is_refused(tiny_encoder, monkeypatch):
    monkeypatch.setattr("headwater.models.sentence_encoder.LEAST_MEDIAN_COSINE", 1.1)
    with pytest.raises(BadInput, match=r"median cosine of 0\.\d+ to float32"):
        build_int8(tiny_encoder)


def test_first_token_pooling_is_another_model(tiny_encoder):
    build_fp32(tiny_encoder)
    mean = (tiny_encoder / "model.onnx").read_bytes()
    (tiny_encoder / "pooling.json").write_text(
        json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    )
    build_fp32(tiny_encoder)
    first = (tiny_encoder / "model.onnx").read_bytes()
    assert cosines((mean, first), tiny_encoder / "tokenizer.json", TEXTS, 64).max() < 0.999


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: (f / "config.json").write_text('{"model_type": "t5"}'), "only BERT"),
        (lambda f: (f / "config.json").write_text('{"model_type": "bert", "hidden_act": "gelu"}'), "num_hidden_layers"),
        (lambda f: (f / "pooling.json").write_text('{"pooling_mode_max_tokens": true}'), "pooling_mode_max_tokens"),
    ],
)
def test_an_encoder_that_cannot_be_built_says_why(tiny_encoder, change, message):
    change(tiny_encoder)
    with pytest.raises(BadInput, match=message):
        build_fp32(tiny_encoder)


def test_weights_lose_their_prefix(tiny_encoder, tiny_weights):
    assert read_weights(tiny_encoder / "model.safetensors").keys() == tiny_weights.keys()


@pytest.mark.real
def test_minilm_int8_keeps_the_vectors(starter_models, minilm_source, tmp_path):
    """The installed int8 build against float32 of the published weights, on the probes."""
    for name in ("model.safetensors", "config.json", "tokenizer.json", "pooling.json"):
        (tmp_path / name).symlink_to(minilm_source / name)
    build_fp32(tmp_path)
    exact = (tmp_path / "model.onnx").read_bytes()
    small = (starter_models / "minilm" / "model.onnx").read_bytes()
    found = cosines((exact, small), tmp_path / "tokenizer.json", PROBES)
    assert np.median(found) >= 0.985
