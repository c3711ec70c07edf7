"""Time of one hybrid search over 100,000 passages, in a real catalogue on disk. Prints JSON.

    python benchmarks/search_speed/run.py [--passages 100000] [--queries 200] [--model DIR]

The text is made: words of a Zipf-like vocabulary in documents with subjects of their own, so posting
lists are as uneven as in real text; vectors are unit vectors around the subjects. Each query is timed
from the question to joined hits, first without embedding (its vector is at hand), then, given an
encoder folder with --model, with embedding the question on one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
import numpy.typing as npt

from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.documents.search import Searcher, SearchParts
from headwater.documents.terms import terms
from headwater.documents.vectors import VectorIndex
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage
from headwater.storage.users import Users

VOCABULARY = 60_000
WORDS_IN_PASSAGE = 75
PASSAGES_IN_DOCUMENT = 200
SUBJECT_WORDS = 300
DIMENSIONS = 384
BAR_MILLISECONDS = {"p50": 25.0, "p95": 60.0}


class ReadyEmbedder:
    """Gives the vector that the benchmark has at hand."""

    name = "made"
    dimensions = DIMENSIONS

    def __init__(self, random: np.random.Generator) -> None:
        self.vector = unit(random.standard_normal((1, DIMENSIONS)))

    def embed(self, texts: Sequence[str], kind: str = "passage") -> npt.NDArray[np.float32]:
        return self.vector


def unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Rows of length 1."""
    scaled: npt.NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


