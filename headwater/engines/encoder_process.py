"""The encoder worker process seen from outside: started by the first request, restarted with back-off."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Literal

from headwater.core.errors import EngineFailed
from headwater.engines.backoff import Backoff, Clock
from headwater.engines.child import Child
from headwater.engines.encoder_model import EncoderSpec
from headwater.engines.frames import Array, Frame, read_frame, write_frame

MODULE = "headwater.engines.encoder_child"
START_SECONDS = 60.0
MOST_SENDS = 2  # a request that only waited when the worker died goes to the next one, once

Lane = Literal["query", "bulk"]


class _Pending:
    """A request that was handed over and not answered yet."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.header = header
        self.child: Child | None = None
        self.started = False
        self.sends = 0
        self.result: Future[Mapping[str, Array]] = Future()


class EncoderProcess:
    """The worker process: started by the first request, restarted with back-off, shared by all encoders."""

    def __init__(
        self,
        threads: int,
        clock: Clock = time.monotonic,
        module: str = MODULE,
        before_start: Callable[[], None] = lambda: None,
    ) -> None:
        self.threads = threads
        self._module = module
        self._before_start = before_start
        self._clock = clock
        self._backoff = Backoff(clock)
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._writing = threading.Lock()
        self._child: Child | None = None
        self.starting = False
        self._pending: dict[int, _Pending] = {}
        self._numbers = itertools.count(1)
        self._last_used = clock()

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None while it does not run."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    @property
    def idle_seconds(self) -> float:
        """Time since the last request ended; 0 while one is in work."""
        return 0.0 if self._pending else self._clock() - self._last_used

    def run(self, spec: EncoderSpec, lane: Lane, items: Sequence[Any]) -> Mapping[str, Array]:
        """Encode at least one item and return stacked outputs. Blocks; raises EngineFailed."""
        number = next(self._numbers)
        pending = _Pending({"id": number, "spec": spec.to_json(), "lane": lane, "items": list(items)})
        with self._counting:
            self._pending[number] = pending
        try:
            self._send(pending)
            return pending.result.result()
        finally:
            with self._counting:
                self._pending.pop(number, None)
                self._last_used = self._clock()

    def stop(self) -> None:
        """End the worker; the next request starts it again."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.stop()

    def stop_if_idle(self, seconds: float = 0.0) -> bool:
        """End the worker if it runs and nobody used it for `seconds`; return whether it was ended."""
        with self._counting:
            if self._pending or self._clock() - self._last_used < seconds:
                return False
            with self._lock:
                child, self._child = self._child, None
        if child is None:
            return False
        child.stop()
        return True

    def _send(self, pending: _Pending) -> None:
        with self._lock:
            child = self._running_child()
            # From here on the death of this child finds the request, whatever becomes of the write.
            pending.child = child
            pending.sends += 1
        with contextlib.suppress(OSError, ValueError), self._writing:
            write_frame(child.stdin, Frame(pending.header))

    def _running_child(self) -> Child:
        """Return the child, started if need be. Called with the lock held."""
        if self._child is not None:
            if self._child.alive:
                return self._child
            self._child = None
            self._backoff.failed()
        self._backoff.check("The encoder")
        self.starting = True
        try:
            self._before_start()
            self._child = self._start()
        finally:
            self.starting = False
        self._backoff.started()
        return self._child

    def _start(self) -> Child:
        child = Child(self._module, {"threads": self.threads}, self._died)
        ready = threading.Event()
        threading.Thread(target=self._read, args=(child, ready), name="encoder answers", daemon=True).start()
        if not ready.wait(START_SECONDS) or not child.alive:
            child.wait(1.0)
            failure = child.failure("The encoder did not start")
            child.stop()
            self._backoff.failed()
            raise failure
        return child

    def _read(self, child: Child, ready: threading.Event) -> None:
        with contextlib.suppress(OSError, ValueError):  # the pipe of a dead child; `_died` tells those who wait
            while (frame := read_frame(child.stdout)) is not None:
                if "ready" in frame.header:
                    ready.set()
                elif "started" in frame.header:
                    self._note_start(frame.header["started"])
                else:
                    self._answer(frame)
        child.wait(1.0)
        ready.set()

    def _note_start(self, number: int) -> None:
        pending = self._pending.get(number)
        if pending is not None:
            pending.started = True

    def _answer(self, frame: Frame) -> None:
        pending = self._pending.get(frame.header["id"])
        if pending is None or pending.result.done():
            return
        if "error" in frame.header:
            name = pending.header["spec"]["name"]
            message = f"{name!r} failed: {frame.header['error']}"
            pending.result.set_exception(EngineFailed(message, "Check its files: `headwater models verify`."))
        else:
            pending.result.set_result(frame.arrays)

    def _died(self, child: Child) -> None:
        """Fail what ran in the child that died and hand the rest to its successor."""
        with self._lock:
            if self._child is child:
                self._child = None
                self._backoff.failed()
            victims = [p for p in self._pending.values() if p.child is child and not p.result.done()]
            for pending in victims:
                pending.child = None
        if child.stopping:
            failure = EngineFailed("The encoder was stopped while it worked", "Ask again: it is started anew.")
        else:
            failure = child.failure("The encoder died")
        for pending in victims:
            if pending.started or pending.sends >= MOST_SENDS:
                pending.result.set_exception(failure)
            else:
                self._resend(pending)

    def _resend(self, pending: _Pending) -> None:
        try:
            self._send(pending)
        except EngineFailed as error:
            pending.result.set_exception(error)
