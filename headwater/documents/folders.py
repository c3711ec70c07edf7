"""Files and folders on disk, kept in step with collections: what is new or changed is read, the rest is not.

The command line asks files directly; behind it each path has a collection of its own, so that a
second question to the same files is quick.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from headwater.core.errors import BadInput, HeadwaterError, NotFound
from headwater.core.progress import Progress, Report, silent
from headwater.core.types import Filters, Scope
from headwater.documents.ingest import Ingest
from headwater.storage.collections import Collections
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo

RunNow = Callable[[JobInfo, Report], JobInfo]
MOST_NAME = 180


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the files: how many were read, were known, and which failed with what reason."""

    filters: Filters
    added: int
    unchanged: int
    searchable: int
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Tally:
    collection_ids: list[str] = field(default_factory=list)
    document_ids: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    searchable: int = 0

    def outcome(self) -> Outcome:
        filters = Filters(tuple(dict.fromkeys(self.collection_ids)), ())
        return Outcome(filters, self.added, self.unchanged, self.searchable, tuple(self.failed))


@dataclass(frozen=True)
class FolderParts:
    """What folders work with; `run_now` runs a queued job in this thread."""

    collections: Collections
    documents: Documents
    files: FileStore
    ingest: Ingest
    run_now: RunNow
    max_file_bytes: int


class Folders:
    """Reads paths on disk into collections."""

    def __init__(self, parts: FolderParts) -> None:
        self._parts = parts

    def add(self, scope: Scope, collection_id: str, paths: Sequence[Path], report: Report = silent) -> Outcome:
        """Read files and folders into a collection; its other documents stay. Raises BadInput, NotFound."""
        found = [pair for path in paths for pair in _walk(path)]
        tally = _Tally()
        self._take_in(scope, collection_id, found, tally, report)
        return tally.outcome()

    def sync(self, scope: Scope, paths: Sequence[Path], report: Report = silent) -> Outcome:
        """Make one collection for each path hold exactly what is there now. Raises BadInput."""
        tally = _Tally()
        for path in paths:
            found = list(_walk(path))
            collection_id = self._collection_of(scope, path)
            names = self._take_in(scope, collection_id, found, tally, report)
            for document in self._parts.documents.list(scope, collection_id):
                if document.parent_id is None and document.id not in names:
                    self._parts.documents.delete(scope, document.id)
        return tally.outcome()

    def _collection_of(self, scope: Scope, path: Path) -> str:
        name = str(path.absolute())
        if len(name) > MOST_NAME:
            # The end says most; the hash keeps two long paths apart.
            name = f"{blake2b(name.encode(), digest_size=6).hexdigest()} …{name[20 - MOST_NAME :]}"
        with suppress(NotFound):
            return self._parts.collections.by_name(scope, name).id
        return self._parts.collections.create(scope, name).id

    def _take_in(
        self, scope: Scope, collection_id: str, found: Sequence[tuple[Path, str]], tally: _Tally, report: Report
    ) -> set[str]:
        """Read what is new of `found` (path, name), then make the vectors; return the ids of the documents."""
        ids = set()
        for number, (path, name) in enumerate(found):
            report(Progress(number, len(found), "files", name))
            document_id = self._take_one(scope, collection_id, (path, name), tally)
            if document_id is not None:
                ids.add(document_id)
        report(Progress(len(found), len(found), "files"))
        self._parts.run_now(self._parts.ingest.embed_collection(scope, collection_id), report)
        tally.collection_ids.append(collection_id)
        return ids

    def _take_one(self, scope: Scope, collection_id: str, file: tuple[Path, str], tally: _Tally) -> str | None:
        path, name = file
        parts = self._parts
        try:
            stored = parts.files.put(path, parts.max_file_bytes)
            accepted = parts.ingest.add_file(scope, collection_id, name, stored)
        except OSError as error:
            tally.failed.append((name, f"It cannot be opened: {error.strerror}."))
            return None
        except HeadwaterError as error:
            tally.failed.append((name, error.message))
            return None
        if accepted.job is not None:
            parts.run_now(accepted.job, silent)
        document = parts.documents.get(scope, accepted.document.id)
        tally.added += accepted.job is not None and document.state == "searchable"
        tally.unchanged += accepted.job is None and document.state == "searchable"
        tally.searchable += document.version_id is not None
        if document.state == "failed":
            tally.failed.append((name, " ".join(filter(None, (document.error, document.hint)))))
        return document.id


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """Files of a path with the names they get; hidden ones and what links lead to are left out."""
    if path.is_file():
        yield path, path.name
        return
    if not path.is_dir():
        raise BadInput(f"{path} is neither a file nor a folder", "Give paths that exist.")
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file, file.relative_to(path).as_posix()
