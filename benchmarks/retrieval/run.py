"""Quality of search on three kinds of sets, each arm, beside h2oGPT's default with the same embedder. Prints JSON.

    python benchmarks/retrieval/run.py --model DIR [--exact DIR] [--data ../shared/data]

--model is an encoder folder (model.onnx, tokenizer.json), such as the one `headwater models pull minilm`
leaves; --exact is the same model in float32, which adds the loss of the 8-bit build in points.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from embedding import FolderEmbedder
from h2ogpt import VectorSearch
from recall import Found, TokenRecall
from sets import SpanSet, chunking, cranfield, xquad

from headwater.core.types import Filters, Passage
from headwater.documents.evaluate import NOBODY, evaluate_set
from headwater.documents.search import Searcher, SearchParts
from headwater.documents.trial import TrialCollection, TrialDocument
from headwater.documents.vectors import VectorIndex

BUDGETS = (1500, 600, 300)
PASSAGES = 60
LANGUAGES = ("en", "de", "es", "zh", "ru", "ar")


def main() -> None:
    arguments = _arguments()
    data, cache = arguments.data, arguments.cache
    wanted = set(arguments.sets.split(","))
    embedder = FolderEmbedder(arguments.model, "measured", cache=cache)
    results: dict[str, object] = {}
    if "chunking" in wanted:
        results["chunking token recall"] = span_recall(chunking(data), embedder, arguments.model)
        embedder.save()
    if "cranfield" in wanted:
        results["cranfield (grades 1-4 as gains 4-1, -1 left out)"] = rounded(evaluate_set(cranfield(data), embedder))
        embedder.save()
    if "xquad" in wanted:
        part = "1-36" if arguments.train else "37-48"
        for language in arguments.languages.split(","):
            known = xquad(data, language, held_out=not arguments.train)
            results[f"xquad {language}, articles {part}"] = rounded(evaluate_set(known, embedder))
            embedder.save()
    if arguments.exact:
        results["loss of the 8-bit build in points"] = loss(data, embedder, arguments.exact)
    json.dump(results, sys.stdout, indent=1)
    print()


def span_recall(known: SpanSet, embedder: FolderEmbedder, model: Path) -> dict[str, dict[str, float]]:
    """Token recall of each arm within each budget, and of a first hit limit of 10."""
    measure = TokenRecall(str(model / "tokenizer.json"))
    with TrialCollection() as collection:
        collection.add(TrialDocument(name, text) for name, text in known.documents.items())
        collection.embed(embedder)
        searcher = Searcher(SearchParts(collection, VectorIndex(collection), lambda: embedder))

        def arm(name: str) -> Callable[[str], list[Found]]:
            def search(question: str) -> list[Found]:
                ids = searcher.scored(question, NOBODY, Filters(), PASSAGES, name).ids  # type: ignore[arg-type]
                return [found(collection.passages[number]) for number in ids[:PASSAGES].tolist()]

            return search

        def hybrid(limit: int) -> Callable[[str], list[Found]]:
            return lambda question: [found(hit.passage) for hit in searcher(question, NOBODY, Filters(), limit)]

        arms = {
            "keyword": arm("keyword"),
            "dense": arm("dense"),
            "hybrid": hybrid(PASSAGES),
            "hybrid, passages not joined": arm("hybrid"),
            "hybrid, 10 hits": hybrid(10),
        }
        baseline = VectorSearch(known.documents, embedder)
        arms["h2oGPT default"] = lambda question: baseline(question, PASSAGES)
        return {name: _recalls(known, search, measure) for name, search in arms.items()}


def _recalls(known: SpanSet, search: Callable[[str], list[Found]], measure: TokenRecall) -> dict[str, float]:
    results = [(question, search(question.text)) for question in known.questions]
    return {
        f"{budget} tokens": round(sum(measure(q, hits, budget) for q, hits in results) / len(results), 4)
        for budget in BUDGETS
    }


def found(passage: Passage) -> Found:
    """What a passage covers of its document."""
    return Found(passage.document_id, passage.start, passage.end, passage.text)


def loss(data: Path, embedder: FolderEmbedder, exact_model: Path) -> dict[str, float]:
    """nDCG@10 of float32 less that of the measured build, in points, for the arms with vectors."""
    exact = FolderEmbedder(exact_model, "float32")
    lost = {}
    for name, known in (("cranfield", cranfield(data)), ("xquad en", xquad(data, "en", held_out=True))):
        here, there = evaluate_set(known, embedder), evaluate_set(known, exact)
        for arm in ("dense", "hybrid"):
            lost[f"{name} {arm}"] = round(100 * (there[arm]["ndcg@10"] - here[arm]["ndcg@10"]), 2)  # type: ignore[index]
    return lost


def rounded(scores: object) -> object:
    """Numbers with four places."""
    return json.loads(json.dumps(scores), parse_float=lambda text: round(float(text), 4))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--exact", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default="chunking,cranfield,xquad")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--train", action="store_true", help="XQuAD articles 1-36 instead of 37-48.")
    parser.add_argument("--cache", type=Path, help="File that keeps vectors between runs.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
