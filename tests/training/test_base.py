"""The base model: found by name, quantised with exact gradients, given an adapter in 32-bit numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from headwater.core.errors import BadInput
from headwater.training.base import (
    Base,
    add_adapter,
    find_base,
    inner_model,
    load_architecture,
    load_model,
    load_tokenizer,
)
from headwater.training.config import AdapterSection, ModelSection
from headwater.training.loss import learn_in_forward
from headwater.training.tiny import tiny_model, tiny_tokenizer


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Base:
    folder = tmp_path_factory.mktemp("base")
    tiny_model().save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return find_base(str(folder))


def section(**changes: Any) -> ModelSection:
    return ModelSection(**{"base": "x", "precision": "fp32", **changes})


def slope(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """The gradient of everything that learns, for one batch."""
    model.train()
    model.zero_grad()
    model(input_ids=ids, labels_shifted=ids.roll(-1, 1))["loss"].backward()
    return torch.cat([w.grad.reshape(-1) for w in model.parameters() if w.requires_grad])


def adapted(base_model: Any, **changes: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = add_adapter(base_model, AdapterSection(r=4, **changes), quantised=True)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.05)  # a fresh adapter's B is zero and hides A's gradient
    learn_in_forward(inner_model(model))
    return model


@pytest.mark.parametrize(("bits", "tolerance"), [("4bit", 2e-5), ("8bit", 2e-2)])
def test_the_gradient_on_a_quantised_base_is_that_of_its_dequantised_numbers(
    saved: Base, bits: str, tolerance: float
) -> None:
    """8-bit products round activations too, hence its wider bound."""
    from copy import deepcopy

    quantised = load_model(saved, section(quantize=bits), "cpu", "sdpa")
    plain = deepcopy(quantised).dequantize().float()
    ids = torch.randint(3, 259, (2, 24), generator=torch.Generator().manual_seed(0))
    left, right = slope(adapted(quantised), ids), slope(adapted(plain), ids)
    assert left.numel() == right.numel()
    assert float((left - right).norm() / right.norm()) < tolerance


def test_evaluating_between_does_not_change_the_gradient_on_a_4_bit_base(saved: Base) -> None:
    """bitsandbytes repacks 4-bit weights in the first evaluation on some CPUs; the repacked form has no gradient."""
    model = adapted(load_model(saved, section(quantize="4bit"), "cpu", "sdpa"))
    ids = torch.randint(3, 259, (2, 32), generator=torch.Generator().manual_seed(0))
    before = slope(model, ids)
    model.eval()
    with torch.no_grad():
        model(input_ids=ids)
    assert torch.equal(slope(model, ids), before)


def test_the_switch_that_keeps_4_bit_gradients_exact_is_off_everywhere(saved: Base) -> None:
    from bitsandbytes.nn import Linear4bit

    found = [
        m for m in load_model(saved, section(quantize="4bit"), "cpu", "sdpa").modules() if isinstance(m, Linear4bit)
    ]
    assert len(found) == 14
    assert not any(module.support_avx512bf16_for_cpu for module in found)


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_adapters_are_in_32_bits_and_all_move_at_a_small_rate(saved: Base, precision: str) -> None:
    model = adapted(load_model(saved, section(precision=precision), "cpu", "sdpa"))
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    assert {weight.dtype for weight in learning} == {torch.float32}
    before = [weight.detach().clone() for weight in learning]
    optimiser = torch.optim.AdamW(learning, lr=1e-5, weight_decay=0)
    ids = torch.randint(3, 259, (2, 24), generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = model(input_ids=ids, labels_shifted=ids.roll(-1, 1))["loss"]
        loss.backward()
        optimiser.step()
    moved = torch.cat([(new != old).reshape(-1) for new, old in zip(learning, before, strict=True)])
    assert moved.float().mean() > 0.99


@pytest.mark.parametrize("changes", [{}, {"dora": True}, {"rslora": True}, {"init": "olora"}, {"init": "pissa"}])
def test_each_kind_of_adapter_starts_where_the_base_is_and_learns(changes: dict[str, Any]) -> None:
    model = add_adapter(tiny_model(), AdapterSection(r=4, **changes))
    ids = torch.randint(3, 259, (1, 16), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(model(input_ids=ids).logits, tiny_model()(input_ids=ids).logits, atol=1e-4)
    learn_in_forward(inner_model(model))
    assert slope(model, ids).abs().sum() > 0


def test_full_fine_tuning_learns_every_weight() -> None:
    model = add_adapter(tiny_model(), AdapterSection(type="full"))
    assert all(weight.requires_grad for weight in model.parameters())


def test_what_cannot_be_is_refused(saved: Base, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No base model 'nothing'"):
        find_base("nothing")
    with pytest.raises(BadInput, match="cannot learn itself"):
        add_adapter(tiny_model(), AdapterSection(type="full"), quantised=True)
    with pytest.raises(BadInput, match="No adapter can be put on"):
        add_adapter(tiny_model(), AdapterSection(targets="no_such_layer"))
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(BadInput, match="8 or 4 bits"):
        load_model(find_base(str(tmp_path / "m.gguf")), section(quantize="4bit"), "cpu", "sdpa")
    (tmp_path / "config.json").write_text("{}", "utf-8")
    with pytest.raises(BadInput):
        load_tokenizer(find_base(str(tmp_path)))
    with pytest.raises(BadInput):
        load_architecture(find_base(str(tmp_path)))


def test_the_architecture_comes_without_weights(saved: Base) -> None:
    assert load_architecture(saved).hidden_size == load_architecture(find_base("tiny")).hidden_size == 64
