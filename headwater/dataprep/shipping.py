"""A block that travels to another machine and comes back: the job with all it needs, the part as its files."""

from __future__ import annotations

import pickle
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headwater.core.errors import HeadwaterError
from headwater.dataprep.fingerprint import code_fingerprint
from headwater.dataprep.part import ROWS, TEXTS, Part
from headwater.dataprep.stage import BlockJob, run_block
from headwater.dataprep.step import AnyStep, Services

Files = Mapping[str, bytes]
VERDICTS = "verdicts.arrow"


@dataclass(frozen=True)
class Parcel:
    """A job without paths of the sender's disk. `code` tells which version of the program packed it."""

    job: BlockJob
    code: str
    block: Files
    verdicts: bytes | None
    step_files: Files


def files_of_steps(steps: Sequence[AnyStep], folder: Path) -> dict[str, bytes]:
    """Return the files that the steps read, by their path from the recipe's folder.

    A file elsewhere is not sent: it must lie at the same path on every machine.
    """
    paths = {path for step in steps for path in step.files() if path.is_relative_to(folder)}
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def packed(job: BlockJob, step_files: Files) -> bytes:
    """Pack a job with its block and verdicts."""
    block = {name: (job.part.folder / name).read_bytes() for name in (ROWS, TEXTS)} if job.part is not None else {}
    verdicts = job.verdicts.read_bytes() if job.verdicts is not None else None
    bare = replace(job, part=None, verdicts=None)
    return pickle.dumps(Parcel(bare, code_fingerprint(), block, verdicts, step_files), pickle.HIGHEST_PROTOCOL)


def done_there(parcel: bytes) -> bytes:
    """Do a packed job on this machine and return the files of its part, packed, or the error that stopped it."""
    try:
        return pickle.dumps(_files_of_part(parcel), pickle.HIGHEST_PROTOCOL)
    except HeadwaterError as error:
        return pickle.dumps(error)  # as a result: thrown, it would arrive as a text of the cluster's own


def _files_of_part(parcel: bytes) -> dict[str, bytes]:
    opened = _opened(parcel)
    with tempfile.TemporaryDirectory(prefix="headwater-block-") as name:
        folder = Path(name)
        job = _laid_out(opened, folder)
        steps = [entry.make(job.stage.recipe, Services()) for entry in job.stage.recipe.steps]
        part = run_block(job, Services(), steps)
        return {path.name: path.read_bytes() for path in sorted(part.folder.iterdir())}


def _opened(parcel: bytes) -> Parcel:
    opened: Parcel = pickle.loads(parcel)
    if opened.code != code_fingerprint():
        raise HeadwaterError(
            "A machine of the cluster runs other code or other library versions than this one.",
            "Install the same version of headwater and its libraries everywhere: the bytes would differ.",
        )
    return opened


def _laid_out(parcel: Parcel, folder: Path) -> BlockJob:
    recipe_folder = folder / "recipe"
    for name, content in parcel.step_files.items():
        path = recipe_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    stage = replace(parcel.job.stage, recipe=replace(parcel.job.stage.recipe, folder=recipe_folder))
    job = replace(parcel.job, stage=stage, folder=folder / "part")
    if parcel.block:
        (folder / "block").mkdir()
        for name, content in parcel.block.items():
            (folder / "block" / name).write_bytes(content)
        job = replace(job, part=Part(folder / "block"))
    if parcel.verdicts is not None:
        (folder / VERDICTS).write_bytes(parcel.verdicts)
        job = replace(job, verdicts=folder / VERDICTS)
    return job


def received(folder: Path, packed_files: bytes) -> Part:
    """Lay the part that came back where it belongs, or raise the error that came instead.

    The part appears under its name only when it is complete.
    """
    files: Files | HeadwaterError = pickle.loads(packed_files)
    if isinstance(files, HeadwaterError):
        raise files
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, content in files.items():
        (partial / name).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return Part(folder)
