"""Lanes and stacking inside the worker, without a process."""

from __future__ import annotations

import numpy as np

from headwater.engines.encoder import unstack
from headwater.engines.encoder_child import Lane, Request, stack

SPEC = {"name": "x", "model": "m", "tokenizer": "t", "dimensions": 3}


def request(number: int, count: int) -> Request:
    return Request({"id": number, "spec": SPEC, "items": list(range(count))})


def test_items_are_taken_in_order_and_the_last_one_ends_the_request():
    lane = Lane()
    first, second = request(1, 2), request(2, 1)
    lane.add(first)
    lane.add(second)
    taken = [lane.take() for _ in range(3)]
    assert [(r.id, n) for r, n in taken] == [(1, 0), (1, 1), (2, 0)]
    row = {"embedding": np.zeros(3)}
    assert [lane.finish(r, n, row) for r, n in (taken[1], taken[0], taken[2])] == [False, True, True]
    assert all(r is row for r in first.rows)


def test_an_error_spares_the_rest_of_its_request_only():
    lane = Lane()
    first, second = request(1, 5), request(2, 1)
    lane.add(first)
    lane.add(second)
    a, b = lane.take(), lane.take()
    assert lane.finish(*a, "went wrong") is False  # the other taken item is still in work
    assert lane.take()[0] is second
    assert lane.finish(*b, "again") is True
    assert first.error == "went wrong"


def test_rows_are_stacked_and_cut_again():
    random = np.random.default_rng(1)
    rows = [
        {
            "pair_logits": random.normal(size=2),
            "token_logits": random.normal(size=(length, 2)),
            "offsets": random.integers(0, 9, (length, 2)),
            "segments": random.integers(0, 2, length),
        }
        for length in (3, 7, 3)
    ]
    for found, row in zip(unstack(stack(rows), 3), rows, strict=True):
        assert found.keys() == row.keys()
        assert all(np.array_equal(found[name], row[name]) for name in row)
