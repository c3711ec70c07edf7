from __future__ import annotations

import pytest

from headwater.core.errors import BadInput, Conflict, NotFound
from headwater.core.types import Extraction, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.publishing import NewPassage


def test_making_finding_and_renaming(collections: Collections, anna: Scope) -> None:
    made = collections.create(anna, "  Papers\u202e ")
    assert (made.name, made.document_count, made.passage_count, made.embedded) == ("Papers", 0, 0, 0)
    assert collections.get(anna, made.id) == collections.by_name(anna, "Papers") == made
    assert collections.rename(anna, made.id, "Articles").name == "Articles"
    assert collections.rename(anna, made.id, "Articles").name == "Articles"
    with pytest.raises(NotFound):
        collections.by_name(anna, "Papers")


def test_names_are_unique_for_one_user(collections: Collections, anna: Scope, boris: Scope) -> None:
    collections.create(anna, "Papers")
    with pytest.raises(Conflict, match="named 'Papers' already"):
        collections.create(anna, "Papers")
    other = collections.create(anna, "Other")
    with pytest.raises(Conflict):
        collections.rename(anna, other.id, "Papers")
    assert collections.create(boris, "Papers").name == "Papers"


def test_a_name_is_needed(collections: Collections, anna: Scope) -> None:
    with pytest.raises(BadInput):
        collections.create(anna, "\u200b")


def test_ids_and_names_are_resolved(collections: Collections, anna: Scope, boris: Scope) -> None:
    papers, letters = collections.create(anna, "Papers"), collections.create(anna, "Letters")
    assert collections.resolve(anna, ["Letters", papers.id]) == (letters.id, papers.id)
    for scope, given in ((anna, "unknown"), (boris, "Papers"), (boris, papers.id)):
        with pytest.raises(NotFound):
            collections.resolve(scope, [given])


def test_counts_are_of_searchable_passages(
    collections: Collections, documents: Documents, files: FileStore, anna: Scope
) -> None:
    papers = collections.create(anna, "Papers")
    collections.create(anna, "Empty")
    for name in ("a.txt", "b.txt"):
        added = documents.add_version(anna, papers.id, name, files.put(name.encode(), 10), "text/plain")
    passages = [NewPassage(1, 0, 1, "b", "b"), NewPassage(1, 1, 2, "c", "c")]
    documents.publish(anna, added.version_id, Extraction((Page(1, "bc"),)), passages)
    counts = [(info.name, info.document_count, info.passage_count) for info in collections.list(anna)]
    assert counts == [("Empty", 0, 0), ("Papers", 2, 2)]


def test_deleting_takes_documents_and_bytes_along(
    collections: Collections, documents: Documents, files: FileStore, anna: Scope
) -> None:
    papers, kept = collections.create(anna, "Papers"), collections.create(anna, "Kept")
    shared, own = files.put(b"shared", 10), files.put(b"own", 10)
    documents.add_version(anna, papers.id, "a.txt", shared, "text/plain")
    documents.add_version(anna, papers.id, "b.txt", own, "text/plain")
    files.put(b"shared", 10)
    documents.add_version(anna, kept.id, "a.txt", shared, "text/plain")
    collections.delete(anna, papers.id)
    assert [info.name for info in collections.list(anna)] == ["Kept"]
    assert files.has(shared.sha256)
    assert not files.has(own.sha256)
    with pytest.raises(NotFound):
        collections.delete(anna, papers.id)
