from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headwater.core.errors import Cancelled, EngineFailed, NotFound, StorageFull, UnreadableDocument
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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.catalogue.close()


def many(count: int) -> str:
    return "|".join(f"Page {number} tells of the river number {number}." for number in range(count))


def test_a_file_becomes_searchable_and_then_gets_vectors(desk: Desk) -> None:
    job = desk.send("rivers.txt", "The rivers rise in spring.|The lakes are calm.")
    assert job is not None
    assert (job.kind, job.subject, desk.states()) == ("ingest", "rivers.txt", {"rivers.txt": "queued"})
    work = Work()
    assert desk.work("ingest", work) == {"pages": 2, "passages": 2}
    assert [progress.stage for progress in work.heard] == ["reading", "reading", "indexing"]
    assert work.heard[-1] == Progress(2, 2, "pages", "indexing")
    assert desk.find("spring") == ["rivers.txt"]
    assert (desk.only().state, desk.only().embedded, desk.only().media_type) == ("searchable", 0, "text/plain")
    assert desk.work("embed") == {"vectors": 2, "embedder": "counter"}
    assert desk.only().embedded == 2
    assert sorted(desk.with_vectors) == desk.passages.vector_ids("counter").tolist()
    assert [change.state for change in desk.changes] == ["queued", "parsing", "searchable", "searchable"]


def test_passages_are_exact_and_seen_with_their_title(desk: Desk) -> None:
    desk.send("blue nile.md", "# Sources\n\nThe lake Tana feeds it.")
    desk.work("ingest")
    desk.work("embed")
    info = desk.only()
    for passage in desk.passages.of_document(desk.scope, info.id):
        page = desk.documents.page(desk.scope, info.id, passage.page_number)
        assert page.text[passage.start : passage.end] == passage.text
    assert any(text.startswith("blue nile > Sources") for batch in desk.embedder.batches for text in batch)
    assert set(desk.find("nile")) == {"blue nile.md"}


def test_the_same_bytes_make_no_new_job(desk: Desk) -> None:
    first = desk.send("a.txt", "water")
    assert first is not None
    assert desk.send("a.txt", "water") is None
    desk.work("ingest")
    assert desk.send("a.txt", "water") is None
    assert desk.jobs.claim("w", ["ingest"]) is None


def test_a_new_version_is_searched_when_it_is_read_and_not_before(desk: Desk) -> None:
    desk.send("a.txt", "old water")
    desk.work("ingest")
    desk.work("embed")
    old = desk.passages.vector_ids("counter").tolist()
    desk.send("a.txt", "new water")
    assert desk.find("old") == ["a.txt"]
    desk.work("ingest")
    assert (desk.find("old"), desk.find("new")) == ([], ["a.txt"])
    assert desk.passages.vector_ids("counter").tolist() == []
    desk.work("embed")
    assert set(desk.passages.vector_ids("counter").tolist()).isdisjoint(old)


def test_a_version_replaced_while_it_waits_is_passed_over(desk: Desk) -> None:
    desk.send("a.txt", "first water")
    desk.send("a.txt", "second water")
    assert sorted([str(desk.work("ingest")), str(desk.work("ingest"))]) == [
        str({"pages": 1, "passages": 1}),
        str({"replaced": True}),
    ]
    assert (desk.find("first"), desk.find("second")) == ([], ["a.txt"])


def test_a_version_replaced_while_it_is_read_is_passed_over(desk: Desk) -> None:
    desk.send("a.txt", "first water")
    desk.reader.before = lambda _: desk.send("a.txt", "second water") and None
    assert desk.work("ingest") == {"replaced": True}
    desk.reader.before = lambda _: None
    desk.work("ingest")
    assert (desk.find("first"), desk.find("second")) == ([], ["a.txt"])


def test_a_document_deleted_while_it_is_read_stays_deleted(desk: Desk) -> None:
    desk.send("a.txt", "water")
    desk.reader.before = lambda _: desk.documents.delete(desk.scope, desk.only().id)
    assert desk.work("ingest") == {"replaced": True}
    assert desk.states() == {}
    assert desk.find("water") == []


