from __future__ import annotations

import threading
from typing import Any

import pytest

from headwater.core.errors import Conflict, HeadwaterError, NotFound, StorageFull, UnreadableDocument
from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import AddedVersion, Documents
from headwater.storage.erasure import sweep_files
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage


class Desk:
    """Short words for the tests: what one person does with one collection."""

    def __init__(self, catalogue: Catalogue, files: FileStore, scope: Scope) -> None:
        self.catalogue, self.files, self.scope = catalogue, files, scope
        self.documents, self.passages = Documents(catalogue, files), Passages(catalogue)
        self.collection = Collections(catalogue, files).create(scope, "Papers")

    def add(self, name: str, content: bytes) -> AddedVersion:
        stored = self.files.put(content, 1000)
        return self.documents.add_version(self.scope, self.collection.id, name, stored, "text/plain")

    def publish(self, added: AddedVersion, *texts: str, **more: Any) -> None:
        pages = tuple(Page(number, text) for number, text in enumerate(texts, start=1))
        passages = [NewPassage(page.number, 0, len(page.text), page.text, page.text.lower()) for page in pages]
        self.documents.begin(self.scope, added.version_id)
        self.documents.publish(self.scope, added.version_id, Extraction(pages, **more), passages)

    def put(self, name: str, text: str) -> AddedVersion:
        added = self.add(name, text.encode())
        self.publish(added, text)
        return added

    def find(self, word: str) -> list[str]:
        hits = self.passages.keyword(self.scope, [word], Filters(), 100)
        by_id = self.passages.by_ids(self.scope, [id_ for id_, _ in hits])
        assert len(by_id) == len(hits), "the keyword index knows passages that are not searchable"
        return sorted(f"{passage.document}: {passage.text}" for passage in by_id.values())


@pytest.fixture
def desk(catalogue: Catalogue, files: FileStore, anna: Scope) -> Desk:
    return Desk(catalogue, files, anna)


def test_a_file_goes_from_queued_to_searchable(desk: Desk) -> None:
    added = desk.add("../notes/a.txt", b"Blue water")
    info = desk.documents.get(desk.scope, added.document_id)
    assert (info.name, info.state, info.version_id, info.size) == ("notes/a.txt", "queued", None, 10)
    assert info.pending_version_id == added.version_id
    path, info = desk.documents.begin(desk.scope, added.version_id)
    assert (path.read_bytes(), info.state) == (b"Blue water", "parsing")
    assert desk.find("water") == []
    desk.publish(added, "Blue water", "Second page", paged=True, warnings=("odd font",), media_type="application/pdf")
    info = desk.documents.get(desk.scope, added.document_id)
    assert (info.state, info.version_id, info.pending_version_id) == ("searchable", added.version_id, None)
    assert (info.page_count, info.passage_count, info.embedded, info.paged) == (2, 2, 0, True)
    assert (info.warnings, info.media_type) == (("odd font",), "application/pdf")
    assert desk.find("water") == ["notes/a.txt: Blue water"]
    assert desk.documents.list(desk.scope, desk.collection.id) == [info]
    assert desk.documents.by_name(desk.scope, desk.collection.id, "notes/a.txt") == info


def test_pages_are_read_by_number_and_version(desk: Desk) -> None:
    added = desk.add("a.txt", b"x")
    desk.publish(added, "one", "three 漢", paged=True)
    summaries = desk.documents.pages(desk.scope, added.document_id)
    assert [(page.number, page.label, page.characters) for page in summaries] == [(1, None, 3), (2, None, 7)]
    page = desk.documents.page(desk.scope, added.document_id, 2)
    assert (page.text, page.version_id, page.paged) == ("three 漢", added.version_id, True)
    assert desk.documents.page(desk.scope, added.document_id, 2, added.version_id) == page
    other = desk.put("b.txt", "other")
    for number, version_id in ((0, None), (3, None), (1, other.version_id), (1, "nonsense")):
        with pytest.raises(NotFound):
            desk.documents.page(desk.scope, added.document_id, number, version_id)


