from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from headwater.documents import vectors
from headwater.documents.vectors import Shelf, VectorIndex, among

Ids = npt.NDArray[np.int64]


class Source:
    """Vectors in memory; counts how many rows were handed out."""

    def __init__(self) -> None:
        self.rows: dict[int, npt.NDArray[np.float16]] = {}
        self.read = 0

    def add(self, *ids: int) -> None:
        self.rows.update((number, unit(number)) for number in ids)

    def vectors(
        self, embedder: str, collection_ids: Sequence[str] | None = None, after_id: int = 0, limit: int | None = None
    ) -> tuple[Ids, npt.NDArray[np.float16]]:
        ids = sorted(number for number in self.rows if number > after_id)[:limit]
        self.read += len(ids)
        rows = np.stack([self.rows[number] for number in ids]) if ids else np.empty((0, 0), np.float16)
        return np.array(ids, np.int64), rows


def unit(number: int) -> npt.NDArray[np.float16]:
    row = np.random.default_rng(number).standard_normal(16)
    return (row / np.linalg.norm(row)).astype(np.float16)


def ids(*numbers: int) -> Ids:
    return np.array(numbers, np.int64)


@pytest.fixture
def source() -> Source:
    made = Source()
    made.add(*range(1, 51))
    return made


def nearest(shelf: Shelf, number: int, limit: int = 3, allowed: Ids | None = None) -> list[int]:
    return shelf.search(unit(number).astype(np.float32), limit, allowed)[0].tolist()


def test_search_is_exact(source: Source) -> None:
    shelf = VectorIndex(source).shelf("e", "c", np.arange(1, 51))
    query = unit(7).astype(np.float32)
    matrix = np.stack([source.rows[number].astype(np.float32) for number in range(1, 51)])
    expected = np.argsort(-(matrix @ query))[:5] + 1
    found, cosines = shelf.search(query, 5)
    assert found.tolist() == expected.tolist()
    assert cosines == pytest.approx(np.sort(matrix @ query)[::-1][:5], abs=1e-4)


def test_what_is_new_is_found_without_reading_the_rest_again(source: Source) -> None:
    index = VectorIndex(source)
    index.shelf("e", "c", np.arange(1, 51))
    assert source.read == 50
    source.add(60, 61)
    shelf = index.shelf("e", "c", np.append(np.arange(1, 51), [60, 61]))
    assert nearest(shelf, 60)[0] == 60
    assert source.read == 52


def test_many_small_additions_become_few_parts(source: Source) -> None:
    index, live = VectorIndex(source), np.arange(1, 51)
    for number in range(100, 140):
        source.add(number)
        live = np.append(live, number)
        shelf = index.shelf("e", "c", live)
    assert len(shelf.parts) <= vectors.MOST_PARTS
    assert [nearest(shelf, number)[0] for number in (1, 100, 125, 139)] == [1, 100, 125, 139]
    assert shelf.size == 90


def test_deleted_passages_are_not_found(source: Source) -> None:
    index = VectorIndex(source)
    index.shelf("e", "c", np.arange(1, 51))
    del source.rows[7]
    shelf = index.shelf("e", "c", np.delete(np.arange(1, 51), 6))
    assert 7 not in nearest(shelf, 7, limit=50)
    assert len(nearest(shelf, 7, limit=50)) == 49


def test_a_shelf_with_many_dead_vectors_is_made_anew(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "DEAD_SHARE", 0.01)
    index = VectorIndex(source)
    index.shelf("e", "c", np.arange(1, 51))
    for number in range(1, 21):
        del source.rows[number]
    assert index.shelf("e", "c", np.arange(21, 51)).size == 30


def test_vectors_that_came_late_for_older_passages_are_taken_in(source: Source) -> None:
    del source.rows[7]
    index, live = VectorIndex(source), np.arange(1, 51)
    assert 7 not in nearest(index.shelf("e", "c", live), 7, limit=50)
    source.add(7, 51)
    assert nearest(index.shelf("e", "c", np.arange(1, 52)), 7)[0] == 7


def test_a_search_may_be_limited(source: Source) -> None:
    shelf = VectorIndex(source).shelf("e", "c", np.arange(1, 51))
    assert nearest(shelf, 7, limit=10, allowed=ids(3, 9, 70)) in ([3, 9], [9, 3])
    assert nearest(shelf, 7, allowed=ids()) == []


def test_vectors_come_back_with_zeros_for_what_is_missing(source: Source) -> None:
    known, rows = VectorIndex(source).shelf("e", "c", np.arange(1, 51)).vectors(ids(7, 99, 3))
    assert known.tolist() == [True, False, True]
    assert rows[0] == pytest.approx(unit(7), abs=1e-3)
    assert not rows[1].any()


def test_an_empty_collection_has_an_empty_shelf() -> None:
    shelf = VectorIndex(Source()).shelf("e", "c", ids())
    assert (shelf.size, shelf.last_id, shelf.ids().tolist()) == (0, 0, [])
    assert shelf.search(np.ones(16, np.float32), 3)[0].tolist() == []


def test_large_shelves_are_kept_in_files(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "SAVED_FROM", 10)
    live = np.arange(1, 51)
    VectorIndex(source, tmp_path).shelf("org/model:v1", "c", live)
    source.read = 0
    source.add(60)
    shelf = VectorIndex(source, tmp_path).shelf("org/model:v1", "c", np.append(live, 60))
    assert source.read == 1
    assert [nearest(shelf, number)[0] for number in (7, 60)] == [7, 60]


def test_a_broken_file_is_made_anew(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(vectors, "SAVED_FROM", 10)
    VectorIndex(source, tmp_path).shelf("e", "c", np.arange(1, 51))
    (tmp_path / "e" / "c.npz").write_bytes(b"PK broken")
    assert nearest(VectorIndex(source, tmp_path).shelf("e", "c", np.arange(1, 51)), 7)[0] == 7
    assert "made anew" in caplog.text


def test_deleted_passages_leave_the_files_too(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "SAVED_FROM", 10)
    index = VectorIndex(source, tmp_path)
    index.shelf("e", "c", np.arange(1, 51))
    index.discard([1000])
    assert (tmp_path / "e" / "c.npz").exists()
    del source.rows[7]
    index.discard([7])
    assert not (tmp_path / "e" / "c.npz").exists()
    index.shelf("e", "c", np.delete(np.arange(1, 51), 6))
    with np.load(tmp_path / "e" / "c.npz") as stored:
        assert 7 not in stored["ids"]
    index.forget("c")
    assert not (tmp_path / "e" / "c.npz").exists()


def test_searches_go_on_while_vectors_are_added(source: Source) -> None:
    index, wrong = VectorIndex(source), []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            shelf = index.shelf("e", "c", np.array(sorted(source.rows.copy()), np.int64))
            if nearest(shelf, 7)[0] != 7:
                wrong.append(shelf.size)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(100, 160):
        source.rows = {**source.rows, number: unit(number)}
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert nearest(index.shelf("e", "c", np.array(sorted(source.rows), np.int64)), 159)[0] == 159


def test_among() -> None:
    assert among(ids(1, 5, 9), ids(5, 6, 9)).tolist() == [False, True, True]
    assert among(ids(), ids(1)).tolist() == []
    assert among(ids(1), ids()).tolist() == [False]
