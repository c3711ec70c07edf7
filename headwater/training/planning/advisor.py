"""Asking a limited process of its own for plans and previews: the server loads no torch and reads no strange rows."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from headwater.core import errors
from headwater.core.errors import EngineFailed, HeadwaterError
from headwater.core.settings import child_environment

MODULE = "headwater.training.planning.child"
MEMORY_BYTES = 8 << 30  # of what it may write to; a plan of the largest model loads no weights
SECONDS = 300.0  # the first plan on a machine trains a small model to measure it
KEPT = 64


class Advisor:
    """One process that answers one kind of question; started when it is asked, kept while it is used."""

    def __init__(self, task: str, seconds: float = SECONDS, module: str = MODULE) -> None:
        self._task, self._seconds, self._module = task, seconds, module
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._known: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def known(self, key: Hashable, oldest_seconds: float | None = None) -> Any:
        """An earlier answer, None when there is none or it is older than `oldest_seconds`."""
        with self._lock:
            found = self._known.get(key)
            if found is None or (oldest_seconds is not None and time.monotonic() - found[0] > oldest_seconds):
                return None
            self._known.move_to_end(key)
            return found[1]

    def ask(self, question: Mapping[str, Any], key: Hashable = None) -> Any:
        """Return the answer; it is remembered under `key`. Raises what the question is refused with, EngineFailed."""
        with self._lock:
            value = _value(self._answer(json.dumps({**question, "task": self._task}).encode() + b"\n"))
            if key is not None:
                self._known[key] = (time.monotonic(), value)
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
            return value

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        for attempt in range(2):
            process = self._running()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except OSError:
                self._end()
                continue
            if not select.select([process.stdout], [], [], self._seconds)[0]:
                self._end()
                raise EngineFailed(
                    f"The {self._task} took longer than {self._seconds:.0f} s", "Try again, or with less data."
                )
            if reply := process.stdout.readline():
                found: Mapping[str, Any] = json.loads(reply)
                return found
            code = process.wait()
            self._end()
            if attempt or code != 0:  # 0: it had just ended because nobody asked
                break
        raise EngineFailed(f"The process that makes the {self._task} ended", "Try again, or with less data.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        environment = child_environment(
            {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
        )
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module, str(MEMORY_BYTES)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True,
        )  # fmt: skip
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        process.kill()
        process.wait()


def _value(reply: Mapping[str, Any]) -> Any:
    if "error" not in reply:
        return reply["value"]
    error = reply["error"]
    kind = getattr(errors, str(error["kind"]), HeadwaterError)
    raise kind(str(error["message"]), error.get("hint"))
