"""A run's folder: the one place where a run tells what it did, read by the command, the server and the page.

config.yaml       the resolved config              metrics.jsonl   one line a step, and one a validation
plan.json         memory and time, planned         events.jsonl    what happened, in words
state.json        where the run is now             first_batch.json  tokens of the first batch, learned or not
data.json         rows kept and dropped, lengths   samples/N.json  answers written after step N
checkpoints/      full state, each step-N whole    adapter/ model/ the result
control           a word for the run: pause, stop, save
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headwater.core.disk import is_full
from headwater.core.errors import Conflict, NotFound, StorageFull

State = Literal["preparing", "running", "paused", "stopped", "done", "failed"]
LIVE: tuple[str, ...] = ("preparing", "running")
CONTROLS = ("pause", "stop", "save")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file in one step, so that a reader or a crash never sees half of it. Raises StorageFull."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            stream.write(content.encode("utf-8") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise told(error, path) from error


def told(error: OSError, path: Path) -> Exception:
    """Return the error for a full disk in our words, any other as it is."""
    if is_full(error):
        return StorageFull(f"The disk is full while writing {path.name}", "Free some space, then resume the run.")
    return error


@dataclass(frozen=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @classmethod
    def create(cls, runs: Path, name: str) -> RunFolder:
        """Make the folder of a new run. Raises Conflict when the name is taken."""
        path = runs / name
        try:
            path.mkdir(parents=True)
        except FileExistsError as error:
            raise Conflict(f"There is a run {name!r} already", "Choose another name, or resume it.") from error
        (path / "checkpoints").mkdir()
        (path / "samples").mkdir()
        return cls(path)

    @classmethod
    def find(cls, runs: Path, name: str) -> RunFolder:
        """Return an existing run's folder. Raises NotFound."""
        path = runs / name
        if not name or Path(name).name != name or not (path / "config.yaml").is_file():
            raise NotFound(f"There is no run {name!r}", "List them: headwater train --list.")
        return cls(path)

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    # --- telling -----------------------------------------------------------------------------

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file of the run in one step."""
        write_atomically(self.path / name, json.dumps(value, ensure_ascii=False, indent=1))

    def read_json(self, name: str) -> Any:
        """Read a JSON file of the run; None when it is not there yet."""
        path = self.path / name
        return json.loads(path.read_text("utf-8")) if path.is_file() else None

    def append(self, name: str, value: dict[str, Any]) -> None:
        """Add a line to metrics.jsonl or events.jsonl. Raises StorageFull."""
        path = self.path / name
        try:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(value, ensure_ascii=False) + "\n")
        except OSError as error:
            raise told(error, path) from error

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of a .jsonl file; a last one that is half written is left out."""
        path = self.path / name
        if not path.is_file():
            return
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                try:
                    yield json.loads(line)
                except ValueError:
                    return

    def event(self, kind: str, text: str) -> None:
        """Say what happened."""
        self.append("events.jsonl", {"time": time.time(), "kind": kind, "text": text})

    def state(self) -> dict[str, Any]:
        """Where the run is. A run whose process is gone counts as stopped, ready to be resumed."""
        state = dict(self.read_json("state.json") or {"state": "preparing", "step": 0, "steps": None})
        if state["state"] in LIVE and state.get("pid") and _live_pid(state) is None:
            state["state"] = "stopped"
        return state

    def live_pid(self) -> int | None:
        """The process that is at work on the run; None when there is none."""
        return _live_pid(self.read_json("state.json") or {})

    def set_state(self, **changes: Any) -> None:
        """Change some fields of the state."""
        state = dict(self.read_json("state.json") or {})
        self.write_json("state.json", {**state, **changes, "updated": time.time()})

    # --- being told ---------------------------------------------------------------------------

    def ask(self, word: str) -> None:
        """Leave a word for the run: pause, stop or save."""
        write_atomically(self.path / "control", word)

    def asked(self) -> str | None:
        """Take the word that was left, if any."""
        path = self.path / "control"
        try:
            word = path.read_text("utf-8").strip()
            path.unlink()
        except FileNotFoundError:
            return None
        return word if word in CONTROLS else None

    # --- going back ---------------------------------------------------------------------------

    def cut_metrics(self, step: int) -> None:
        """Remove what was written after `step`: a resumed run writes it again."""
        path = self.path / "metrics.jsonl"
        kept = [json.dumps(line, ensure_ascii=False) for line in self.lines("metrics.jsonl") if line["step"] <= step]
        write_atomically(path, "".join(line + "\n" for line in kept))

    def delete(self) -> None:
        """Remove the run with all its files. Raises Conflict while it runs."""
        if self.live_pid() is not None:
            raise Conflict(f"The run {self.name!r} is at work", "Stop it first.")
        shutil.rmtree(self.path)


def _live_pid(state: Mapping[str, Any]) -> int | None:
    pid = state.get("pid")
    return int(pid) if state.get("state") in LIVE and pid and is_alive(int(pid)) else None


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs (a zombie does not)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in ("Z", "X")


def list_runs(runs: Path) -> list[RunFolder]:
    """Return all runs, newest first."""
    found = [path for path in runs.glob("*/config.yaml")] if runs.is_dir() else []
    return [RunFolder(path.parent) for path in sorted(found, key=lambda path: -path.stat().st_mtime)]


def failed(folder: RunFolder, message: str, hint: str | None) -> int:
    """Tell the error in the folder and on standard error, as JSON; return the exit code."""
    folder.event("error", f"{message} {hint or ''}".strip())
    folder.set_state(state="failed", error={"message": message, "hint": hint}, pid=None)
    sys.stderr.write(json.dumps({"message": message, "hint": hint}) + "\n")
    return 1
