"""Warm reading processes, shared by threads: started on demand, replaced when worn, ended when idle."""

from __future__ import annotations

import threading
import time

from headwater.core.errors import Conflict, EngineFailed
from headwater.core.progress import Report, silent
from headwater.documents.extract_process import Check, ReadingProcess, StaleProcess
from headwater.documents.parsers.frames import Frame
from headwater.documents.parsers.limits import ExtractLimits

MOST_STALE_PROCESSES = 3
# A process is replaced before it grows old: readers leak, and memory once taken is seldom given back.
REQUESTS_A_PROCESS = 300
IDLE_MEMORY_MB = 1500
IDLE_SECONDS = 120.0


def no_check() -> None:
    """Never cancel."""


class ProcessPool:
    """Up to `processes` warm reading processes. Safe to use from many threads."""

    def __init__(self, limits: ExtractLimits, processes: int = 1) -> None:
        if processes < 1:
            raise ValueError(f"processes must be at least 1, not {processes}")
        self.limits = limits
        self._idle: list[ReadingProcess] = []
        self._busy: set[ReadingProcess] = set()
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(processes)
        self._closed = False
        self._timer: threading.Timer | None = None

    def run(self, request: Frame, report: Report = silent, check: Check = no_check) -> object:
        """Ask a process. Raises what ReadingProcess.ask raises; Conflict when the pool is closed."""
        while not self._slots.acquire(timeout=0.1):
            check()
        try:
            for _ in range(MOST_STALE_PROCESSES):
                process = self._take()
                try:
                    return process.ask(request, self.limits, report, check)
                except StaleProcess:
                    continue
                finally:
                    self._give_back(process)
        finally:
            self._slots.release()
        raise EngineFailed(
            "The process that reads files does not start.", "Run 'headwater doctor' to see what is missing."
        )

    def _take(self) -> ReadingProcess:
        with self._lock:
            if self._closed:
                raise Conflict("The reader of files is closed.", "Start the program again.")
            process = self._idle.pop() if self._idle else None
        if process is None or not process.is_alive:
            if process is not None:
                process.close()
            process = ReadingProcess()
        with self._lock:
            self._busy.add(process)
        return process

    def _give_back(self, process: ReadingProcess) -> None:
        is_worn = process.requests >= REQUESTS_A_PROCESS or process.resident_mb > IDLE_MEMORY_MB
        with self._lock:
            self._busy.discard(process)
            keep = process.is_alive and not is_worn and not self._closed
            if keep:
                process.idle_since = time.monotonic()
                self._idle.append(process)
                self._wake_later()
        if not keep:
            process.close()

    def _wake_later(self) -> None:
        """Look after idle processes in a while; called with the lock held."""
        if self._timer is None:
            self._timer = threading.Timer(IDLE_SECONDS, self.reap)
            self._timer.daemon = True
            self._timer.start()

    def reap(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """End processes that nobody asked for so long: one that did OCR holds near a gigabyte."""
        oldest = time.monotonic() - idle_seconds
        with self._lock:
            self._timer = None
            old = [process for process in self._idle if process.idle_since <= oldest]
            self._idle = [process for process in self._idle if process not in old]
            if self._idle:
                self._wake_later()
        for process in old:
            process.close()

    def close(self) -> None:
        """Kill all processes; requests under way fail."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            idle, busy = self._idle, [*self._busy]
            self._idle = []
        for process in idle:
            process.close()
        for process in busy:
            # The thread that waits for it notices and cleans up.
            process.kill()
