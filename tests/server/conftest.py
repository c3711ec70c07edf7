"""A server over real storage, real jobs and models without weights, and two people who share nothing."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from headwater.core.settings import Settings
from headwater.core.types import (
    Role,
    Scope,
)
from headwater.server.app import create_app
from headwater.server.serve import Server
from headwater.storage.database import Catalogue
from tests.server.house import House
from tests.server.parts import (
    PASSWORD,
    Clock,
    Ticking,
)


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
