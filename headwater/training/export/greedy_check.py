"""Does an exported model say the same as the one that was trained? The check after an export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Tokens = Sequence[int]
GreedyTokens = Callable[[Tokens, int], Tokens]
"""Prompt as token ids and a count go in, the most likely next tokens come out, up to a stop token."""

COUNT = 24
# Engines keep keys and values in half precision. Two tokens this near each other are a tie (measured on
# random models: parted texts had gaps below 0.002 standard deviations of the logits, wrong weights above 0.5).
TIE = 0.01


class Trained(Protocol):
    """The model as the trainer has it."""

    def greedy(self, prompt: Tokens, count: int) -> Tokens:
        """The most likely tokens after a prompt."""
        ...

    def gap(self, prompt: Tokens, token: int, other: int) -> float:
        """How much more likely `token` is than `other`, in standard deviations of the logits."""
        ...


@dataclass(frozen=True, slots=True)
class GreedyCheck:
    """How far two engines agree. `kind` says which check was made.

    "equal": the base is not quantised, so tokens have to be equal, up to the first tie (`ties`: prompts
    that part at one). "first": the base is quantised and the engine computes in its own low precision, so
    texts may part; what counts is how often the first tokens agree, and that the adapter changes what is
    said at all (`changed`, prompts of `prompts`).
    """

    kind: Literal["equal", "first"]
    prompts: int
    tokens: int
    equal_prompts: int
    ties: int
    equal_first: int
    changed: int
    passed: bool

    @property
    def sentence(self) -> str:
        """The result for a person."""
        verdict = "passed" if self.passed else "FAILED"
        if self.kind == "equal":
            tied = f", {self.ties} part where two tokens are equally likely" if self.ties else ""
            tied += "" if self.changed else ", but the adapter changes none of them"
            return (
                f"Check {verdict}: {self.equal_prompts} of {self.prompts} prompts give the same {self.tokens}"
                f" tokens in llama.cpp and in the trainer{tied} (greedy, base not quantised)."
            )
        return (
            f"Check {verdict}: the base is quantised, so whole texts were not required to be equal"
            f" ({self.equal_prompts} of {self.prompts} are); the first token agrees for {self.equal_first},"
            f" and the adapter changes {self.changed} answers."
        )


def check_greedy(
    prompts: Sequence[Tokens],
    trained: Trained,
    exported: GreedyTokens,
    base: GreedyTokens,
    *,
    quantised: bool,
    count: int = COUNT,
) -> GreedyCheck:
    """Compare the greedy continuations of `trained` and `exported`; `base` is the exported model without adapter.

    A check of a quantised base passes when more than half of the first tokens agree and something changed.
    """
    equal = ties = first = changed = 0
    for prompt in prompts:
        expected, found = tuple(trained.greedy(prompt, count)), tuple(exported(prompt, count))
        equal += expected == found
        ties += expected != found and _part_at_a_tie(prompt, expected, found, trained)
        first += expected[:1] == found[:1]
        changed += tuple(base(prompt, count)) != found
    agreed = 2 * first > len(prompts) if quantised else equal + ties == len(prompts) and equal > 0
    kind: Literal["equal", "first"] = "first" if quantised else "equal"
    return GreedyCheck(kind, len(prompts), count, equal, ties, first, changed, agreed and changed > 0)


def _part_at_a_tie(prompt: Tokens, expected: Tokens, found: Tokens, trained: Trained) -> bool:
    for place, (token, other) in enumerate(zip(expected, found, strict=False)):
        if token != other:
            return trained.gap([*prompt, *expected[:place]], token, other) <= TIE
    return False  # one ends where the other goes on


class TorchModel:
    """A causal language model of transformers, with or without an adapter, as `Trained`."""

    def __init__(self, model: Any, stop_ids: Sequence[int]) -> None:
        self._model = model
        self._stop_ids = frozenset(stop_ids)

    def greedy(self, prompt: Tokens, count: int) -> Tokens:
        """The most likely tokens, ending with a stop token where one comes up."""
        ids = list(prompt)
        while len(ids) < len(prompt) + count and (len(ids) == len(prompt) or ids[-1] not in self._stop_ids):
            ids.append(int(self._logits(ids).argmax()))
        return ids[len(prompt) :]

    def gap(self, prompt: Tokens, token: int, other: int) -> float:
        """How much more likely `token` is than `other`, in standard deviations of the logits."""
        logits = self._logits(prompt)
        return float((logits[token] - logits[other]) / logits.std())

    def _logits(self, ids: Tokens) -> Any:
        import torch

        with torch.inference_mode():
            place = self._model.device
            return self._model(input_ids=torch.tensor([list(ids)], device=place), use_cache=False).logits[0, -1]
