"""An ingest over real storage, with a reader and a vector maker that can be told to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headwater.core.errors import Cancelled, EngineFailed, StorageFull, UnreadableDocument
from headwater.core.progress import Progress
from headwater.core.types import Extraction, Filters, Member, Page, Scope
from headwater.documents.ingest import Ingest, IngestParts
from headwater.documents.terms import query_terms
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.document_views import DocumentInfo
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.passages import Passages
from headwater.storage.tables import UserRow


class Reader:
    """Reads text files; "|" begins a page, "name=text;" makes the file an archive, "!" breaks it."""

    def __init__(self) -> None:
        self.before: Callable[[str], None] = lambda name: None

    def extract(
        self,
        path: Path,
        name: str | None = None,
        password: str | None = None,
        report: Callable[[Progress], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> Extraction:
        check()
        report(Progress(1, None, "pages", "reading"))
        self.before(name or "")
        text = path.read_text("utf-8")
        if text.startswith("!"):
            raise UnreadableDocument(f"{name} {text[1:]}", "Send another file.")
        if ";" in text:
            return Extraction((), members=tuple(self._member(part) for part in text.split(";") if part))
        pages = tuple(Page(number, part) for number, part in enumerate(text.split("|"), 1))
        return Extraction(pages, paged=True, media_type="text/plain")

    def _member(self, part: str) -> Member:
        name, _, text = part.partition("=")
        if text.startswith("!"):
            return Member(name, Extraction(()), text[1:])
        return Member(name, Extraction((Page(1, text),)))


class Counter:
    """Makes vectors of three numbers and may be told to fail after some batches."""

    name, dimensions = "counter", 3

    def __init__(self) -> None:
        self.batches: list[Sequence[str]] = []
        self.fail_after = 10**9

    def embed(self, texts: Sequence[str], kind: str = "passage") -> Any:
        if len(self.batches) >= self.fail_after:
            raise EngineFailed("The encoder died.", "Try again.")
        self.batches.append(texts)
        assert kind == "passage"
        return np.tile(np.array([1, 0, 0], np.float32), (len(texts), 1))


class Work:
    """A job's context that notes progress and can be told to stop."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.stop_after = 10**9

    def report(self, progress: Progress) -> None:
        self.heard.append(progress)

    def check(self) -> None:
        self.stop_after -= 1
        if self.stop_after < 0:
            raise Cancelled("Stopped.")


class Desk:
    """An ingest over a real catalogue, with a reader and an embedder made for tests."""

    def __init__(self, folder: Path) -> None:
        self.catalogue = Catalogue.open(f"sqlite:///{folder / 'catalogue.db'}")
        self.files = FileStore(folder / "files")
        self.documents, self.passages = Documents(self.catalogue, self.files), Passages(self.catalogue)
        self.jobs = JobRows(self.catalogue)
        self.reader, self.embedder = Reader(), Counter()
        self.with_vectors: list[int] = []
        self.changes: list[DocumentInfo] = []
        self.ingest = Ingest(
            IngestParts(
                documents=self.documents,
                passages=self.passages,
                jobs=self.jobs,
                extractor=self.reader,
                embedder=lambda: self.embedder,
                on_vectors=self.with_vectors.extend,
                on_change=lambda _, document: self.changes.append(document),
                batch_passages=4,
            )
        )
        with self.catalogue.writing() as session:
            session.add(UserRow(id="anna", name="anna", role="user", created=0.0))
        self.scope = Scope("anna")
        self.collection_id = Collections(self.catalogue, self.files).create(self.scope, "Papers").id

    def send(self, name: str, text: str) -> JobInfo | None:
        stored = self.files.put(text.encode(), 1_000_000)
        return self.ingest.add_file(self.scope, self.collection_id, name, stored).job

    def work(self, kind: str, work: Work | None = None) -> Any:
        """Run the next job of a kind as the runner would; return its result or the error it raised."""
        job = self.jobs.claim("w", [kind])
        assert job is not None, f"no job {kind!r} is queued"
        try:
            result = self.ingest.handlers[kind](job, work or Work())
        except (UnreadableDocument, EngineFailed, Cancelled, StorageFull) as error:
            if self.jobs.fail(job.id, error.message, error.hint) or isinstance(error, Cancelled):
                ended = self.jobs.last_state(job.id)
                if kind in self.ingest.unsuccessful and ended is not None:
                    self.ingest.unsuccessful[kind](ended)
            return error
        self.jobs.finish(job.id, result)
        return result

    def find(self, question: str) -> list[str]:
        hits = self.passages.keyword(self.scope, query_terms(question), Filters(), 100)
        by_id = self.passages.by_ids(self.scope, [id_ for id_, _ in hits])
        return [by_id[id_].document for id_, _ in hits]

    def states(self) -> dict[str, str]:
        return {info.name: info.state for info in self.documents.list(self.scope, self.collection_id)}

    def only(self) -> DocumentInfo:
        (info,) = self.documents.list(self.scope, self.collection_id)
        return info


def many(count: int) -> str:
    return "|".join(f"Page {number} tells of the river number {number}." for number in range(count))