def test_the_same_bytes_again_change_nothing(desk: Desk) -> None:
    added = desk.add("a.txt", b"water")
    assert desk.add("a.txt", b"water") == added._replace(is_new=False)  # still waiting
    desk.publish(added, "water")
    assert desk.add("a.txt", b"water") == added._replace(is_new=False)
    assert desk.find("water") == ["a.txt: water"]
    assert len(desk.documents.list(desk.scope, desk.collection.id)) == 1


def test_new_bytes_replace_the_old_ones_in_one_step(desk: Desk) -> None:
    old = desk.put("a.txt", "old water")
    new = desk.add("a.txt", b"new water")
    assert (new.document_id, new.is_new) == (old.document_id, True)
    info = desk.documents.get(desk.scope, old.document_id)
    assert (info.state, info.version_id, info.pending_version_id) == ("queued", old.version_id, new.version_id)
    assert desk.find("water") == ["a.txt: old water"]  # the old one is searched until the new one is read
    desk.publish(new, "new water")
    assert desk.find("water") == ["a.txt: new water"]
    assert desk.find("old") == []
    with pytest.raises(NotFound):
        desk.documents.page(desk.scope, old.document_id, 1, old.version_id)


def test_the_last_upload_wins_over_one_that_waits(desk: Desk) -> None:
    first = desk.put("a.txt", "first")
    second = desk.add("a.txt", b"second")
    again = desk.add("a.txt", b"first")
    assert (again.version_id, again.is_new) == (first.version_id, False)
    with pytest.raises(NotFound):
        desk.publish(second, "second")
    assert desk.find("first") == ["a.txt: first"]


def test_publishing_twice_changes_nothing(desk: Desk) -> None:
    added = desk.put("a.txt", "water")
    desk.publish(added, "water")
    assert desk.find("water") == ["a.txt: water"]


def test_a_failure_is_told_and_can_be_retried(desk: Desk) -> None:
    added = desk.add("a.txt", b"water")
    desk.documents.begin(desk.scope, added.version_id)
    desk.documents.fail(desk.scope, added.version_id, UnreadableDocument("It is encrypted.", "Give the password."))
    info = desk.documents.get(desk.scope, added.document_id)
    assert (info.state, info.error, info.hint) == ("failed", "It is encrypted.", "Give the password.")
    assert desk.documents.retry(desk.scope, added.document_id) == added
    info = desk.documents.get(desk.scope, added.document_id)
    assert (info.state, info.error, info.hint) == ("queued", None, None)
    desk.publish(added, "water")
    with pytest.raises(Conflict, match="searchable, not failed"):
        desk.documents.retry(desk.scope, added.document_id)


def test_failed_bytes_sent_again_are_tried_again(desk: Desk) -> None:
    failed = desk.add("a.txt", b"water")
    desk.documents.fail(desk.scope, failed.version_id, UnreadableDocument("no"))
    again = desk.add("a.txt", b"water")
    assert again.is_new
    assert again.document_id == failed.document_id
    assert desk.files.has(desk.documents.get(desk.scope, again.document_id).sha256)
    desk.publish(again, "water")
    assert desk.find("water") == ["a.txt: water"]


def test_a_failed_replacement_leaves_the_old_version_searchable(desk: Desk) -> None:
    old = desk.put("a.txt", "old water")
    new = desk.add("a.txt", b"broken")
    desk.documents.fail(desk.scope, new.version_id, UnreadableDocument("It is truncated."))
    info = desk.documents.get(desk.scope, old.document_id)
    assert (info.state, info.error, info.version_id) == ("failed", "It is truncated.", old.version_id)
    assert (info.page_count, info.passage_count) == (1, 1)
    assert desk.find("water") == ["a.txt: old water"]


