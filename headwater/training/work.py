"""A run watched by a job: the process is a child that outlives the server, so a job may also find one at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from headwater.core.errors import Cancelled, HeadwaterError
from headwater.core.progress import Progress
from headwater.training.devices.launch import Training, tail
from headwater.training.run_folder import LIVE, RunFolder, is_alive, write_atomically

LOOK_SECONDS = 0.3
# Marks a run that pauses because its job was taken from it, not because somebody asked for a pause.
LEAVING = "leaving"
# Holds the word for a run whose process is only being started.
WANTED = "wanted"


class Work(Protocol):
    """What a running job may say and ask."""

    def report(self, progress: Progress) -> None:
        """Say how far the work is."""
        ...

    def check(self) -> None:
        """Raise Cancelled when the work should stop."""
        ...


def follow(folder: RunFolder, work: Work, start: Callable[[], Training | None]) -> None:
    """Start a run's process, or find it at work, and report until it ends.

    `start` gives None when the run was told to end before it began. When the job is cancelled or the server
    stops, the run is asked to pause: it saves and ends by itself.
    Raises what the run failed with, Cancelled.
    """
    pid, leaving = folder.live_pid(), folder.path / LEAVING
    if pid is not None:
        # Left by a server that ended. One that was told to pause by that is waited for and begun anew.
        _watch(folder, work, lambda: None if is_alive(pid) else 0)
        if not leaving.is_file():
            _check_ending(folder)
            return
    leaving.unlink(missing_ok=True)
    training = start()
    if training is None:
        return
    _watch(folder, work, lambda: training.wait(LOOK_SECONDS))
    training.result()


def _watch(folder: RunFolder, work: Work, ended: Callable[[], int | None]) -> None:
    told: dict[str, Any] = {}
    try:
        while ended() is None:
            work.check()
            if (word := take_wanted(folder)) is not None:
                folder.ask(word)
            state = folder.read_json("state.json") or {}
            if state.get("updated") != told.get("updated"):
                told = state
                work.report(_progress(state))
            time.sleep(LOOK_SECONDS / 3)
    except Cancelled:
        (folder.path / LEAVING).touch()
        folder.ask("pause")
        raise


def _progress(state: dict[str, Any]) -> Progress:
    if not state.get("steps"):
        return Progress(0, None, "steps", str(state.get("state", "preparing")))
    loss = state.get("loss")
    return Progress(int(state.get("step", 0)), int(state["steps"]), "steps", f"loss {loss:.3f}" if loss else "")


def _check_ending(folder: RunFolder) -> None:
    """Raise the error of a run that another process had started, if it failed or died."""
    state = folder.read_json("state.json") or {}
    if state.get("state") in LIVE:
        message = f"The training process died. {tail(folder.path / 'log.txt')}".strip()
        state["error"] = {"message": message, "hint": "Its last checkpoint is whole: resume the run."}
        folder.set_state(state="failed", error=state["error"], pid=None)
    if state.get("error"):
        raise HeadwaterError(state["error"]["message"], state["error"]["hint"])


def want(folder: RunFolder, word: str) -> None:
    """Leave a word for a run whose process is only being started."""
    write_atomically(folder.path / WANTED, word)


def take_wanted(folder: RunFolder) -> str | None:
    """Take that word, if there is one."""
    word = _word_in(folder.path / WANTED)
    (folder.path / WANTED).unlink(missing_ok=True)
    return word


def asked_word(folder: RunFolder) -> str | None:
    """The pause or stop that a run was asked for and has not obeyed yet."""
    return _word_in(folder.path / "control") or _word_in(folder.path / WANTED)


def _word_in(path: Path) -> str | None:
    with suppress(FileNotFoundError):
        word = path.read_text("utf-8").strip()
        return word if word in ("pause", "stop") else None
    return None


def is_at_work(folder: RunFolder) -> bool:
    """Whether a process trains this run now."""
    return folder.live_pid() is not None
