"""One reading process as its parent sees it: ask, wait, watch, kill."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from headwater.core.errors import BadInput, HeadwaterError, MissingExtra, UnreadableDocument
from headwater.core.progress import Progress, Report
from headwater.documents.parsers.frames import HEADER, LARGEST_FRAME, Frame, limits_to_json, parsed, write_frame
from headwater.documents.parsers.limits import FOLDER_PREFIX, MEGABYTE, ExtractLimits, OverLimit

TICK_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ERRORS: dict[str, type[HeadwaterError]] = {"OverLimit": OverLimit, "BadInput": BadInput, "MissingExtra": MissingExtra}

Check = Callable[[], None]


class StaleProcess(Exception):
    """A warm process was found dead before it got the request; the file had no part in that."""


class ProcessDied(Exception):
    """The process is gone: it crashed, or went over a limit and was killed. `during` names the member it was at."""

    def __init__(self, what: str, cure: str, during: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure
        self.during = during


class ReadingProcess:
    """A warm child. Not thread-safe: one request at a time."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "headwater.documents.extract_child", str(lifeline)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=self._environment(),
                pass_fds=(lifeline,),
                start_new_session=True,
            )
        finally:
            os.close(lifeline)
        self.requests = 0
        self.idle_since = 0.0

    def _environment(self) -> dict[str, str]:
        # None of the parent's environment: a file that takes the child over finds no secrets in it.
        folder = str(self._folder)
        return {
            "PATH": os.defpath,
            "HOME": folder,
            "TMPDIR": folder,
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            "PYTHONNOUSERSITE": "1",
            "OMP_NUM_THREADS": "1",
        }

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def resident_mb(self) -> float:
        """Memory it holds now, in megabytes; 0 where that cannot be told."""
        try:
            fields = Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()
        except OSError:
            return 0.0
        return int(fields[1]) * PAGE_BYTES / MEGABYTE if len(fields) > 1 else 0.0

    def ask(self, request: Frame, limits: ExtractLimits, report: Report, check: Check) -> object:
        """Send one request and return its result.

        Raises the HeadwaterError the child answered with, ProcessDied, StaleProcess, and whatever `check` raises
        (then the process is killed).
        """
        assert self._process.stdin is not None
        self.requests += 1
        try:
            write_frame(self._process.stdin, {**request, "limits": limits_to_json(limits)})
        except BrokenPipeError as error:
            self.close()
            raise StaleProcess from error
        try:
            frame = self._wait(limits, report, check)
        except BaseException:
            self.close()
            raise
        if "error" in frame:
            error_type = ERRORS.get(str(frame.get("kind")), UnreadableDocument)
            raise error_type(str(frame["error"]), None if frame.get("hint") is None else str(frame["hint"]))
        return frame["result"]

    def _wait(self, limits: ExtractLimits, report: Report, check: Check) -> Frame:
        assert self._process.stdout is not None
        deadline = time.monotonic() + limits.seconds
        descriptor = self._process.stdout.fileno()
        waiting = bytearray()
        during = ""
        while True:
            check()
            if time.monotonic() > deadline:
                raise self._killed(
                    f"took longer than {limits.seconds:,} s to read",
                    "Split the file, or raise the setting parse_seconds.",
                    during,
                )
            if self.resident_mb > limits.memory_mb:
                raise self._killed(
                    f"needs more than {limits.memory_mb:,} MB of memory to read",
                    "Split the file, or raise the setting parse_memory_mb.",
                    during,
                )
            if not select.select([descriptor], [], [], TICK_SECONDS)[0]:
                continue
            piece = os.read(descriptor, 1 << 20)
            if not piece:
                raise self._died(during)
            waiting += piece
            while (frame := _take(waiting)) is not None:
                if "progress" not in frame:
                    return frame
                done, total, unit, during = frame["progress"]
                report(Progress(int(done), None if total is None else int(total), str(unit), str(during)))

    def _killed(self, what: str, cure: str, during: str) -> ProcessDied:
        self.close()
        return ProcessDied(what, cure, during)

    def _died(self, during: str) -> ProcessDied:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = 0
        self.close()
        cure = "Open it in its own program and export it as PDF."
        if code == -signal.SIGXCPU:
            return ProcessDied(
                "took too much processor time to read", "Split the file, or raise the setting parse_seconds.", during
            )
        if code == -signal.SIGKILL:
            return ProcessDied("took the reader down (it was killed, probably for lack of memory)", cure, during)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return ProcessDied(f"made the reader crash ({how})", cure, during)

    def kill(self) -> None:
        """Kill the process; whoever waits for its answer gets ProcessDied."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()

    def close(self) -> None:
        """Kill the process and remove its folder. Only for the thread that uses it."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        shutil.rmtree(self._folder, ignore_errors=True)


def _take(waiting: bytearray) -> Frame | None:
    """Take one whole message off the front, if there is one. Raises ValueError for an absurd length."""
    if len(waiting) < HEADER.size:
        return None
    (length,) = HEADER.unpack(bytes(waiting[: HEADER.size]))
    if length > LARGEST_FRAME:
        raise ValueError(f"the reading process announced {length:,} bytes")
    if len(waiting) < HEADER.size + length:
        return None
    frame = parsed(bytes(waiting[HEADER.size : HEADER.size + length]))
    del waiting[: HEADER.size + length]
    return frame
