"""Rows that lie elsewhere, brought here because a person typed where: they become one of that person's files.

The file is fetched once, as a job, and recipes name the file: nothing is asked for when a recipe is tried or run.
What is read with the machine's own rights (its files, object stores, data bases, `env:NAME`) is for an admin;
others may name web addresses of the open internet. No secret is kept: an address that holds one is refused.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput, Forbidden
from headwater.core.progress import Progress
from headwater.core.types import Scope
from headwater.records.remote.address import is_remote, problem_with, resolved, scheme_of
from headwater.records.remote.fetch import fetch
from headwater.records.remote.place import WEB, place_of, place_of_query
from headwater.records.remote.query import problem_with_query
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import DESK
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo, JobRows
from headwater.studio import FETCH
from headwater.studio.preparing import Work

ADMIN_CURE = "Upload the file, give an https:// address, or ask an admin to fetch it."


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where rows lie: an address or a path, or a data base with a query. `name` is what the file will be called."""

    address: str = ""
    sql: str | None = None
    query: str | None = None
    name: str | None = None

    @property
    def is_path(self) -> bool:
        """Whether it is a file of this machine."""
        return self.sql is None and not is_remote(self.address)

    @property
    def origin(self) -> str:
        """What the file that comes of it says about itself; it holds no secret."""
        return self.address if self.sql is None else f"{self.query} on {self.sql}"

    @property
    def shown(self) -> str:
        """What a list of jobs calls it; it holds no secret."""
        return self.name or (f"Query on {self.sql}" if self.sql is not None else self.address)


@dataclass(frozen=True)
class FetchParts:
    """Where fetched files go. `most_bytes`: larger ones are refused, as uploads are. `root`: of the data sets.

    `closed`: the folder of the workspace. What lies there belongs to people, and an admin reads it no more than others.
    """

    sources: DataSources
    files: FileStore
    jobs: JobRows
    root: Path
    most_bytes: int
    closed: Path


class Fetching:
    """Checks who may fetch what, and does it as a job."""

    def __init__(self, parts: FetchParts) -> None:
        self._parts = parts

    def start(self, scope: Scope, wanted: Elsewhere) -> JobInfo:
        """Fetch as a job. Raises BadInput for what is no place, Forbidden for what this person may not name."""
        _check(wanted, scope.is_admin)
        # A job works with an ordinary user's rights, so what an admin was allowed is written down.
        payload = {"from": asdict(wanted), "trusted": scope.is_admin}
        return self._parts.jobs.add_once(scope, FETCH, wanted.shown, payload, unless=("queued", "running"))

    def run(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job FETCH: bring the file and keep it as a source."""
        wanted, trusted = Elsewhere(**job.payload["from"]), bool(job.payload["trusted"])
        _check(wanted, trusted)
        digest = hashlib.sha256(json.dumps([job.owner_id, trusted, asdict(wanted)]).encode()).hexdigest()
        folder = self._parts.root / DESK / f"fetch-{digest[:24]}"
        path, name = self._brought(wanted, trusted, folder, work)
        if path.stat().st_size == 0:
            raise BadInput(f"{wanted.shown} gave no rows.", "Check the address or the query.")
        stored = self._parts.files.put(path, self._parts.most_bytes)
        source = self._parts.sources.add(job.scope, (wanted.name or name).replace(":", "_"), stored, wanted.origin)
        shutil.rmtree(folder, ignore_errors=True)
        return {"source_id": source.id, "name": source.name, "size": source.size}

    def _brought(self, wanted: Elsewhere, trusted: bool, folder: Path, work: Work) -> tuple[Path, str]:
        if wanted.is_path:
            path = Path(wanted.address).resolve()
            self._check_open(path)
            if not path.is_file():
                raise BadInput(f"No file {path} on the server.", "Check the path.")
            return path, path.name
        if wanted.sql is not None and wanted.query is not None:
            self._check_open(_sqlite_file(wanted.sql))
            place = place_of_query(wanted.sql, wanted.query, Path("/"))
        else:
            place = place_of(wanted.address, public_only=not trusted)

        def tell(progress: Progress) -> None:
            work.check()
            self._check_size(max(progress.done, progress.total or 0), wanted)
            work.report(progress)

        return fetch(place.remote, folder / place.name, tell), place.name

    def _check_open(self, path: Path | None) -> None:
        if path is not None and path.resolve().is_relative_to(self._parts.closed.resolve()):
            raise Forbidden(
                f"{path.name[:120]!r} lies in the folder of this workspace, where other people's things are.",
                "Copy the file elsewhere if it is yours.",
            )

    def _check_size(self, size: int, wanted: Elsewhere) -> None:
        if size > self._parts.most_bytes:
            raise BadInput(
                f"{wanted.shown} is larger than {self._parts.most_bytes // 1_000_000} MB.",
                "Ask for fewer rows, or raise max_file_mb in the settings.",
            )


def _check(wanted: Elsewhere, trusted: bool) -> None:
    if wanted.sql is not None or wanted.query is not None:
        if wanted.address or wanted.sql is None or wanted.query is None:
            raise BadInput("A data base comes with a query, and without an address.", "Give both sql and query.")
        problem = problem_with_query(wanted.sql, wanted.query)
    elif not wanted.address.strip():
        raise BadInput("No address was given.", "Give an address such as https://example.org/rows.jsonl.")
    else:
        problem = problem_with(wanted.address) if is_remote(wanted.address) else None
    if not trusted and (wanted.sql is not None or scheme_of(wanted.address) not in WEB):
        what = "A data base" if wanted.sql is not None else f"{wanted.address[:80]!r}"
        raise Forbidden(f"{what} would be read with this machine's own rights.", ADMIN_CURE)
    if wanted.is_path and not Path(wanted.address).is_absolute():
        raise BadInput(
            f"{wanted.address[:80]!r} is neither an address nor a whole path.",
            "Addresses begin with https://, s3://, gs://, abfs:// or hf://, paths on the server with /.",
        )
    if wanted.sql is not None and wanted.sql.startswith("sqlite:///") and not wanted.sql.startswith("sqlite:////"):
        problem = problem or "a SQLite file is named by its whole path: sqlite:////folder/file.db"
    if problem:
        raise BadInput(f"These rows cannot be fetched: {problem}.", "Correct it and try again.")


def _sqlite_file(address: str) -> Path | None:
    """The file of a SQLite data base; None for other ones."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(resolved(address))
    except (ArgumentError, ValueError):
        return None  # the query itself says what is wrong with it
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