def test_an_unreadable_file_says_why_and_the_rest_goes_on(desk: Desk) -> None:
    desk.send("bad.pdf", "!is encrypted.")
    desk.send("good.txt", "water")
    results = [desk.work("ingest"), desk.work("ingest")]
    assert {type(result) for result in results} == {UnreadableDocument, dict}
    assert desk.states() == {"bad.pdf": "failed", "good.txt": "searchable"}
    failed = desk.documents.by_name(desk.scope, desk.collection_id, "bad.pdf")
    assert (failed.error, failed.hint) == ("bad.pdf is encrypted.", "Send another file.")
    assert desk.changes[-1].state in ("failed", "searchable")


def test_retrying_a_failed_file(desk: Desk) -> None:
    desk.send("a.txt", "!is broken.")
    desk.work("ingest")
    accepted = desk.ingest.retry(desk.scope, desk.only().id)
    assert accepted.job is not None
    assert accepted.document.state == "queued"
    desk.work("ingest")
    assert desk.only().state == "failed"


def test_members_of_an_archive_are_documents(desk: Desk) -> None:
    desk.send("a.zip", "one.txt=The river is wide.;deep/two.txt=The lake is calm.;three.pdf=!three.pdf is encrypted.;")
    assert desk.work("ingest")["passages"] == 2
    assert desk.states() == {
        "a.zip": "searchable",
        "a.zip/one.txt": "searchable",
        "a.zip/deep/two.txt": "searchable",
        "a.zip/three.pdf": "failed",
    }
    assert desk.find("lake") == ["a.zip/deep/two.txt"]
    desk.work("embed")
    by_name = {info.name: info.embedded for info in desk.documents.list(desk.scope, desk.collection_id)}
    assert by_name["a.zip/one.txt"] == 1
    assert any("two > " in text or text.startswith("two\n") for batch in desk.embedder.batches for text in batch)


def test_hostile_names_end_clean(desk: Desk) -> None:
    for name in ("../../etc/passwd", "a\x00b\u202etxt.exe", "x" * 4096 + ".txt", ""):
        desk.send(name, f"water {len(name)}")
        desk.work("ingest")
    names = sorted(desk.states())
    assert names == ["abtxt.exe", "etc/passwd", "unnamed", "x" * 195 + "….txt"]
    assert len(desk.find("water")) == 4


def test_halves_of_surrogate_pairs_do_not_break_a_file(desk: Desk) -> None:
    broken = Extraction((Page(1, "broken \udcff water", "\ud800"),))
    desk.reader.extract = lambda *_, **__: broken  # type: ignore[method-assign]
    desk.send("a.txt", "x")
    assert desk.work("ingest") == {"pages": 1, "passages": 1}
    (passage,) = desk.passages.of_document(desk.scope, desk.only().id)
    assert (passage.text, passage.label) == ("broken \ufffd water", "\ufffd")


def test_vectors_are_made_in_batches_that_are_kept(desk: Desk) -> None:
    desk.send("a.txt", many(10))
    total = desk.work("ingest")["passages"]
    assert total == 10
    desk.embedder.fail_after = 1
    assert isinstance(desk.work("embed"), EngineFailed)
    assert desk.only().embedded == 4
    assert desk.only().state == "searchable"
    desk.embedder.fail_after = 10**9
    desk.ingest.embed_collection(desk.scope, desk.collection_id)
    work = Work()
    assert desk.work("embed", work)["vectors"] == 6
    assert [(progress.done, progress.total) for progress in work.heard] == [(4, 6), (6, 6)]
    texts = [text for batch in desk.embedder.batches for text in batch]
    assert len(texts) == len(set(texts)) == 10  # none was made twice
    assert desk.only().embedded == 10


def test_files_that_come_while_vectors_are_made_are_counted(desk: Desk) -> None:
    desk.send("a.txt", many(4))
    desk.work("ingest")
    embed = desk.embedder.embed

    def with_another_file(texts: Sequence[str], kind: str = "passage") -> Any:
        if not desk.embedder.batches:
            desk.send("b.txt", many(6).replace("river", "lake"))
            desk.work("ingest")
        return embed(texts, kind)

    desk.embedder.embed = with_another_file  # type: ignore[method-assign]
    work = Work()
    assert desk.work("embed", work)["vectors"] == 10
    assert all(progress.total is not None and progress.done <= progress.total for progress in work.heard)
    assert (work.heard[-1].done, work.heard[-1].total) == (10, 10)
    # The job that the second file queued finds nothing left to do.
    assert desk.work("embed")["vectors"] == 0


