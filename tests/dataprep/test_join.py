from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dataprep import join
from headwater.dataprep.characters import mixed
from headwater.dataprep.join import Sets, similar_clusters

base_sets = st.lists(st.frozensets(st.integers(0, 30), max_size=16), min_size=1, max_size=12)
edits = st.lists(st.tuples(st.integers(0, 11), st.sets(st.integers(0, 30), max_size=3)), max_size=12)


def truth(sets: list[frozenset[int]], threshold: float) -> list[int]:
    """Every pair compared, one after the other."""
    names = list(range(len(sets)))
    for i in range(len(sets)):
        for j in range(i):
            union = len(sets[i] | sets[j])
            if sets[i] and sets[j] and len(sets[i] & sets[j]) >= threshold * union and names[i] != names[j]:
                low, high = min(names[i], names[j]), max(names[i], names[j])
                names = [low if name == high else name for name in names]
    return names


@settings(max_examples=150, deadline=None)
@given(base_sets, edits, st.sampled_from([0.3, 0.5, 0.7, 0.85, 1.0]))
def test_clusters_are_exactly_those_of_all_pairs(
    base: list[frozenset[int]], changes: list[tuple[int, set[int]]], threshold: float
) -> None:
    sets = [*base, *(base[place % len(base)] ^ change for place, change in changes)]
    hashed = [np.sort(mixed(np.array(sorted(one), dtype=np.uint64))) for one in sets]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in hashed])]).astype(np.int64)
    assert similar_clusters(Sets(np.concatenate(hashed), starts), threshold).tolist() == truth(sets, threshold)


def test_nothing_to_join() -> None:
    assert similar_clusters(Sets(np.zeros(0, dtype=np.uint64), np.zeros(1, dtype=np.int64)), 0.7).tolist() == []


def test_sets_on_disk_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    base = [frozenset(rng.integers(0, 90, 20).tolist()) for _ in range(40)]
    sets = [*base, *(one ^ {int(rng.integers(0, 90))} for one in base), frozenset(), *base[:5]]
    hashed = [np.sort(mixed(np.array(sorted(one), dtype=np.uint64))) for one in sets]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in hashed])]).astype(np.int64)
    np.concatenate(hashed).tofile(tmp_path / "members")
    monkeypatch.setattr(join, "PIECE", 50)
    assert similar_clusters(Sets(tmp_path / "members", starts), 0.7).tolist() == truth(sets, 0.7)
