"""A stored file becomes searchable: keywords as soon as it is read, vectors after that in the background.

Both are jobs, so both survive the end of the process. What a job does is one transaction (or, for
vectors, one for each batch), so doing it again after a crash neither loses nor doubles anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from headwater.core.errors import HeadwaterError, NotFound
from headwater.core.progress import Progress, Report, silent
from headwater.core.protocols import Embedder
from headwater.core.types import Extraction, Scope
from headwater.documents.passages import Span, contextual, split
from headwater.documents.terms import terms
from headwater.storage.document_views import DocumentInfo
from headwater.storage.documents import Documents
from headwater.storage.files import StoredFile
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewMember, NewPassage

BATCH_PASSAGES = 64
UNKNOWN_TYPE = "application/octet-stream"


def _go_on() -> None:
    pass


class Extracts(Protocol):
    """Reads a file in a limited process."""

    def extract(
        self,
        path: Path,
        name: str | None = None,
        password: str | None = None,
        report: Report = silent,
        check: Callable[[], None] = _go_on,
    ) -> Extraction:
        """Return the text of the file at `path`, called `name` by people.

        `report` hears of pages as they are read; `check` is called now and then and may raise to
        stop it. Raises UnreadableDocument.
        """
        ...


class Work(Protocol):
    """What a running job may say and ask."""

    def report(self, progress: Progress) -> None:
        """Say how far the work is."""
        ...

    def check(self) -> None:
        """Raise Cancelled when the work should stop."""
        ...


def _nobody(_owner_id: str, _document: DocumentInfo) -> None:
    pass


def _no_index(_ids: Sequence[int]) -> None:
    pass


@dataclass(frozen=True)
class IngestParts:
    """What ingest works with. `embedder` is asked only when vectors are made; None means there is none.

    `on_vectors` gets the ids of passages whose vectors were just stored, `on_change` (owner id,
    document) each change of a document, `wake` is called when there is a new job.
    """

    documents: Documents
    passages: Passages
    jobs: JobRows
    extractor: Extracts
    embedder: Callable[[], Embedder | None]
    on_vectors: Callable[[Sequence[int]], None] = _no_index
    on_change: Callable[[str, DocumentInfo], None] = _nobody
    wake: Callable[[], None] = lambda: None
    split: Callable[[Extraction], Sequence[Span]] = split
    terms: Callable[[str], Sequence[str]] = terms
    batch_passages: int = BATCH_PASSAGES


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that will not be lost any more. `job` is None when these bytes were there already."""

    document: DocumentInfo
    job: JobInfo | None


