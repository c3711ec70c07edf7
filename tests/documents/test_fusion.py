from __future__ import annotations

import numpy as np
import pytest

from headwater.documents.fusion import REACH, Signals, coverage, fuse

WIDTH = 2 * REACH + 1
ALONE = [column == REACH for column in range(WIDTH)]


def signals(keyword: list[float], cosine: list[float] | None = None, found: list[int] | None = None) -> Signals:
    """Candidates that stand alone in their documents."""
    count = len(keyword)
    own = np.zeros((count, WIDTH))
    own[:, REACH] = keyword
    bits = np.zeros((count, WIDTH), np.uint64)
    bits[:, REACH] = found or [0] * count
    cosines = None
    if cosine is not None:
        cosines = np.full((count, WIDTH), np.nan)
        cosines[:, REACH] = cosine
    vectors = None if cosine is None else np.eye(count, 8, dtype=np.float32)
    return Signals(own, bits, np.array([2.0, 1.0]), np.array([ALONE] * count), cosines, vectors)


def test_each_arm_raises_the_score() -> None:
    base = signals([0.2, 0.2, 0.4], [0.3, 0.6, 0.3])
    scores = fuse(base, trust=1.0)
    assert scores[1] > scores[0]
    assert scores[2] > scores[0]


def test_scores_lie_between_0_and_1() -> None:
    full = signals([1.0, 0.0], [1.0, -1.0], [3, 0])
    for trust in (0.0, 0.5, 1.0):
        scores = fuse(full, trust)
        assert (scores >= 0).all() and (scores <= 1).all()
    assert fuse(signals([1.0], found=[3]), 1.0)[0] == pytest.approx(1.0)


def test_without_trust_vectors_do_not_count() -> None:
    with_vectors, without = signals([0.2, 0.3], [0.9, 0.1], [1, 1]), signals([0.2, 0.3], found=[1, 1])
    assert fuse(with_vectors, 0.0).tolist() == fuse(without, 1.0).tolist()
    assert fuse(with_vectors, 1.0).argmax() == 0
    assert fuse(with_vectors, 0.0).argmax() == 1


def test_coverage_counts_rare_words_more() -> None:
    weights = np.array([2.0, 1.0, 0.0])
    found = np.array([0b001, 0b010, 0b011, 0b100], np.uint64)
    assert coverage(found, weights) == pytest.approx([2 / 3, 1 / 3, 1.0, 0.0])
    assert coverage(found, np.zeros(3)).tolist() == [0.0] * 4


def test_a_passage_gains_from_neighbours_of_its_own_document_only() -> None:
    keyword, cosine = np.full((2, WIDTH), 0.1), np.full((2, WIDTH), 0.2)
    keyword[:, REACH + 1], cosine[:, REACH + 1] = 0.8, 0.9
    beside = np.array([[True] * WIDTH, ALONE])
    around = Signals(
        keyword,
        np.zeros((2, WIDTH), np.uint64),
        np.array([1.0]),
        beside,
        cosine,
        np.eye(2, 8, dtype=np.float32),
    )
    scores = fuse(around, 1.0)
    assert scores[0] > scores[1]


def test_what_is_near_the_best_passages_is_lifted() -> None:
    near = signals([0.9, 0.1, 0.1], [0.8, 0.2, 0.2])
    vectors = np.array([[1, 0], [0.95, 0.31], [0, 1]], np.float32)
    lifted = Signals(near.keyword, near.found, near.weights, near.beside, near.cosine, vectors)
    scores = fuse(lifted, 1.0)
    assert scores[1] > scores[2]
