"""Asking a chat model many times: answers are kept by the hash of the request, counted, and within a budget.

A run that was stopped asks nothing twice: the cache is a SQLite file beside the output.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headwater.core.errors import BadInput, ContextOverflow, HeadwaterError
from headwater.core.protocols import ChatModel
from headwater.core.types import ChatOptions, Message

CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL, tokens INTEGER NOT NULL)"


@dataclass(frozen=True, slots=True)
class Budget:
    """Most requests and most generated tokens of a run; None is no limit. Answers from the cache cost nothing."""

    requests: int | None = None
    tokens: int | None = None


@dataclass
class Spent:
    """What a run asked for."""

    requests: int = 0
    tokens: int = 0
    cached: int = 0
    too_long: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the model."""

    messages: tuple[Message, ...]
    options: ChatOptions = field(default_factory=ChatOptions)

    def key(self, model: str) -> str:
        """Return the hash of everything that decides the answer."""
        payload = {"model": model, "messages": [asdict(m) for m in self.messages], "options": asdict(self.options)}
        return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


class OutOfBudget(BadInput):
    """The run has used what it was given; what is done is kept."""


class Asker:
    """Asks one model. Use as a context manager."""

    def __init__(self, model: ChatModel, cache: Path, budget: Budget | None = None, at_once: int = 4) -> None:
        self.model, self.budget, self.spent = model, budget or Budget(), Spent()
        self._at_once = at_once
        cache.parent.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(cache)
        self._store.execute(CREATE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def ask(self, request: Request) -> str:
        """Return the answer to one request. Raises OutOfBudget, ContextOverflow, EngineFailed."""
        answer = self.ask_all([request])[0]
        if isinstance(answer, HeadwaterError):
            raise answer
        return answer

    def ask_all(self, requests: Sequence[Request]) -> list[str | ContextOverflow | OutOfBudget]:
        """Return the answers in order; the error in place of an answer that did not fit or was over the budget.

        Raises EngineFailed.
        """
        return asyncio.run(self._all(requests))

    async def _all(self, requests: Sequence[Request]) -> list[str | ContextOverflow | OutOfBudget]:
        gate = asyncio.Semaphore(self._at_once)
        tasks = [asyncio.ensure_future(self._one(request, gate)) for request in requests]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _one(self, request: Request, gate: asyncio.Semaphore) -> str | ContextOverflow | OutOfBudget:
        key = request.key(self.model.name)
        async with gate:
            found = self._store.execute("SELECT text FROM answers WHERE key = ?", (key,)).fetchone()
            if found is not None:
                self.spent.cached += 1
                return str(found[0])
            try:
                self._check_budget()
                self.spent.requests += 1
                text, tokens = await collected(self.model.stream(request.messages, request.options))
            except OutOfBudget as error:
                return error
            except ContextOverflow as error:
                self.spent.too_long += 1
                return error
        self.spent.tokens += tokens
        # Each answer is kept at once: a kill loses at most those on their way.
        self._store.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, text, tokens))
        self._store.commit()
        return text

    def _check_budget(self) -> None:
        budget, spent = self.budget, self.spent
        if budget.requests is not None and spent.requests >= budget.requests:
            raise OutOfBudget(
                f"The budget of {budget.requests:,} requests is used up.", "Run it again with more: it goes on."
            )
        if budget.tokens is not None and spent.tokens >= budget.tokens:
            raise OutOfBudget(
                f"The budget of {budget.tokens:,} tokens is used up.", "Run it again with more: it goes on."
            )


async def collected(stream: AsyncIterator[Any]) -> tuple[str, int]:
    """Return the whole text of a stream and its generated tokens."""
    parts, tokens = [], 0
    async for delta in stream:
        parts.append(delta.text)
        if delta.usage is not None:
            tokens = delta.usage.completion_tokens
    return "".join(parts), tokens