class Ingest:
    """Takes files in and holds the handlers of the jobs "ingest" and "embed"."""

    def __init__(self, parts: IngestParts) -> None:
        self._parts = parts
        self._telling = threading.Lock()

    @property
    def handlers(self) -> Mapping[str, Callable[[JobInfo, Work], Mapping[str, Any] | None]]:
        """The handlers by the kind of their jobs."""
        return {"ingest": self.read, "embed": self.embed}

    @property
    def unsuccessful(self) -> Mapping[str, Callable[[JobInfo], None]]:
        """What to do after a job failed or was cancelled, whether its handler ran or not."""
        return {"ingest": self.give_up}

    # --- taking in ---------------------------------------------------------------------------

    def add_file(
        self, scope: Scope, collection_id: str, name: str, stored: StoredFile, media_type: str = UNKNOWN_TYPE
    ) -> Accepted:
        """Accept a stored file under a name and queue its reading. Sending the same bytes again changes nothing.

        Raises NotFound, StorageFull, Conflict.
        """
        parts = self._parts
        added = parts.documents.add_version(scope, collection_id, name, stored, media_type)
        document = parts.documents.get(scope, added.document_id)
        job = None
        if added.is_new:
            job = self._queue(scope, document, added.version_id)
        return Accepted(document, job)

    def retry(self, scope: Scope, document_id: str) -> Accepted:
        """Read a failed document again. Raises NotFound, Conflict when it has not failed."""
        parts = self._parts
        version_id = parts.documents.retry(scope, document_id).version_id
        document = parts.documents.get(scope, document_id)
        return Accepted(document, self._queue(scope, document, version_id))

    def _queue(
        self, scope: Scope, document: DocumentInfo, version_id: str, unless: Sequence[str] = ("queued", "running")
    ) -> JobInfo:
        """Add the job that reads a version, unless it has one: its bytes never change, so it is read once."""
        payload = {"collection_id": document.collection_id, "document_id": document.id, "version_id": version_id}
        job = self._parts.jobs.add_once(scope, "ingest", document.name, payload, unless)
        self._announce(scope, document.id)
        self._parts.wake()
        return job

    def recover(self) -> int:
        """Take up, at start, what a process that died left between two steps; return the number of files.

        Nothing acknowledged is lost: an accepted version without a job gets one, a version whose job
        ended badly says so, and passages without vectors get a job for them. Bytes that no document
        refers to and jobs of long ago are cleared away.
        """
        parts = self._parts
        parts.documents.sweep()
        parts.jobs.forget_ended()
        waiting = parts.documents.pending()
        busy = parts.jobs.versions_at_work("ingest")
        lost = [pending for pending in waiting if pending.version_id not in busy]
        for pending in lost:
            ended = parts.jobs.last_ended("ingest", pending.version_id)
            if ended is not None and ended.state in ("cancelled", "failed"):
                self.give_up(ended)
                continue
            document = parts.documents.get(pending.owner, pending.document_id)
            # Files keep coming in at start: this one may have been accepted, and read, since it was found.
            self._queue(pending.owner, document, pending.version_id, ("queued", "running", "done"))
        embedder = parts.embedder()
        if embedder is not None:
            for owner, collection_id, name in parts.passages.collections_without_vectors(embedder.name):
                self.embed_collection(owner, collection_id, name)
        return len(lost)

    def give_up(self, job: JobInfo) -> None:
        """Let a document say that its reading failed or was cancelled, unless it is being tried again."""
        parts, version_id = self._parts, str(job.payload["version_id"])
        if version_id in parts.jobs.versions_at_work("ingest"):
            return
        error = HeadwaterError(job.error or "Reading it was cancelled.", job.hint or "Retry it when you like.")
        try:
            parts.documents.fail(job.scope, version_id, error)
        except NotFound:
            return  # deleted, or replaced by a newer upload
        self._announce(job.scope, str(job.payload["document_id"]))

    # --- the job "ingest" --------------------------------------------------------------------

    def read(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Extract, split and publish one version. What it raises becomes the document's error, by `give_up`."""
        parts, version_id = self._parts, str(job.payload["version_id"])
        try:
            path, document = parts.documents.begin(job.scope, version_id)
            self._announce(job.scope, document.id)
            work.report(Progress(0, None, "pages", "reading"))
            extraction = parts.extractor.extract(path, document.name, report=work.report, check=work.check)
            work.check()
            content = self._content(document.name, extraction)
            work.report(Progress(len(extraction.pages), len(extraction.pages), "pages", "indexing"))
            work.check()
            published = parts.documents.publish(
                job.scope, version_id, content.extraction, content.passages, content.members
            )
        except Exception:
            if parts.documents.has_version(job.scope, version_id):
                raise
            # A newer upload or a delete took the version away, and its bytes from under the reader.
            return {"replaced": True}
        for document_id in published.document_ids:
            self._announce(job.scope, document_id)
        if published.passage_ids:
            self.embed_collection(job.scope, document.collection_id, None)
        return {"pages": len(extraction.pages), "passages": len(published.passage_ids)}

    def _content(self, name: str, extraction: Extraction, error: str | None = None, path: str = "") -> NewMember:
        """Cut an extraction and its members into passages with their terms."""
        extraction = _encodable(extraction)
        passages = tuple(self._passage(name, span) for span in self._parts.split(extraction))
        members = tuple(
            self._content(f"{name}/{member.name}", member.extraction, member.error, member.name)
            for member in extraction.members
        )
        return NewMember(path or name, extraction, passages, error, members)

    def _passage(self, name: str, span: Span) -> NewPassage:
        seen = contextual(name, span.heading, span.text)
        terms_text = " ".join(self._parts.terms(seen))
        return NewPassage(span.page_number, span.start, span.end, span.text, terms_text, span.heading)

    def _announce(self, scope: Scope, document_id: str) -> None:
        """Tell how a document is now. One at a time: what is told later must not have been read earlier."""
        with self._telling:
            try:
                document = self._parts.documents.get(scope, document_id)
            except NotFound:
                return  # deleted in this moment: whoever deleted it knows
            self._parts.on_change(scope.user_id, document)

    # --- the job "embed" ---------------------------------------------------------------------

    def embed_collection(self, scope: Scope, collection_id: str, name: str | None = None) -> JobInfo:
        """Queue the making of vectors that a collection lacks, unless that is queued already."""
        subject = name or self._parts.passages.collection_name(scope, collection_id)
        job = self._parts.jobs.add_once(scope, "embed", subject, {"collection_id": collection_id})
        self._parts.wake()
        return job

    def embed(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Make the vectors a collection lacks, batch by batch; each is committed, so a restart goes on from there."""
        parts, collection_id = self._parts, str(job.payload["collection_id"])
        embedder = parts.embedder()
        if embedder is None:
            return {"vectors": 0, "embedder": None}
        done, total = 0, parts.passages.count_without_vectors(job.scope, embedder.name, collection_id)
        while batch := parts.passages.without_vectors(job.scope, embedder.name, collection_id, parts.batch_passages):
            work.check()
            texts = [contextual(passage.document, passage.heading, passage.text) for passage in batch]
            vectors = embedder.embed(texts, "passage")
            ids = [passage.id for passage in batch]
            stored = parts.passages.add_vectors(job.scope, embedder.name, ids, vectors)
            if stored:
                parts.on_vectors(stored)
            done += len(stored)
            if done > total:
                # Files came in while this was running.
                total = done + parts.passages.count_without_vectors(job.scope, embedder.name, collection_id)
            work.report(Progress(done, total, "passages", "embedding"))
            for document_id in dict.fromkeys(passage.document_id for passage in batch):
                self._announce(job.scope, document_id)
        return {"vectors": done, "embedder": embedder.name}


def _encodable(extraction: Extraction) -> Extraction:
    """Replace halves of surrogate pairs, which no database stores, one for one so that offsets stay."""
    if all(_can_encode(page.text) and _can_encode(page.label or "") for page in extraction.pages):
        return extraction
    pages = tuple(
        replace(page, text=_without_halves(page.text), label=page.label and _without_halves(page.label))
        for page in extraction.pages
    )
    return replace(extraction, pages=pages)


def _can_encode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _without_halves(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
