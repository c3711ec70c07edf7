"""The nouns of the HTTP API that more than one route speaks of, and how they are made from ours."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from headwater.core.types import AnswerMode, Citation, Hit
from headwater.server.errors import ErrorBody


class Out(BaseModel):
    """A response: read from the attributes of our values, unknown ones ignored."""

    # Every field of a response is always there, so it is required in the generated types too.
    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class In(BaseModel):
    """A request: a misspelt field is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


class Done(Out):
    """It was done."""

    done: Literal[True] = True


class UserOut(Out):
    """A person who may sign in."""

    id: str
    name: str
    role: Literal["admin", "user"]
    disclaimer_accepted: bool
    disabled: bool
    created: float


class DocumentOut(Out):
    """A document: its searchable version, or how far reading it has come."""

    id: str
    collection_id: str
    name: str
    state: Literal["queued", "parsing", "searchable", "failed"]
    error: str | None
    hint: str | None
    warnings: list[str]
    page_count: int
    passage_count: int
    embedded: int = Field(description="Passages that have vectors; the others are found by keywords alone so far.")
    size: int = Field(description="Bytes.")
    media_type: str
    created: float
    version_id: str | None
    parent_id: str | None = Field(description="The archive or mail this came out of.")


class PassageOut(Out):
    """Where a passage stands. `page` is None where the format has no pages."""

    passage_id: int
    document_id: str
    version_id: str
    document: str
    page_number: int
    page: int | None
    label: str | None
    start: int
    end: int


class HitOut(PassageOut):
    """A passage that a search found, with the score of each arm that saw it."""

    text: str
    heading: list[str]
    score: float
    keyword: float | None
    dense: float | None
    rerank: float | None

    @classmethod
    def of(cls, hit: Hit) -> HitOut:
        """Flatten a hit."""
        passage = hit.passage
        return cls(
            passage_id=passage.id,
            document_id=passage.document_id,
            version_id=passage.version_id,
            document=passage.document,
            page_number=passage.page_number,
            page=passage.page,
            label=passage.label,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            heading=list(passage.heading),
            score=hit.score,
            keyword=hit.keyword,
            dense=hit.dense,
            rerank=hit.rerank,
        )


class CitationOut(PassageOut):
    """A number in an answer and the place it stands for."""

    number: int
    quote: str

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """Read a citation."""
        return cls.model_validate(citation)


class MessageOut(Out):
    """A message. `streaming` while its answer is being written; `error` when that failed."""

    id: str
    parent_id: str | None
    role: Literal["system", "user", "assistant"]
    content: str
    mode: AnswerMode | None
    citations: list[CitationOut]
    hits: list[HitOut]
    model: str | None
    seconds: dict[str, float]
    finish_reason: str | None
    rating: int | None
    created: float
    streaming: bool
    error: ErrorBody | None


class ProgressOut(Out):
    """How far a job is: measured, or absent."""

    done: int
    total: int | None
    unit: str
    stage: str


class JobOut(Out):
    """Long work."""

    id: str
    kind: str
    subject: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: ProgressOut | None
    error: str | None
    hint: str | None
    created: float
    started: float | None
    ended: float | None
    result: dict[str, Any] | None


class JobStarted(Out):
    """The job that does what was asked."""

    job_id: str
