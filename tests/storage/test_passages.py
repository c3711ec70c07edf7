from __future__ import annotations

import numpy as np
import pytest

from headwater.core.errors import BadInput, NotFound
from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage


def add_document(
    documents: Documents, files: FileStore, scope: Scope, collection_id: str, name: str, texts: list[str]
) -> str:
    """Publish a two-page document with these passages, all but the last on page 1."""
    stored = files.put("|".join([name, *texts]).encode(), 100_000)
    added = documents.add_version(scope, collection_id, name, stored, "text/plain")
    first = "".join(texts[:-1])
    pages = (Page(1, first, "i"), Page(2, texts[-1]))
    passages, at = [], 0
    for text in texts[:-1]:
        passages.append(NewPassage(1, at, at + len(text), text, text.lower(), ("Top", "Sub")))
        at += len(text)
    passages.append(NewPassage(2, 0, len(texts[-1]), texts[-1], texts[-1].lower()))
    documents.publish(scope, added.version_id, Extraction(pages, paged=name.endswith(".pdf")), passages)
    return added.document_id


@pytest.fixture
def shelf(collections: Collections, documents: Documents, files: FileStore, anna: Scope) -> dict[str, str]:
    papers, letters = collections.create(anna, "Papers").id, collections.create(anna, "Letters").id
    return {
        "papers": papers,
        "letters": letters,
        "pdf": add_document(documents, files, anna, papers, "a.pdf", ["Aa ", "Bb ", "Cc ", "Dd "]),
        "txt": add_document(documents, files, anna, papers, "b.txt", ["Ee ", "Ff "]),
        "letter": add_document(documents, files, anna, letters, "c.txt", ["Gg ", "Hh "]),
    }


def test_a_passage_knows_where_it_stands(passages: Passages, anna: Scope, shelf: dict[str, str]) -> None:
    second = passages.of_document(anna, shelf["pdf"])[1]
    assert (second.text, second.start, second.end, second.heading) == ("Bb ", 3, 6, ("Top", "Sub"))
    assert (second.page_number, second.page, second.label, second.document) == (1, 1, "i", "a.pdf")
    assert passages.by_ids(anna, [second.id]) == {second.id: second}
    unpaged = passages.of_document(anna, shelf["txt"])[1]
    assert (unpaged.page_number, unpaged.page) == (2, None)


def test_ids_of_a_version_follow_the_reading_order_without_gaps(
    passages: Passages, documents: Documents, files: FileStore, anna: Scope, shelf: dict[str, str]
) -> None:
    many = [f"w{number} " for number in range(3000)]
    document_id = add_document(documents, files, anna, shelf["papers"], "long.txt", many)
    found = passages.of_document(anna, document_id)
    assert [passage.text for passage in found] == many
    assert [passage.id for passage in found] == list(range(found[0].id, found[0].id + 3000))
    runs = passages.runs(anna, [shelf["papers"], shelf["letters"]]).tolist()
    assert [last - first + 1 for first, last in runs] == [4, 2, 2, 3000]
    assert runs == sorted(runs)


def test_by_ids_leaves_out_what_is_absent(passages: Passages, anna: Scope, shelf: dict[str, str]) -> None:
    ids = [found.id for found in passages.of_document(anna, shelf["pdf"])]
    assert set(passages.by_ids(anna, [*ids, 10**9, -1])) == set(ids)
    assert passages.by_ids(anna, []) == {}
    assert set(passages.by_ids(anna, list(range(50_000)))) >= set(ids)


def test_neighbours_stay_on_the_page(passages: Passages, anna: Scope, shelf: dict[str, str]) -> None:
    first, second, third, last = passages.of_document(anna, shelf["pdf"])
    assert passages.neighbours(second, anna) == [first, second, third]
    assert passages.neighbours(second, anna, before=0, after=0) == [second]
    assert passages.neighbours(second, anna, before=9, after=9) == [first, second, third]
    assert passages.neighbours(last, anna, before=5) == [last]


def test_neighbours_of_a_deleted_passage_are_none(
    passages: Passages, documents: Documents, anna: Scope, shelf: dict[str, str]
) -> None:
    stale = passages.of_document(anna, shelf["pdf"])[0]
    documents.delete(anna, shelf["pdf"])
    assert passages.neighbours(stale, anna) == []


def test_what_a_search_may_look_at(
    passages: Passages, collections: Collections, anna: Scope, boris: Scope, shelf: dict[str, str]
) -> None:
    theirs = collections.create(boris, "Papers").id
    both = (shelf["papers"], shelf["letters"])
    assert set(passages.collection_ids(anna, Filters())) == set(both)
    assert passages.collection_ids(anna, Filters(collection_ids=(both[1], both[1]))) == (both[1],)
    for foreign in (theirs, "nonsense"):
        with pytest.raises(NotFound):
            passages.collection_ids(anna, Filters(collection_ids=(both[0], foreign)))


def test_keyword_search_keeps_to_scope_and_filters(
    passages: Passages, collections: Collections, anna: Scope, boris: Scope, shelf: dict[str, str]
) -> None:
    def found(scope: Scope, filters: Filters) -> list[str]:
        hits = passages.keyword(scope, ["aa", "ee", "gg"], filters, 10)
        return sorted(hit.text.strip() for hit in passages.by_ids(scope, [id_ for id_, _ in hits]).values())

    assert found(anna, Filters()) == ["Aa", "Ee", "Gg"]
    assert found(anna, Filters(collection_ids=(shelf["letters"],))) == ["Gg"]
    assert found(anna, Filters(document_ids=(shelf["txt"], shelf["letter"]))) == ["Ee", "Gg"]
    assert found(anna, Filters(collection_ids=(shelf["letters"],), document_ids=(shelf["txt"],))) == []
    assert found(anna, Filters(media_types=("text/plain",))) == ["Aa", "Ee", "Gg"]
    assert found(anna, Filters(media_types=("image/png",))) == []
    collections.create(boris, "Mine")
    assert found(boris, Filters()) == []
    assert found(boris, Filters(document_ids=(shelf["pdf"],))) == []


