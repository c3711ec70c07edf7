"""Opens every part from Settings and hands each what it needs. The only file that knows them all.

What is heavy (readers, engines, indexes) is opened when first used, so a command or the first
page of the server waits for nothing it does not need.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from headwater.core.errors import HeadwaterError, NotFound
from headwater.core.protocols import ChatModel, Embedder, Reader, Reranker
from headwater.core.settings import Settings
from headwater.core.types import Answer, AnswerEvent, ChatOptions, Filters, Message, Scope
from headwater.jobs.feed import JobFeed
from headwater.jobs.runner import JobRunner
from headwater.model_specs import ENCODERS_WITHOUT_WEIGHTS, ModelSpecs
from headwater.storage.collections import Collections
from headwater.storage.conversations import Conversations
from headwater.storage.data_sources import DataSources
from headwater.storage.database import Catalogue
from headwater.storage.datasets import Datasets
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.keys import Keys
from headwater.storage.passages import Passages
from headwater.storage.runs import Runs
from headwater.storage.sessions import Sessions
from headwater.storage.settings import Facts
from headwater.storage.users import Users
from headwater.studio import PREPARE
from headwater.studio.jobs import studio_handlers

if TYPE_CHECKING:
    from headwater.chat.answer import Answerer
    from headwater.documents.extract import Extractor
    from headwater.documents.folders import Folders
    from headwater.documents.ingest import Ingest
    from headwater.documents.parsers.limits import ExtractLimits
    from headwater.documents.pictures import Pictures
    from headwater.documents.search import Searcher
    from headwater.documents.vectors import VectorIndex
    from headwater.engines.supervisor import Supervisor
    from headwater.jobs.context import JobContext
    from headwater.models.store import ModelStore
    from headwater.studio.studio import Studio
    from headwater.training.runs import TrainingRuns

NO_MODEL = "none"
READER = "reader"
FILES_AT_ONCE = 2
Part = TypeVar("Part")
DefaultTask = Literal["chat", "embed"]


def extract_limits(settings: Settings) -> ExtractLimits:
    """What reading one file may cost, by the settings."""
    from headwater.documents.parsers.limits import ExtractLimits

    return ExtractLimits(
        max_file_mb=settings.max_file_mb,
        max_pages=settings.max_pages,
        max_unpacked_mb=settings.max_unpacked_mb,
        seconds=settings.parse_seconds,
        memory_mb=settings.parse_memory_mb,
        threads=settings.threads,
        ocr=settings.ocr,
    )


class Workspace:
    """A data directory with its catalogue, files, models and engines, opened."""

    def __init__(self, settings: Settings, models_dir: Path | None = None) -> None:
        self.settings = settings
        self._models_dir = models_dir or settings.models_dir
        self.catalogue = Catalogue.open(settings.catalogue_url)
        self.files = FileStore(settings.files_dir)
        self.facts = Facts(self.catalogue)
        self.users = Users(self.catalogue, self.files)
        self.sessions = Sessions(self.catalogue)
        self.keys = Keys(self.catalogue)
        self.collections = Collections(self.catalogue, self.files)
        self.documents = Documents(self.catalogue, self.files)
        self.passages = Passages(self.catalogue)
        self.conversations = Conversations(self.catalogue)
        self.data_sources = DataSources(self.catalogue, self.files)
        self.datasets = Datasets(self.catalogue, settings.datasets_dir)
        self.training_runs = Runs(self.catalogue)
        self.jobs = JobRows(self.catalogue)
        self.feed = JobFeed()
        self._opened: dict[str, object] = {}
        self._closers: list[Callable[[], None]] = []
        self._opening = threading.RLock()
        self.catalogue.on_removed(lambda ids: self._vectors.discard(ids))

    @classmethod
    def open(cls, settings: Settings, models_dir: Path | None = None) -> Workspace:
        """Open the workspace in the data directory, making or migrating its catalogue.

        `models_dir` uses the models of another workspace. Raises BadInput when it cannot be opened.
        """
        return cls(settings, models_dir)

    def close(self) -> None:
        """End all work and processes, last opened first."""
        with self._opening:
            while self._closers:
                self._closers.pop()()
        self.catalogue.close()

    def _part(self, name: str, make: Callable[[], Part], close: Callable[[Part], None] | None = None) -> Part:
        """Open a part once, whoever asks first."""
        with self._opening:
            if name not in self._opened:
                made = make()
                self._opened[name] = made
                if close is not None:
                    self._closers.append(lambda: close(made))
            return self._opened[name]  # type: ignore[return-value]

    # --- people ------------------------------------------------------------------------------

    @property
    def owner(self) -> Scope:
        """Whom the command line acts for."""
        return self._part("owner", self.users.local_owner)

    def scope_of(self, user: str | None) -> Scope:
        """The scope of a user by name; the owner's when none is named. Raises NotFound."""
        if user is None:
            return self.owner
        found = self.users.by_name(self.owner, user)
        return Scope(found.id, found.role)

    # --- models and engines ------------------------------------------------------------------

    @property
    def models(self) -> ModelStore:
        """Weights on the disk."""
        from headwater.models.store import ModelStore

        return self._part("models", lambda: ModelStore(self._models_dir, self.facts))

    @property
    def supervisor(self) -> Supervisor:
        """Engines, by the names of their models."""
        return self._part("supervisor", self._open_supervisor, lambda supervisor: supervisor.close())

    def _open_supervisor(self) -> Supervisor:
        from headwater.engines.supervisor import Limits, Supervisor
        from headwater.models.memory import available_bytes

        limits = Limits(self.settings.threads, self.settings.idle_unload_seconds, available_bytes)
        return Supervisor(ModelSpecs(self.models, self.settings).find, limits)

    def default_model(self, task: DefaultTask) -> str | None:
        """Name of the model that is used when none is named; None when there is none."""
        chosen = self.facts.get(f"default_model/{task}") if task == "chat" else None
        name = chosen or (self.settings.chat_model if task == "chat" else self.settings.embedder)
        return None if name == NO_MODEL else str(name)

    def set_default_model(self, task: DefaultTask, name: str) -> None:
        """Use another model when none is named."""
        self.facts.set(f"default_model/{task}", name)

    def chat_model(self, name: str | None) -> ChatModel | None:
        """The chat model called `name`, or the default one; None for "none" and when the default is not installed.

        Raises UnknownName, NotFound for a model that was named and is not there.
        """
        wanted = name or self.default_model("chat")
        if wanted is None or wanted == NO_MODEL:
            return None
        try:
            return self.supervisor.chat_model(wanted)
        except (HeadwaterError, NotFound):
            if name is not None:
                raise
            return None

    @property
    def embedder(self) -> Embedder | None:
        """What makes vectors; None while its model is not installed, when search goes by keywords alone."""
        name = self.default_model("embed")
        if name is None or (name not in ENCODERS_WITHOUT_WEIGHTS and not self.models.is_installed(name)):
            return None
        return self._part(f"embedder/{name}", lambda: self.supervisor.embedder(name))

    @property
    def reader(self) -> Reader | None:
        """What reads passages for the answer to a question; None while its model is not installed."""
        if not self.models.is_installed(READER):
            return None
        return self._part("reader", lambda: self.supervisor.reader(READER))

    @property
    def reranker(self) -> Reranker | None:
        """What scores passages against a question; None while its model is not installed."""
        return None

    # --- documents ---------------------------------------------------------------------------

    @property
    def extractor(self) -> Extractor:
        """Reads files in limited processes."""
        from headwater.documents.extract import Extractor

        make = lambda: Extractor(extract_limits(self.settings), self._files_at_once)  # noqa: E731
        return self._part("extractor", make, lambda extractor: extractor.close())

    @property
    def _files_at_once(self) -> int:
        return min(FILES_AT_ONCE, self.settings.threads)

    @property
    def pictures(self) -> Pictures:
        """Pictures of pages, and boxes on them."""
        from headwater.documents.pictures import Pictures

        make = lambda: Pictures(extract_limits(self.settings))  # noqa: E731
        return self._part("pictures", make, lambda pictures: pictures.close())

    @property
    def search(self) -> Searcher:
        """Finds passages by keywords and vectors."""
        return self._part("search", self._open_search)

    def _open_search(self) -> Searcher:
        from headwater.documents.search import Searcher, SearchParts

        return Searcher(SearchParts(self.passages, self._vectors, lambda: self.embedder, lambda: self.reranker))

    @property
    def _vectors(self) -> VectorIndex:
        from headwater.documents.vectors import VectorIndex

        return self._part("vectors", lambda: VectorIndex(self.passages, self.settings.indexes_dir))

    @property
    def ingest(self) -> Ingest:
        """Takes files in."""
        return self._part("ingest", self._open_ingest)

    def _open_ingest(self) -> Ingest:
        from headwater.documents.ingest import Ingest, IngestParts

        parts = IngestParts(
            documents=self.documents,
            passages=self.passages,
            jobs=self.jobs,
            extractor=self.extractor,
            embedder=lambda: self.embedder,
            on_change=lambda owner_id, document: self._tell_document(owner_id, document),
            wake=lambda: self.runner.wake(),
        )
        return Ingest(parts)

    def _tell_document(self, owner_id: str, document: object) -> None:
        self.feed.publish(owner_id, "document", document)

    @property
    def folders(self) -> Folders:
        """Reads paths on disk into collections."""
        return self._part("folders", self._open_folders)

    def _open_folders(self) -> Folders:
        from headwater.documents.folders import FolderParts, Folders

        largest = self.settings.max_file_mb * 10**6
        parts = FolderParts(self.collections, self.documents, self.files, self.ingest, self.runner.run_now, largest)
        return Folders(parts)

    # --- training data -----------------------------------------------------------------------

    @property
    def studio(self) -> Studio:
        """Makes data sets of uploaded files."""
        return self._part("studio", self._open_studio)

    def _open_studio(self) -> Studio:
        from headwater.studio_opening import Means, Stores, open_studio

        stores = Stores(self.data_sources, self.datasets, self.files, self.jobs, self.collections, self.documents)
        means = Means(lambda: self.embedder, lambda: self.extractor, self.chat_model, lambda: self.runner.wake())
        return open_studio(stores, self.models, means, self.settings)

    # --- training ----------------------------------------------------------------------------

    @property
    def training(self) -> TrainingRuns:
        """Trains models on rows and lets the result answer."""
        return self._part("training", self._open_training)

    def _open_training(self) -> TrainingRuns:
        from headwater.model_bases import ModelBases
        from headwater.training.runs import TrainingParts, TrainingRuns

        bases = ModelBases(self.models, self.settings)
        parts = TrainingParts(
            folder=self.settings.runs_dir,
            threads=self.settings.threads,
            runs=self.training_runs,
            sources=self.data_sources,
            datasets=self.datasets,
            jobs=self.jobs,
            base_path=bases.path,
            bases=bases.names,
            is_model=bases.is_taken,
            serve=bases.serve,
            unserve=self._remove_adapter,
            is_owner=lambda scope: scope.user_id == self.owner.user_id,
            wake=lambda: self.runner.wake(),
        )
        return TrainingRuns(parts)

    def _remove_adapter(self, name: str) -> None:
        self.models.remove(name)

    # --- work --------------------------------------------------------------------------------

    @property
    def runner(self) -> JobRunner:
        """Does the long work; `start` it in a server."""
        return self._part("runner", self._open_runner, lambda runner: runner.stop())

    def _open_runner(self) -> JobRunner:
        ingest = self.ingest
        handlers = {
            **ingest.handlers,
            "pull": self._pull,
            **studio_handlers(lambda: self.studio),
            "train": lambda job, work: self.training.train(job, work),
            "export_run": lambda job, work: self.training.export(job, work),
        }
        unsuccessful = {**ingest.unsuccessful, PREPARE: lambda job: self.studio.give_up(job)}
        workers = {**dict.fromkeys(handlers, 1), "ingest": self._files_at_once}
        return JobRunner(self.jobs, handlers, workers, self.feed, unsuccessful)

    def _pull(self, job: JobInfo, work: JobContext) -> dict[str, object]:
        """Get a model whose terms were accepted when the job was made; then vectors it makes possible."""
        installed = self.models.pull(str(job.payload["name"]), work.report)
        if installed.name == self.default_model("embed"):
            self.ingest.recover()
        return {"model": installed.name}

    # --- answers -----------------------------------------------------------------------------

    @property
    def answerer(self) -> Answerer:
        """Answers from documents, with the models that are installed now."""
        embedder, reader = self.embedder, self.reader
        means = f"{embedder.name if embedder else ''}/{reader.name if reader else ''}"
        return self._part(f"answerer/{means}", self._open_answerer)

    def _open_answerer(self) -> Answerer:
        from headwater.chat.answer import Answerer
        from headwater.chat.context import Surroundings

        around_hits = Surroundings(self.passages.neighbours, self.passages.excerpts)
        return Answerer(self.search, around_hits, self.embedder, self.reader)

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

        Raises NotFound when plain chat is asked for and no chat model is installed.
        """
        found = self.chat_model(model)
        if filters is not None:
            return self.answerer.stream(question, history, scope, filters, found, options)
        if found is None:
            raise NotFound(
                "No chat model is installed, so only documents can be asked",
                f"headwater models pull {self.settings.chat_model}, or choose a collection.",
            )
        from headwater.chat.conversation import converse

        return converse(question, history, found, options)

    async def answer(self, question: str, scope: Scope, filters: Filters, model: str | None) -> Answer:
        """The whole answer to one question from documents."""
        async with aclosing(self.reply(question, (), scope, filters, model)) as events:  # type: ignore[type-var]
            async for event in events:
                if event.answer is not None:
                    return event.answer
        raise HeadwaterError("The answer ended before it was whole", "Ask again.")
