"""A server over real storage, real jobs and models without weights, and two people who share nothing."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from headwater.core.errors import UnknownName, UnreadableDocument
from headwater.core.progress import Report, silent
from headwater.core.settings import Settings
from headwater.core.types import (
    Answer,
    AnswerEvent,
    Box,
    ChatOptions,
    Citation,
    Delta,
    Extraction,
    Filters,
    Hit,
    Message,
    Page,
    Role,
    Scope,
    Usage,
)
from headwater.documents.ingest import Ingest, IngestParts
from headwater.engines.echo import EchoModel
from headwater.engines.hashing import HashEmbedder
from headwater.engines.supervisor import LoadedEngine
from headwater.jobs.feed import JobFeed
from headwater.jobs.runner import JobRunner
from headwater.models.manifest import Manifest
from headwater.models.store import ModelStore
from headwater.server.app import create_app
from headwater.server.serve import Server
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

PASSWORD = "correct horse"
PNG = b"\x89PNG\r\n\x1a\n" + b"not really"


class Clock:
    """Time that a test moves on."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Ticking(Clock):
    """Time in which no two things happen at once."""

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class PlainText:
    """Reads UTF-8 files, a form feed between pages; anything else is unreadable."""

    def extract(
        self, path: Path, name: str | None = None, *, report: Report = silent, check: Callable[[], None] = lambda: None
    ) -> Extraction:
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableDocument(f"{name} is not text.", "Send a text file.") from error
        pages = tuple(Page(number, part) for number, part in enumerate(text.split("\f"), 1))
        return Extraction(pages, paged=len(pages) > 1, media_type="text/plain")


class Continuing(EchoModel):
    """An EchoModel that also goes on with plain text."""

    async def complete(self, prompt: str, options: ChatOptions) -> AsyncIterator[Delta]:
        async for delta in self.stream([Message("user", f"{prompt} and so on")], options):
            yield delta


class Endless:
    """Says one word and then nothing for ever, until it is left."""

    name = "endless"
    context_tokens = 4096

    def __init__(self) -> None:
        self.began = threading.Event()
        self.left = threading.Event()

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return len(messages)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        try:
            yield Delta("word ")
            self.began.set()
            await asyncio.Event().wait()
        finally:
            self.left.set()


class Broken:
    """Fails as an engine may: before the first word, or after one."""

    context_tokens = 4096

    def __init__(self, name: str, error: Exception, after: int) -> None:
        self.name = name
        self._error = error
        self._after = after

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return len(messages)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        for _ in range(self._after):
            yield Delta("word ")
        raise self._error


class Recording(EchoModel):
    """Keeps the options it was asked with."""

    def __init__(self) -> None:
        super().__init__(name="recording")
        self.asked: list[tuple[tuple[Message, ...], ChatOptions]] = []

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        self.asked.append((tuple(messages), options))
        async for delta in super().stream(messages, options):
            yield delta


class Engines:
    """Models by name, none of which has a process."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {"echo": Continuing(), "endless": Endless(), "recording": Recording()}
        self.unloaded: list[str] = []

    def chat_model(self, name: str) -> Any:
        if name not in self.models:
            raise UnknownName.among("model", name, self.models)
        return self.models[name]

    def embedder(self, name: str) -> HashEmbedder:
        return HashEmbedder(64)

    def loaded(self) -> list[LoadedEngine]:
        return [LoadedEngine("tiny", "chat", 1, 0, 0.0)] if not self.unloaded else []

    def unload(self, name: str) -> None:
        self.unloaded.append(name)


class Viewer:
    """Pictures of pages without drawing any."""

    def size(self, path: Path, page_number: int, name: str | None = None) -> tuple[float, float] | None:
        return 600.0, 800.0

    def picture(self, path: Path, page_number: int, width: int, name: str | None = None) -> bytes:
        return PNG + str(width).encode()

    def boxes(
        self, path: Path, page_number: int, page_text: str, start: int, end: int, name: str | None = None
    ) -> list[Box]:
        return [Box(start / len(page_text), 0.0, (end - start) / len(page_text), 0.1)]


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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated catalogue to copy: migrating one for each test would take longer than the tests."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    Catalogue.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def house(tmp_path: Path, clock: Clock, empty_catalogue: Path) -> Iterator[House]:
    settings = Settings(data_dir=tmp_path, chat_model="echo", embedder="hash", max_file_mb=1)
    shutil.copy(empty_catalogue, tmp_path / "catalogue.db")
    catalogue = Catalogue.open(settings.catalogue_url, Ticking())
    made = House(tmp_path, settings, clock, catalogue)
    yield made
    made.runner.stop()
    catalogue.close()


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><meta nonce="__NONCE__"><title>Headwater</title>')
    (folder / "theme.js").write_text("// small")
    (folder / "assets" / "app-1.js").write_text("console.log('hello');" * 200)
    (folder / "assets" / "pdf.worker-1.mjs").write_text("export {};" * 200)
    return folder


Visitor = Callable[..., TestClient]


@pytest.fixture
def app(house: House, static: Path, clock: Clock) -> Any:
    return create_app(house, static=static, clock=clock)


@pytest.fixture
def visit(app: Any) -> Iterator[Visitor]:
    """Makes clients of one running application: anonymous, signed in by name, or with a key."""
    with TestClient(app, base_url="http://127.0.0.1") as first:

        def make(name: str | None = None, key: str | None = None) -> TestClient:
            client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
            client.portal = first.portal
            client.headers["X-Headwater"] = "1"
            if name is not None:
                answer = client.post("/api/login", json={"name": name, "password": PASSWORD})
                assert answer.status_code == 200, answer.text
            if key is not None:
                client.headers["Authorization"] = f"Bearer {key}"
            return client

        yield make


@dataclass
class Live:
    """A server on a real socket."""

    url: str
    house: House
    server: Server
    thread: threading.Thread

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"X-Headwater": "1"} | ({"Authorization": f"Bearer {key}"} if key else {})
        # Loading certificates takes longer than a request, and nothing here is encrypted.
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)


@pytest.fixture
def running() -> Any:
    """Serve an application for the length of a block."""
    return serving


@contextmanager
def serving(house: House, app: Any) -> Iterator[Live]:
    """Serve `app` from a thread for the length of a block."""
    ready = threading.Event()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    server = Server(config, app, ready.set)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    live = Live(f"http://127.0.0.1:{port}", house, server, thread)
    try:
        yield live
    finally:
        live.stop()
        assert not thread.is_alive()


@pytest.fixture
def live(house: House, app: Any) -> Iterator[Live]:
    with serving(house, app) as started:
        yield started


@pytest.fixture
def ada(house: House) -> Scope:
    return house.person("ada", Role.ADMIN)


@pytest.fixture
def ben(house: House) -> Scope:
    return house.person("ben")


@pytest.fixture
def ada_key(house: House, ada: Scope) -> str:
    return house.keys.create(ada, "tests")[1]


@pytest.fixture
def ben_key(house: House, ben: Scope) -> str:
    return house.keys.create(ben, "tests")[1]
