"""Losses over pairs and labels against closed forms in 64 bits, and the head that gives them their numbers."""

from __future__ import annotations

import math

import pytest
import torch

from headwater.training import loss as losses
from headwater.training.preference.head import log_probabilities, summed
from headwater.training.preference.loss import (
    LabelWeights,
    bradley_terry,
    divergence_of,
    dpo,
    ipo,
    kto,
    measures_of,
    orpo,
    told_measures,
)

POLICY = torch.tensor([[-11.0, -14.0], [-20.0, -9.5], [-3.0, -3.0]], dtype=torch.float64)
REFERENCE = torch.tensor([[-12.0, -13.0], [-20.5, -8.0], [-4.0, -2.0]], dtype=torch.float64)
LENGTHS = torch.tensor([[4, 7], [9, 3], [2, 2]])


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def pairs() -> list[tuple[list[float], list[float], list[int]]]:
    return list(zip(POLICY.tolist(), REFERENCE.tolist(), LENGTHS.tolist(), strict=True))


def test_dpo_is_its_closed_form_and_log_2_before_anything_is_learned() -> None:
    expected = [-math.log(sigmoid(0.3 * ((p[0] - r[0]) - (p[1] - r[1])))) for p, r, _ in pairs()]
    found = dpo(POLICY, REFERENCE, 0.3)
    assert found.losses.tolist() == pytest.approx(expected, rel=1e-14)
    assert torch.allclose(found.rewards, 0.3 * (POLICY - REFERENCE))
    assert dpo(POLICY, POLICY, 0.3).losses.tolist() == pytest.approx([math.log(2)] * 3, rel=1e-15)


def test_ipo_is_its_closed_form_by_token() -> None:
    expected = [
        ((p[0] - r[0]) / n[0] - (p[1] - r[1]) / n[1] - 1 / (2 * 0.2)) ** 2 for p, r, n in pairs()
    ]  # fmt: skip
    assert ipo(POLICY, REFERENCE, LENGTHS, 0.2).losses.tolist() == pytest.approx(expected, rel=1e-14)


def test_orpo_is_its_closed_form_and_finite_where_an_answer_is_certain() -> None:
    expected = []
    for policy, _, lengths in pairs():
        mean = [value / count for value, count in zip(policy, lengths, strict=True)]
        odds = [math.exp(value) / (1 - math.exp(value)) for value in mean]
        expected.append(-mean[0] - 0.25 * math.log(sigmoid(math.log(odds[0] / odds[1]))))
    assert orpo(POLICY, LENGTHS, 0.25).losses.tolist() == pytest.approx(expected, rel=1e-12)
    certain = torch.tensor([[0.0, -5.0]], requires_grad=True)
    loss = orpo(certain, LENGTHS[:1], 0.25).losses.sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(certain.grad).all()  # type: ignore[union-attr, arg-type]


def test_kto_is_its_closed_form_and_half_a_weight_before_anything_is_learned() -> None:
    policy, reference = POLICY[:, 0], REFERENCE[:, 0]
    labels = torch.tensor([True, False, False])
    weights = LabelWeights(0.3, wanted=1.5, unwanted=0.5)
    distance = torch.tensor(0.7, dtype=torch.float64)
    ratios = (policy - reference).tolist()
    expected = [1.5 * (1 - sigmoid(0.3 * (ratios[0] - 0.7)))]
    expected += [0.5 * (1 - sigmoid(0.3 * (0.7 - ratio))) for ratio in ratios[1:]]
    found = kto(policy, reference, labels, distance, weights)
    assert found.losses.tolist() == pytest.approx(expected, rel=1e-14)
    assert found.rewards[0].isnan().tolist() == [False, True]
    below = kto(policy, reference, labels, torch.tensor(-3.0), weights)
    at_zero = kto(policy, reference, labels, torch.tensor(0.0), weights)
    assert torch.equal(below.losses, at_zero.losses), "a negative distance counts as none"
    start = kto(policy, policy, labels, divergence_of(policy, policy), weights)
    assert start.losses.tolist() == pytest.approx([0.75, 0.25, 0.25])


def test_bradley_terry_is_its_closed_form_with_its_centre() -> None:
    scores = torch.tensor([[2.0, -1.0], [0.5, 0.75]], dtype=torch.float64)
    expected = [-math.log(sigmoid(3.0)) + 0.01 * 1.0, -math.log(sigmoid(-0.25)) + 0.01 * 1.25**2]
    assert bradley_terry(scores, 0.01).losses.tolist() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", ["dpo", "ipo", "orpo", "kto", "reward"])
def test_gradients_are_those_of_differences(name: str) -> None:
    labels = torch.tensor([True, False, True])

    def loss(values: torch.Tensor) -> torch.Tensor:
        found = {
            "dpo": lambda: dpo(values, REFERENCE, 0.3),
            "ipo": lambda: ipo(values, REFERENCE, LENGTHS, 0.3),
            "orpo": lambda: orpo(values, LENGTHS, 0.3),
            "kto": lambda: kto(values[:, 0], REFERENCE[:, 0], labels, torch.tensor(0.2), LabelWeights(0.3)),
            "reward": lambda: bradley_terry(values, 0.01),
        }[name]()
        return found.losses.sum()

    assert torch.autograd.gradcheck(loss, POLICY.clone().requires_grad_())  # type: ignore[no-untyped-call]


def test_measures_add_up_over_micro_batches() -> None:
    whole = told_measures(measures_of(dpo(POLICY, REFERENCE, 0.1)))
    parts = sum(measures_of(dpo(POLICY[n : n + 1], REFERENCE[n : n + 1], 0.1)) for n in range(3))
    assert isinstance(parts, torch.Tensor)
    assert told_measures(parts) == pytest.approx(whole)
    assert whole["accuracy"] == 1.0
    assert whole["margin"] == pytest.approx(whole["chosen_reward"] - whole["rejected_reward"])
    one_side = kto(POLICY[:, 0], REFERENCE[:, 0], torch.tensor([True] * 3), torch.tensor(0.0), LabelWeights(0.1))
    told = told_measures(measures_of(one_side, torch.tensor(0.0)))
    assert "rejected_reward" not in told
    assert told["accuracy"] == 1.0


@pytest.mark.parametrize("cap", [0.0, 3.0])
@pytest.mark.parametrize("with_bias", [False, True])
def test_the_head_equals_autograd(monkeypatch: pytest.MonkeyPatch, cap: float, with_bias: bool) -> None:
    monkeypatch.setattr(losses, "PIECE_LOGITS", 50 * 3)  # three positions a piece, the last one short
    torch.manual_seed(0)
    hidden = torch.randn(10, 7, dtype=torch.float64, requires_grad=True)
    head = torch.nn.Linear(7, 50, bias=with_bias, dtype=torch.float64)
    labels, slopes = torch.randint(0, 50, (10,)), torch.randn(10, dtype=torch.float64)
    given = [hidden, *head.parameters()]
    ours = log_probabilities(head, hidden, labels, cap)
    mine = torch.autograd.grad((ours * slopes).sum(), given)
    logits = head(hidden)
    logits = torch.tanh(logits / cap) * cap if cap else logits
    plain = torch.log_softmax(logits, -1)[torch.arange(10), labels]
    theirs = torch.autograd.grad((plain * slopes).sum(), given)
    assert torch.allclose(ours, plain, rtol=1e-12)
    for left, right in zip(mine, theirs, strict=True):
        assert torch.allclose(left, right, atol=1e-12)


def test_sums_are_of_neighbours() -> None:
    assert summed(torch.arange(6.0), [1, 3, 2]).tolist() == [0.0, 6.0, 9.0]
