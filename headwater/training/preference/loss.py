"""Losses over pairs and labelled answers: pure functions of log-probabilities (or scores), one number a row.

Log-probabilities are sums over an answer's tokens, (rows, 2) for pairs with the chosen answer first. Each function
also gives the rewards of the answers, which only measure: they carry no gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus


@dataclass(frozen=True)
class Compared:
    """`losses` (rows,), and the rewards (rows, 2) of chosen and rejected answers; NaN where a row has no such one."""

    losses: Tensor
    rewards: Tensor


def dpo(policy: Tensor, reference: Tensor, beta: float) -> Compared:
    """Direct preference optimisation (Rafailov et al. 2023, equation 7): log 2 where nothing was learned yet."""
    rewards = beta * (policy - reference)
    return Compared(-logsigmoid(rewards[:, 0] - rewards[:, 1]), rewards.detach())


def ipo(policy: Tensor, reference: Tensor, lengths: Tensor, beta: float) -> Compared:
    """Identity preference optimisation (Azar et al. 2023, equation 17), log-ratios by token of the answer."""
    ratios = (policy - reference) / lengths
    losses = (ratios[:, 0] - ratios[:, 1] - 1 / (2 * beta)) ** 2
    return Compared(losses, (beta * (policy - reference)).detach())


def divergence_of(policy: Tensor, reference: Tensor) -> Tensor:
    """Summed log-ratio of answers that belong to other prompts (rows,); its mean, not below 0, is KTO's z0."""
    return (policy - reference).sum().detach()


@dataclass(frozen=True)
class LabelWeights:
    """KTO's settings."""

    beta: float
    wanted: float = 1.0
    unwanted: float = 1.0


def kto(policy: Tensor, reference: Tensor, labels: Tensor, divergence: Tensor, weights: LabelWeights) -> Compared:
    """Kahneman-Tversky optimisation (Ethayarajh et al. 2024, equation 8), of answers (rows,) with `labels` (rows,).

    `divergence` is how far the model is from the reference on answers to other prompts, at least 0.
    """
    ratios = policy - reference
    shifted = weights.beta * (ratios - divergence.clamp(min=0).detach())
    wanted = weights.wanted * (1 - torch.sigmoid(shifted))
    unwanted = weights.unwanted * (1 - torch.sigmoid(-shifted))
    rewards = (weights.beta * ratios).detach()
    nothing = torch.full_like(rewards, torch.nan)
    sides = [torch.where(labels, rewards, nothing), torch.where(labels, nothing, rewards)]
    return Compared(torch.where(labels, wanted, unwanted), torch.stack(sides, 1))


def orpo(policy: Tensor, lengths: Tensor, weight: float) -> Compared:
    """Odds-ratio preference optimisation (Hong et al. 2024, equations 6 and 7), without a reference."""
    means = policy / lengths
    # log odds = log p - log(1 - p); p near 1 would make the difference of logarithms infinite.
    odds = means - torch.log(-torch.expm1(means.clamp(max=-1e-7)))
    losses = -means[:, 0] - weight * logsigmoid(odds[:, 0] - odds[:, 1])
    return Compared(losses, (weight * means).detach())


def bradley_terry(scores: Tensor, centre: float) -> Compared:
    """The chosen answer scores higher (Bradley and Terry 1952); `centre` keeps their sum near 0 (Eisenstein 2023)."""
    losses = softplus(scores[:, 1] - scores[:, 0]) + centre * scores.sum(1) ** 2
    return Compared(losses, scores.detach())


MEASURES = ("rows", "accurate", "chosen", "chosen_count", "rejected", "rejected_count")


def measures_of(compared: Compared, threshold: Tensor | None = None) -> Tensor:
    """Return sums in the order of MEASURES. A labelled answer is right on its side of `threshold`, a pair by order."""
    chosen, rejected = compared.rewards.unbind(1)
    # A side that is not there is NaN, which is neither above nor below.
    right = chosen > rejected if threshold is None else (chosen > threshold) | (rejected <= threshold)
    sums = [
        torch.tensor(len(chosen), device=chosen.device), right.sum(), chosen.nansum(), chosen.isfinite().sum(),
        rejected.nansum(), rejected.isfinite().sum(),
    ]  # fmt: skip
    return torch.stack([value.to(torch.float64) for value in sums])


def told_measures(sums: Tensor) -> dict[str, float]:
    """Return accuracy, mean rewards and their margin from sums; a side without rows is left out."""
    rows, accurate, chosen, chosen_count, rejected, rejected_count = sums.tolist()
    if not rows:
        return {}
    told = {"accuracy": accurate / rows}
    if chosen_count:
        told["chosen_reward"] = chosen / chosen_count
    if rejected_count:
        told["rejected_reward"] = rejected / rejected_count
    if chosen_count and rejected_count:
        told["margin"] = told["chosen_reward"] - told["rejected_reward"]
    return told
