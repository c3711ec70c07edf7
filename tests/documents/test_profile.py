from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from headwater.core.protocols import Vectors
from headwater.core.types import Filters, Scope
from headwater.documents.profile import Profile, sample_ids
from headwater.documents.search import Searcher, SearchParts
from headwater.documents.trial import TrialCollection, TrialDocument
from headwater.documents.vectors import VectorIndex
from headwater.documents.view import Views
from headwater.engines.hashing import HashEmbedder

TOPICS = ("river water flood bank", "tax income form rate", "engine piston fuel wheel", "poem verse rhyme line")
NOBODY = Scope("test")


class RandomEmbedder:
    """Knows no language: the vector of a text has nothing to do with it."""

    name = "random"
    dimensions = 32

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Vectors:
        rows = np.stack([np.random.default_rng(abs(hash(text)) % 2**32).standard_normal(32) for text in texts])
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


def texts() -> list[TrialDocument]:
    random = np.random.default_rng(1)
    return [
        TrialDocument(f"d{number}", f"The {' and the '.join(random.permutation(topic.split()))} of item {number}.")
        for number in range(30)
        for topic in [TOPICS[number % 4]]
    ]


def trust_of(embedder: RandomEmbedder | HashEmbedder) -> float:
    with TrialCollection() as collection:
        collection.add(texts())
        collection.embed(embedder)
        view = Views(collection, VectorIndex(collection), lambda: embedder)("the river", NOBODY, Filters(), True)
        assert view is not None
        return view.trust


def test_an_embedder_that_knows_the_language_is_trusted_and_one_that_does_not_is_not() -> None:
    assert trust_of(HashEmbedder()) > 0.8
    assert trust_of(RandomEmbedder()) < 0.3


def test_vectors_that_mean_nothing_do_not_harm_the_ranking() -> None:
    with TrialCollection() as collection:
        collection.add([*texts(), TrialDocument("wanted", "A heron stands in the reeds at dusk.")])
        embedder = RandomEmbedder()
        collection.embed(embedder)
        search = Searcher(SearchParts(collection, VectorIndex(collection), lambda: embedder))
        hits = search("Where does the heron stand at dusk?", NOBODY, Filters(), 5)
        assert hits[0].passage.document == "wanted"


def test_few_passages_are_no_measure() -> None:
    with TrialCollection() as collection:
        collection.add(texts()[:3])
        embedder = RandomEmbedder()
        collection.embed(embedder)
        view = Views(collection, VectorIndex(collection), lambda: embedder)("the river", NOBODY, Filters(), True)
        assert view is not None
        assert view.trust == 1.0


def test_trust_goes_by_language_and_else_by_all() -> None:
    profile = Profile(10, 10, ("english",), {"russian": 0.1}, 0.9)
    assert (profile.trust_in("russian"), profile.trust_in("english")) == (0.1, 0.9)


@pytest.mark.parametrize(
    ("passages", "vectors", "fits"), [(100, 100, True), (140, 100, True), (200, 100, False), (100, 50, False)]
)
def test_a_profile_holds_while_the_collection_is_much_the_same(passages: int, vectors: int, fits: bool) -> None:
    assert Profile(100, 100).fits(passages, vectors) is fits


def test_the_sample_has_stretches_and_is_the_same_each_time() -> None:
    sample = sample_ids(np.arange(1000))
    assert len(sample) == 150
    assert len(set(sample.tolist())) == 150
    assert (np.diff(sample) == 1).sum() == 147
    assert sample.tolist() == sample_ids(np.arange(1000)).tolist()
    assert sample_ids(np.arange(3)).tolist() == [0, 1, 2]
