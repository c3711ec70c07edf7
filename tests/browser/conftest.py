"""A real server on a real workspace, and a Chromium that notices every request and every breach of the policy.

No weights are needed: search goes by words and by the hash embedder, answers are quotes, and plain
chat goes to a model of the tests' own that never ends.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from tests.browser.slow_model import SlowServer, slow_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "headwater" / "server" / "static"
PASSWORD = "correct horse battery"
START_SECONDS = 60
WAIT_MILLISECONDS = 30_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Reported by the browser itself, in every frame, before any script of the page runs.
WATCH_POLICY = """
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Running:
    """A server process: where it answers, and the link that its first start printed."""

    url: str
    setup_link: str | None
    process: subprocess.Popen[str]
    data_dir: Path
    lines: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """A client with the header that the web app sends too."""
        return httpx.Client(base_url=self.url, headers={"X-Headwater": "1"}, timeout=30)

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        self.process.terminate()
        self.process.wait(20)


def start(data_dir: Path, endpoint: str) -> Running:
    """Start `headwater serve` on a free port and wait until it says where it is."""
    data_dir.mkdir(parents=True, exist_ok=True)
    table = f'[[endpoints]]\nname = "slow"\nurl = "{endpoint}"\nmodel = "slow"\n'
    (data_dir / "settings.toml").write_text(table, "utf-8")
    environment = {
        **os.environ,
        "HEADWATER_EMBEDDER": "hash",
        "HEADWATER_CHAT_MODEL": "slow",
        "HEADWATER_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(Path(sys.executable).with_name("headwater")), "serve", "--port", "0", "--data-dir", str(data_dir)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=data_dir
    )
    running = Running("", None, process, data_dir)
    ready = threading.Event()
    threading.Thread(target=_read, args=(running, ready), daemon=True).start()
    if not ready.wait(START_SECONDS) or not running.url:
        process.kill()
        pytest.fail("headwater serve did not start:\n" + "\n".join(running.lines))
    return running


def _read(running: Running, ready: threading.Event) -> None:
    """Read what the server prints, for as long as it runs."""
    assert running.process.stdout is not None
    for line in running.process.stdout:
        running.lines.append(line.rstrip())
        if found := re.search(r"https?://\S+/setup\?token=\S+", line):
            running.setup_link = found.group(0)
        elif not running.url and (found := re.search(r"https?://[\w.:\[\]]+", line)):
            running.url = found.group(0)
        if "Ctrl+C" in line:
            ready.set()
    ready.set()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that is installed here."""
    named = os.environ.get("HEADWATER_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium: install the package chromium or set HEADWATER_CHROMIUM")
    if not (STATIC / "index.html").exists():
        pytest.skip("the web app is not built: make web")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def slow() -> Iterator[SlowServer]:
    with slow_model() as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, slow: SlowServer) -> Iterator[Running]:
    """A server that is set up, with the admin "owner"."""
    running = start(tmp_path_factory.mktemp("workspace"), slow.url)
    assert running.setup_link is not None
    token = running.setup_link.partition("token=")[2]
    with running.client() as client:
        made = client.post("/api/setup", json={"token": token, "name": "owner", "password": PASSWORD})
        assert made.status_code == 200, made.text
        client.post("/api/disclaimer/accept").raise_for_status()
    yield running
    running.stop()


@pytest.fixture
def fresh_server(tmp_path: Path, slow: SlowServer) -> Iterator[Running]:
    """A server that nobody has set up."""
    running = start(tmp_path / "workspace", slow.url)
    yield running
    running.stop()


@dataclass
class Person:
    """A user of the server with a browser of their own; nobody else sees what they do."""

    name: str
    server: Running
    api: httpx.Client
    context: BrowserContext
    page: Page

    def collection(self, name: str) -> str:
        """Make a collection; returns its id."""
        return str(self.api.post("/api/collections", json={"name": name}).raise_for_status().json()["id"])

    def add(self, collection_id: str, path: Path, name: str | None = None) -> str:
        """Add a file and wait until it can be searched; returns the document's id."""
        files = {"file": (name or path.name, path.read_bytes())}
        answer = self.api.post(f"/api/collections/{collection_id}/documents", files=files).raise_for_status().json()
        assert not answer["errors"], answer
        document_id = str(answer["documents"][0]["document"]["id"])
        with self.api.stream("GET", "/api/events") as feed:
            for _ in feed.iter_lines():
                state = self.api.get(f"/api/documents/{document_id}").json()["state"]
                if state in ("searchable", "failed"):
                    break
        return document_id

    def open(self, path: str) -> Page:
        """Go to an address of the app and wait for its heading."""
        self.page.goto(self.server.url + path)
        self.page.locator("h1").wait_for()
        return self.page


class Watch:
    """What a browser must never do: ask another machine, break the policy, throw."""

    def __init__(self, allowed: str) -> None:
        self.allowed = allowed
        self.problems: list[str] = []

    def attach(self, context: BrowserContext) -> None:
        context.add_init_script(WATCH_POLICY)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.allowed, "data:", "blob:")):
            self.problems.append(f"asked another origin: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if "policy" in message.text.lower() or "react" in message.text.lower():
            self.problems.append(f"console {message.type}: {message.text[:300]}")


Visit = Callable[..., "BrowserContext"]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Makes browser contexts; at the end nothing forbidden may have happened in any of them."""
    made: list[tuple[BrowserContext, Watch]] = []

    def make(url: str, theme: str = "light", width: int = 1440, height: int = 900) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MILLISECONDS)
        watch = Watch(url)
        watch.attach(context)
        made.append((context, watch))
        return context

    yield make
    problems = [problem for _, watch in made for problem in watch.problems]
    for context, _ in made:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def person(server: Running, visit: Visit) -> Iterator[Person]:
    """Somebody new, signed in."""
    name = f"person-{uuid4().hex[:8]}"
    with server.client() as boss, server.client() as api:
        boss.post("/api/login", json={"name": "owner", "password": PASSWORD}).raise_for_status()
        boss.post("/api/users", json={"name": name, "password": PASSWORD}).raise_for_status()
        api.post("/api/login", json={"name": name, "password": PASSWORD}).raise_for_status()
        api.post("/api/disclaimer/accept").raise_for_status()
        context = visit(server.url)
        context.add_cookies(
            [{"name": each.name, "value": each.value or "", "url": server.url} for each in api.cookies.jar]
        )
        yield Person(name, server, api, context, context.new_page())


@pytest.fixture(scope="session")
def guide() -> Path:
    """The sample that comes with the app: three pages about Headwater."""
    return ROOT / "web" / "public" / "sample" / "guide.pdf"
