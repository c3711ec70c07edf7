"""Files becoming searchable: versions, failures, archives, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from headwater.core.errors import Cancelled, EngineFailed, StorageFull, UnreadableDocument
from headwater.core.progress import Progress
from headwater.core.types import Extraction, Page
from tests.documents.ingest_desk import Desk, Work, many


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
