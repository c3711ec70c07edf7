from __future__ import annotations

import math
from pathlib import Path

import pytest

from headwater.core.errors import BadInput
from headwater.documents.beir import load_beir, ndcg, recall


def write(folder: Path, corpus: str, queries: str, qrels: str) -> Path:
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "corpus.jsonl").write_text(corpus)
    (folder / "queries.jsonl").write_text(queries)
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


CORPUS = '{"_id": "d1", "title": "T", "text": "One"}\n\n{"_id": 2, "text": "Two"}\n'
QUERIES = '{"_id": "q1", "text": "one?"}\n{"_id": "q2", "text": "two?"}\n{"_id": "q3", "text": "unjudged?"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t2\t0\nq2\t2\t1\n"


def test_a_set_is_read(tmp_path: Path) -> None:
    known = load_beir(write(tmp_path, CORPUS, QUERIES, QRELS))
    assert [(one.id, one.title, one.text) for one in known.documents] == [("d1", "T", "One"), ("2", "", "Two")]
    assert known.queries == {"q1": "one?", "q2": "two?"}
    assert known.grades == {"q1": {"d1": 2}, "q2": {"2": 1}}


@pytest.mark.parametrize(
    ("corpus", "queries", "qrels", "said"),
    [
        ("{broken", QUERIES, QRELS, "line 1 is not JSON"),
        ('{"id": 1}', QUERIES, QRELS, "no '_id'"),
        (CORPUS, QUERIES, "q1 d1 2\n", "line 1 is 'q1 d1 2'"),
        (CORPUS, QUERIES, "q1\td1\thigh\n", "line 1"),
        ("", QUERIES, QRELS, "0 documents"),
        (CORPUS, QUERIES, "q9\td1\t1\n", "0 judged queries"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, corpus: str, queries: str, qrels: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_beir(write(tmp_path, corpus, queries, qrels))
    assert said in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"corpus\.jsonl is missing"):
        load_beir(tmp_path)


def test_ndcg_is_that_of_trec_eval() -> None:
    grades = {"a": 3, "b": 1, "c": 2}
    assert ndcg(["a", "c", "b"], grades) == pytest.approx(1.0)
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["x", "b", "a"], grades) == pytest.approx((1 / math.log2(3) + 3 / 2) / ideal)
    assert ndcg([], grades) == 0.0
    assert ndcg(["a"], {}) == 0.0
    assert ndcg(["x"] * 10 + ["a"], grades) == 0.0


def test_recall() -> None:
    assert recall(["a", "x"], {"a": 1, "b": 1}) == 0.5
    assert recall(["x"] * 10 + ["a"], {"a": 1}) == 0.0
    assert recall([], {}) == 0.0
