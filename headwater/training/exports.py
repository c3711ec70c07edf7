"""The result of a run as a file to take away: the adapter itself, for llama.cpp, merged, or a whole GGUF model."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput, Conflict, HeadwaterError, NotFound
from headwater.core.progress import Progress
from headwater.core.settings import child_environment
from headwater.training.devices.launch import tail
from headwater.training.results import reward_of
from headwater.training.run_folder import RunFolder
from headwater.training.work import Work

MODULE = "headwater.training.export_child"
# Quick ones are made when they are asked for, the others by a job in a process of its own.
QUICK, SLOW = ("adapter", "adapter_gguf"), ("merged", "gguf")
ENDINGS = {"adapter": "-adapter.zip", "adapter_gguf": "-adapter.gguf", "merged": "-merged.zip", "gguf": ".gguf"}
LOOK_SECONDS = 0.3


def folder_of(folder: RunFolder) -> Path:
    """The adapter of a run. Raises Conflict when there is none."""
    adapter = folder.path / "adapter"
    if not adapter.is_dir():
        raise Conflict(f"The run {folder.name!r} has no adapter.", "It must be done, and train an adapter.")
    return adapter


def target_of(folder: RunFolder, form: str) -> Path:
    """Where an export is kept. Raises NotFound for a form that does not exist."""
    if form not in ENDINGS:
        raise NotFound(f"There is no form {form[:40]!r}.", f"Forms: {', '.join(ENDINGS)}.")
    if form != "adapter" and reward_of(folder.path) is not None:
        raise Conflict(f"The run {folder.name!r} made a reward model, which writes no text.", "Take its adapter.")
    return folder.path / "exports" / f"{folder.name}{ENDINGS[form]}"


def is_current(folder: RunFolder, target: Path) -> bool:
    """Whether an export is there and was made of the result as it is now: a run that went on has another one."""
    if not target.is_file():
        return False
    made = target.stat().st_mtime_ns
    results = [folder.path / name for name in ("adapter", "model")]
    return all(made >= result.stat().st_mtime_ns for result in results if result.is_dir())


def forms(folder: RunFolder) -> list[dict[str, Any]]:
    """The forms in which a run's result can be had; `ready` with its size when the file is there."""
    has_adapter = (folder.path / "adapter").is_dir()
    if reward_of(folder.path) is not None:
        return [{"form": "adapter", "ready": True, "size": None}] if has_adapter else []
    possible = [form for form in ENDINGS if has_adapter or (form in SLOW and (folder.path / "model").is_dir())]
    found = []
    for form in possible:
        path = target_of(folder, form)
        size = path.stat().st_size if is_current(folder, path) else None
        found.append({"form": form, "ready": size is not None or form in QUICK, "size": size})
    return found


def zip_folder(source: Path, target: Path) -> None:
    """Pack a folder; weights are not squeezed, they hardly shrink."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(source))


def quick_export(folder: RunFolder, form: str, base_path: Path | None) -> Path:
    """Return the file of a form, made now if it is a quick one. Raises NotFound, Conflict, BadInput."""
    target = target_of(folder, form)
    if is_current(folder, target):
        return target
    if form in SLOW:
        raise Conflict(f"{target.name} is not made yet.", "Ask for it first; a job makes it.")
    adapter = folder_of(folder)
    target.parent.mkdir(exist_ok=True)
    if form == "adapter":
        zip_folder(adapter, target)
    else:
        _adapter_gguf(adapter, base_path, target)
    return target


def _adapter_gguf(adapter: Path, base_path: Path | None, target: Path) -> None:
    from headwater.training.export.gguf_adapter import base_in_folder, base_in_gguf, write_adapter_gguf

    if base_path is None:
        raise BadInput("The base of this run has no GGUF to lay the adapter on", "Take the adapter, or merge it.")
    write_adapter_gguf(adapter, base_in_gguf(base_path) if base_path.is_file() else base_in_folder(base_path), target)


def slow_export(folder: RunFolder, form: str, base_path: Path | None, work: Work) -> Mapping[str, Any]:
    """Make a form in a process of its own. Raises Cancelled, HeadwaterError."""
    if form not in SLOW:
        raise BadInput(f"{form!r} needs no job", "Download it.")
    if is_current(folder, target_of(folder, form)):
        return {"run": folder.name, "form": form}
    work.report(Progress(0, None, "steps", "merging"))
    log = folder.path / "export.txt"
    command = [sys.executable, "-P", "-m", MODULE, str(folder.path.absolute()), form]
    command += [str(base_path)] if base_path is not None else []
    environment = child_environment({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while _runs(process):
                work.check()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise _failure(tail(log), process.returncode)
    return {"run": folder.name, "form": form}


def _runs(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _failure(last: str, code: int) -> HeadwaterError:
    try:
        told = json.loads(last)
        return HeadwaterError(str(told["message"]), told.get("hint"))
    except (ValueError, KeyError, TypeError):
        return HeadwaterError(f"The export ended with code {code}. {last}", "The run itself is intact.")
