"""Validation: corpus perplexity over the rows set aside, answers written for some of them, and their scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from headwater.training.config import EvalSection
from headwater.training.on_demand_tokenizer import OnDemandTokenizer
from headwater.training.rows.batches import BatchSettings, Layout, Schedule
from headwater.training.rows.conversations import Conversation
from headwater.training.rows.examples import Examples
from headwater.training.rows.template import ChatTemplate
from headwater.training.scores import text_scores
from headwater.training.trainer import batches_of, tensors

Judge = Callable[[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One validation row answered: `loss` is per learned token of the expected answer."""

    row: str
    prompt: str
    expected: str
    answer: str
    loss: float | None
    scores: dict[str, float]
    stopped: bool


@dataclass
class Validation:
    """What a validation needs: the rows as tokens and as turns."""

    examples: Examples
    conversations: Sequence[Conversation]
    template: ChatTemplate
    tokenizer: OnDemandTokenizer
    section: EvalSection
    layout: Layout
    micro_tokens: int
    judge: Judge | None = None

    def run(self, trainer: Any) -> tuple[dict[str, float], list[Sample]]:
        """Return the metrics over all rows and the answered samples."""
        model = trainer.model
        model.eval()
        with torch.inference_mode():
            metrics = self.losses(trainer)
            samples = self.answer(trainer) if self.section.samples else []
        model.train()
        for name in samples[0].scores if samples else ():
            metrics[name] = sum(sample.scores[name] for sample in samples) / len(samples)
        if samples:
            corpus = text_scores([s.answer for s in samples], [s.expected for s in samples], self.section.metrics)
            metrics |= corpus
            metrics["stopped"] = sum(sample.stopped for sample in samples) / len(samples)
        return metrics, samples

    def losses(self, trainer: Any) -> dict[str, float]:
        """Corpus loss: summed negative log-likelihood over learned tokens; perplexity is its exponential."""
        if not len(self.examples):
            return {}
        settings = BatchSettings(1 << 30, self.micro_tokens, self.layout, 0)
        schedule = Schedule(self.examples, settings, 1)
        total = torch.zeros((), dtype=torch.float64)
        mine = list(batches_of(self.examples, schedule, self.layout, self.tokenizer.pad_token_id))
        for batch in mine[trainer.args.process_index :: trainer.args.world_size]:
            with trainer.autocast():
                loss = trainer.model(**tensors(batch, trainer.args.device))["loss"]
            total += loss.double().cpu()
        if trainer.args.world_size > 1:
            total = trainer.accelerator.reduce(total.to(trainer.args.device), "sum").cpu()
        loss = float(total) / int(self.examples.targets.sum())
        return {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}

    def answer(self, trainer: Any) -> list[Sample]:
        """Write answers to the first rows, greedily, and score each."""
        chats = [row for row in self.conversations if row.turns and row.turns[-1]["role"] == "assistant"]
        with self.tokenizer.in_memory() as tokenizer:
            return [self._answer(trainer, row, tokenizer) for row in chats[: self.section.samples]]

    def _answer(self, trainer: Any, row: Conversation, tokenizer: Any) -> Sample:
        prompt = self.template.render(row.turns[:-1], prompt=True)
        ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"].to(trainer.args.device)
        with trainer.autocast():
            written = trainer.model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=self.section.sample_tokens,
                do_sample=False,
                use_cache=True,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )[0, ids.shape[1] :]
        stopped = bool((written == tokenizer.eos_token_id).any())
        answer = tokenizer.decode(written, skip_special_tokens=True).strip()
        expected = row.turns[-1]["content"].strip()
        question = next((turn["content"] for turn in reversed(row.turns[:-1]) if turn["role"] == "user"), "")
        scores = {name: value for name, value in text_scores([answer], [expected], self.section.metrics).items()}
        if self.judge is not None:
            scores["judge"] = self.judge(question, expected, answer)
        return Sample(row.row, prompt, expected, answer, self._loss_of(trainer, row), scores, stopped)

    def _loss_of(self, trainer: Any, row: Conversation) -> float | None:
        if row.row not in self.examples.rows:
            return None
        return self.answer_loss(trainer, self.examples.rows.index(row.row))

    def answer_loss(self, trainer: Any, number: int) -> float:
        """Loss by learned token of one of the examples."""
        ids, learned = self.examples.row(number)
        batch = {"input_ids": torch.from_numpy(ids.astype("int64"))[None].to(trainer.args.device)}
        labels = torch.full_like(batch["input_ids"], -100)
        wanted = torch.from_numpy(learned[1:].copy()).to(trainer.args.device)
        labels[0, :-1] = torch.where(wanted, batch["input_ids"][0, 1:], -100)
        with trainer.autocast():
            loss = trainer.model(**batch, labels_shifted=labels)["loss"]
        return float(loss) / max(1, int(learned[1:].sum()))


def as_json(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return samples as plain values."""
    return [asdict(sample) for sample in samples]
