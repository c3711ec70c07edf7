"""Questions to collections of different sizes and passage lengths, as evidence with the right answers marked.

Four cases of each question: its answering paragraph is there ("good"), that paragraph is taken out
("removed"), a question of other articles or of another data set is asked instead ("foreign"), and one
that names what the documents are about but asks what they do not say ("crossed").
Only articles 1-36 of XQuAD and sets that may be trained on are read.

    python recipes/reader/cases.py --data ../shared/data --model .build/models/minilm --out /tmp/cases
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks" / "answers"), str(ROOT / "benchmarks" / "retrieval")]

from corpus import NOBODY, TRAINING, Asked, Library, QuestionSet, holds, xquad  # noqa: E402
from crossed import CASED, Crossing  # noqa: E402
from embedding import FolderEmbedder  # noqa: E402
from reading import FolderReader  # noqa: E402

from headwater.chat.context import Surroundings, widen  # noqa: E402
from headwater.chat.evidence import Evidence, gather  # noqa: E402
from headwater.core.protocols import Reader  # noqa: E402
from headwater.core.types import Hit  # noqa: E402
from headwater.documents.passages import PassageLimits  # noqa: E402

LANGUAGES = ("en", "de", "es", "ru", "ar", "zh")
LIMITS = {"usual": None, "short": PassageLimits(60, 25, 120), "long": PassageLimits(220, 80, 300)}
SEARCHED, READ = 16, 8
COLLECTION = 12  # articles asked together in the usual setting


@dataclass(frozen=True, eq=False)
class Case:
    """Evidence without its texts; `gold` marks sentences that touch the answer, `has` those that say it."""

    kind: str
    language: str
    question: str
    article: int
    setting: str
    evidence: Evidence
    gold: npt.NDArray[np.bool_]
    has: npt.NDArray[np.bool_]
    hits: npt.NDArray[np.int64]
    holding: tuple[int, ...]


class Shelf:
    """Libraries of one language, made when first asked for."""

    def __init__(self, known: QuestionSet, embedder: FolderEmbedder) -> None:
        self._known = known
        self._embedder = embedder
        self._made: dict[tuple[tuple[int, ...], str, bool], Library] = {}

    def take(self, articles: tuple[int, ...], limits: str, titled: bool) -> Library:
        """Return the library of these articles."""
        key = (articles, limits, titled)
        if key not in self._made:
            paragraphs = self._known.of(articles).paragraphs
            self._made[key] = Library(paragraphs, self._embedder, LIMITS[limits], titled)
        return self._made[key]

    def close(self) -> None:
        """Remove all temporary indexes."""
        for library in self._made.values():
            library.close()


@dataclass(frozen=True)
class Setting:
    """What a question is asked of: articles, passage limits, titles above, and how many hits are read."""

    articles: tuple[int, ...]
    limits: str = "usual"
    titled: bool = False
    read: int = READ

    @property
    def name(self) -> str:
        """How reports call it."""
        usual = (self.limits, self.titled, self.read) == ("usual", False, READ) and len(self.articles) > 1
        return "usual" if usual else f"{self.limits}, {len(self.articles)} articles, {self.read} read"


def examine(
    kind: str,
    question: Asked,
    library: Library,
    parts: tuple[FolderEmbedder, Reader | None],
    setting: Setting,
    language: str,
) -> Case | None:
    """Ask one question and mark where its answer is; None when nothing was found at all."""
    filters = library.without(question.paragraph if kind == "removed" else None)
    found = library.search(question.text, NOBODY, filters, SEARCHED)
    hits = widen(found, Surroundings(library.neighbours), NOBODY, setting.read)
    evidence = gather(question.text, hits, *parts)
    if not evidence.candidates:
        return None
    good = kind == "good"
    gold = np.array([good and _touches(hits[c.hit], c.start, c.end, question) for c in evidence.candidates])
    has = np.array([good and question.gold.casefold() in c.text.casefold() for c in evidence.candidates])
    holding = tuple(place for place, hit in enumerate(hits) if good and holds(hit, question))
    owners = np.array([candidate.hit for candidate in evidence.candidates])
    return Case(
        kind, language, question.id, question.article, setting.name, _light(evidence), gold, has, owners, holding
    )


def _touches(hit: Hit, start: int, end: int, question: Asked) -> bool:
    shift = hit.passage.start
    return (
        hit.passage.document_id == question.paragraph and start + shift < question.end and question.start < end + shift
    )


def _light(evidence: Evidence) -> Evidence:
    candidates = tuple(replace(candidate, text="", words=()) for candidate in evidence.candidates)
    return replace(evidence, hits=(), candidates=candidates, readings=())


def setting_for(articles: list[int], question: Asked, usual: bool, rng: random.Random) -> Setting:
    """Choose the setting of a question: the usual one, or one of many sizes down to a single paragraph."""
    groups = max(1, len(articles) // COLLECTION)
    place = articles.index(question.article) % groups
    group = tuple(article for number, article in enumerate(articles) if number % groups == place)
    if usual:
        return Setting(group)
    chosen = rng.choices(((question.article,), group, tuple(articles)), (4, 4, 3))[0]
    limits = rng.choice(("usual", "usual", "short", "long"))
    return Setting(chosen, limits, rng.random() < 0.5, rng.choice((1, 2, 4, 8, 8, 8)))


def other_sets(data: Path) -> list[str]:
    """Questions of sets that may be trained on and have nothing to do with XQuAD (English)."""
    rows = (data / "dolly_hhrlhf" / "dolly_hhrlhf_train_small.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(row)["prompt"].split("### Instruction:\n")[1].split("\n")[0] for row in rows]
    trees = (data / "oasst" / "en_100_tree.jsonl").read_text("utf-8").splitlines()
    asked += [json.loads(row)["prompt"]["text"].split("\n")[0] for row in trees]
    return [question for question in dict.fromkeys(asked) if 15 <= len(question) <= 160 and "?" in question]


def cases(
    known: QuestionSet, parts: tuple[FolderEmbedder, Reader | None], counts: tuple[int, int], others: list[str]
) -> Iterator[Case]:
    """Yield the cases of `counts[0]` questions in the usual setting and `counts[1]` in varied ones."""
    rng = random.Random(f"{known.language} cases")
    crossing = Crossing(known) if known.language in CASED else None
    articles = sorted({question.article for question in known.questions})
    shelf = Shelf(known, parts[0])
    try:
        for usual, count in zip((True, False), counts, strict=True):
            for question in rng.sample(known.questions, min(count, len(known.questions))):
                setting = setting_for(articles, question, usual, rng)
                library = shelf.take(setting.articles, setting.limits, setting.titled)
                stranger = _stranger(known, setting.articles, others, rng)
                crossed = crossing.make(question.article, rng) if crossing else None
                asked = {"good": question, "removed": question, "foreign": stranger, "crossed": crossed}
                for kind, one in asked.items():
                    case = examine(kind, one, library, parts, setting, known.language) if one else None
                    if case is not None:
                        yield replace(case, article=question.article)
    finally:
        shelf.close()


def _stranger(known: QuestionSet, chosen: tuple[int, ...], others: list[str], rng: random.Random) -> Asked | None:
    outside = [question for question in known.questions if question.article not in chosen]
    if others and (not outside or rng.random() < 0.35):
        return Asked("other set", rng.choice(others), "", -1, 0, 0, "")
    return rng.choice(outside) if outside else None


def main() -> None:
    """Write one file of cases a language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", type=Path, required=True, help="folder of the embedder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--reader", type=Path, help="folder of a reader, for the set of that name")
    parser.add_argument("--articles", default="", help="numbers from 0, by commas; all training articles when empty")
    parser.add_argument("--counts", default="925,925;400,500", help="usual,varied for English;for the others")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    english, rest = ([int(n) for n in part.split(",")] for part in arguments.counts.split(";"))
    for language in arguments.languages.split(","):
        embedder = FolderEmbedder(arguments.model, "minilm", threads=1, cache=arguments.out / f"vectors-{language}.npz")
        counts = english if language == "en" else rest
        chosen = [int(number) for number in arguments.articles.split(",") if number] or list(TRAINING)
        known = xquad(arguments.data, language).of(set(chosen) & set(TRAINING))
        reader = FolderReader(arguments.reader) if arguments.reader else None
        others = other_sets(arguments.data) if language == "en" else []
        made = list(cases(known, (embedder, reader), (counts[0], counts[1]), others))
        embedder.save()
        with (arguments.out / f"cases-{language}.pickle").open("wb") as file:
            pickle.dump(made, file)
        print(language, len(made), flush=True)


if __name__ == "__main__":
    main()