def test_ids_for_a_filtered_vector_search(passages: Passages, anna: Scope, boris: Scope, shelf: dict[str, str]) -> None:
    assert passages.ids_within(anna, Filters(collection_ids=(shelf["papers"],))) is None
    of_txt = [found.id for found in passages.of_document(anna, shelf["txt"])]
    within = passages.ids_within(anna, Filters(document_ids=(shelf["txt"],)))
    assert within is not None
    assert within.tolist() == of_txt
    papers = passages.ids_of(anna, [shelf["papers"]])
    assert papers.dtype == np.int64
    assert len(papers) == 6
    assert passages.ids_of(boris, [shelf["papers"]]).tolist() == []


def test_vectors_are_stored_once_and_counted(
    passages: Passages, documents: Documents, anna: Scope, shelf: dict[str, str]
) -> None:
    assert passages.count_without_vectors(anna, "mini", shelf["papers"]) == 6
    batch = passages.without_vectors(anna, "mini", shelf["papers"], 4)
    ids = [found.id for found in batch]
    vectors = np.eye(4, 8, dtype=np.float32)
    assert passages.add_vectors(anna, "mini", ids, vectors) == ids
    assert passages.add_vectors(anna, "mini", ids, vectors) == []
    assert documents.get(anna, shelf["pdf"]).embedded == 4
    assert documents.get(anna, shelf["txt"]).embedded == 0
    rest = passages.without_vectors(anna, "mini", shelf["papers"], 100)
    assert [found.text.strip() for found in rest] == ["Ee", "Ff"]
    assert passages.count_without_vectors(anna, "other", shelf["papers"]) == 6
    stored_ids, matrix = passages.vectors("mini")
    assert stored_ids.tolist() == ids == passages.vector_ids("mini").tolist()
    assert matrix.dtype == np.float16
    np.testing.assert_array_equal(matrix, vectors)


def test_vectors_come_in_pieces_and_by_collection(passages: Passages, anna: Scope, shelf: dict[str, str]) -> None:
    for name in ("papers", "letters"):
        ids = [found.id for found in passages.without_vectors(anna, "mini", shelf[name], 100)]
        passages.add_vectors(anna, "mini", ids, np.full((len(ids), 3), len(ids), np.float32))
    all_ids, _ = passages.vectors("mini")
    assert len(all_ids) == 8
    first, _ = passages.vectors("mini", limit=3)
    rest, _ = passages.vectors("mini", after_id=int(first[-1]))
    assert [*first, *rest] == all_ids.tolist()
    letters, matrix = passages.vectors("mini", [shelf["letters"]])
    assert len(letters) == 2
    assert (matrix == 2).all()
    none, empty = passages.vectors("unknown")
    assert (len(none), empty.shape) == (0, (0, 0))


def test_collections_that_lack_vectors(passages: Passages, anna: Scope, shelf: dict[str, str]) -> None:
    lacking = {collection_id for _, collection_id, _ in passages.collections_without_vectors("mini")}
    assert lacking == {shelf["papers"], shelf["letters"]}
    ids = [found.id for found in passages.without_vectors(anna, "mini", shelf["letters"], 100)]
    passages.add_vectors(anna, "mini", ids, np.ones((len(ids), 3), np.float32))
    assert passages.collections_without_vectors("mini") == [(anna, shelf["papers"], "Papers")]


def test_vectors_of_deleted_or_foreign_passages_are_left_out(
    passages: Passages, documents: Documents, anna: Scope, boris: Scope, shelf: dict[str, str]
) -> None:
    gone = [found.id for found in passages.of_document(anna, shelf["pdf"])]
    kept = [found.id for found in passages.of_document(anna, shelf["txt"])]
    documents.delete(anna, shelf["pdf"])
    ids = gone + kept
    assert passages.add_vectors(boris, "mini", ids, np.ones((len(ids), 3), np.float32)) == []
    assert passages.add_vectors(anna, "mini", ids, np.ones((len(ids), 3), np.float32)) == kept
    assert passages.vector_ids("mini").tolist() == kept


def test_deleting_a_document_deletes_its_vectors(
    passages: Passages, documents: Documents, anna: Scope, shelf: dict[str, str]
) -> None:
    ids = [found.id for found in passages.of_document(anna, shelf["pdf"])]
    passages.add_vectors(anna, "mini", ids, np.ones((len(ids), 3), np.float32))
    documents.delete(anna, shelf["pdf"])
    assert passages.vector_ids("mini").tolist() == []


def test_as_many_vectors_as_passages(passages: Passages, anna: Scope) -> None:
    with pytest.raises(BadInput, match="2 passages came with 3 vectors"):
        passages.add_vectors(anna, "mini", [1, 2], np.ones((3, 4), np.float32))


def test_stale_ids_find_nothing_after_a_replacement(
    passages: Passages, documents: Documents, files: FileStore, anna: Scope, shelf: dict[str, str], catalogue: Catalogue
) -> None:
    before = [found.id for found in passages.of_document(anna, shelf["txt"])]
    add_document(documents, files, anna, shelf["papers"], "b.txt", ["Xx ", "Yy "])
    after = [found.id for found in passages.of_document(anna, shelf["txt"])]
    assert passages.by_ids(anna, before) == {}
    assert min(after) > max(before)