def test_cancelling_vectors_keeps_the_keywords(desk: Desk) -> None:
    desk.send("a.txt", many(10))
    desk.work("ingest")
    work = Work()
    work.stop_after = 1
    assert isinstance(desk.work("embed", work), Cancelled)
    assert (desk.only().state, desk.only().embedded) == ("searchable", 4)
    assert len(desk.find("river")) == 10


def test_without_an_embedder_keywords_are_enough(desk: Desk) -> None:
    desk.embedder = None  # type: ignore[assignment]
    desk.send("a.txt", "water")
    desk.work("ingest")
    assert desk.work("embed") == {"vectors": 0, "embedder": None}
    assert desk.find("water") == ["a.txt"]
    assert desk.ingest.recover() == 0


def test_cancelling_a_waiting_file_says_so(desk: Desk) -> None:
    job = desk.send("a.txt", "water")
    assert job is not None
    desk.ingest.unsuccessful["ingest"](desk.jobs.cancel(desk.scope, job.id))
    assert (desk.only().state, desk.only().error) == ("failed", "Reading it was cancelled.")
    accepted = desk.ingest.retry(desk.scope, desk.only().id)
    # The end of the first job may be told late; the new one is on its way and stays.
    desk.ingest.unsuccessful["ingest"](desk.jobs.get(desk.scope, job.id))
    assert desk.only().state == "queued"
    assert accepted.job is not None
    desk.work("ingest")
    assert desk.only().state == "searchable"


