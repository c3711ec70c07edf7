"""The nouns that cross folder borders, as frozen values.

Nothing here knows about SQL, HTTP or a model library. Two values with equal content are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a user may do: an admin also manages users, models and settings."""

    ADMIN = "admin"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks, and therefore what they may see. Every repository method takes one.

    `user_id` owns what is created. An admin manages users and models but does not read
    other people's documents or conversations through the ordinary methods.
    """

    user_id: str
    role: Role = Role.USER

    @property
    def is_admin(self) -> bool:
        """Whether this scope may manage users, models and settings."""
        return self.role is Role.ADMIN


# --- documents -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """One page, slide, sheet, chapter or message. `number` counts from 1; `label` is its own name."""

    number: int
    text: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The text of one file. `paged` is False where the format has no pages of its own."""

    pages: tuple[Page, ...]
    paged: bool = False
    members: tuple[Member, ...] = ()
    warnings: tuple[str, ...] = ()
    media_type: str = "application/octet-stream"
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a file: a zip member or a mail attachment. A failed one carries its `error`."""

    name: str
    extraction: Extraction
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page as fractions of the page, origin top left."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one page that is searched as a unit.

    `page.text[start:end] == text`; `page` is None where the format has no pages (`page_number`
    still counts from 1, for look-ups). `heading` is the path of headings above the passage.
    """

    id: int
    collection_id: str
    document_id: str
    version_id: str
    document: str
    page_number: int
    page: int | None
    label: str | None
    start: int
    end: int
    text: str
    heading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search, with the score of each arm that saw it (None: it did not)."""

    passage: Passage
    score: float
    keyword: float | None = None
    dense: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to. Empty tuples mean no limit inside the scope."""

    collection_ids: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in an answer tied to a character range on a page of a document."""

    number: int
    passage_id: int
    document_id: str
    version_id: str
    document: str
    page_number: int
    page: int | None
    label: str | None
    start: int
    end: int
    quote: str


# --- chat ------------------------------------------------------------------------------------

ChatRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: ChatRole
    content: str


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How tokens are sampled. `stop` ends generation and is not part of the text."""

    max_tokens: int | None = None
    temperature: float = 0.7
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    grammar: str | None = None
    json_schema: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a model itself needs while its words are drawn, whatever a request asks for: against circles.

    A small model that writes greedily may fall into a circle that never ends. DRY ("don't repeat yourself") lowers
    the chance of a token that would go on with a run of tokens that was there before, by
    `dry_multiplier * dry_base ** (length of the run - dry_allowed_length)`. Runs are looked for in what the answer
    itself has written, its last `dry_penalty_last_n` tokens, so quoting a passage costs nothing.
    """

    dry_multiplier: float
    dry_base: float = 1.75
    dry_allowed_length: int = 4
    dry_penalty_last_n: int = 512


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one request."""

    prompt_tokens: int
    completion_tokens: int


FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of streamed text. The last one carries `finish_reason` and `usage`."""

    text: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None


AnswerMode = Literal["answer", "quote", "not_found", "chat"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `mode` "chat" means no documents were asked.

    `text` holds marks like [1]; each refers to the citation with that number.
    """

    text: str
    mode: AnswerMode
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    model: str | None = None
    question: str | None = None
    usage: Usage | None = None
    finish_reason: FinishReason = "stop"
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def grounded(self) -> bool:
        """Whether every sentence shown is tied to a passage."""
        return self.mode in ("answer", "quote") and bool(self.citations)


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One step of a streamed answer; exactly one field besides `kind` is set.

    status: what is being done ("searching", "reading", "writing", "checking")
    hits: the passages the answer may use · text: a piece of the answer, final once sent
    done: the whole answer
    """

    kind: Literal["status", "hits", "text", "done"]
    status: str | None = None
    hits: Sequence[Hit] | None = None
    text: str | None = None
    answer: Answer | None = None
