from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest

from headwater.core.errors import NotFound
from headwater.core.protocols import Vectors
from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.documents.passages import PassageLimits, contextual, split
from headwater.documents.search import Searcher, SearchParts
from headwater.documents.terms import terms
from headwater.documents.trial import TrialCollection, TrialDocument
from headwater.documents.vectors import VectorIndex
from headwater.engines.hashing import HashEmbedder
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage
from headwater.storage.tables import UserRow

NOBODY = Scope("test")
SMALL = PassageLimits(24, 8, 60)
DUCKS = (
    "Ducks are birds of the family Anatidae. They swim on ponds and rivers. Ducks eat weeds, insects and small fish. "
)
TAXES = "Income tax is due in April. The rate depends on the income. Late payment costs interest of five percent. "


class Library:
    """A real catalogue with two people, each with documents of their own."""

    def __init__(self, folder: Path) -> None:
        self.catalogue = Catalogue.open(f"sqlite:///{folder / 'catalogue.db'}")
        self.files = FileStore(folder / "files")
        self.documents, self.passages = Documents(self.catalogue, self.files), Passages(self.catalogue)
        self.collections = Collections(self.catalogue, self.files)
        self.embedder: HashEmbedder | None = HashEmbedder()
        self.index = VectorIndex(self.passages, folder / "indexes")
        self.search = Searcher(SearchParts(self.passages, self.index, lambda: self.embedder))

    def user(self, name: str) -> Scope:
        with self.catalogue.writing() as session:
            session.add(UserRow(id=name, name=name, role="user", created=0.0))
        return Scope(name)

    def add(self, scope: Scope, collection_id: str, name: str, *pages: str, embed: bool = True) -> str:
        stored = self.files.put("|".join((name, *pages)).encode(), 10**6)
        added = self.documents.add_version(scope, collection_id, name, stored, "text/plain")
        extraction = Extraction(tuple(Page(number, text) for number, text in enumerate(pages, 1)), paged=True)
        rows = [
            NewPassage(
                span.page_number,
                span.start,
                span.end,
                span.text,
                " ".join(terms(contextual(name, span.heading, span.text))),
                span.heading,
            )
            for span in split(extraction, SMALL)
        ]
        published = self.documents.publish(scope, added.version_id, extraction, rows)
        if embed and self.embedder is not None:
            found = self.passages.by_ids(scope, published.passage_ids)
            texts = [found[number].text for number in published.passage_ids]
            self.passages.add_vectors(scope, self.embedder.name, published.passage_ids, self.embedder.embed(texts))
        return added.document_id


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.catalogue.close()


@pytest.fixture
def anna(library: Library) -> Scope:
    return library.user("anna")


@pytest.fixture
def shelf(library: Library, anna: Scope) -> str:
    return library.collections.create(anna, "Papers").id


def names(library: Library, scope: Scope, question: str, filters: Filters | None = None, limit: int = 5) -> list[str]:
    return [hit.passage.document for hit in library.search(question, scope, filters or Filters(), limit)]


def test_a_question_finds_its_passage_with_the_scores_of_both_arms(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "ducks.txt", DUCKS)
    library.add(anna, shelf, "taxes.txt", TAXES)
    best = library.search("What do ducks eat?", anna, Filters(), 5)[0]
    assert best.passage.document == "ducks.txt"
    assert "insects" in best.passage.text
    assert best.keyword is not None and 0 < best.keyword <= 1
    assert best.dense is not None and -1 <= best.dense <= 1
    assert 0 < best.score <= 1
    page = library.documents.page(anna, best.passage.document_id, best.passage.page_number).text
    assert page[best.passage.start : best.passage.end] == best.passage.text


def test_nobody_finds_what_is_not_theirs(library: Library, anna: Scope, shelf: str) -> None:
    boris = library.user("boris")
    library.add(anna, shelf, "ducks.txt", DUCKS)
    assert names(library, boris, "ducks") == []
    with pytest.raises(NotFound):
        library.search("ducks", boris, Filters(collection_ids=(shelf,)), 5)
    own = library.collections.create(boris, "Own").id
    library.add(boris, own, "geese.txt", "Geese are not ducks at all.")
    assert set(names(library, boris, "ducks")) == {"geese.txt"}
    assert set(names(library, anna, "ducks")) == {"ducks.txt"}


def test_scores_do_not_depend_on_what_others_have(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "ducks.txt", DUCKS)
    before = library.search("ducks on ponds", anna, Filters(), 5)
    boris = library.user("boris")
    library.add(boris, library.collections.create(boris, "Own").id, "more.txt", DUCKS * 5)
    assert library.search("ducks on ponds", anna, Filters(), 5) == before


def test_filters_limit_a_search(library: Library, anna: Scope, shelf: str) -> None:
    first = library.add(anna, shelf, "ducks.txt", DUCKS)
    other = library.collections.create(anna, "Other").id
    library.add(anna, other, "pond.txt", "A pond with ducks.")
    assert set(names(library, anna, "ducks")) == {"ducks.txt", "pond.txt"}
    assert set(names(library, anna, "ducks", Filters(collection_ids=(other,)))) == {"pond.txt"}
    assert set(names(library, anna, "ducks", Filters(document_ids=(first,)))) == {"ducks.txt"}


