"""A trained reward model, asked from Python: one number for an answer to a prompt, higher is better.

    from headwater.training.preference.reward_model import RewardModel
    model = RewardModel.open(Path("runs/my-reward"), find_base("gemma-270m", path))
    model.scores([("What is 2 plus 2?", "It is 4."), ("What is 2 plus 2?", "No.")])

Only differences mean something: exp(a - b) / (1 + exp(a - b)) is how probably the first answer is the better one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from headwater.core.errors import BadInput
from headwater.training.base import Base, find_base, inner_model, load_model, load_tokenizer
from headwater.training.config import ModelSection
from headwater.training.preference.head import answer_in_forward
from headwater.training.results import reward_of
from headwater.training.rows.batches import padded
from headwater.training.rows.template import ChatTemplate
from headwater.training.run_folder import RunFolder

MICRO_TOKENS = 4096
Turns = Sequence[Mapping[str, str]]


def base_name(run: Path) -> str:
    """Return the name of the base of the reward model that a run made. Raises BadInput when it made none."""
    return str(_note(_result(run))["base"])


def _result(run: Path) -> Path:
    found = reward_of(run)
    if found is None:
        raise BadInput(f"{run.name!r} holds no reward model", "Name a finished run of task: reward.")
    return found


def _note(result: Path) -> dict[str, Any]:
    note: dict[str, Any] = RunFolder(result).read_json("headwater.json")
    return note


class RewardModel:
    """Scores answers with a base, its adapter and the score head that was learned with it."""

    def __init__(self, model: Any, tokenizer: Any, template: ChatTemplate, max_length: int) -> None:
        answer_in_forward(inner_model(model))
        self._model, self._tokenizer, self._template = model.eval(), tokenizer, template
        self._max_length = max_length
        self._device = next(model.parameters()).device

    @classmethod
    def open(cls, run: Path, base: Base) -> Self:
        """Load the result of a run; `base` is where the base it was made for lies. Raises BadInput."""
        result = _result(run)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        full = result.name == "model"
        place = find_base(str(result)) if full else base
        section = ModelSection.model_validate({})
        model = load_model(place, section, device, "sdpa", scored=True).to(device)
        if not full:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, str(result))
        tokenizer = load_tokenizer(base)
        source = (result / "template.jinja").read_text("utf-8")
        template = ChatTemplate(source, tokenizer.bos_token or "", tokenizer.eos_token or "")
        return cls(model, tokenizer, template, int(_note(result)["max_length"]))

    def scores(self, answered: Sequence[tuple[str | Turns, str]]) -> list[float]:
        """Return the score of each (prompt, answer); a prompt is a question or the turns before the answer.

        Of what is longer than the run's max_length the beginning of the prompt is left out. Raises BadInput.
        """
        rows = [self._tokens(prompt, answer) for prompt, answer in answered]
        found = [0.0] * len(rows)
        for places in self._batches([len(row) for row in rows]):
            for place, score in zip(places, self._run([rows[place] for place in places]), strict=True):
                found[place] = score
        return found

    def _tokens(self, prompt: str | Turns, answer: str) -> list[int]:
        asked = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        rendered = self._template.learn([*asked, {"role": "assistant", "content": answer}], "last")
        # What a template writes after the token that ends the answer was not there in training.
        text = rendered.text[: rendered.learned[-1][1]]
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids[-self._max_length :]

    def _batches(self, lengths: list[int]) -> list[list[int]]:
        """Rows of like length go together."""
        batches: list[list[int]] = []
        for place in np.argsort(-np.array(lengths, np.int64), kind="stable").tolist():
            if batches and padded(lengths[batches[-1][0]]) * (len(batches[-1]) + 1) <= MICRO_TOKENS:
                batches[-1].append(place)
            else:
                batches.append([place])
        return batches

    def _run(self, rows: list[list[int]]) -> list[float]:
        width = padded(max(len(row) for row in rows))
        ids = torch.full((len(rows), width), int(self._tokenizer.pad_token_id), dtype=torch.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row)
        ends = torch.tensor([place * width + len(row) - 1 for place, row in enumerate(rows)])
        with torch.inference_mode():
            scores = self._model(input_ids=ids.to(self._device), answer_places=ends.to(self._device))["scores"]
        return [float(score) for score in scores.float().cpu()]


def as_reward(model: RewardModel) -> Callable[[Sequence[tuple[str, str]]], list[float]]:
    """Return the model as a reward of 0..1, as data preparation takes it: how probably it beats an answer of 0."""

    def scores(pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [_between_0_and_1(score) for score in model.scores(pairs)]

    return scores


def _between_0_and_1(score: float) -> float:
    return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))