def test_a_full_disk_fails_the_file_with_the_cure(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("The disk is full: the catalogue could not be written.", "Free some space.")

    desk.send("a.txt", "water")
    monkeypatch.setattr(desk.documents, "publish", full)
    assert isinstance(desk.work("ingest"), StorageFull)
    assert (desk.only().state, desk.only().hint) == ("failed", "Free some space.")
    monkeypatch.undo()
    desk.ingest.retry(desk.scope, desk.only().id)
    desk.work("ingest")
    assert desk.find("water") == ["a.txt"]


# --- what a crash leaves -------------------------------------------------------------------------


def test_a_version_without_a_job_gets_one(desk: Desk) -> None:
    stored = desk.files.put(b"water", 100)
    desk.documents.add_version(desk.scope, desk.collection_id, "a.txt", stored, "text/plain")  # and then it died
    assert desk.ingest.recover() == 1
    assert desk.ingest.recover() == 0
    desk.work("ingest")
    assert desk.find("water") == ["a.txt"]


@pytest.mark.parametrize("meanwhile", ["queued", "running", "done"])
def test_a_file_that_comes_in_while_work_is_taken_up_is_read_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """Its version was seen without a job; the job came, and went on, before one could be added for it."""
    stored = desk.files.put(b"water", 100)
    added = desk.documents.add_version(desk.scope, desk.collection_id, "a.txt", stored, "text/plain")
    last_ended = desk.jobs.last_ended

    def uploaded(kind: str, version_id: str) -> JobInfo | None:
        found = last_ended(kind, version_id)
        payload = {
            "collection_id": desk.collection_id,
            "document_id": added.document_id,
            "version_id": added.version_id,
        }
        desk.jobs.add_once(desk.scope, "ingest", "a.txt", payload)
        if meanwhile == "running":
            desk.jobs.claim("w", ["ingest"])
        if meanwhile == "done":
            desk.work("ingest")
        return found

    monkeypatch.setattr(desk.jobs, "last_ended", uploaded)
    desk.ingest.recover()
    assert [job.state for job in desk.jobs.list(desk.scope) if job.kind == "ingest"] == [meanwhile]


def test_work_that_ends_while_work_is_taken_up_is_not_done_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send("a.txt", "water")
    pending = desk.documents.pending

    def then_read() -> object:
        found = pending()
        desk.work("ingest")
        return found

    monkeypatch.setattr(desk.documents, "pending", then_read)
    desk.ingest.recover()
    assert [job.state for job in desk.jobs.list(desk.scope) if job.kind == "ingest"] == ["done"]


def test_what_is_told_of_a_document_never_goes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread is held up between adding the job and telling of it, while the job fails."""
    stored = desk.files.put(b"!is odd", 100)
    add_once = desk.jobs.add_once

    def held_up(*arguments: Any) -> JobInfo:
        job = add_once(*arguments)
        assert isinstance(desk.work("ingest"), UnreadableDocument)
        return job

    monkeypatch.setattr(desk.jobs, "add_once", held_up)
    desk.ingest.add_file(desk.scope, desk.collection_id, "a.txt", stored)
    assert [info.state for info in desk.changes] == ["parsing", "failed", "failed"]


def test_a_version_whose_job_ended_badly_says_so(desk: Desk) -> None:
    for name, end in (("failed.txt", "fail"), ("cancelled.txt", "cancel")):
        job = desk.send(name, name)
        assert job is not None
        desk.jobs.claim("w", ["ingest"], job.id)
        if end == "fail":
            desk.jobs.fail(job.id, "It broke.", "Mend it.")
        else:
            desk.jobs.cancel(desk.scope, job.id)
    desk.ingest.recover()
    errors = {info.name: info.error for info in desk.documents.list(desk.scope, desk.collection_id)}
    assert errors == {"failed.txt": "It broke.", "cancelled.txt": "Reading it was cancelled."}


def test_work_interrupted_anywhere_is_done_once_in_the_end(desk: Desk) -> None:
    """The same job again, after each step at which the process may have died."""
    job = desk.send("a.txt", many(3))
    assert job is not None
    claimed = desk.jobs.claim("dead", ["ingest"])
    assert claimed is not None
    desk.documents.begin(desk.scope, str(job.payload["version_id"]))
    desk.jobs.requeue_orphans("me")
    claimed = desk.jobs.claim("dead", ["ingest"])
    assert claimed is not None
    desk.ingest.read(claimed, Work())  # published, but its end was not recorded
    desk.jobs.requeue_orphans("me")
    assert desk.work("ingest") == {"pages": 3, "passages": 0}
    assert (desk.only().state, desk.only().passage_count) == ("searchable", 3)
    assert len(desk.find("river")) == 3


def test_leftovers_of_dead_uploads_are_cleared_at_start(desk: Desk) -> None:
    desk.send("a.txt", "water")
    desk.work("ingest")
    orphan = desk.files.put(b"never accepted", 100)
    os.utime(desk.files.path(orphan.sha256), (1000, 1000))
    desk.files.settle(orphan.sha256)
    (desk.files.root / "arriving" / "half").write_bytes(b"half a fi")
    desk.ingest.recover()
    assert [path.read_bytes() for path in desk.files.root.rglob("*") if path.is_file()] == [b"water"]


def test_missing_vectors_are_found_at_start(desk: Desk) -> None:
    desk.send("a.txt", "water")
    desk.work("ingest")
    desk.jobs.cancel(desk.scope, desk.jobs.claim("w", ["embed"]).id)  # type: ignore[union-attr]
    desk.ingest.recover()
    assert desk.work("embed")["vectors"] == 1
    desk.ingest.recover()
    assert desk.jobs.claim("w", ["embed"]) is None


def test_two_threads_sending_one_file_make_one_document(desk: Desk) -> None:
    jobs: list[JobInfo | None] = []
    threads = [threading.Thread(target=lambda: jobs.append(desk.send("a.txt", "water"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([job for job in jobs if job is not None]) == 1
    desk.work("ingest")
    assert desk.find("water") == ["a.txt"]


def test_a_foreign_collection_is_not_found(desk: Desk) -> None:
    stored = desk.files.put(b"water", 100)
    with pytest.raises(NotFound):
        desk.ingest.add_file(Scope("boris"), desk.collection_id, "a.txt", stored)
    assert desk.jobs.claim("w", ["ingest"]) is None
