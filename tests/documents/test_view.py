from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from headwater.core.types import Filters, Scope
from headwater.documents.trial import TrialCollection, TrialDocument, indexed_text
from headwater.documents.vectors import VectorIndex
from headwater.documents.view import View, Views
from headwater.engines.hashing import HashEmbedder

NOBODY = Scope("test")


@pytest.fixture
def collection() -> Iterator[TrialCollection]:
    with TrialCollection() as made:
        yield made


def see(views: Views, question: str, with_vectors: bool = True) -> View:
    view = views(question, NOBODY, Filters(), with_vectors)
    assert view is not None
    return view


def test_a_view_tells_which_document_a_passage_lies_in(collection: TrialCollection) -> None:
    collection.add([TrialDocument("a", "One. " * 200), TrialDocument("b", ""), TrialDocument("c", "Two. " * 150)])
    view = see(Views(collection, VectorIndex(collection), lambda: None), "one")
    last = max(collection.passages)
    lies_in = view.run_of(np.array([0, 1, last, last + 1]))
    assert (lies_in[0], lies_in[3]) == (-1, -1)
    assert lies_in[1] != lies_in[2]
    documents = [collection.passages[number].document_id for number in range(1, last + 1)]
    runs = view.run_of(np.arange(1, last + 1)).tolist()
    assert len(set(zip(documents, runs, strict=True))) == 2


def test_vectors_are_looked_at_only_when_asked_and_there(collection: TrialCollection) -> None:
    embedder = HashEmbedder()
    collection.add([TrialDocument("a", "Ducks swim.")])
    views = Views(collection, VectorIndex(collection), lambda: embedder)
    assert see(views, "ducks").query is None
    collection.embed(embedder)
    assert see(views, "ducks").query is not None
    assert see(views, "ducks", with_vectors=False).query is None


def test_what_is_kept_of_a_collection_follows_its_changes(collection: TrialCollection) -> None:
    collection.add([TrialDocument("a", "The ducks swim on the pond and the geese fly over it.")])
    views = Views(collection, VectorIndex(collection), lambda: None)
    assert len(see(views, "Enten").runs) == 1
    german = "Die Enten schwimmen auf dem Teich und die Gänse fliegen über das Haus, weil es kalt ist."
    collection.add([TrialDocument(f"d{number}", german) for number in range(9)])
    view = see(views, "Ente")
    assert len(view.runs) == 10
    # One word does not tell its language: now it is read as German too, and finds the plural.
    assert int((view.matches.scores > 0).sum()) == 9


def test_an_empty_collection_has_no_view(collection: TrialCollection) -> None:
    assert Views(collection, VectorIndex(collection), lambda: None)("x", NOBODY, Filters(), True) is None


def test_titles_and_headings_are_indexed_and_the_text_stays_as_it_is(collection: TrialCollection) -> None:
    collection.add([TrialDocument("a", "# Food\n\nThey eat weeds.", title="Ducks")])
    passage = collection.passages[1]
    assert indexed_text(passage) == "Ducks > Food\n# Food\n\nThey eat weeds."
    assert (passage.text, passage.start) == ("# Food\n\nThey eat weeds.", 0)
    view = see(Views(collection, VectorIndex(collection), lambda: None), "ducks")
    assert view.matches.scores[0] > 0