def test_failing_what_is_searchable_changes_nothing(desk: Desk) -> None:
    added = desk.put("a.txt", "water")
    desk.documents.fail(desk.scope, added.version_id, HeadwaterError("too late"))
    assert desk.documents.get(desk.scope, added.document_id).state == "searchable"


def test_deleting_removes_rows_keywords_and_bytes(desk: Desk) -> None:
    added = desk.put("a.txt", "water")
    kept = desk.put("b.txt", "other water")
    gone: list[int] = []
    desk.catalogue.on_removed(gone.extend)
    (doomed,) = desk.passages.of_document(desk.scope, added.document_id)
    sha256 = desk.documents.get(desk.scope, added.document_id).sha256
    desk.documents.delete(desk.scope, added.document_id)
    assert gone == [doomed.id]
    assert not desk.files.has(sha256)
    assert desk.find("water") == ["b.txt: other water"]
    with pytest.raises(NotFound):
        desk.documents.get(desk.scope, added.document_id)
    with pytest.raises(NotFound):
        desk.documents.delete(desk.scope, added.document_id)
    assert desk.documents.get(desk.scope, kept.document_id).state == "searchable"


def test_shared_bytes_stay_until_the_last_document_goes(desk: Desk, boris: Scope) -> None:
    mine = desk.put("a.txt", "water")
    theirs = Desk(desk.catalogue, desk.files, boris)
    other = theirs.put("b.txt", "water")
    sha256 = desk.documents.get(desk.scope, mine.document_id).sha256
    desk.documents.delete(desk.scope, mine.document_id)
    assert desk.files.has(sha256)
    assert theirs.find("water") == ["b.txt: water"]
    theirs.documents.delete(boris, other.document_id)
    assert not desk.files.has(sha256)


def test_replaced_bytes_are_deleted(desk: Desk) -> None:
    old = desk.put("a.txt", "old")
    sha256 = desk.documents.get(desk.scope, old.document_id).sha256
    desk.publish(desk.add("a.txt", b"new"), "new")
    assert not desk.files.has(sha256)


def test_the_file_of_a_document_is_the_searchable_one(desk: Desk) -> None:
    added = desk.put("a.txt", "old")
    desk.add("a.txt", b"new")
    path, info = desk.documents.file(desk.scope, added.document_id)
    assert (path.read_bytes(), info.name) == (b"old", "a.txt")


def test_missing_bytes_are_said(desk: Desk) -> None:
    added = desk.add("a.txt", b"water")
    desk.files.path(desk.documents.get(desk.scope, added.document_id).sha256).unlink()
    with pytest.raises(UnreadableDocument, match=r"bytes of 'a\.txt' are missing"):
        desk.documents.begin(desk.scope, added.version_id)


def test_bytes_that_vanish_before_the_row_are_refused(desk: Desk) -> None:
    stored = desk.files.put(b"water", 10)
    desk.files.path(stored.sha256).unlink()
    with pytest.raises(Conflict, match="deleted meanwhile") as caught:
        desk.documents.add_version(desk.scope, desk.collection.id, "a.txt", stored, "text/plain")
    assert caught.value.hint == "Upload the file again."
    assert desk.documents.list(desk.scope, desk.collection.id) == []


def test_a_refused_upload_leaves_no_bytes(desk: Desk, boris: Scope) -> None:
    theirs, shared = desk.files.put(b"theirs", 10), desk.files.put(b"shared", 10)
    desk.documents.add_version(desk.scope, desk.collection.id, "a.txt", shared, "text/plain")
    desk.files.put(b"shared", 10)
    for stored in (theirs, shared):
        with pytest.raises(NotFound):
            desk.documents.add_version(boris, desk.collection.id, "b.txt", stored, "text/plain")
    assert not desk.files.has(theirs.sha256)
    assert desk.files.has(shared.sha256)


