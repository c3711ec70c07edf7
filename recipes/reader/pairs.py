"""What the reader learns from: questions with a passage that answers them, or does not.

Real questions come from XQuAD with passages that nearly answer them (the same article, near words,
the answering sentence taken out, another name in the question), and from dolly. Made ones turn a
sentence of Wikipedia into a rough question about one of its numbers, names or phrases.
"""

from __future__ import annotations

import bz2
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from corpus import NOBODY, Asked, Library, QuestionSet

from headwater.chat.words import languages
from headwater.core.sentences import sentences
from headwater.core.types import Filters

NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*")
NUMBER = re.compile(r"\b\d[\d,.]*\b")
CANDIDATES = 12


@dataclass(frozen=True)
class Pair:
    """A question and a passage; its answer at `start`..`end`, (-1, -1) where only the relevance is known."""

    question: str
    passage: str
    answered: bool
    start: int = -1
    end: int = -1


class RealPairs:
    """Pairs of one language of XQuAD; `articles` alone are read."""

    def __init__(self, known: QuestionSet) -> None:
        self._texts = {paragraph.name: paragraph.text for paragraph in known.paragraphs}
        self._questions = known.questions
        self._names = sorted({name for question in known.questions for name in NAME.findall(question.text)})
        self._perturbed = known.language in ("en", "de", "es")
        article = {paragraph.name: paragraph.article for paragraph in known.paragraphs}
        library = Library(known.paragraphs, None, None, titled=False)
        self._near: dict[str, tuple[list[str], list[str]]] = {}
        try:
            for question in known.questions:
                hits = library.search(question.text, NOBODY, Filters(), CANDIDATES)
                found = dict.fromkeys(hit.passage.document_id for hit in hits)
                wrong = [name for name in found if question.gold not in self._texts[name]]
                same = [name for name in wrong if article[name] == question.article]
                self._near[question.id] = (same[:4], [name for name in wrong if name not in same][:6])
        finally:
            library.close()

    def make(self, rng: random.Random) -> Pair:
        """Draw a pair: half answered, half nearly so."""
        question = rng.choice(self._questions)
        text = self._texts[question.paragraph]
        same, other = self._near[question.id]
        kind = rng.random()
        made: Pair | None = None
        if kind < 0.5:
            return cropped(Pair(question.text, text, True, question.start, question.end), rng)
        if kind < 0.82:
            near = same if kind < 0.72 else other
            made = Pair(question.text, self._texts[rng.choice(near)], False) if near else None
        elif kind < 0.93:
            made = self._without(question, text)
        elif self._perturbed:
            twisted = _twisted(question.text, self._names, rng)
            made = Pair(twisted, text, False) if twisted else None
        return made or self.make(rng)

    def _without(self, question: Asked, text: str) -> Pair | None:
        rest = without(text, question.start, question.end)
        gone = rest is not None and question.gold.casefold() not in rest.casefold()
        return Pair(question.text, rest, False) if gone and rest else None


def cropped(pair: Pair, rng: random.Random) -> Pair:
    """Keep the whole passage, or some whole sentences around the answer."""
    ranges = sentences(pair.passage)
    holding = [n for n, (start, end) in enumerate(ranges) if start < pair.end and pair.start < end]
    if len(ranges) < 3 or not holding or rng.random() < 0.6:
        return pair
    first = rng.randint(0, holding[0])
    last = rng.randint(holding[-1], len(ranges) - 1)
    low, high = ranges[first][0], ranges[last][1]
    return Pair(pair.question, pair.passage[low:high], True, pair.start - low, pair.end - low)


def without(text: str, start: int, end: int) -> str | None:
    """Return the text without the sentences that touch a range; None when nothing would be left."""
    ranges = sentences(text)
    kept = [(low, high) for low, high in ranges if not (low < end and start < high)]
    return " ".join(text[low:high] for low, high in kept) if 0 < len(kept) < len(ranges) else None


def _twisted(question: str, names: list[str], rng: random.Random) -> str | None:
    """Put another number or name into a question."""
    numbers, named = list(NUMBER.finditer(question)), list(NAME.finditer(question))
    if not numbers and not named:
        return None
    match = rng.choice(numbers + named)
    if match in numbers:
        new = "".join(str(rng.randint(0, 9)) if c.isdigit() and place else c for place, c in enumerate(match.group()))
    else:
        new = rng.choice(names)
    twisted = question[: match.start()] + new + question[match.end() :]
    return twisted if new.casefold() not in question.casefold() else None


MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = rf"\b(?:in |on |of |since |by )?((?:{MONTHS})(?: \d{{1,2}})?,? ?\d{{0,4}}|1\d{{3}}s?|20[0-2]\d)\b"
COUNT = r"\b(\d[\d,.]*\d(?: (?:percent|million|billion|people|years))?|two|three|four|five|six|seven|ten)(?=[ ,.])"
NAMED = r"(?<=[a-z,;] )((?:the )?[A-Z][\w\-]+(?:(?: of| the| de| and)? [A-Z][\w\-]+)*)"
THING = r"\b((?:a|an|the|his|her|their) (?:[a-z\-]+ ){0,2}[a-z\-]{4,})(?=[ ,.;])"
PHRASE = r"(?<= )((?:[a-z\-]+ ){1,4}[a-z\-]{5,})(?=[,.;])"
# What of a sentence is asked for, with which words, and how often.
ASKABLE = (
    (DATE, ("when", "what year", "in what year"), 3),
    (COUNT, ("how many", "how much"), 3),
    (NAMED, ("who", "what", "which", "where", "what is the name of"), 5),
    (THING, ("what", "which", "what kind of"), 2),
    (PHRASE, ("what", "how", "why"), 2),
)


