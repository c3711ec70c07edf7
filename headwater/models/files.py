"""Writing model files: hashes, safe names, and a full disk said plainly."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from headwater.core.disk import full_disk_told
from headwater.core.errors import BadInput, DownloadFailed, StorageFull
from headwater.core.progress import Progress, Report
from headwater.models.manifest import ModelFile
from headwater.models.plan import readable_bytes

BLOCK_BYTES = 1 << 20


def inside(folder: Path, name: str) -> Path:
    """Return `folder`/`name`. Raises BadInput for a name that would leave the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise BadInput(f"{name!r} is no name for a model file", "Names are relative and stay in the model's folder.")
    return folder.joinpath(*parts)


def file_sha256(path: Path, report: Report | None = None, stage: str = "verifying") -> str:
    """Hash a file, reporting bytes."""
    total, done, digest = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            if report is not None:
                report(Progress(done, total, "bytes", stage))
    return digest.hexdigest()


def git_blob(path: Path) -> str:
    """The hash git gives the content of a file."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def check_file(path: Path, expected: ModelFile, report: Report | None = None) -> None:
    """Raise DownloadFailed when size or hash differ from the manifest, with both values."""
    again = "Pull it again; if it stays so, the source serves another file than the manifest names."
    size = path.stat().st_size
    if expected.size is not None and size != expected.size:
        raise DownloadFailed(f"{expected.path} has {size} bytes, {expected.size} were expected", again)
    if expected.sha256 is not None and (found := file_sha256(path, report)) != expected.sha256:
        raise DownloadFailed(f"{expected.path} has sha256 {found}, {expected.sha256} was expected", again)
    if expected.sha256 is None and expected.blob is not None and (found := git_blob(path)) != expected.blob:
        raise DownloadFailed(f"{expected.path} has git hash {found}, {expected.blob} was expected", again)


def copy_stream(source: BinaryIO, target: BinaryIO) -> None:
    """Copy block by block."""
    shutil.copyfileobj(source, target, BLOCK_BYTES)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise StorageFull when the disk of `folder` has less than `needed_bytes` left."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise StorageFull(
            f"{folder} has {readable_bytes(free)} left, {readable_bytes(needed_bytes)} are needed",
            "Free space, remove a model, or choose another data directory.",
        )


@contextmanager
def full_disk_said(folder: Path) -> Iterator[None]:
    """Turn "no space left on device" into StorageFull."""
    with full_disk_told(f"The disk of {folder} is full", "Free space; a pull goes on where it stopped."):
        yield