def test_a_parent_must_be_in_the_collection(desk: Desk, boris: Scope) -> None:
    theirs = Desk(desk.catalogue, desk.files, boris)
    parent = theirs.put("a.zip", "archive")
    stored = desk.files.put(b"inside", 10)
    for parent_id in (parent.document_id, "nonsense"):
        with pytest.raises(NotFound):
            desk.documents.add_version(desk.scope, desk.collection.id, "x", stored, "text/plain", parent_id)


def test_deleting_more_than_one_statement_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.storage.erasure._MOST_PARAMETERS", 2)
    for number in range(7):
        desk.put(f"{number}.txt", f"water {number}")
    parent = desk.put("p.zip", "water p").document_id
    for number in range(5):
        stored = desk.files.put(f"member {number}".encode(), 100)
        desk.documents.add_version(desk.scope, desk.collection.id, f"p.zip/{number}", stored, "text/plain", parent)
    desk.documents.delete(desk.scope, parent)
    assert desk.find("water") == [f"{number}.txt: water {number}" for number in range(7)]
    Collections(desk.catalogue, desk.files).delete(desk.scope, desk.collection.id)
    assert desk.find("water") == []
    assert list(desk.files.root.glob("??/*")) == []


def test_pending_work_is_listed_for_the_worker(desk: Desk, boris: Scope) -> None:
    mine = desk.add("a.txt", b"1")
    theirs = Desk(desk.catalogue, desk.files, boris).add("b.txt", b"2")
    desk.put("done.txt", "done")
    desk.documents.begin(desk.scope, mine.version_id)
    assert [(found.owner.user_id, found.version_id, found.name) for found in desk.documents.pending()] == sorted(
        [(desk.scope.user_id, mine.version_id, "a.txt"), (boris.user_id, theirs.version_id, "b.txt")],
        key=lambda row: row[1],
    )


def test_sweeping_keeps_what_has_a_row(desk: Desk) -> None:
    added = desk.put("a.txt", "water")
    orphan = desk.files.put(b"orphan", 10)
    desk.files.settle(orphan.sha256)
    assert sweep_files(desk.catalogue, desk.files) == []  # too young to judge
    assert sweep_files(desk.catalogue, desk.files, grace_seconds=-1.0) == [orphan.sha256]
    assert desk.documents.file(desk.scope, added.document_id)[0].read_bytes() == b"water"


def test_a_full_disk_while_publishing_loses_nothing(desk: Desk) -> None:
    desk.put("a.txt", "old water")
    new = desk.add("a.txt", b"new water")
    raw = desk.catalogue.engine.raw_connection()
    connection: Any = raw.driver_connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 1}")
    raw.close()
    with pytest.raises(StorageFull) as caught:
        desk.publish(new, *["new water " * 1000] * 50)
    assert "Free some space" in str(caught.value.hint)
    assert desk.find("water") == ["a.txt: old water"]
    raw = desk.catalogue.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA max_page_count=1000000")  # type: ignore[union-attr]
    raw.close()
    desk.publish(new, "new water")
    assert desk.find("water") == ["a.txt: new water"]


def test_threads_that_upload_replace_and_delete_the_same_bytes(desk: Desk) -> None:
    """Whatever the order, an accepted document always has its bytes."""
    problems: list[str] = []

    def work(number: int) -> None:
        for turn in range(12):
            added = desk.add(f"{number}.txt", b"shared bytes" if turn % 2 else f"own {number} {turn}".encode())
            try:
                path, _ = desk.documents.file(desk.scope, added.document_id)
                path.read_bytes()
            except (NotFound, OSError) as error:
                problems.append(str(error))
            if turn % 3 == 2:
                desk.documents.delete(desk.scope, added.document_id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with desk.catalogue.reading() as session:
        referred = set(session.connection().exec_driver_sql("SELECT DISTINCT sha256 FROM versions").scalars())
    on_disk = {path.name for path in desk.files.root.glob("??/*")}
    assert referred <= on_disk
