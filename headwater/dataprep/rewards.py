"""Scores of answers by a reward or re-ranking model: outputs of a local graph, or a server's /v1/rerank."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

import httpx
import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput, EngineFailed
from headwater.dataprep.step import Reward

TRIES = 5
FIRST_WAIT_SECONDS = 0.5
TIMEOUT_SECONDS = 120.0
REQUESTS_AT_ONCE = 4
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class ReadsPairs(Protocol):
    """A local model that reads a question and a text together and gives the outputs of its graph."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def run(self, question: str, texts: Sequence[str]) -> list[dict[str, npt.NDArray[Any]]]:
        """Return the outputs for each text."""
        ...


def local_reward(model: ReadsPairs) -> Reward:
    """Return a reward of 0..1 by a model whose graph gives one number (or: bad, good) for a pair."""

    def scores(pairs: Sequence[tuple[str, str]]) -> list[float]:
        found: list[float] = []
        for question, group in groupby(pairs, key=lambda pair: pair[0]):
            outputs = model.run(question, [answer for _, answer in group])
            found += [score_of(one, model.name) for one in outputs]
        return found

    return scores


def score_of(outputs: Mapping[str, npt.NDArray[Any]], name: str) -> float:
    """Return the score in the outputs of one pair. Raises BadInput for a model that gives none."""
    numbers = {
        key: np.asarray(value, np.float64).ravel()
        for key, value in outputs.items()
        if key not in ("offsets", "segments")
    }
    logits = numbers.get("logits", next(iter(numbers.values())) if len(numbers) == 1 else None)
    if logits is None or logits.size not in (1, 2):
        shapes = ", ".join(f"{key} of {value.size}" for key, value in numbers.items())
        raise BadInput(f"{name} gives no score of a pair but {shapes}", "Name a reward or a re-ranking model.")
    # Of two, the second is the good one; their difference is the logit of it.
    logit = float(logits[0]) if logits.size == 1 else float(logits[1] - logits[0])
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))


@dataclass(frozen=True)
class RewardServer:
    """A server with the /v1/rerank that vLLM, TEI, llama.cpp and others have. `key` is sent as bearer token."""

    url: str
    shown: str
    model: str | None = None
    key: str | None = field(default=None, repr=False)
    transport: httpx.BaseTransport | None = None
    pause: Callable[[float], None] = time.sleep

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the server's score of each pair, in order. Raises EngineFailed."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        with (
            httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS, transport=self.transport) as client,
            ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads,
        ):
            groups = [
                (question, [answer for _, answer in group]) for question, group in groupby(pairs, key=lambda p: p[0])
            ]
            answers = threads.map(lambda group: self._ask(client, *group), groups)
            return [score for scores in answers for score in scores]

    def _ask(self, client: httpx.Client, question: str, texts: list[str]) -> list[float]:
        body: dict[str, Any] = {"query": question, "documents": texts}
        if self.model is not None:
            body["model"] = self.model
        address = f"{self.url.rstrip('/').removesuffix('/rerank')}/rerank"
        for attempt in range(1, TRIES + 1):
            try:
                response = client.post(address, json=body)
                problem = f"HTTP {response.status_code}" if response.status_code in PASSING else None
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
            if problem is None:
                return self._read(response, len(texts))
            if attempt < TRIES:
                self.pause(FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1))
        raise EngineFailed(f"The reward server {self.shown} does not answer: {problem}", "Check that it runs.")

    def _read(self, response: httpx.Response, count: int) -> list[float]:
        if not response.is_success:
            raise EngineFailed(
                f"The reward server {self.shown} refuses: HTTP {response.status_code} {response.text[:200]}",
                "Check its address (it ends in /v1), the model's name and the key.",
            )
        try:
            results = response.json()["results"]
            scores = {int(one["index"]): float(one["relevance_score"]) for one in results}
            return [scores[place] for place in range(count)]
        except (ValueError, KeyError, TypeError) as error:
            raise EngineFailed(
                f"The reward server {self.shown} gives no score for each text: {response.text[:200]}",
                'Expected {"results": [{"index": 0, "relevance_score": 0.5}, ...]}.',
            ) from error
