"""Rows that teach to answer from a passage with its own words, and to say when it does not hold the answer.

From XQuAD articles 1-36 only; 37-48 are for evaluation. The answer is the sentence of the passage that holds the
gold span. Several questions about one passage share a conversation, so that the passage is read once; a good
part of them were asked about another passage, mostly of the same article.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from identity import row

from headwater.chat.prompt import NOTHING, grounded
from headwater.core.sentences import sentences
from headwater.core.types import Hit, Passage

ABSENT = {
    "en": "The passage does not say.",
    "de": "Der Text sagt das nicht.",
    "es": "El texto no lo dice.",
}
OPENINGS = {
    "en": (
        "{passage}\n\n{question}",
        "Passage: {passage}\n\nQuestion: {question}",
        "Read this passage and answer the question.\n\n{passage}\n\nQuestion: {question}",
        "Answer from the text.\n\nText: {passage}\n\n{question}",
        "{question}\n\n{passage}",
        "Context: {passage}\n\nQuestion: {question}\nAnswer with the words of the context.",
        "Use only this passage to answer. If it does not hold the answer, say so.\n\n{passage}\n\n{question}",
    ),
    "de": ("{passage}\n\n{question}", "Text: {passage}\n\nFrage: {question}"),
    "es": ("{passage}\n\n{question}", "Texto: {passage}\n\nPregunta: {question}"),
}
SHORT = (
    "{passage}\n\n{question} Answer in a few words.",
    "Answer with as few words as possible.\n\nPassage: {passage}\n\nQuestion: {question}",
)
SUMMARIES = (
    "Summarise this paragraph in one sentence.\n\n{passage}",
    "Summarize the following text.\n\n{passage}",
    "{passage}\n\nSummarise the text above.",
    "What is this paragraph about?\n\n{passage}",
)
LONGEST_ANSWER = 320  # characters


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a passage: the gold span and the sentence that holds it."""

    text: str
    span: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage with its questions. `article` is its number from 0."""

    article: int
    text: str
    questions: tuple[Question, ...]


def paragraphs(data: Any, articles: range) -> list[Paragraph]:
    """Return the paragraphs of some XQuAD articles."""
    found = []
    for number in articles:
        for paragraph in data["data"][number]["paragraphs"]:
            text = paragraph["context"]
            questions = []
            for qa in paragraph["qas"]:
                answer = qa["answers"][0]
                start = answer["answer_start"]
                end = start + len(answer["text"])
                held = [text[a:b] for a, b in sentences(text) if a <= start and end <= b]
                if held and len(held[0]) <= LONGEST_ANSWER:
                    questions.append(Question(qa["question"].strip(), answer["text"], held[0].strip()))
            found.append(Paragraph(number, text, tuple(questions)))
    return found


class PassageRows:
    """Makes rows from paragraphs; every choice comes from one seed."""

    def __init__(self, found: list[Paragraph], language: str, chance: random.Random) -> None:
        self._paragraphs, self._language, self._chance = found, language, chance

    def foreign(self, paragraph: Paragraph) -> Question:
        """Return a question that this paragraph does not answer, mostly of the same article."""
        while True:
            near = self._chance.random() < 0.7
            other = self._chance.choice(self._paragraphs)
            if other is paragraph or near != (other.article == paragraph.article) or not other.questions:
                continue
            question = self._chance.choice(other.questions)
            if question.span.casefold() not in paragraph.text.casefold():
                return question

    def conversations(self, name: str) -> list[dict[str, object]]:
        """One conversation a paragraph: its questions and foreign ones, shuffled."""
        rows = []
        absent = ABSENT[self._language]
        for number, paragraph in enumerate(self._paragraphs):
            asked = [(question.text, question.sentence) for question in paragraph.questions]
            count = max(1, round(len(asked) * 0.8))
            asked += [(self.foreign(paragraph).text, absent) for _ in range(count)]
            self._chance.shuffle(asked)
            for part, start in enumerate(range(0, len(asked), 5)):
                pairs = asked[start : start + 5]
                opening = self._chance.choice(OPENINGS[self._language])
                first = opening.format(passage=paragraph.text, question=pairs[0][0])
                rows.append(row(f"{name}:{number}:{part}", [(first, pairs[0][1]), *pairs[1:]]))
        return rows

    def numbered(self, name: str, count: int) -> list[dict[str, object]]:
        """Rows in the form in which documents are asked: rules, numbered passages, the question."""
        rows = []
        for number in range(count):
            right = self._chance.choice([p for p in self._paragraphs if p.questions])
            others = [p for p in self._paragraphs if p.article == right.article and p is not right]
            shown = self._chance.sample(others, min(len(others), self._chance.choice((0, 1, 1))))
            absent = self._chance.random() < 0.4
            question = self.foreign(right) if absent else self._chance.choice(right.questions)
            if absent and any(question.span.casefold() in p.text.casefold() for p in shown):
                continue
            shown.insert(self._chance.randint(0, len(shown)), right)
            messages = grounded(question.text, [hit(passage.text, at) for at, passage in enumerate(shown)])
            answer = NOTHING if absent else f"{question.sentence} [{shown.index(right) + 1}]"
            rows.append(row(f"{name}:{number}", [(messages[1].content, answer)], messages[0].content))
        return rows

    def short(self, name: str, count: int) -> list[dict[str, object]]:
        """Rows that want the gold span alone."""
        rows = []
        for number in range(count):
            paragraph = self._chance.choice([p for p in self._paragraphs if p.questions])
            absent = self._chance.random() < 0.4
            question = self.foreign(paragraph) if absent else self._chance.choice(paragraph.questions)
            ask = self._chance.choice(SHORT).format(passage=paragraph.text, question=question.text)
            rows.append(row(f"{name}:{number}", [(ask, ABSENT[self._language] if absent else question.span)]))
        return rows

    def summaries(self, name: str, count: int) -> list[dict[str, object]]:
        """Rows that want a paragraph in one sentence: its first, which in an encyclopaedia says what it is about."""
        rows = []
        for number, paragraph in enumerate(self._chance.sample(self._paragraphs, count)):
            start, end = sentences(paragraph.text)[0]
            ask = self._chance.choice(SUMMARIES).format(passage=paragraph.text)
            rows.append(row(f"{name}:{number}", [(ask, paragraph.text[start:end].strip())]))
        return rows


def hit(text: str, number: int) -> Hit:
    """Return a passage as search would: only its text and its place matter here."""
    name = f"document-{number + 1}.pdf"
    passage = Passage(number, "", name, name, name, 1, 1, None, 0, len(text), text)
    return Hit(passage, 1.0)
