"""Starting, watching and ending a child process that runs one of our `*_child` modules."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headwater.core.errors import EngineFailed

KEPT_LINES = 40
SHOWN_LINES = 4


def mapped_bytes(pid: int) -> int:
    """Bytes of files a process has mapped and holds in memory; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("RssFile:")), "RssFile: 0 kB")
    return int(line.split()[1]) * 1024


class Child:
    """A running child: configuration in as one JSON line, errors kept, death reported once.

    `on_death` is called from a thread of the child after it ended, for whatever reason.
    """

    def __init__(self, module: str, config: Mapping[str, Any], on_death: Callable[[Child], None] | None = None) -> None:
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._stopping = False
        self._ended = threading.Event()
        try:
            # -P: a file called onnx.py in the current folder must not become part of the engine.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us; we end our children in order
            )
        except OSError as error:
            raise EngineFailed(f"{module} could not be started: {error}", "Free memory and processes.") from error
        self._log = threading.Thread(target=self._keep_log, name=f"{module} log", daemon=True)
        self._log.start()
        threading.Thread(target=self._wait, args=(on_death,), name=f"{module} watch", daemon=True).start()
        with contextlib.suppress(BrokenPipeError):  # the watcher reports a child that died this early
            self.stdin.write(json.dumps(config).encode("ascii") + b"\n")
            self.stdin.flush()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def stdin(self) -> BinaryIO:
        """What the child reads."""
        return self._pipe("stdin")

    @property
    def stdout(self) -> BinaryIO:
        """What the child answers."""
        return self._pipe("stdout")

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return not self._ended.is_set() and self._process.poll() is None

    @property
    def stopping(self) -> bool:
        """Whether we asked it to end, so that its death is no failure."""
        return self._stopping

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it came."""
        return self._ended.wait(seconds)

    def last_lines(self, count: int = SHOWN_LINES) -> str:
        """The last lines of its log, oldest first."""
        return "\n".join(list(self._lines)[-count:])

    def failure(self, what: str) -> EngineFailed:
        """Describe how it ended, with the last lines of its log."""
        log = self.last_lines()
        return EngineFailed(
            f"{what}: {self._how_it_ended()}" + (f". Its last lines:\n{log}" if log else ""),
            "Ask again: it is started anew. If it happens again, free memory or take a smaller model or context.",
        )

    def stop(self, patience_seconds: float = 3.0) -> None:
        """Terminate it, and kill it when that does not end it in time."""
        self._stopping = True
        self._process.terminate()
        if not self._ended.wait(patience_seconds):
            self._process.kill()
            self._ended.wait(patience_seconds)

    def _pipe(self, name: str) -> BinaryIO:
        pipe: BinaryIO | None = getattr(self._process, name)
        if pipe is None:
            raise EngineFailed(f"The engine process {self.pid} has no {name}")
        return pipe

    def _how_it_ended(self) -> str:
        code = self._process.poll()
        if code is None:
            return "it still runs but did not answer in time"
        if code < 0:
            name = signal.Signals(-code).name
            memory = "; the machine may have run out of memory" if name == "SIGKILL" else ""
            return f"killed by {name}{memory}"
        return f"ended with code {code}"

    def _keep_log(self) -> None:
        for line in self._pipe("stderr"):
            self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _wait(self, on_death: Callable[[Child], None] | None) -> None:
        self._process.wait()
        self._log.join(1.0)
        self._ended.set()
        if on_death is not None:
            on_death(self)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()
