"""A block that travels to another machine and comes back: the job with all it needs, the part as its files."""

from __future__ import annotations

import io
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

from headwater.core.errors import HeadwaterError
from headwater.dataprep.fingerprint import code_fingerprint
from headwater.dataprep.part import PART_SUFFIX, ROWS, TEXTS, Part
from headwater.dataprep.stage import BlockJob, run_block
from headwater.dataprep.step import AnyStep, Services

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Parcel:
    """A job without paths of the sender's disk. `code` tells which version of the program packed it."""

    job: BlockJob
    code: str
    block: bytes | None
    step_files: Files


def files_of_steps(steps: Sequence[AnyStep], folder: Path) -> dict[str, bytes]:
    """Return the files that the steps read, by their path from the recipe's folder.

    A file elsewhere is not sent: it must lie at the same path on every machine.
    """
    paths = {path for step in steps for path in step.files() if path.is_relative_to(folder)}
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def packed(job: BlockJob, step_files: Files) -> bytes:
    """Pack a job with its block."""
    block = _rows_and_texts(job.part) if job.part is not None else None
    parcel = Parcel(replace(job, part=None), code_fingerprint(), block, step_files)
    return pickle.dumps(parcel, pickle.HIGHEST_PROTOCOL)


def _rows_and_texts(part: Part) -> bytes:
    """Return the part's file without what it dropped and measured: that stays here."""
    bare = io.BytesIO()
    with ZipFile(part.path) as archive, ZipFile(bare, "w") as copy:
        for name in (ROWS, TEXTS):
            copy.writestr(name, archive.read(name))
    return bare.getvalue()


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
        return {path.suffix: path.read_bytes() for path in (part.gathered, part.path) if path.exists()}


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
    job = replace(parcel.job, stage=stage, path=folder / f"done{PART_SUFFIX}")
    if parcel.block is None:
        return job
    given = Part(folder / f"given{PART_SUFFIX}")
    given.path.write_bytes(parcel.block)
    return replace(job, part=given)


def received(path: Path, packed_files: bytes) -> Part:
    """Lay the part that came back where it belongs, or raise the error that came instead.

    The part appears under its name only when it is complete.
    """
    files: Files | HeadwaterError = pickle.loads(packed_files)
    if isinstance(files, HeadwaterError):
        raise files
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix, content in files.items():  # the part itself is the last
        partial = path.with_name(f".{path.stem}{suffix}.partial")
        partial.write_bytes(content)
        partial.replace(path.with_suffix(suffix))
    return Part(path)
