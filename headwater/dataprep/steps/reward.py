"""Reward: the score of an answer by a reward model, or the score that the rows bring; low ones are dropped."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.fields import present, side
from headwater.dataprep.step import Options, Rule, Statistics, Step


class RewardOptions(Options):
    """Where the score comes from and how low it may be."""

    source: Literal["model", "column"] = Field("model", description="The reward model, or the rows' own score.")
    minimum: float | None = Field(None, description="Least score; without it the step only scores.")


class RewardScore(Step):
    """Fills the `score` of every row with a question and an answer."""

    name, title, options_type = "reward", "Reward score", RewardOptions

    def needed(self) -> tuple[str, ...]:
        """The model, unless the rows bring their score."""
        return ("reward",) if self.options.source == "model" else ()

    def measure(self, block: Block) -> Statistics:
        """Return the score of each row."""
        if self.options.source == "model":
            self._score(block)
        return {"score": block.rows["score"].fill_null(float("nan")).to_numpy().astype(np.float64)}

    def _score(self, block: Block) -> None:
        question, answer = side(block, "question"), side(block, "answer")
        places = np.flatnonzero(present(question, answer))
        reward = self.setting.services.reward
        if not len(places) or reward is None:
            return
        pairs = list(zip(question.gather(places).to_list(), answer.gather(places).to_list(), strict=True))
        scores: list[float | None] = block.rows["score"].to_list()
        for place, score in zip(places.tolist(), reward(pairs), strict=True):
            scores[place] = float(score)
        block.set_rows("score", pl.Series(scores, dtype=pl.Float64))

    def rules(self) -> list[Rule]:
        """Drop low scores."""
        least = self.options.minimum
        return [] if least is None else [Rule("score", "low reward", minimum=least)]
