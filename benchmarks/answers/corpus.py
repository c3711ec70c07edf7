"""XQuAD as collections that can be asked: paragraphs as documents, questions with the place of their answer."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.core.protocols import Embedder
from headwater.core.types import Filters, Hit, Passage, Scope
from headwater.documents.passages import PassageLimits
from headwater.documents.search import Searcher, SearchParts
from headwater.documents.trial import TrialCollection, TrialDocument
from headwater.documents.vectors import VectorIndex

HELD_OUT = range(36, 48)
TRAINING = range(36)
NOBODY = Scope("benchmark")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; `name` is its document, `article` counts from 0."""

    name: str
    article: int
    title: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A question; its answer is `gold`, at `start`..`end` of the paragraph called `paragraph`."""

    id: str
    text: str
    paragraph: str
    article: int
    start: int
    end: int
    gold: str


@dataclass(frozen=True)
class QuestionSet:
    """Paragraphs and their questions in one language."""

    language: str
    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Asked, ...]

    def of(self, articles: Iterable[int]) -> QuestionSet:
        """Return the part of some articles."""
        chosen = set(articles)
        return QuestionSet(
            self.language,
            tuple(paragraph for paragraph in self.paragraphs if paragraph.article in chosen),
            tuple(question for question in self.questions if question.article in chosen),
        )


def read_json(path: Path) -> object:
    """Read a JSON file, or the same with .xz behind its name."""
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    with lzma.open(f"{path}.xz", "rt", encoding="utf-8") as file:
        return json.load(file)


def xquad(data: Path, language: str) -> QuestionSet:
    """Read XQuAD in one language, all 48 articles."""
    content = read_json(data / "xquad" / f"xquad.{language}.json")
    paragraphs, questions = [], []
    for number, article in enumerate(content["data"]):  # type: ignore[index]
        title = article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            name = f"{number:02d}-{len(paragraphs):03d}.txt"
            paragraphs.append(Paragraph(name, number, title, paragraph["context"]))
            for row in paragraph["qas"]:
                gold, start = row["answers"][0]["text"], row["answers"][0]["answer_start"]
                questions.append(Asked(row["id"], row["question"], name, number, start, start + len(gold), gold))
    return QuestionSet(language, tuple(paragraphs), tuple(questions))


class Library:
    """Paragraphs as one searchable collection with the product's own search."""

    def __init__(
        self, paragraphs: Sequence[Paragraph], embedder: Embedder | None, limits: PassageLimits | None, titled: bool
    ) -> None:
        self.names = tuple(paragraph.name for paragraph in paragraphs)
        self._collection = TrialCollection(limits)
        self._collection.add(TrialDocument(p.name, p.text, p.title if titled else "") for p in paragraphs)
        if embedder is not None:
            self._collection.embed(embedder)
        parts = SearchParts(self._collection, VectorIndex(self._collection, None), lambda: embedder)
        self.search = Searcher(parts)

    def close(self) -> None:
        """Remove the temporary index."""
        self._collection.__exit__()

    def without(self, name: str | None) -> Filters:
        """Return filters that take one document out of the collection."""
        return Filters(document_ids=tuple(other for other in self.names if other != name)) if name else Filters()

    def neighbours(self, passage: Passage, scope: Scope, before: int = 1, after: int = 1) -> list[Passage]:
        """Passages around one of the same document."""
        del scope
        known = self._collection.passages
        around = (known.get(number) for number in range(passage.id - before, passage.id + after + 1))
        return [other for other in around if other is not None and other.document_id == passage.document_id]


def holds(hit: Hit, question: Asked) -> bool:
    """Whether a hit holds the whole gold answer in its own paragraph."""
    passage = hit.passage
    inside = passage.start <= question.start and question.end <= passage.end
    return passage.document_id == question.paragraph and inside
