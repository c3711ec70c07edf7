"""What becomes of a finished run: its adapter beside its base, or, where none can be, its whole model as a GGUF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from headwater.core.errors import BadInput, Cancelled, HeadwaterError
from headwater.core.progress import Progress
from headwater.training.exports import slow_export, target_of
from headwater.training.results import reward_of
from headwater.training.run_folder import RunFolder
from headwater.training.work import Work

# (folder of the result, name, base, GGUF of the whole model or None) -> the name it is asked by.
Install = Callable[[Path, str, str, Path | None], str | None]


class Unwatched:
    """The work of a command: nobody cancels it but Ctrl-C."""

    def report(self, progress: Progress) -> None:
        """Nobody looks."""

    def check(self) -> None:
        """Go on."""


def serve_result(folder: RunFolder, base_path: Path | None, install: Install, work: Work) -> str | None:
    """Let the result of a run answer; return the name it is asked by, None when it cannot be served.

    DoRA, changed beginnings, whole fine-tunes and adapters of a base that is only a path are merged into one
    GGUF first. Why something cannot be served is an event of the run. Raises Cancelled.
    """
    if reward_of(folder.path) is not None:
        folder.event("served", "A reward model scores answers and does not chat; name the run in a step `reward`.")
        return None
    try:
        name = _beside_its_base(folder, install) or _whole(folder, base_path, install, work)
    except Cancelled:
        raise
    except HeadwaterError as error:
        folder.event("served", f"Not served: {error.message} {error.hint or ''}".strip())
        return None
    if name is not None:
        folder.event("served", f"It can be asked as {name}")
    return name


def _beside_its_base(folder: RunFolder, install: Install) -> str | None:
    adapter = folder.path / "adapter"
    if not adapter.is_dir():
        return None
    try:
        name = install(adapter, folder.name, _base_name(adapter), None)
    except BadInput as error:
        folder.event("served", f"Not beside its base, so as a whole model: {error.message}")
        return None
    if name is None:
        folder.event("served", "Its base is a path and no installed model, so it is served as a whole model.")
    return name


def _whole(folder: RunFolder, base_path: Path | None, install: Install, work: Work) -> str | None:
    about = next((folder.path / name for name in ("model", "adapter") if (folder.path / name).is_dir()), None)
    if about is None:
        return None
    slow_export(folder, "gguf", base_path, work)
    return install(about, folder.name, _base_name(about), target_of(folder, "gguf"))


def _base_name(result: Path) -> str:
    note = RunFolder(result).read_json("headwater.json") or {}
    return str(note.get("base", ""))
