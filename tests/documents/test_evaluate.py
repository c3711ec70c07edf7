from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from headwater.core.progress import Progress
from headwater.documents.beir import BeirDocument, BeirSet
from headwater.documents.evaluate import evaluate_retrieval, evaluate_set
from headwater.engines.hashing import HashEmbedder

ANIMALS = {"duck": "swims on ponds and quacks", "horse": "gallops over fields", "heron": "stands in reeds for hours"}


def known() -> BeirSet:
    documents = tuple(BeirDocument(name, name.title(), f"The {name} {does}.") for name, does in ANIMALS.items())
    queries = {f"q-{name}": f"Which animal {does}?" for name, does in ANIMALS.items()}
    return BeirSet(documents, queries, {f"q-{name}": {name: 1} for name in ANIMALS})


class Backwards:
    """A model that finds the shortest text best."""

    name = "backwards"

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [1 / len(text) for text in texts]


def test_every_arm_with_a_model_is_measured() -> None:
    scores = evaluate_set(known(), HashEmbedder(), Backwards())
    assert set(scores) == {"keyword", "dense", "hybrid", "reranked"}
    assert scores["keyword"] == scores["hybrid"] == {"ndcg@10": 1.0, "recall@10": 1.0}
    reranked = scores["reranked"]
    assert reranked is not None
    assert reranked["recall@10"] == 1.0
    assert reranked["ndcg@10"] < 1.0


def test_arms_without_a_model_are_null() -> None:
    scores = evaluate_set(known(), None)
    assert scores["dense"] is None
    assert scores["reranked"] is None
    assert scores["hybrid"] == {"ndcg@10": 1.0, "recall@10": 1.0}


def test_a_document_that_is_the_query_itself_is_left_out() -> None:
    same = BeirSet(
        (BeirDocument("one", "", "Ducks swim on ponds."), BeirDocument("two", "", "Ducks swim.")),
        {"one": "Ducks swim on ponds."},
        {"one": {"two": 1}},
    )
    assert evaluate_set(same, None)["keyword"] == {"ndcg@10": 1.0, "recall@10": 1.0}


def test_a_folder_is_evaluated_with_progress(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    rows = [{"_id": one.id, "title": one.title, "text": one.text} for one in known().documents]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    queries = [{"_id": name, "text": text} for name, text in known().queries.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    judged = "".join(f"q-{name}\t{name}\t1\n" for name in ANIMALS)
    (tmp_path / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    seen: list[Progress] = []
    scores = evaluate_retrieval(tmp_path, HashEmbedder(), report=seen.append)
    assert scores["hybrid"] == {"ndcg@10": 1.0, "recall@10": 1.0}
    assert {progress.stage for progress in seen} == {"embedding", "keyword", "dense", "hybrid"}
    assert seen[-1].done == seen[-1].total == 3


@pytest.mark.shared_data
def test_stemmed_keywords_find_the_paragraphs_of_questions(shared_data: Path) -> None:
    articles = json.loads((shared_data / "xquad" / "xquad.en.json").read_text("utf-8"))["data"][36:]
    documents, queries, grades = [], {}, {}
    for paragraph in (paragraph for article in articles for paragraph in article["paragraphs"]):
        name = f"p{len(documents)}"
        documents.append(BeirDocument(name, "", paragraph["context"]))
        for question in paragraph["qas"]:
            queries[question["id"]], grades[question["id"]] = question["question"], {name: 1}
    scores = evaluate_set(BeirSet(tuple(documents), queries, grades), None)["hybrid"]
    assert scores is not None
    assert scores["ndcg@10"] > 0.97
