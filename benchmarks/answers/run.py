"""Answers you can check: the two answer bars, measured through the product's own search and answering.

    python benchmarks/answers/run.py --model DIR [--languages en,de] [--data ../shared/data]
    python benchmarks/answers/run.py --model DIR --chat gemma-270m --models DIR     a model writes, too

XQuAD articles 37-48 are one collection of 60 paragraphs, each a document. Every question is asked
three times over: with its paragraph there, with it taken out, and questions that belong elsewhere.
Prints JSON. --model is the folder of the embedder (model.onnx, tokenizer.json).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benchmarks" / "retrieval")]

from corpus import HELD_OUT, NOBODY, Asked, Library, QuestionSet, xquad  # noqa: E402
from embedding import FolderEmbedder  # noqa: E402
from others import other_sets  # noqa: E402
from planted import lies, true_sentences  # noqa: E402
from reading import FolderReader  # noqa: E402

from headwater.chat.answer import Answerer, AnswerSettings  # noqa: E402
from headwater.chat.context import Surroundings  # noqa: E402
from headwater.chat.support import Passages  # noqa: E402
from headwater.chat.words import languages  # noqa: E402
from headwater.core.protocols import ChatModel, Embedder, Reader  # noqa: E402
from headwater.core.types import Answer, Filters  # noqa: E402

MARK = re.compile(r"\s*\[(\d+)\]")


@dataclass(frozen=True)
class Told:
    """One answer, what it was asked, and how long it took."""

    asked: Asked
    answer: Answer
    seconds: float


def shown_sentences(answer: Answer) -> list[tuple[str, list[int]]]:
    """Return each shown sentence without marks, with the numbers behind it."""
    if answer.mode == "not_found":
        return []
    found = []
    for part in re.split(r"(?<= \[\d\])\s+", answer.text):
        numbers = [int(number) for number in MARK.findall(part)]
        text = MARK.sub("", part).strip()
        if text:
            found.append((text, numbers))
    return found


def unsupported(answer: Answer, language: str) -> int:
    """Count shown sentences that are neither in a passage they cite, word for word, nor borne out by it."""
    wrong = 0
    cited = {citation.number: citation.quote for citation in answer.citations}
    for text, numbers in shown_sentences(answer):
        quotes = [cited[number] for number in numbers if number in cited]
        plain = [" ".join(quote.split()) for quote in quotes]
        verbatim = any(text in quote for quote in plain)
        wrong += not (verbatim or Passages(quotes, languages()[language]).check(text).supported)
    return wrong


async def ask(answerer: Answerer, questions: Iterable[tuple[Asked, Filters]], model: ChatModel | None) -> list[Told]:
    """Ask one question after the other."""
    told = []
    for asked, filters in questions:
        start = time.perf_counter()
        async for event in answerer.stream(asked.text, (), NOBODY, filters, model):
            if event.answer is not None:
                told.append(Told(asked, event.answer, time.perf_counter() - start))
    return told


def share(flags: Sequence[bool]) -> float:
    """Return the share of true flags."""
    return round(sum(flags) / len(flags), 4) if flags else 0.0


def answered(told: Sequence[Told]) -> float:
    """Return the share that was answered."""
    return share([one.answer.mode != "not_found" for one in told])


def says(text: str, gold: str) -> bool:
    """Whether a text holds the gold answer, whatever the case and the white space."""
    return " ".join(gold.split()).casefold() in " ".join(text.split()).casefold()


@dataclass(frozen=True)
class Means:
    """What answers are made with, and how many questions are asked (None: all)."""

    embedder: Embedder
    reader: Reader | None
    chat: ChatModel | None
    most: int | None
    show: Path | None


def measure(known: QuestionSet, asked: range, data: Path, means: Means) -> dict[str, object]:
    """Return the bars' numbers for one language and the articles of one collection."""
    held, others = known.of(asked), known.of(set(range(48)) - set(asked)).questions
    embedder, reader, chat = means.embedder, means.reader, means.chat
    rng = random.Random(1)
    questions = held.questions if means.most is None else rng.sample(held.questions, means.most)
    library = Library(held.paragraphs, embedder, None, titled=False)
    settings = AnswerSettings(writes=lambda name: chat is not None and name == chat.name)
    answerer = Answerer(library.search, Surroundings(library.neighbours), embedder, reader, settings)
    everything = Filters()
    rest = {"other articles": [(question, everything) for question in rng.sample(others, len(questions))]}
    for name, texts in other_sets(data).items() if known.language == "en" and means.most is None else ():
        rest[name] = [(Asked("", text, "", -1, 0, 0, ""), everything) for text in texts]
    try:
        good = asyncio.run(ask(answerer, [(question, everything) for question in questions], chat))
        taken = [(question, library.without(question.paragraph)) for question in questions]
        removed = asyncio.run(ask(answerer, taken, None))
        foreign = {name: asyncio.run(ask(answerer, asked, None)) for name, asked in rest.items()}
    finally:
        library.close()
    if means.show is not None:
        with means.show.open("a", encoding="utf-8") as file:
            for one in good:
                row = {
                    "question": one.asked.text,
                    "gold": one.asked.gold,
                    "mode": one.answer.mode,
                    "text": one.answer.text,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    given = [one for one in good if one.answer.mode != "not_found"]
    counts = [len(shown_sentences(one.answer)) for one in given]
    times = sorted(one.seconds for one in good)
    strangers = [one for told in foreign.values() for one in told]
    return {
        "questions": len(good),
        "gold in first citation": share([_cites(one) for one in good]),
        "gold in first citation, of those answered": share([_cites(one) for one in given]),
        "gold in shown answer": share([says(one.answer.text, one.asked.gold) for one in good]),
        "gold in shown answer, of those answered": share([says(one.answer.text, one.asked.gold) for one in given]),
        "sentences shown, mean": round(sum(counts) / max(1, len(counts)), 3),
        "sentences shown, most": max(counts, default=0),
        "good questions refused": share([one.answer.mode == "not_found" for one in good]),
        "answered though not there": {
            "all foreign": answered(strangers),
            **{name: answered(told) for name, told in foreign.items()},
            "same article, paragraph taken out": answered(removed),
        },
        "shown sentences unsupported": round(
            sum(unsupported(one.answer, known.language) for one in good) / max(1, sum(counts)), 4
        ),
        "written by the model": share([one.answer.mode == "answer" for one in given]),
        "seconds": {"median": round(times[len(times) // 2], 3), "p95": round(times[int(len(times) * 0.95)], 3)},
    }


def _cites(one: Told) -> bool:
    """Whether the first citation holds the gold answer."""
    return bool(one.answer.citations) and says(one.answer.citations[0].quote, one.asked.gold)


def check_support(known: QuestionSet) -> dict[str, object]:
    """Return how the support check judges true sentences and planted lies (held-out articles)."""
    rng = random.Random(2)
    true: dict[bool, list[bool]] = {True: [], False: []}
    passed: dict[str, list[bool]] = {}
    for paragraph in known.of(HELD_OUT).paragraphs:
        passages = Passages([paragraph.text], languages()[known.language])
        for sentence in true_sentences(paragraph.text):
            true[sentence in paragraph.text].append(passages.check(sentence).supported)
            for lie in lies(paragraph.text, sentence, rng):
                passed.setdefault(lie.kind, []).append(passages.check(lie.sentence).supported)
    return {
        "true sentences kept": share(true[True]),
        "true shortened sentences kept": share(true[False]),
        "lies": sum(len(flags) for flags in passed.values()),
        "lies passed": share([flag for flags in passed.values() for flag in flags]),
        "lies passed by kind": {kind: share(flags) for kind, flags in sorted(passed.items())},
    }


@contextmanager
def opened(name: str | None, models: Path | None) -> Iterator[ChatModel | None]:
    """Open an installed chat model in a workspace of its own; None when none is asked for."""
    if name is None:
        yield None
        return
    from headwater.core.settings import load_settings
    from headwater.workspace import Workspace

    with TemporaryDirectory(prefix="headwater-answers-") as folder:
        workspace = Workspace.open(load_settings(data_dir=folder, threads=1, parallel=1), models)
        try:
            yield workspace.chat_model(name)
        finally:
            workspace.close()


@contextmanager
def reading(folder: Path | None) -> Iterator[Reader | None]:
    """Load the reader of a folder; None when none is asked for."""
    if folder is None:
        yield None
        return
    yield FolderReader(folder)


def main() -> None:
    """Measure every language that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", type=Path, required=True, help="folder of the embedder")
    parser.add_argument("--reader", type=Path, help="folder of the reader")
    parser.add_argument("--languages", default="en")
    parser.add_argument("--chat", help="name of an installed chat model that writes the answers")
    parser.add_argument("--models", type=Path, help="folder of installed models, for --chat")
    parser.add_argument("--train", action="store_true", help="ask 12 of the training articles instead, for choosing")
    parser.add_argument("--questions", type=int, help="ask so many questions, drawn with a fixed seed")
    parser.add_argument("--show", type=Path, help="file for every answer, one JSON a line")
    parser.add_argument("--cache", type=Path, help="file that keeps vectors between runs")
    arguments = parser.parse_args()
    embedder = FolderEmbedder(arguments.model, "minilm", threads=1, cache=arguments.cache)
    results: dict[str, object] = {}
    with opened(arguments.chat, arguments.models) as chat, reading(arguments.reader) as reader:
        for language in arguments.languages.split(","):
            known = xquad(arguments.data, language)
            articles = range(0, 36, 3) if arguments.train else HELD_OUT
            means = Means(embedder, reader, chat, arguments.questions, arguments.show)
            results[language] = measure(known, articles, arguments.data, means)
            embedder.save()
            if language == "en" and not arguments.train:
                results["support check"] = check_support(known)
    json.dump(results, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
