"""The seams between parts. Each has one job and ships with a fake (EchoModel, HashEmbedder)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from headwater.core.reading import Reading
from headwater.core.types import ChatOptions, Delta, Filters, Hit, Message, Passage, Scope

Vectors = npt.NDArray[np.float32]


class ChatModel(Protocol):
    """Something that continues a conversation. Leaving the iterator cancels the work behind it."""

    @property
    def name(self) -> str:
        """The name people ask for it by."""
        ...

    @property
    def context_tokens(self) -> int:
        """Prompt and completion together may hold this many tokens."""
        ...

    def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield text as it is made. Raises ContextOverflow, EngineFailed."""
        ...

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Exact number of prompt tokens these messages become, template included."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Name of the model and of its build; vectors of different names are never mixed."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        """Return (n, dimensions) float32, each row of length 1. Raises EngineFailed."""
        ...


class Reranker(Protocol):
    """Scores how well each text answers the question; higher is better."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one score in 0..1 for each text. Raises EngineFailed."""
        ...


class Reader(Protocol):
    """Reads passages for the answer to a question: is it there, and where."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def read(self, question: str, texts: Sequence[str]) -> Sequence[Reading]:
        """Return one reading for each text. Raises EngineFailed."""
        ...


class Search(Protocol):
    """What chat knows of documents: a question goes in, hits come out, best first."""

    def __call__(self, question: str, scope: Scope, filters: Filters, limit: int) -> Sequence[Hit]:
        """Search inside the scope."""
        ...


class Neighbours(Protocol):
    """The passages around one passage on its page, in reading order, itself included."""

    def __call__(self, passage: Passage, scope: Scope, before: int = 1, after: int = 1) -> Sequence[Passage]:
        """Return up to before + 1 + after passages."""
        ...


class Excerpts(Protocol):
    """Exact text of pages, from where a passage starts up to an end."""

    def __call__(self, scope: Scope, ends: Sequence[tuple[Passage, int]]) -> Mapping[int, str]:
        """Return for each (passage, end) the page's text from its start to `end`, by passage id."""
        ...