class MadePairs:
    """Pairs whose question is a sentence of Wikipedia with a gap, some words lost."""

    def __init__(self, dump: Path) -> None:
        self._pages = wiki_paragraphs(dump)
        self._all = [(title, number) for title, texts in self._pages.items() for number in range(len(texts))]
        self._function = languages()["en"].function
        self._patterns = [(re.compile(pattern), asking) for pattern, asking, _ in ASKABLE]

    def make(self, rng: random.Random) -> Pair:
        """Draw a pair: 55 % answered, else another paragraph of the page or the sentence taken out."""
        while True:
            title, number = rng.choice(self._all)
            made = self._try(self._pages[title], number, rng)
            if made is not None:
                return made

    def _try(self, page: list[str], number: int, rng: random.Random) -> Pair | None:
        text = page[number]
        low, high = rng.choice(sentences(text))
        sentence = text[low:high]
        pattern, asking = rng.choices(self._patterns, [weight for _, _, weight in ASKABLE])[0]
        found = [match for match in pattern.finditer(sentence) if len(match.group(1)) < 60]
        if not 40 < len(sentence) < 350 or not found:
            return None
        match = rng.choice(found)
        question = self._question(sentence, match, rng.choice(asking), rng)
        kind = rng.random()
        if question is None:
            return None
        if kind < 0.55:
            return cropped(Pair(question, text, True, low + match.start(1), low + match.end(1)), rng)
        if kind < 0.75:
            others = [other for other in page if other != text and match.group(1) not in other]
            return Pair(question, rng.choice(others), False) if others else None
        rest = without(text, low, high)
        return Pair(question, rest, False) if rest and match.group(1) not in rest else None

    def _question(self, sentence: str, match: re.Match[str], asking: str, rng: random.Random) -> str | None:
        left, right = (self._thinned(part, rng) for part in (sentence[: match.start(1)], sentence[match.end(1) :]))
        if rng.random() < 0.4:
            left, right = right, left
        telling = [word for word in left + right if word.casefold() not in self._function]
        if not 2 <= len(telling) <= 14:
            return None
        words = [asking, *left, *right] if rng.random() < 0.75 else [*left, asking, *right]
        text = " ".join(words).rstrip(",.") + ("?" if rng.random() < 0.9 else "")
        return text[0].upper() + text[1:] if rng.random() < 0.5 else text

    def _thinned(self, part: str, rng: random.Random) -> list[str]:
        pieces = re.split(r"[,;]", part)
        part = rng.choice(pieces) if len(pieces) > 2 and rng.random() < 0.6 else part
        return [
            word
            for word in part.strip(" ,.;").split()
            if rng.random() > (0.42 if word.casefold() in self._function else 0.22)
        ]


class ContextPairs:
    """Questions of dolly that came with a text."""

    def __init__(self, data: Path) -> None:
        rows = (data / "dolly_hhrlhf" / "dolly_hhrlhf_train_small.jsonl").read_text("utf-8").splitlines()
        self._rows: list[tuple[str, str, str]] = []
        for row in map(json.loads, rows):
            asked, _, text = row["prompt"].split("### Instruction:\n")[1].split("\n\n### Response")[0].partition("\n")
            if 10 < len(asked) < 200 and "?" in asked and 250 < len(text) < 2500:
                self._rows.append((asked, text.strip(), row["response"].strip().rstrip(".")))

    def make(self, rng: random.Random) -> Pair:
        """Draw a pair: 60 % answered."""
        question, text, response = rng.choice(self._rows)
        if rng.random() < 0.4:
            return Pair(question, rng.choice(self._rows)[1], False)
        place = text.find(response) if len(response) < 200 else -1
        return Pair(question, text, True, place, place + len(response) if place >= 0 else -1)


def wiki_paragraphs(dump: Path) -> dict[str, list[str]]:
    """Return running paragraphs of a MediaWiki dump, by page title, without markup."""
    raw = bz2.decompress(dump.read_bytes()).decode("utf-8")
    pages: dict[str, list[str]] = defaultdict(list)
    for page in re.findall(r"<page>(.*?)</page>", raw, re.S):
        title, text = re.search(r"<title>(.*?)</title>", page), re.search(r"<text[^>]*>(.*?)</text>", page, re.S)
        if title is None or text is None or text.group(1).lower().startswith("#redirect"):
            continue
        for paragraph in _plain(text.group(1)).split("\n"):
            clean = " ".join(paragraph.split())
            if 250 < len(clean) < 1600 and clean[0] not in "*#:;|!={" and clean.count(".") > 1 and "|" not in clean:
                pages[title.group(1)].append(clean)
    return {title: texts for title, texts in pages.items() if texts}


def _plain(text: str) -> str:
    for mark, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"), ("&nbsp;", " ")):
        text = text.replace(mark, plain)
    text = re.sub(r"<!--.*?-->|<ref[^>]*/>|<ref.*?</ref>|<[^>]+>", "", text, flags=re.S)
    before = None
    while before != text:  # templates and tables nest: the innermost go first
        before = text
        text = re.sub(r"\{\{[^{}]*\}\}|\{\|(?:(?!\{\||\|\}).)*\|\}", "", text, flags=re.S)
    text = re.sub(r"\[\[(?:File|Image|Category)[^\[\]]*(?:\[\[[^\]]*\]\][^\[\]]*)*\]\]", "", text)
    text = re.sub(r"\[\[(?:[^|\]]*\|)?([^\]]*)\]\]", r"\1", text)
    return re.sub(r"'{2,}", "", re.sub(r"\[https?://\S+ ?([^\]]*)\]", r"\1", text))