def test_without_vectors_keywords_find_at_once(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "ducks.txt", DUCKS, embed=False)
    hit = library.search("duck", anna, Filters(), 1)[0]
    assert (hit.passage.document, hit.dense) == ("ducks.txt", None)
    library.embedder = None
    assert names(library, anna, "duck", limit=1) == ["ducks.txt"]


def test_a_passage_that_waits_for_its_vector_is_found_among_others(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "taxes.txt", TAXES)
    library.add(anna, shelf, "ducks.txt", DUCKS, embed=False)
    assert names(library, anna, "What do ducks eat?", limit=1) == ["ducks.txt"]


def test_a_new_version_replaces_the_old_one_in_both_arms(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "notes.txt", DUCKS)
    assert names(library, anna, "ducks eat weeds") != []
    library.add(anna, shelf, "notes.txt", TAXES)
    assert all("uck" not in hit.passage.text for hit in library.search("ducks eat weeds", anna, Filters(), 5))
    assert names(library, anna, "income tax")[0] == "notes.txt"


def test_a_deleted_document_is_gone(library: Library, anna: Scope, shelf: str) -> None:
    document = library.add(anna, shelf, "ducks.txt", DUCKS)
    library.add(anna, shelf, "taxes.txt", TAXES)
    names(library, anna, "ducks")
    library.documents.delete(anna, document)
    assert "ducks.txt" not in names(library, anna, "ducks eat weeds")


def test_hits_do_not_overlap_and_are_exact(library: Library, anna: Scope, shelf: str) -> None:
    library.add(anna, shelf, "long.txt", DUCKS * 10, DUCKS * 3 + TAXES * 4)
    hits = library.search("ducks eat insects and income tax", anna, Filters(), 20)
    taken: dict[int, list[tuple[int, int]]] = {}
    for hit in hits:
        one = hit.passage
        page = library.documents.page(anna, one.document_id, one.page_number).text
        assert page[one.start : one.end] == one.text
        for start, end in taken.get(one.page_number, []):
            assert one.end <= start or end <= one.start
        taken.setdefault(one.page_number, []).append((one.start, one.end))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(library.search("ducks", anna, Filters(), 3)) <= 3


def test_nothing_to_search_gives_nothing(library: Library, anna: Scope, shelf: str) -> None:
    assert names(library, anna, "ducks") == []
    library.add(anna, shelf, "ducks.txt", DUCKS)
    assert len(names(library, anna, "", limit=3)) <= 3
    assert names(library, anna, "zzzz qqqq", Filters(document_ids=("none",))) == []


@pytest.mark.parametrize("question", ['" OR 1=1 --', "NEAR(a b) *", "\x00\ud800", "?" * 5000, "word " * 3000])
def test_odd_questions_are_only_words(library: Library, anna: Scope, shelf: str, question: str) -> None:
    library.embedder = None
    library.add(anna, shelf, "ducks.txt", DUCKS)
    assert isinstance(library.search(question, anna, Filters(), 3), list)


class Preferring:
    """A re-ranking model that likes one word."""

    name = "preferring"

    def __init__(self, word: str) -> None:
        self._word = word

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(self._word in text) for text in texts]


def test_a_reranking_model_is_asked_when_there_is_one() -> None:
    with TrialCollection(SMALL) as collection:
        collection.add([TrialDocument("a", "Ducks swim on ponds."), TrialDocument("b", "Ducks dislike deserts.")])
        parts = SearchParts(collection, VectorIndex(collection), reranker=lambda: Preferring("deserts"))
        hits = Searcher(parts)("Where do ducks swim on ponds?", NOBODY, Filters(), 2)
        assert [(hit.passage.document, hit.rerank) for hit in hits] == [("b", 1.0), ("a", 0.0)]


class Synonyms:
    """An embedder for which a car is an automobile."""

    name = "synonyms"
    dimensions = 4

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        import numpy as np

        rows = [[("car" in t or "automobile" in t) + 0.01, "tree" in t, "sea" in t, 0.1] for t in map(str.lower, texts)]
        array = np.array(rows, np.float32)
        unit: Vectors = array / np.linalg.norm(array, axis=1, keepdims=True)
        return unit


def test_the_vector_arm_finds_what_shares_no_word() -> None:
    with TrialCollection(SMALL) as collection:
        collection.add(
            [
                TrialDocument("t", "A tall tree."),
                TrialDocument("s", "The open sea."),
                TrialDocument("c", "His automobile."),
            ]
        )
        embedder = Synonyms()
        collection.embed(embedder)
        search = Searcher(SearchParts(collection, VectorIndex(collection), lambda: embedder))
        best = search("car", NOBODY, Filters(), 1)[0]
        assert (best.passage.document, best.keyword) == ("c", None)
