"""What the client gives back, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents that are searched together. `embedded` of its `passage_count` passages have vectors."""

    id: str
    name: str
    document_count: int
    passage_count: int
    embedded: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document. state: queued, parsing, searchable or failed; `error` and `hint` say why it failed."""

    id: str
    collection_id: str
    name: str
    state: str
    error: str | None
    hint: str | None
    page_count: int
    passage_count: int
    embedded: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found; `page` is None where the format has no pages."""

    document: str
    document_id: str
    page: int | None
    label: str | None
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """What a number like [1] in an answer stands for."""

    number: int
    document: str
    document_id: str
    page: int | None
    label: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. mode: answer, quote, not_found, or chat where no documents were asked."""

    text: str
    mode: str
    citations: tuple[Citation, ...]
    model: str

    @property
    def grounded(self) -> bool:
        """Whether it rests on passages."""
        return self.mode in ("answer", "quote") and bool(self.citations)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of an answer while it is written."""

    text: str


def value_from(kind: type[T], row: Mapping[str, Any]) -> T:
    """Make a value of the fields it has; what a newer server adds is left out."""
    return kind(**{field.name: row[field.name] for field in fields(kind)})  # type: ignore[arg-type]


def answer_from(text: str, model: str, found: Mapping[str, Any] | None) -> Answer:
    """Make an answer of a reply and what it carries under `headwater`."""
    if found is None:
        return Answer(text, "chat", (), model)
    citations = tuple(value_from(Citation, row) for row in found["citations"])
    return Answer(text, str(found["mode"]), citations, model)
