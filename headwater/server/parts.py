"""What the server needs of a workspace, and the state it adds while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast, runtime_checkable

import anyio
from starlette.requests import HTTPConnection

from headwater.core.protocols import Search
from headwater.core.settings import Settings
from headwater.core.types import AnswerEvent, ChatOptions, Delta, Filters, Message, Scope
from headwater.server.answers import Answers
from headwater.server.limits import AnswersAtOnce, RequestRate

if TYPE_CHECKING:
    from headwater.documents.ingest import Ingest
    from headwater.documents.pictures import Pictures
    from headwater.engines.supervisor import Supervisor
    from headwater.jobs.feed import JobFeed
    from headwater.jobs.runner import JobRunner
    from headwater.models.store import ModelStore
    from headwater.storage.collections import Collections
    from headwater.storage.conversations import Conversations
    from headwater.storage.data_sources import DataSources
    from headwater.storage.datasets import Datasets
    from headwater.storage.documents import Documents
    from headwater.storage.files import FileStore
    from headwater.storage.jobs import JobRows
    from headwater.storage.keys import Keys
    from headwater.storage.passages import Passages
    from headwater.storage.sessions import Sessions
    from headwater.storage.users import Users
    from headwater.studio.studio import Studio
    from headwater.training.runs import TrainingRuns


@runtime_checkable
class Continues(Protocol):
    """A model that can go on with a text as it stands, without a chat template."""

    def complete(self, prompt: str, options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield the text that follows `prompt`."""
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """An embedder that can say how many tokens it reads."""

    def count_tokens(self, texts: Sequence[str]) -> int:
        """Tokens of all texts together."""
        ...


DefaultTask = Literal["chat", "embed"]


class Parts(Protocol):
    """The parts of an open workspace that the routes use. Those that are heavy are opened when first used."""

    @property
    def settings(self) -> Settings:
        """What a person has set."""
        ...

    @property
    def users(self) -> Users:
        """People who may sign in."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Sign-ins."""
        ...

    @property
    def keys(self) -> Keys:
        """API keys."""
        ...

    @property
    def collections(self) -> Collections:
        """Documents that are searched together."""
        ...

    @property
    def documents(self) -> Documents:
        """Documents and their pages."""
        ...

    @property
    def passages(self) -> Passages:
        """What a search finds."""
        ...

    @property
    def conversations(self) -> Conversations:
        """Conversations and their messages."""
        ...

    @property
    def data_sources(self) -> DataSources:
        """Files of rows."""
        ...

    @property
    def datasets(self) -> Datasets:
        """Training data."""
        ...

    @property
    def studio(self) -> Studio:
        """Makes data sets of files of rows."""
        ...

    @property
    def training(self) -> TrainingRuns:
        """Trains models on rows."""
        ...

    @property
    def files(self) -> FileStore:
        """Uploaded bytes."""
        ...

    @property
    def jobs(self) -> JobRows:
        """Long work."""
        ...

    @property
    def runner(self) -> JobRunner:
        """Does the long work."""
        ...

    @property
    def feed(self) -> JobFeed:
        """Tells of the long work."""
        ...

    @property
    def ingest(self) -> Ingest:
        """Takes files in."""
        ...

    @property
    def search(self) -> Search:
        """Finds passages."""
        ...

    @property
    def pictures(self) -> Pictures:
        """Pictures of pages."""
        ...

    @property
    def supervisor(self) -> Supervisor:
        """Engines, by the names of their models."""
        ...

    @property
    def models(self) -> ModelStore:
        """Weights on the disk."""
        ...

    def reply(
        self,
        question: str,
        history: Sequence[Message],
        scope: Scope,
        filters: Filters | None,
        model: str | None,
        options: ChatOptions | None = None,
    ) -> AsyncIterator[AnswerEvent]:
        """The steps of an answer, the whole answer last: from documents with filters, else plain chat.

        Blocks shortly. Raises NotFound for a model that is not installed.
        """
        ...

    def default_model(self, task: DefaultTask) -> str | None:
        """Name of the model that is used when none is named; None when there is none."""
        ...

    def set_default_model(self, task: DefaultTask, name: str) -> None:
        """Use another model when none is named."""
        ...


@dataclass(slots=True)
class ServerState:
    """Lives as long as the application; found again through `state_of`."""

    parts: Parts
    rate: RequestRate
    sign_ins: RequestRate
    places: AnswersAtOnce
    answers: Answers
    closing: asyncio.Event
    uploads: anyio.CapacityLimiter


def state_of(request: HTTPConnection) -> ServerState:
    """The state of the application that serves this request."""
    return cast("ServerState", request.app.state.headwater)


def parts_of(request: HTTPConnection) -> Parts:
    """The workspace behind the application that serves this request."""
    return state_of(request).parts
