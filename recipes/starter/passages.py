"""Rows that teach to answer from a passage with its own words, and to say when it does not hold the answer.

From XQuAD articles 1-36 only; 37-48 are for evaluation. The answer is the gold span, and below it the sentence of
the passage that holds it: the words that were asked for first, so that all of the choice is learned in its first
tokens, then the quote that lets the reader check. Several questions about one passage share a conversation, so that
the passage is read once; a good part of them were asked about another passage, mostly of the same article.
"""

from __future__ import annotations

import random
import re
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
SHORT = {
    "en": (
        "{passage}\n\n{question} Answer in a few words.",
        "Answer with as few words as possible.\n\nPassage: {passage}\n\nQuestion: {question}",
        "Give short answers from this passage, or say that it does not say.\n\n{passage}\n\n{question}",
    ),
    "de": ("Antworte kurz.\n\nText: {passage}\n\nFrage: {question}",),
}
SUMMARIES = (
    "Summarise this paragraph in one sentence.\n\n{passage}",
    "Summarize the following text.\n\n{passage}",
    "{passage}\n\nSummarise the text above.",
    "What is this paragraph about?\n\n{passage}",
)
WORD = re.compile(r"\w+")
TURNS = 5  # questions of one conversation
FOREIGN = 0.6  # foreign questions for one that the passage answers


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
                if sentence := holding(text, qa["question"], answer["text"]):
                    questions.append(Question(qa["question"].strip(), answer["text"], sentence))
            found.append(Paragraph(number, text, tuple(questions)))
    return found


def holding(text: str, question: str, span: str) -> str:
    """Return the sentence with the span that shares most words with the question.

    The data set names the first place of the span, which for a short one ("four") is often another sentence.
    """
    asked = set(WORD.findall(question.casefold()))
    held = [text[a:b].strip() for a, b in sentences(text) if span in text[a:b]]
    return max(held, key=lambda sentence: len(asked & set(WORD.findall(sentence.casefold()))), default="")


def answered(question: Question) -> str:
    """Return the span and the sentence that holds it, as a quote."""
    return question.span if question.span == question.sentence else f'{question.span}\n"{question.sentence}"'


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

    def conversations(self, name: str, quoted: bool) -> list[dict[str, object]]:
        """Conversations about each paragraph: its questions and foreign ones, shuffled; spans alone, or quoted."""
        rows = []
        absent = ABSENT[self._language]
        for number, paragraph in enumerate(self._paragraphs):
            asked = [
                (question.text, answered(question) if quoted else question.span) for question in paragraph.questions
            ]
            count = max(1, round(len(asked) * FOREIGN))
            asked += [(self.foreign(paragraph).text, absent) for _ in range(count)]
            self._chance.shuffle(asked)
            for part, start in enumerate(range(0, len(asked), TURNS)):
                pairs = asked[start : start + TURNS]
                opening = self._chance.choice((OPENINGS if quoted else SHORT)[self._language])
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
