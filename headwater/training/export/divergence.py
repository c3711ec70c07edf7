"""How far two models are apart on sample prompts: Kullback-Leibler divergence of their next tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LAST_POSITIONS = 32
PROMPTS = (
    "What is the capital of France?",
    "Write two sentences about the sea.",
    "Summarise: The bridge was built of stone in 1850 and carries the road over the river.",
    "Who are you?",
    "Explain to a child why it rains.",
    "Give three names for a cat.",
)


@dataclass(frozen=True, slots=True)
class Divergence:
    """KL(first || second) in nats over `positions` places of the sample prompts; `same_best`: share of equal argmax."""

    mean: float
    largest: float
    same_best: float
    positions: int


def log_probabilities(model: Any, prompts: Sequence[Sequence[int]]) -> list[Any]:
    """The log-probabilities (positions, vocabulary) at the last places of each prompt."""
    import torch

    found = []
    with torch.inference_mode():
        for ids in prompts:
            logits = model(input_ids=torch.tensor([list(ids)], device=model.device), use_cache=False).logits[0]
            found.append(logits[-LAST_POSITIONS:].float().log_softmax(-1).cpu())
    return found


def divergence(first: Sequence[Any], second: Sequence[Any]) -> Divergence:
    """Compare what `log_probabilities` gave for two models on the same prompts."""
    import torch

    apart, best = [], []
    for one, other in zip(first, second, strict=True):
        width = min(one.shape[-1], other.shape[-1])  # rows of padding at the end of a vocabulary
        one, other = one[:, :width].double(), other[:, :width].double()
        apart.append((one.exp() * (one - other)).sum(-1))
        best.append(one.argmax(-1) == other.argmax(-1))
    every, same = torch.cat(apart), torch.cat(best)
    return Divergence(float(every.mean()), float(every.max()), float(same.double().mean()), len(every))
