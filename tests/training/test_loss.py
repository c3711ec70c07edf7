"""The loss is exact: against plain 64-bit autograd, however rows are laid out, and no row sees another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from headwater.training import loss as losses
from headwater.training.attention import borders, packed_attention
from headwater.training.base import add_adapter, inner_model
from headwater.training.config import AdapterSection
from headwater.training.loss import head_loss, learn_in_forward
from headwater.training.rows.batches import Layout, MicroBatch, arrays
from headwater.training.rows.examples import Examples
from headwater.training.tiny import tiny_config, tiny_model
from headwater.training.trainer import tensors

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("cap", [0.0, 3.0])
@pytest.mark.parametrize("with_bias", [False, True])
def test_the_fused_head_equals_autograd(monkeypatch: pytest.MonkeyPatch, cap: float, with_bias: bool) -> None:
    monkeypatch.setattr(losses, "PIECE_LOGITS", 50 * 3)  # three positions a piece, the last one short
    torch.manual_seed(0)
    hidden = torch.randn(10, 7, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(50, 7, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(50, dtype=torch.float64, requires_grad=True) if with_bias else None
    labels = torch.randint(0, 50, (10,))
    given = [part for part in (hidden, weight, bias) if part is not None]
    ours = head_loss(hidden, weight, bias, labels, cap) * 0.3
    mine = torch.autograd.grad(ours, given)
    logits = torch.nn.functional.linear(hidden, weight, bias)
    logits = torch.tanh(logits / cap) * cap if cap else logits
    plain = torch.nn.functional.cross_entropy(logits, labels, reduction="sum") * 0.3
    theirs = torch.autograd.grad(plain, given)
    assert torch.allclose(ours, plain, rtol=1e-12)
    # The weight's gradient is summed in 32 bits, which 16-bit training needs.
    for left, right, tolerance in zip(mine, theirs, (1e-12, 1e-5, 1e-5), strict=False):
        assert torch.allclose(left, right, atol=tolerance)


def test_nothing_to_learn_is_a_zero_that_can_be_differentiated() -> None:
    hidden = torch.randn(0, 7, requires_grad=True)
    total = head_loss(hidden, torch.randn(50, 7), None, torch.zeros(0, dtype=torch.long))
    total.backward()
    assert total.item() == 0.0


def random_rows(lengths: list[int]) -> Examples:
    chance = np.random.default_rng(0)
    ids = chance.integers(3, 259, sum(lengths)).astype(np.int32)
    learned = chance.random(sum(lengths)) < 0.5
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Examples(ids, learned, starts, tuple(map(str, range(len(lengths)))))


def learner(attention: str = "sdpa", width: type[torch.dtype] | torch.dtype = torch.float64) -> Any:
    model = tiny_model().to(width)
    model.config._attn_implementation = attention
    learn_in_forward(model)
    return model


def total_and_slope(
    model: Any, examples: Examples, batches: list[tuple[int, ...]], layout: Layout
) -> tuple[float, Any]:
    model.zero_grad()
    total = 0.0
    for rows in batches:
        loss = model(**tensors(arrays(examples, MicroBatch(rows), layout, 0), CPU))["loss"]
        loss.backward()
        total += loss.item()
    return total, torch.cat([weight.grad.reshape(-1) for weight in model.parameters()])


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_equals_padded_equals_one_by_one(attention: str) -> None:
    """In 64 bits; the norms of Llama round to 32 inside, hence the tolerance."""
    examples = random_rows([5, 17, 9, 30, 2])
    model = learner(attention)
    alone, slope = total_and_slope(model, examples, [(n,) for n in range(5)], "buckets")
    for layout in ("buckets", "packed"):
        together, other = total_and_slope(model, examples, [(0, 1, 2, 3, 4)], layout)  # type: ignore[arg-type]
        assert together == pytest.approx(alone, rel=1e-7)
        assert float((other - slope).norm() / slope.norm()) < 1e-6


def test_the_loss_equals_transformers_own() -> None:
    """On one row, against the model's own loss with labels -100 where nothing is learned."""
    examples = random_rows([24])
    ids, learned = examples.row(0)
    plain = tiny_model().double()
    labels = torch.from_numpy(np.where(learned, ids, -100).astype(np.int64))[None]
    theirs = plain(input_ids=torch.from_numpy(ids.astype(np.int64))[None], labels=labels).loss
    ours = learner()(**tensors(arrays(examples, MicroBatch((0,)), "buckets", 0), CPU))["loss"]
    assert float(ours) / examples.targets[0] == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_no_row_of_a_pack_sees_another(attention: str) -> None:
    """Changing one row must not change a bit of the other's hidden states."""
    examples = random_rows([12, 15])
    model = learner(attention, torch.float32)
    batch = tensors(arrays(examples, MicroBatch((0, 1)), "packed", 0), CPU)
    del batch["labels_shifted"]
    changed = {**batch, "input_ids": batch["input_ids"].clone()}
    changed["input_ids"][0, :12] = 7
    with torch.no_grad():
        before = model.model(**batch, use_cache=False).last_hidden_state[0, 12:]
        after = model.model(**changed, use_cache=False).last_hidden_state[0, 12:]
        masked = torch.ones(1, 27, dtype=torch.long)
        leaky = [
            model.model(**one, attention_mask=masked, use_cache=False).last_hidden_state[0, 12:]
            for one in (batch, changed)
        ]
    assert torch.equal(before, after)
    # The test can fail: a mask of ones, which other trainers pass, lets rows see each other.
    assert not torch.equal(*leaky)


