"""Checkpoints: whole or not there at all. Written aside, flushed to disk, then renamed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from headwater.training.run_folder import write_atomically

WRITING = ".writing"
_STEP = re.compile(r"step-(\d+)$")


def step_of(path: Path) -> int:
    """Return the step of a checkpoint's folder."""
    found = _STEP.search(path.name)
    return int(found.group(1)) if found else -1


def whole_checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints, oldest first."""
    return sorted((path for path in folder.glob("step-*") if step_of(path) >= 0), key=step_of)


def latest(folder: Path) -> Path | None:
    """Return the newest checkpoint, None when there is none."""
    found = whole_checkpoints(folder)
    return found[-1] if found else None


def best(folder: Path) -> Path | None:
    """Return the checkpoint that validated best, None when none is marked."""
    mark = folder / "best"
    if not mark.is_file():
        return None
    path = folder / mark.read_text("utf-8").strip()
    return path if path.is_dir() else None


def mark_best(folder: Path, step: int) -> None:
    """Say which checkpoint is the best; it is never removed while it is."""
    write_atomically(folder / "best", f"step-{step}")


def begin(folder: Path) -> Path:
    """Return an empty folder to write a checkpoint into. What a crash left there is removed."""
    path = folder / WRITING
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def commit(folder: Path, step: int) -> Path:
    """Make what was written the checkpoint of `step`: after this it is on disk, whole."""
    writing, target = folder / WRITING, folder / f"step-{step}"
    for path in [*writing.rglob("*"), writing]:
        flush(path)
    if target.exists():
        shutil.rmtree(target)
    writing.rename(target)
    flush(folder)
    return target


def flush(path: Path) -> None:
    """Wait until a file or a folder's list of names is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints and the best one."""
    kept = best(folder)
    for path in whole_checkpoints(folder)[:-keep]:
        if path != kept:
            shutil.rmtree(path)
