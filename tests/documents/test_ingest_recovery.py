"""What a crash leaves, and two at once: work is taken up, done once, and never told backwards."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from headwater.core.errors import NotFound, UnreadableDocument
from headwater.core.types import Scope
from headwater.storage.jobs import JobInfo
from tests.documents.ingest_desk import Desk, Work, many


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