def test_the_head_runs_only_where_something_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(hidden: torch.Tensor, *rest: Any) -> torch.Tensor:
        seen.append(len(hidden))
        return head_loss(hidden, *rest)

    monkeypatch.setattr(losses, "head_loss", spy)
    examples = random_rows([30, 11])
    learner()(**tensors(arrays(examples, MicroBatch((0, 1)), "buckets", 0), CPU))
    assert seen == [int(examples.targets.sum())]


def test_the_forward_without_labels_is_the_models_own() -> None:
    model, plain = learner(width=torch.float32), tiny_model()
    ids = torch.arange(3, 20)[None]
    with torch.no_grad():
        assert torch.equal(model(input_ids=ids).logits, plain(input_ids=ids).logits)
        assert torch.equal(
            model.generate(input_ids=ids, max_new_tokens=5, do_sample=False),
            plain.generate(input_ids=ids, max_new_tokens=5, do_sample=False),
        )


def test_an_adapter_on_the_head_itself_is_learned_too() -> None:
    model = add_adapter(tiny_model(), AdapterSection(targets="q_proj,lm_head", r=2))
    learn_in_forward(inner_model(model))
    examples = random_rows([20])
    model(**tensors(arrays(examples, MicroBatch((0,)), "buckets", 0), CPU))["loss"].backward()
    slopes = {name: weight.grad for name, weight in model.named_parameters() if weight.requires_grad}
    assert any("lm_head" in name and slope is not None and slope.abs().sum() > 0 for name, slope in slopes.items())


def test_the_gpu_attention_over_packs_equals_one_by_one_on_its_plain_path() -> None:
    """The plain path stands in for the GPU kernel: same borders, windows and grouped heads."""
    torch.manual_seed(0)
    positions = torch.cat([torch.arange(7), torch.arange(5)])[None]
    assert borders(positions).tolist() == [0, 7, 12]
    query = torch.randn(1, 4, 12, 8, dtype=torch.float64)
    key, value = torch.randn(2, 1, 2, 12, 8, dtype=torch.float64)
    for window in (None, 3):
        found, _ = packed_attention(
            None, query, key, value, None, position_ids=positions, scaling=0.3, sliding_window=window
        )
        for part in (slice(0, 7), slice(7, 12)):
            alone, _ = packed_attention(
                None, query[:, :, part], key[:, :, part], value[:, :, part], None, scaling=0.3, sliding_window=window
            )
            assert torch.allclose(found[:, part], alone, atol=1e-12)


def test_a_model_loads_with_the_registered_attention() -> None:
    from transformers import LlamaForCausalLM

    from headwater.training.attention import register_varlen

    name = register_varlen()
    torch.manual_seed(0)
    plain = LlamaForCausalLM(tiny_config()).double()
    torch.manual_seed(0)
    config = tiny_config()
    config._attn_implementation = name
    varlen = LlamaForCausalLM(config).double()
    learn_in_forward(plain)
    learn_in_forward(varlen)
    batch = tensors(arrays(random_rows([9, 14]), MicroBatch((0, 1)), "packed", 0), CPU)
    assert float(varlen(**batch)["loss"]) == pytest.approx(float(plain(**batch)["loss"]), rel=1e-9)
