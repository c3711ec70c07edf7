"""Reward: the score of an answer by a reward model, or the score that the rows bring; low ones are dropped."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field, field_validator

from headwater.dataprep.block import Block
from headwater.dataprep.fields import present, side
from headwater.dataprep.rewards import RewardServer
from headwater.dataprep.step import Options, Reward, Rule, Statistics, Step
from headwater.records.remote.address import ENVIRONMENT, is_remote, problem_with, resolved, shown


class RewardOptions(Options):
    """Where the score comes from and how low it may be."""

    source: Literal["model", "column"] = Field("model", description="The reward model, or the rows' own score.")
    model: str | None = Field(None, description="Installed reward or re-ranking model; with `url`, its name there.")
    url: str | None = Field(None, description="Server with a /v1/rerank, up to and including /v1, or env:NAME.")
    key: str | None = Field(None, description="env:NAME of the variable that holds the server's key.")
    minimum: float | None = Field(None, description="Least score; without it the step only scores.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        problem = None if value is None else problem_with(value) if is_remote(value) else f"{value!r} is no address"
        if problem is not None:
            raise ValueError(problem)
        return value

    @field_validator("key")
    @classmethod
    def _is_variable(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(ENVIRONMENT):
            raise ValueError("a recipe holds no key; put it in a variable of the environment and write env:NAME")
        return value


class RewardScore(Step):
    """Fills the `score` of every row with a question and an answer."""

    name, title, options_type = "reward", "Reward score", RewardOptions

    def needed(self) -> tuple[str, ...]:
        """The model, unless a server scores or the rows bring their score."""
        if self.options.source == "column" or self.options.url is not None:
            return ()
        return ("reward_named",) if self.options.model is not None else ("reward",)

    def addresses(self) -> tuple[str, ...]:
        """The server that scores."""
        return () if self.options.url is None or self.options.source == "column" else (self.options.url,)

    def measure(self, block: Block) -> Statistics:
        """Return the score of each row."""
        if self.options.source == "model":
            self._score(block)
        return {"score": block.rows["score"].fill_null(float("nan")).to_numpy().astype(np.float64)}

    def _score(self, block: Block) -> None:
        question, answer = side(block, "question"), side(block, "answer")
        places = np.flatnonzero(present(question, answer))
        if not len(places):
            return
        pairs = list(zip(question.gather(places).to_list(), answer.gather(places).to_list(), strict=True))
        scores: list[float | None] = block.rows["score"].to_list()
        for place, score in zip(places.tolist(), self._reward()(pairs), strict=True):
            scores[place] = float(score)
        block.set_rows("score", pl.Series(scores, dtype=pl.Float64))

    def _reward(self) -> Reward:
        options, services = self.options, self.setting.services
        if options.url is not None:
            url = resolved(options.url)
            called = options.url if options.url.startswith(ENVIRONMENT) else shown(url)
            return RewardServer(url, called, options.model, resolved(options.key) if options.key else None)
        if options.model is not None:
            assert services.reward_named is not None, "checked before the run"
            return services.reward_named(options.model)
        assert services.reward is not None, "checked before the run"
        return services.reward

    def rules(self) -> list[Rule]:
        """Drop low scores."""
        least = self.options.minimum
        return [] if least is None else [Rule("score", "low reward", minimum=least)]
