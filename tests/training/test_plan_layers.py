from __future__ import annotations

import pytest
import torch

from headwater.training.base import add_adapter
from headwater.training.config import AdapterSection
from headwater.training.planning.layers import count_weights
from headwater.training.planning.trace import meta_model
from headwater.training.tiny import tiny_config, tiny_model

WIDTH, INNER, VOCABULARY, LAYERS = 64, 192, 259, 2
LINEAR = LAYERS * (WIDTH * WIDTH * 2 + WIDTH * 32 * 2 + 3 * WIDTH * INNER)  # q and o, k and v (two heads), the MLP
EDGE = WIDTH * VOCABULARY


def test_sixteen_bits_by_hand() -> None:
    weights = count_weights(meta_model(tiny_config(), torch.bfloat16), "none", AdapterSection())
    assert weights.linear_bytes == 2 * (LINEAR + EDGE)
    assert weights.embedding_bytes == 2 * EDGE
    assert weights.other_bytes == 2 * WIDTH * (2 * LAYERS + 1)
    assert weights.multiplied_numbers == LINEAR
    assert weights.head_numbers == EDGE


def test_eight_and_four_bits_by_hand() -> None:
    model = meta_model(tiny_config(), torch.bfloat16)
    rows = LAYERS * (WIDTH + 32 + 32 + WIDTH + INNER + INNER + WIDTH)
    assert count_weights(model, "8bit", AdapterSection()).linear_bytes == LINEAR + 4 * rows + 2 * EDGE
    four = count_weights(model, "4bit", AdapterSection()).linear_bytes
    nested = LAYERS * 4 * 7  # each of the seven layers has fewer than 256 blocks of 64
    assert four == LINEAR // 2 + LINEAR // 64 + nested + 2 * EDGE


@pytest.mark.parametrize(
    "adapter",
    [AdapterSection(r=4), AdapterSection(r=3, dora=True), AdapterSection(r=2, targets="q_proj, down_proj")],
)
def test_adapter_numbers_are_those_of_peft(adapter: AdapterSection) -> None:
    real = add_adapter(tiny_model(), adapter)
    learned = sum(weight.numel() for weight in real.parameters() if weight.requires_grad)
    counted = count_weights(meta_model(tiny_config(), torch.float32), "none", adapter)
    assert counted.adapter_numbers == counted.learned_numbers == learned


def test_every_weight_learns_in_full_training() -> None:
    weights = count_weights(meta_model(tiny_config(), torch.float32), "none", AdapterSection(type="full"))
    assert weights.learned_numbers == sum(weight.numel() for weight in tiny_model().parameters())
    assert weights.adapter_numbers == 0
