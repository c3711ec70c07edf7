"""The llama.cpp server as a child process: started on demand, watched, restarted with back-off."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from headwater.core.errors import EngineFailed
from headwater.core.types import Sampling
from headwater.engines.backoff import Backoff, Clock
from headwater.engines.child import Child
from headwater.engines.template import TemplateName

MODULE = "headwater.engines.llama_child"
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter in GGUF form. It is asked for as "base+name".

    `jinja` is the template it was trained with, where it brings one; `template` then says whose turn
    marks a message must not spell. `stop` ends its answers, beside the end token of the model.
    `version` tells two adapters of one name apart. `sampling` is what this adapter needs against circles.
    """

    name: str
    path: Path
    template: TemplateName = "human_bot"
    jinja: str | None = None
    stop: tuple[str, ...] = ()
    version: str = ""
    sampling: Sampling | None = None


@dataclass(frozen=True, slots=True)
class LlamaSpec:
    """What is needed to serve a GGUF file. `context_tokens` is for each of `parallel` requests.

    `needs_bytes` is the memory it will take, by the plan of the model; 0 takes part in no plan. `jinja`,
    `stop`, `version` and `sampling` are as those of an adapter: a model trained whole brings its template, too.
    """

    name: str
    path: Path
    template: TemplateName
    context_tokens: int
    parallel: int = 1
    threads: int = 1
    adapters: tuple[Adapter, ...] = ()
    needs_bytes: int = 0
    start_seconds: float = 300.0
    jinja: str | None = None
    stop: tuple[str, ...] = ()
    version: str = ""
    sampling: Sampling | None = None

    def child_config(self, key: str) -> dict[str, Any]:
        """Return the JSON the child reads. Prompts are read by all threads, tokens made by one less.

        Making a token is bound by memory, so the core left over costs little and keeps the server awake.
        """
        return {
            "model": str(self.path),
            "name": self.name,
            "key": key,
            "context_tokens": self.context_tokens,
            "parallel": self.parallel,
            "threads": max(1, self.threads - 1),
            "prompt_threads": self.threads,
            "adapters": [str(adapter.path) for adapter in self.adapters],
        }


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running server listens, the key it wants and the process behind it."""

    url: str
    key: str
    child: Child


class LlamaProcess:
    """One server child. Methods block; async callers use a thread. Safe to use from many threads."""

    def __init__(
        self,
        spec: LlamaSpec,
        clock: Clock = time.monotonic,
        module: str = MODULE,
        before_start: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self._module = module
        self._before_start = before_start
        self._clock = clock
        self._backoff = Backoff(clock)
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._address: Address | None = None
        self.starting = False
        self._active = 0
        self._last_used = clock()
        self._successor: LlamaProcess | None = None
        self._ending: Address | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the server; None while it does not run."""
        address = self._address
        return address.child.pid if address is not None and address.child.alive else None

    @property
    def gone(self) -> bool:
        """Whether no server of it runs, starts or is about to end."""
        ended = self._ending is None or not self._ending.child.alive
        return self.pid is None and not self.starting and ended

    @property
    def idle_seconds(self) -> float:
        """Time since the last request ended; 0 while one is in work."""
        return 0.0 if self._active else self._clock() - self._last_used

    @contextmanager
    def in_use(self) -> Iterator[LlamaProcess]:
        """Count a request, so that the engine is not taken for idle; yields the process to send it to.

        That is this one, or the one that replaced it.
        """
        process = self._take()
        try:
            yield process
        finally:
            process._give_back()

    def retire(self, successor: LlamaProcess) -> None:
        """Send requests to `successor` from now on, and end when those in work here are done."""
        with self._counting:
            self._successor = successor
            busy = self._active > 0
        if not busy:
            self.stop()

    def wait_until_stopped(self) -> None:
        """Wait until the running server has ended, for as long as a start may take."""
        address = self._address or self._ending
        if address is not None:
            address.child.wait(self.spec.start_seconds)

    def _take(self) -> LlamaProcess:
        with self._counting:
            if self._successor is None:
                self._active += 1
                return self
            successor = self._successor
        return successor._take()

    def _give_back(self) -> None:
        with self._counting:
            self._active -= 1
            self._last_used = self._clock()
            done = self._successor is not None and self._active == 0
        if done:  # ending takes a moment, and this may be an event loop
            threading.Thread(target=self.stop, name=f"end of {self.spec.name}", daemon=True).start()

    def address(self) -> Address:
        """Return where the server listens, starting it if need be. Raises EngineFailed."""
        with self._lock:
            if self._address is not None:
                if self._address.child.alive:
                    return self._address
                self._address = None
                self._backoff.failed()
            self._backoff.check(repr(self.spec.name))
            self.starting = True
            try:
                self._before_start()
                self._address = self._start()
            finally:
                self.starting = False
            self._backoff.started()
            return self._address

    def failure(self, address: Address, cause: Exception) -> EngineFailed:
        """Say why a request to `address` broke off: the server died, was stopped, or hung up."""
        address.child.wait(1.0)  # the connection breaks a moment before the process is gone
        if address.child.stopping:
            return EngineFailed(f"{self.spec.name!r} was stopped while it answered", "Ask again: it is started anew.")
        return address.child.failure(f"{self.spec.name!r} broke off ({type(cause).__name__})")

    def stop(self) -> None:
        """End the server; the next request starts it again."""
        with self._lock:
            address, self._address = self._address, None
            self._ending = address or self._ending
        if address is not None:
            address.child.stop()

    def stop_if_idle(self, seconds: float = 0.0) -> bool:
        """End the server if it runs and nobody used it for `seconds`; return whether it was ended."""
        with self._counting:
            if self._active or self._clock() - self._last_used < seconds:
                return False
            with self._lock:
                address, self._address = self._address, None
        if address is None:
            return False
        address.child.stop()
        return True

    def _start(self) -> Address:
        key = secrets.token_urlsafe(32)
        child = Child(self._module, self.spec.child_config(key))
        try:
            return self._wait_until_ready(child, key)
        except EngineFailed:
            child.stop()
            self._backoff.failed()
            raise

    def _wait_until_ready(self, child: Child, key: str) -> Address:
        """The child prints its address once it listens; until the model is loaded it answers 503.

        Raises EngineFailed when it dies or `start_seconds` pass.
        """
        deadline = time.monotonic() + self.spec.start_seconds
        lines: list[bytes] = []
        reader = threading.Thread(target=lambda: lines.append(child.stdout.readline()), daemon=True)
        reader.start()
        reader.join(self.spec.start_seconds)
        if not lines or not lines[0].strip():
            child.wait(1.0)
            raise child.failure(f"{self.spec.name!r} did not start")
        address = Address(json.loads(lines[0])["address"], key, child)
        with httpx.Client(base_url=address.url, timeout=10.0, trust_env=False) as http:
            while child.alive and time.monotonic() < deadline:
                if _healthy(http):
                    return address
                child.wait(POLL_SECONDS)
        raise child.failure(f"{self.spec.name!r} did not load")


def _healthy(http: httpx.Client) -> bool:
    try:
        return http.get("/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False  # it listens a moment after it prints its address
