"""Marks of living worker processes, so that after a crash it is known whose work is orphaned.

A mark is a file that its process keeps locked. The kernel gives the lock back when the process
ends in whatever way; process ids, which are used again and differ between containers, play no part.
POSIX record locks are used because a forked child does not inherit them.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

# Opening and closing one's own locked file would give the lock back, so own marks are known by path.
_own_marks: set[Path] = set()


class WorkerMark:
    """Says under a new `name` that this process is alive, until `close` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.name = secrets.token_hex(8)
        self._path = folder / self.name
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _own_marks.add(self._path)

    def close(self) -> None:
        """Take the mark away."""
        if self._path in _own_marks:
            _own_marks.discard(self._path)
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)


def remove_dead_marks(folder: Path) -> None:
    """Remove the marks of processes that ended without taking theirs away."""
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        is_alive(folder, path.name)


def is_alive(folder: Path, name: str | None) -> bool:
    """Whether the process that made the mark `name` still runs. The mark of a dead one is removed."""
    if not name:
        return False
    path = folder / name
    if path in _own_marks:
        return True
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
