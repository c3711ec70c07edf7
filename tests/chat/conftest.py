"""Small documents, a search over them by shared words, and a reader, so that chat runs without models."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from headwater.core.reading import Reading
from headwater.core.types import Filters, Hit, Passage, Scope

PARAGRAPHS = (
    "The old stone bridge over the Elster was built in 1745 by the mason Johann Krahn. It has seven arches. "
    "In 1813 retreating soldiers blew up two of them, and the town rebuilt both within a year.",
    "The harbour of Port Amsel handles 340,000 containers a year. Its largest crane lifts 900 tonnes. "
    "The harbour master is Ines Okafor, who took office in March 2019.",
    "Employees may work from home on two days of each week. Requests go to the team lead in writing. "
    "Contractors are not covered by this rule.",
    "Marsh orchids flower from late May until the middle of July. They need wet ground that is never ploughed, "
    "and they die when fertiliser reaches the roots.",
    "The library opens at nine in the morning and closes at eight in the evening. On Sundays it stays closed. "
    "Each reader may borrow twelve books for four weeks.",
)
SCOPE = Scope("tester")


def passage(number: int, text: str, start: int = 0, document: str | None = None) -> Passage:
    """A passage on page 1 of a document of its own."""
    name = document or f"document {number}.txt"
    return Passage(number, "c", name, f"{name} 1", name, 1, 1, None, start, start + len(text), text)


def hit(number: int, text: str, score: float = 0.5) -> Hit:
    """A hit on such a passage."""
    return Hit(passage(number, text), score, keyword=score)


class WordSearch:
    """Ranks paragraphs by the words they share with the question; remembers what it was asked."""

    def __init__(self, paragraphs: Sequence[str] = PARAGRAPHS) -> None:
        self.paragraphs = paragraphs
        self.asked: list[tuple[str, Scope, Filters, int]] = []

    def __call__(self, question: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        self.asked.append((question, scope, filters, limit))
        wanted = _stems(question)
        hits = [
            hit(number, text, len(wanted & _stems(text)) / max(1, len(wanted)))
            for number, text in enumerate(self.paragraphs, start=1)
        ]
        return sorted((one for one in hits if one.score), key=lambda one: -one.score)[:limit]


class SpanReader:
    """A reader that finds its answer where a text says `answer`."""

    name = "span-reader"

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.read_texts: list[str] = []

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.read_texts += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Reading:
        tokens = [(match.start(), match.end()) for match in re.finditer(r"\w+", text)]
        place = text.find(self.answer)
        right = np.array([place <= start < place + len(self.answer) for start, _ in tokens])
        logits = np.where(right & (place >= 0), 6.0, -4.0).astype(np.float32)
        return Reading(4.0 if place >= 0 else -4.0, np.array(tokens, np.int64).reshape(-1, 2), logits, logits)


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z0-9]{3,}", text.lower())} - {"what", "when", "which", "many", "does"}


@pytest.fixture
def search() -> WordSearch:
    return WordSearch()
