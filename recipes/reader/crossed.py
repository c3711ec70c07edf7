"""Questions that name what the documents are about and ask what they do not say.

A question of one article gets a name of another: "What is the capital of Poland?" becomes "What is
the capital of Kenya?" and is asked of the article on Kenya. Scripts and languages where a capital
letter marks a name only.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

from corpus import Asked, QuestionSet

CASED = ("en", "es", "ru", "fr", "it", "pt", "nl", "tr", "ro", "pl", "el")
WORDS = re.compile(r"(?<=[\w,;] )[^\W\d_]\w+(?:-\w+)*(?: [^\W\d_]\w+(?:-\w+)*)*")


class Crossing:
    """Makes crossed questions of one language."""

    def __init__(self, known: QuestionSet) -> None:
        self._questions = [question for question in known.questions if _names(question.text)]
        texts: dict[int, str] = {}
        for paragraph in known.paragraphs:
            texts[paragraph.article] = f"{texts.get(paragraph.article, '')}\n{paragraph.text}"
        self._names = {article: [name for name, _ in _common(text)] for article, text in texts.items()}

    def make(self, article: int, rng: random.Random) -> Asked | None:
        """Return a question about a common name of `article` that another article's question asks for."""
        others = [question for question in self._questions if question.article != article]
        if not others or not self._names[article]:
            return None
        question = rng.choice(others)
        old, new = rng.choice(_names(question.text)), rng.choice(self._names[article])
        return replace(question, id=f"crossed {question.id}", text=question.text.replace(old, new), paragraph="")


def _names(text: str) -> list[str]:
    found = []
    for run in WORDS.findall(text):
        name: list[str] = []
        for word in [*run.split(" "), ""]:
            if word[:1].isupper():
                name.append(word)
            elif name:
                found.append(" ".join(name))
                name = []
    return [name for name in found if len(name) > 2]


def _common(text: str) -> list[tuple[str, int]]:
    """Return the names that a text says most often."""
    return Counter(_names(text)).most_common(4)
