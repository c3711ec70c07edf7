"""The record: one training example, whatever file it came from and whatever file it goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Task(StrEnum):
    """What a record teaches. `TASKS` in tasks.py says which fields each one needs."""

    QUESTION_ANSWERING = "question_answering"
    SUMMARISATION = "summarisation"
    INSTRUCT = "instruct"
    CONVERSATION = "conversation"
    PRETRAINING = "pretraining"
    PREFERENCE = "preference"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `role` is system, user, assistant or tool; `extra` holds tool calls, names, loss weights."""

    role: str
    content: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: file, row (from 1), sha256 of the file, licence of the data set."""

    file: str = ""
    row: int = 0
    hash: str = ""
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One training example.

    question answering: `context` + messages user, assistant · summarisation: `context` -> `completion`
    instruct, conversation: `messages` · pretraining: `completion` · preference: `messages` (the prompt) +
    `chosen`/`rejected`, or `completion` + `label` (True: wanted, False: unwanted)
    """

    task: Task
    messages: tuple[Turn, ...] = ()
    system: str | None = None
    context: str | None = None
    completion: str | None = None
    chosen: str | None = None
    rejected: str | None = None
    label: bool | None = None
    score: float | None = None
    language: str | None = None
    id: str = ""
    origin: str | None = None
    source: Source = Source()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """The last user message, or an empty text."""
        return next((turn.content for turn in reversed(self.messages) if turn.role == "user"), "")

    @property
    def answer(self) -> str:
        """What the model is to learn: the last assistant message, the chosen answer or the completion."""
        if self.chosen is not None or self.completion is not None:
            return self.chosen if self.chosen is not None else self.completion or ""
        return next((turn.content for turn in reversed(self.messages) if turn.role == "assistant"), "")

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (field, text) of every text in reading order; messages come under their role."""
        if self.system is not None:
            yield "system", self.system
        if self.context is not None:
            yield "context", self.context
        for turn in self.messages:
            yield turn.role, turn.content
        for name in ("completion", "chosen", "rejected"):
            text = getattr(self, name)
            if text is not None:
                yield name, text


CONTENT_FIELDS = tuple(f.name for f in fields(Record) if f.name not in ("id", "origin", "source", "meta", "task"))


class RowError(ValueError):
    """One row cannot be read or written. The message is the reason that the quarantine shows."""