class Library:
    """Made documents: words by rank follow 1/(rank + 2.7), a third of a passage's words are its subject's."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        letters = np.array(list("abcdefghijklmnoprstuvwy"))
        self.words = ["".join(self.random.choice(letters, 3 + min(rank.bit_length(), 9))) for rank in range(VOCABULARY)]
        chances = 1 / (np.arange(VOCABULARY) + 2.7)
        self.chances = chances / chances.sum()

    def document(self) -> tuple[str, list[str], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """A page of passages, their texts, their vectors, and the words of the subject."""
        subject = self.random.choice(VOCABULARY, SUBJECT_WORDS, p=self.chances)
        shape = (PASSAGES_IN_DOCUMENT, WORDS_IN_PASSAGE)
        drawn = self.random.choice(VOCABULARY, shape, p=self.chances)
        drawn = np.where(self.random.random(shape) < 1 / 3, self.random.choice(subject, shape), drawn)
        texts = [" ".join(self.words[word] for word in row) + "." for row in drawn]
        centre = self.random.standard_normal(DIMENSIONS)
        vectors = unit(centre + 1.2 * self.random.standard_normal((PASSAGES_IN_DOCUMENT, DIMENSIONS)))
        return " ".join(texts), texts, vectors, subject

    def question(self, subject: npt.NDArray[np.int64]) -> str:
        """Four to nine words: of the subject, and some of the commonest ones."""
        chosen = [*self.random.choice(subject, self.random.integers(3, 7)), *self.random.integers(0, 40, 2)]
        return " ".join(self.words[word] for word in chosen) + "?"


def fill(folder: Path, passages_wanted: int, library: Library) -> tuple[Catalogue, Scope, list[tuple[str, object]]]:
    """Publish documents until there are enough passages; return questions with a vector near their subject."""
    catalogue = Catalogue.open(f"sqlite:///{folder / 'catalogue.db'}")
    files = FileStore(folder / "files")
    documents, passages = Documents(catalogue, files), Passages(catalogue)
    scope = Users(catalogue, files).local_owner()
    collection = Collections(catalogue, files).create(scope, "Speed").id
    asked: list[tuple[str, object]] = []
    for number in range(-(-passages_wanted // PASSAGES_IN_DOCUMENT)):
        page, texts, vectors, subject = library.document()
        starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
        rows = [
            NewPassage(1, int(start), int(start) + len(text), text, " ".join(terms(text)))
            for start, text in zip(starts, texts, strict=False)
        ]
        added = documents.add_version(scope, collection, f"{number}.txt", files.put(page.encode(), 10**9), "text/plain")
        published = documents.publish(scope, added.version_id, Extraction((Page(1, page),)), rows)
        passages.add_vectors(scope, ReadyEmbedder.name, published.passage_ids, vectors)
        asked.append(
            (library.question(subject), unit(vectors[:1] + 0.5 * library.random.standard_normal((1, DIMENSIONS)) / 20))
        )
    return catalogue, scope, asked


def milliseconds(work: Callable[[int], object], count: int) -> dict[str, float]:
    """Median and 95th percentile of `count` calls: by the clock, and of this thread's processor time.

    On a machine that others use too, the processor time is what a quiet one would show.
    """
    clock, processor = [], []
    for number in range(count):
        began, used = perf_counter(), thread_time()
        work(number)
        clock.append(1000 * (perf_counter() - began))
        processor.append(1000 * (thread_time() - used))
    shares = {"p50": 50, "p95": 95}
    return {name: round(float(np.percentile(clock, share)), 2) for name, share in shares.items()} | {
        f"processor {name}": round(float(np.percentile(processor, share)), 2) for name, share in shares.items()
    }


def main() -> None:
    arguments = _arguments()
    library = Library(seed=7)
    with tempfile.TemporaryDirectory(prefix="headwater-speed-") as name:
        folder = Path(name)
        began = perf_counter()
        catalogue, scope, asked = fill(folder, arguments.passages, library)
        filled = perf_counter() - began
        results = measure(catalogue, folder, scope, asked, arguments)
        catalogue.close()
    results = {
        "passages": arguments.passages,
        "seconds to fill": round(filled, 1),
        **results,
        "bar ms": BAR_MILLISECONDS,
    }
    json.dump(results, sys.stdout, indent=1)
    print()


def measure(
    catalogue: Catalogue, folder: Path, scope: Scope, asked: list[tuple[str, object]], arguments: argparse.Namespace
) -> dict[str, object]:
    """Time each arm, then a search by a fresh process's index (from the file it keeps)."""
    embedder = ReadyEmbedder(np.random.default_rng(1))
    passages = Passages(catalogue)
    order = np.random.default_rng(3).integers(0, len(asked), arguments.queries)

    def searching(searcher: Searcher, arm: str | None) -> Callable[[int], object]:
        def one(number: int) -> object:
            question, embedder.vector = asked[order[number]]  # type: ignore[assignment]
            if arm is None:
                return searcher(question, scope, Filters(), 10)
            return searcher.scored(question, scope, Filters(), 10, arm)  # type: ignore[arg-type]

        return one

    searcher = Searcher(SearchParts(passages, VectorIndex(passages, folder / "indexes"), lambda: embedder))
    first = milliseconds(searching(searcher, None), 1)["p50"]
    results: dict[str, object] = {"first search, index made from the catalogue, ms": first}
    again = Searcher(SearchParts(passages, VectorIndex(passages, folder / "indexes"), lambda: embedder))
    results["first search of a new process, index file, ms"] = milliseconds(searching(again, None), 1)["p50"]
    for name, arm in (("hybrid, 10 joined hits", None), ("keyword arm", "keyword"), ("vector arm", "dense")):
        results[f"{name}, ms"] = milliseconds(searching(again, arm), arguments.queries)
    if arguments.model is not None:
        results["embedding the question, ms"] = _embedding(arguments, [asked[number][0] for number in order])
    results["peak memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return results


def _embedding(arguments: argparse.Namespace, questions: list[str]) -> dict[str, float]:
    from headwater.engines.encoder_model import EncoderModel, EncoderSpec

    model = EncoderModel(
        EncoderSpec("speed", arguments.model / "model.onnx", arguments.model / "tokenizer.json", DIMENSIONS)
    )
    model.run(questions[0])
    return milliseconds(lambda number: model.run(questions[number]), len(questions))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--model", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
