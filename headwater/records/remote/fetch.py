"""From a remote place to a file: tried again with back-off, gone on where it broke, kept for the run's own resume."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from headwater.core.disk import is_full
from headwater.core.errors import DownloadFailed, StorageFull
from headwater.core.progress import Progress, Report
from headwater.records.remote.remote import Dropped, Remote, State

ATTEMPTS = 6
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0
Pause = Callable[[float], None]


def fetch(remote: Remote, target: Path, report: Report, pause: Pause = time.sleep) -> Path:
    """Bring a remote file to `target` and return it. What is here already and still the same is kept.

    Raises DownloadFailed after ATTEMPTS broken tries in a row that brought nothing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    state = _patiently(remote.state, remote.shown, pause)
    if target.is_file() and state.known and _noted(target) == state:
        return target
    part = target.with_name(target.name + ".part")
    if not state.known or _noted(part) != state:
        part.unlink(missing_ok=True)  # of another version, or of one nobody can tell from another
    _note(part, state)
    failures = 0
    while True:
        have = _size(part)
        try:
            state = _bring(remote, part, state, report)
            break
        except Dropped as error:
            state = _noted(part) or state  # what was opened may be newer than what was asked for
            failures = 1 if _size(part) > have else failures + 1
            if failures >= ATTEMPTS:
                raise gave_up(remote.shown, error, _size(part)) from error
            pause(_wait(failures, error))
        except OSError as error:
            if is_full(error):
                raise StorageFull(
                    f"The disk is full while fetching {remote.shown}",
                    "Free some space and run it again: it goes on from here.",
                ) from error
            raise
    part.replace(target)
    _note(target, state)
    _note_path(part).unlink(missing_ok=True)
    return target


def _patiently(ask: Callable[[], State], shown: str, pause: Pause) -> State:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return ask()
        except Dropped as error:
            if attempt == ATTEMPTS:
                raise gave_up(shown, error, 0) from error
            pause(_wait(attempt, error))
    raise AssertionError("unreachable")


def _bring(remote: Remote, part: Path, expected: State, report: Report) -> State:
    """Append what is missing; return the state of what was opened. Raises Dropped when it ends too early."""
    have = _size(part)
    with remote.open(have, expected) as opened:
        if opened.state != expected:
            _note(part, opened.state)
        with part.open("ab" if opened.start == have else "wb") as out:
            done = opened.start
            for piece in opened.pieces:
                out.write(piece)
                done += len(piece)
                report(Progress(done, opened.state.size_bytes, "bytes", "fetch"))
    wanted = opened.state.size_bytes
    if wanted is not None and done != wanted:
        if done > wanted:
            part.unlink()  # two versions in one file; only a new start helps
        raise Dropped(f"{done:,} of {wanted:,} bytes came")
    return opened.state


def _wait(failures: int, error: Dropped) -> float:
    doubled = FIRST_WAIT_SECONDS * 2.0 ** (failures - 1)
    return min(LONGEST_WAIT_SECONDS, max(doubled, error.wait_seconds or 0.0))


def gave_up(shown: str, error: Dropped, size: int) -> DownloadFailed:
    """Build the error of a place that broke too often."""
    return DownloadFailed(
        f"{shown} was not reached or broke after {size:,} bytes, {ATTEMPTS} times in a row: {error}",
        "Check the address and the network, then run it again: it goes on where it stopped.",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".state.json")


def _note(path: Path, state: State) -> None:
    _note_path(path).write_text(json.dumps(asdict(state)), "utf-8")


def _noted(path: Path) -> State | None:
    try:
        return State(**json.loads(_note_path(path).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # no note, or half of one: fetched anew
