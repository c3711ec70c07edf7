"""How good search is on a set with known answers: keywords, vectors, both, and both re-ranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from headwater.core.progress import Progress, Report, silent
from headwater.core.protocols import Embedder, Reranker
from headwater.core.types import Filters, Hit, Scope
from headwater.documents.beir import CUT, BeirSet, load_beir, ndcg, recall
from headwater.documents.rerank import RERANKED, rerank
from headwater.documents.search import Arm, Searcher, SearchParts
from headwater.documents.trial import TrialCollection, TrialDocument
from headwater.documents.vectors import VectorIndex

NOBODY = Scope("evaluation")
PASSAGES_LOOKED_AT = 100
ArmScores = Mapping[str, float]


def evaluate_retrieval(
    directory: Path, embedder: Embedder | None, reranker: Reranker | None = None, report: Report = silent
) -> dict[str, ArmScores | None]:
    """Return {"keyword": {"ndcg@10", "recall@10"}, "dense", "hybrid", "reranked"}; None for an arm without its model.

    A document's score is that of its best passage. A result with the id of the query itself is left
    out, as BEIR does. Raises BadInput, EngineFailed.
    """
    return evaluate_set(load_beir(directory), embedder, reranker, report)


def evaluate_set(
    known: BeirSet, embedder: Embedder | None, reranker: Reranker | None = None, report: Report = silent
) -> dict[str, ArmScores | None]:
    """Evaluate a set that was read already, see `evaluate_retrieval`."""
    with TrialCollection() as collection:
        collection.add(TrialDocument(document.id, document.text, document.title) for document in known.documents)
        if embedder is not None:
            collection.embed(embedder, report)
        search = _Ranking(collection, Searcher(SearchParts(collection, VectorIndex(collection), lambda: embedder)))
        return {
            "keyword": _scores(known, lambda question: search.documents(question, "keyword"), "keyword", report),
            "dense": _scores(known, lambda question: search.documents(question, "dense"), "dense", report)
            if embedder
            else None,
            "hybrid": _scores(known, lambda question: search.documents(question, "hybrid"), "hybrid", report),
            "reranked": _scores(known, lambda question: search.reranked(question, reranker), "reranked", report)
            if reranker
            else None,
        }


def _scores(known: BeirSet, rank: Callable[[str], list[str]], name: str, report: Report) -> ArmScores:
    gains, recalls = [], []
    for number, (query, text) in enumerate(known.queries.items(), 1):
        ranked = [document for document in rank(text) if document != query]
        gains.append(ndcg(ranked, known.grades[query]))
        recalls.append(recall(ranked, known.grades[query]))
        report(Progress(number, len(known.queries), "queries", name))
    return {"ndcg@10": sum(gains) / len(gains), "recall@10": sum(recalls) / len(recalls)}


class _Ranking:
    """Documents in the order of their best passages."""

    def __init__(self, collection: TrialCollection, searcher: Searcher) -> None:
        self._collection = collection
        self._searcher = searcher

    def documents(self, question: str, arm: Arm) -> list[str]:
        return _first_of_each([hit.passage.document_id for hit in self._hits(question, arm)])[: CUT + 1]

    def reranked(self, question: str, model: Reranker | None) -> list[str]:
        """The best passage of each of the first documents, read again by the model."""
        hits = self._hits(question, "hybrid")
        best: dict[str, Hit] = {}
        for hit in hits:
            best.setdefault(hit.passage.document_id, hit)
        looked_at = list(best.values())
        if model is not None:
            looked_at = rerank(question, looked_at, model, RERANKED)
        return [hit.passage.document_id for hit in looked_at][: CUT + 1]

    def _hits(self, question: str, arm: Arm) -> list[Hit]:
        scored = self._searcher.scored(question, NOBODY, Filters(), PASSAGES_LOOKED_AT, arm)
        passages = self._collection.passages
        return [
            Hit(passages[number], score)
            for number, score in zip(scored.ids.tolist(), scored.scores.tolist(), strict=True)
        ]


def _first_of_each(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))
