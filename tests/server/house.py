"""A house: everything a server stands on, over real storage and real jobs, with models without weights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from headwater.core.errors import UnknownName
from headwater.core.settings import Settings
from headwater.core.types import (
    Answer,
    AnswerEvent,
    ChatOptions,
    Citation,
    Filters,
    Hit,
    Message,
    Role,
    Scope,
    Usage,
)
from headwater.documents.ingest import Ingest, IngestParts
from headwater.jobs.feed import JobFeed
from headwater.jobs.runner import JobRunner
from headwater.models.manifest import Manifest
from headwater.models.store import ModelStore
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
from tests.server.parts import (
    PASSWORD,
    Broken,
    Clock,
    Engines,
    PlainText,
    Viewer,
)


@dataclass
class House:
    """What `Workspace` is to the server, made of real storage and models without weights."""

    folder: Path
    settings: Settings
    clock: Clock
    catalogue: Catalogue
    defaults: dict[str, str | None] = field(default_factory=lambda: {"chat": "echo", "embed": "hash"})
    served: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.files = FileStore(self.settings.files_dir)
        self.users = Users(self.catalogue, self.files, hasher=hasher)
        self.sessions = Sessions(self.catalogue)
        self.keys = Keys(self.catalogue, hasher)
        self.collections = Collections(self.catalogue, self.files)
        self.documents = Documents(self.catalogue, self.files)
        self.passages = Passages(self.catalogue)
        self.conversations = Conversations(self.catalogue)
        self.data_sources = DataSources(self.catalogue, self.files)
        self.datasets = Datasets(self.catalogue, self.settings.datasets_dir)
        self.training_runs = Runs(self.catalogue)
        self.jobs = JobRows(self.catalogue)
        self.feed = JobFeed()
        self.models = ModelStore(self.settings.models_dir, Facts(self.catalogue))
        self.supervisor = Engines()
        self.pictures = Viewer()
        self.ingest = Ingest(
            IngestParts(
                self.documents,
                self.passages,
                self.jobs,
                PlainText(),
                lambda: None,
                on_change=lambda owner, document: self.feed.publish(owner, "document", document),
                wake=lambda: self.runner.wake(),
            )
        )
        handlers = {
            **self.ingest.handlers,
            "pull": lambda job, work: {"name": job.payload["name"]},
            **studio_handlers(lambda: self.studio),
            "train": lambda job, work: self.training.train(job, work),
            "export_run": lambda job, work: self.training.export(job, work),
        }
        unsuccessful = {**self.ingest.unsuccessful, PREPARE: lambda job: self.studio.give_up(job)}
        self.runner = JobRunner(self.jobs, handlers, feed=self.feed, unsuccessful=unsuccessful)

    @cached_property
    def studio(self) -> Any:
        """Opened when first used, as in a workspace: most tests need no data frames."""
        from headwater.dataprep.step import Services
        from headwater.studio.studio import Studio, StudioParts
        from headwater.studio_opening import texts_of

        def no_tokenizer(name: str) -> Path:
            raise UnknownName.among("model with a tokenizer", name, [])

        return Studio(
            StudioParts(
                sources=self.data_sources,
                datasets=self.datasets,
                files=self.files,
                jobs=self.jobs,
                tokenizer=no_tokenizer,
                tokenizers=list,
                outside=Services,
                document=lambda path: PlainText().extract(path).pages[0].text,
                wake=lambda: self.runner.wake(),
                texts=lambda scope, one: (
                    self.collections.get(scope, one).name,
                    texts_of(self.documents, scope, one),
                ),
                chat_model=lambda name: self.supervisor.chat_model(name or "echo"),
                most_bytes=self.settings.max_file_mb * 1_000_000,
                closed=self.settings.data_dir,
            )
        )

    @cached_property
    def training(self) -> Any:
        """Opened when first used, as in a workspace. The only base is `tiny`; what is served is only remembered."""
        from headwater.training.runs import TrainingParts, TrainingRuns

        return TrainingRuns(
            TrainingParts(
                folder=self.settings.runs_dir,
                threads=1,
                runs=self.training_runs,
                sources=self.data_sources,
                datasets=self.datasets,
                jobs=self.jobs,
                base_path=lambda name: None,
                bases=list,
                is_model=lambda name: name in self.supervisor.models,
                serve=self._serve,
                unserve=self.served.remove,
                is_owner=lambda scope: scope.user_id == self.users.local_owner().user_id,
                wake=lambda: self.runner.wake(),
            )
        )

    def _serve(self, folder: Path, name: str, base: str, whole: Path | None = None) -> str:
        assert base == "tiny"
        assert (folder / "adapter_model.safetensors").is_file() if whole is None else whole.is_file()
        self.served.append(name)
        return name

    def default_model(self, task: str) -> str | None:
        return self.defaults[task]

    def set_default_model(self, task: str, name: str) -> None:
        self.defaults[task] = name

    def search(self, question: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        """Passages that hold the longest word of the question."""
        words = sorted(question.casefold().split(), key=len)
        hits = []
        for collection_id in self.passages.collection_ids(scope, filters):
            for document in self.documents.list(scope, collection_id):
                if filters.document_ids and document.id not in filters.document_ids:
                    continue
                for passage in self.passages.of_document(scope, document.id):
                    if words and words[-1].strip("?") in passage.text.casefold():
                        hits.append(Hit(passage, 1.0, keyword=1.0))
        return hits[:limit]

    async def reply(
        self,
        question: str,
        history: Sequence[Message],
        scope: Scope,
        filters: Filters | None,
        model: str | None,
        options: ChatOptions,
    ) -> AsyncIterator[AnswerEvent]:
        """Quote the first hit, or let the model chat."""
        if filters is None:
            async for event in self._chat([*history, Message("user", question)], model or "echo", options):
                yield event
            return
        yield AnswerEvent("status", status="searching")
        hits = await asyncio.to_thread(self.search, question, scope, filters, 5)
        yield AnswerEvent("hits", hits=hits)
        if model not in (None, "none", "echo"):
            async for event in self._chat([Message("user", question)], model, options):
                yield event
            return
        if not hits:
            text = "This is not in your documents."
            yield AnswerEvent("text", text=text)
            yield AnswerEvent("done", answer=Answer(text, "not_found"))
            return
        p = hits[0].passage
        cited = Citation(
            1, p.id, p.document_id, p.version_id, p.document, p.page_number, p.page, p.label, p.start, p.end, p.text
        )
        text = f"{p.text} [1]"
        yield AnswerEvent("text", text=text)
        yield AnswerEvent("done", answer=Answer(text, "quote", (cited,), tuple(hits), seconds={"search": 0.1}))

    async def _chat(self, messages: list[Message], name: str, options: ChatOptions) -> AsyncIterator[AnswerEvent]:
        texts: list[str] = []
        usage: Usage | None = None
        async for delta in self.supervisor.chat_model(name).stream(messages, options):
            if delta.text:
                texts.append(delta.text)
                yield AnswerEvent("text", text=delta.text)
            usage = delta.usage or usage
        yield AnswerEvent("done", answer=Answer("".join(texts), "chat", model=name, usage=usage))

    # --- what tests need beside ------------------------------------------------------------

    def person(self, name: str, role: Role = Role.USER) -> Scope:
        """A user with the password of all tests."""
        boss = Scope("nobody", Role.ADMIN)
        return Scope(self.users.create(boss, name, PASSWORD, role).id, role)

    def install(self, name: str) -> None:
        """Let the model store say that a chat model is there."""
        manifest = Manifest(name, "chat", name, "Apache-2.0", "", "gguf", ())
        folder = self.settings.models_dir / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(manifest.to_json())

    def break_model(self, name: str, error: Exception, after: int) -> None:
        """Let a model fail after some words."""
        self.supervisor.models[name] = Broken(name, error, after)

    def work(self) -> None:
        """Do all jobs, those that they add too, or wait for the server that does them."""
        while waiting := self._waiting():
            for job in waiting:
                self.runner.run_now(job)

    def _waiting(self) -> list[JobInfo]:
        people = self.users.list(Scope("nobody", Role.ADMIN))
        jobs = [job for person in people for job in self.jobs.list(Scope(person.id))[::-1]]
        return [job for job in jobs if not job.has_ended]

    def add_text(self, scope: Scope, collection_id: str, name: str, text: str) -> str:
        """A searchable document; returns its id."""
        stored = self.files.put(text.encode(), 1_000_000)
        accepted = self.ingest.add_file(scope, collection_id, name, stored, "text/plain")
        if accepted.job is not None:
            self.runner.run_now(accepted.job)
        return accepted.document.id
