from __future__ import annotations

import dataclasses

import pytest
import torch

from headwater.training.base import add_adapter, inner_model
from headwater.training.config import AdapterSection
from headwater.training.loss import PIECE_LOGITS
from headwater.training.planning.trace import LiveBytes, Recipe, head_trace, step_trace
from headwater.training.tiny import tiny_config, tiny_model

LORA = Recipe(AdapterSection(r=4))


def test_live_bytes_counts_what_lives_once() -> None:
    known = torch.zeros(1000)
    with LiveBytes([known]) as live:
        one = torch.zeros(100)
        view = one[:50]
        known.add_(1)
        assert live.now == 400
        two = torch.zeros(25)
        assert live.now == 500
        del one
        assert live.now == 500  # the view holds it
        del view, two
        assert live.now == 0
        assert live.peak == 500


def test_the_trace_is_what_the_real_model_holds() -> None:
    tokens, layers = 64, 3
    model = add_adapter(_real(layers), LORA.adapter)
    body = inner_model(model).base_model
    model.train()
    with LiveBytes([*model.parameters(), *model.buffers()]) as live:
        ids = torch.zeros(1, tokens, dtype=torch.int64)
        hidden = body(input_ids=ids, use_cache=False).last_hidden_state
        saved = live.now
        hidden.backward(torch.empty_like(hidden))
        peak = live.peak
    traced = step_trace(tiny_config(layers=layers), LORA, tokens)
    assert abs(traced.saved / saved - 1) < 0.02
    assert abs(max(traced.forward_peak, traced.backward_peak) / peak - 1) < 0.05


def _real(layers: int) -> torch.nn.Module:
    from transformers import LlamaForCausalLM

    assert tiny_model() is not None
    return LlamaForCausalLM(tiny_config(layers=layers))


def test_checkpointing_saves_and_tokens_cost() -> None:
    config = tiny_config(layers=12)
    plain = step_trace(config, LORA, 256)
    again = step_trace(config, dataclasses.replace(LORA, checkpointing=True), 256)
    assert again.saved < plain.saved / 3
    assert again.backward_peak < plain.backward_peak
    assert 1.9 < step_trace(config, LORA, 512).saved / plain.saved < 2.01


def test_accumulating_keeps_the_gradients_of_all_weights() -> None:
    full = Recipe(AdapterSection(type="full"), accumulates=True)
    weights = sum(weight.numel() for weight in tiny_model().parameters())
    assert step_trace(tiny_config(), full, 64).gradients == pytest.approx(4 * weights, rel=0.01)


def test_head_holds_logits_in_pieces() -> None:
    shape = (1 << 18, 64)
    few, many = head_trace(shape, 256, LORA), head_trace(shape, 4096, LORA)
    assert few.peak >= PIECE_LOGITS * 4
    assert many.peak < 1.1 * few.peak
