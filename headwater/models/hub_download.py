"""Files of a hub repository: downloaded block by block, resumed by HTTP Range, verified by the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from headwater.core.errors import DownloadFailed
from headwater.core.progress import Progress, Report
from headwater.models.files import check_file, inside
from headwater.models.hub import Hub, check_status
from headwater.models.manifest import HubSource, Manifest, ModelFile

ATTEMPTS = 5


def fetch_hub(hub: Hub, source: HubSource, manifest: Manifest, folder: Path, report: Report) -> None:
    """Download the files of `source` into `folder`. What is here already is kept; raises DownloadFailed."""
    sizes = {file.path: file.size or 0 for file in manifest.files}
    expected = {file.path: file for file in manifest.files}
    total = sum(sizes.values())
    done = 0
    with hub.client() as client:
        for origin, name in source.files.items():
            target = inside(folder, name)
            if not target.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                url = f"/{source.repository}/resolve/{source.revision}/{quote(origin)}"
                part = target.with_name(target.name + ".part")
                download(client, url, part, _Counter(report, done, total))
                _settle(part, target, manifest.name, expected[name])
            done += sizes[name]
    report(Progress(total, total, "bytes", "downloading"))


@dataclass(frozen=True, slots=True)
class _Counter:
    """Reports the bytes of one file as a part of all of them."""

    report: Report
    before: int
    total: int

    def __call__(self, here: int) -> None:
        self.report(Progress(self.before + here, self.total, "bytes", "downloading"))


def _settle(part: Path, target: Path, name: str, expected: ModelFile) -> None:
    try:
        check_file(part, expected)
    except DownloadFailed:
        part.unlink()  # resuming wrong bytes would never end well
        raise
    part.rename(target)


def download(client: httpx.Client, url: str, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Fetch `url` into `part`, going on where it ends. Raises DownloadFailed after ATTEMPTS broken connections."""
    for attempt in range(1, ATTEMPTS + 1):
        before = part.stat().st_size if part.exists() else 0
        try:
            _stream(client, url, part, on_bytes)
            return
        except httpx.TransportError as error:
            grown = part.exists() and part.stat().st_size > before
            if attempt == ATTEMPTS or not grown:
                size = part.stat().st_size if part.exists() else 0
                raise DownloadFailed(
                    f"The connection to {client.base_url} broke after {size} bytes of {part.stem}: {error}",
                    "Pull again: it goes on where it stopped.",
                ) from error


def _stream(client: httpx.Client, url: str, part: Path, on_bytes: Callable[[int], None]) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    headers["Accept-Encoding"] = "identity"
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # everything is here; the hash decides
        check_status(response, part.stem)
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        have = have if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            for block in response.iter_bytes():  # as they come: whole blocks only would lose the rest of a broken one
                out.write(block)
                have += len(block)
                on_bytes(have)
