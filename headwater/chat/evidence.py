"""The sentences that might answer a question, each with the signals that speak for it.

One row of `Evidence.features` per sentence of the found passages, columns named in FEATURES.
Every signal works in any language; vectors and a reader add columns and are not needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headwater.chat.asking import Question, understand
from headwater.chat.words import Language, Word, alike, fold, guess_language, words
from headwater.core.protocols import Embedder, Reader
from headwater.core.reading import Reading
from headwater.core.sentences import sentences
from headwater.core.types import Hit

Matrix = npt.NDArray[np.float64]
YEAR = re.compile(r"(?:1\d{3}|20\d{2})s?$")
LONGEST_TITLE = 12  # words
END_MARKS = ".!?;:…。！？؟۔।"
FULL = 0.7  # a term met this far counts as met

FEATURES = (
    "covered",
    "covered_around",
    "covered_passage",
    "pairs",
    "names_covered",
    "numbers_covered",
    "run",
    "new_words",
    "new_number",
    "new_name",
    "time_and_date",
    "time_without",
    "number_and_number",
    "number_without",
    "name_and_name",
    "name_without",
    "length",
    "first",
    "asks_itself",
    "keyword",
    "dense",
    "cosine",
    "cosine_best",
    "cosine_foreign",
    "cosine_best_foreign",
    "relevance",
    "span",
    "span_share",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Sentence `index` of the passage of hit `hit`; offsets count in the passage's text."""

    hit: int
    index: int
    start: int
    end: int
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Evidence:
    """Candidates, their features (n, len(FEATURES)), and what the question's terms met.

    `cover` (n, terms) says how far each sentence holds each term, `weights` (terms,) sums to 1,
    `passage_cover` (hits, terms) is the same for whole passages with their headings.
    """

    question: Question
    hits: tuple[Hit, ...]
    candidates: tuple[Candidate, ...]
    features: Matrix
    cover: Matrix
    passage_cover: Matrix
    weights: Matrix
    readings: tuple[Reading, ...]

    def column(self, name: str) -> Matrix:
        """Return one feature of all candidates."""
        return self.features[:, FEATURES.index(name)]


def gather(
    question: str, hits: Sequence[Hit], embedder: Embedder | None = None, reader: Reader | None = None
) -> Evidence:
    """Split the hits into sentences and measure each against the question.

    Raises EngineFailed when the embedder or the reader does.
    """
    language = guess_language(" ".join([question, *(hit.passage.text for hit in hits)]))
    asked = understand(question, language)
    candidates = tuple(_candidates(hits, asked))
    cover = _cover(asked, [candidate.words for candidate in candidates])
    names = [words(" ".join((*hit.passage.heading, hit.passage.document)), language) for hit in hits]
    passage_cover = _cover(asked, names)
    for candidate, row in zip(candidates, cover, strict=True):
        np.maximum(passage_cover[candidate.hit], row, out=passage_cover[candidate.hit])
    weights = _weights(cover, passage_cover)
    readings = tuple(reader.read(question, [hit.passage.text for hit in hits])) if reader and hits else ()
    columns = {
        **_lexical(asked, candidates, cover, passage_cover, weights),
        **_answer_types(asked, candidates, cover),
        **_places(hits, candidates),
        **_cosines(asked, candidates, embedder),
        **_read(candidates, readings),
    }
    features = np.array([columns[name] for name in FEATURES], dtype=np.float64).T.reshape(
        len(candidates), len(FEATURES)
    )
    return Evidence(asked, tuple(hits), candidates, features, cover, passage_cover, weights, readings)


def _candidates(hits: Sequence[Hit], asked: Question) -> list[Candidate]:
    found = []
    for number, hit in enumerate(hits):
        text = hit.passage.text
        for index, (start, end) in enumerate(sentences(text)):
            piece = text[start:end]
            found.append(Candidate(number, index, start, end, piece, tuple(words(piece, asked.language))))
    stems = {word.stem for word in asked.words}
    telling = [one for one in found if not _only_names(one, hits[one.hit], stems)]
    return telling or found


def _only_names(candidate: Candidate, hit: Hit, asked: set[str]) -> bool:
    """Whether a piece only names what follows: a heading, or a line that says the question again."""
    text = candidate.text.strip().lstrip("#= ").rstrip("#= ")
    if text in hit.passage.heading:
        return True
    adds = any(word.stem not in asked and not word.function for word in candidate.words)
    return not adds and len(candidate.words) <= LONGEST_TITLE and text[-1:] not in END_MARKS


def _cover(asked: Question, rows: Sequence[Sequence[Word]]) -> Matrix:
    """Return (rows, terms): how far each row of words holds each term of the question."""
    known: dict[str, Matrix] = {}
    cover = np.zeros((len(rows), len(asked.terms)))
    for place, row in enumerate(rows):
        for word in row:
            if word.stem not in known:
                known[word.stem] = np.array([_likeness(term, word) for term in asked.terms])
            np.maximum(cover[place], known[word.stem], out=cover[place])
    return cover


def _likeness(term: Word, word: Word) -> float:
    if term.stem == word.stem:
        return 1.0
    return alike(term.stem, word.stem) if term.kind == word.kind == "word" else 0.0


def _weights(cover: Matrix, passage_cover: Matrix) -> Matrix:
    """Return how telling each term is: rare among the found sentences, and 1 in all together."""
    met = (cover >= FULL).sum(axis=0) + 0.5 * (passage_cover >= FULL).sum(axis=0)
    weights = np.log1p(len(cover) / (met + 1.0))
    return np.asarray(weights / max(float(weights.sum()), 1e-9))


def _lexical(
    asked: Question, candidates: Sequence[Candidate], cover: Matrix, passage_cover: Matrix, weights: Matrix
) -> dict[str, Matrix]:
    """Return how much of the question each sentence, its surroundings and its passage hold."""
    count = len(candidates)
    around = cover.copy()
    for place in range(count):
        for other in (place - 1, place + 1):
            if 0 <= other < count and candidates[other].hit == candidates[place].hit:
                np.maximum(around[place], cover[other], out=around[place])
    # A term that no passage has tells passages apart no better than a function word does.
    weights = weights * passage_cover.max(axis=0, initial=0.0)
    weights = weights / max(float(weights.sum()), 1e-9)
    owner = [candidate.hit for candidate in candidates]
    both = np.minimum(cover[:, :-1], cover[:, 1:]) if cover.shape[1] > 1 else np.zeros((count, 1))
    pair_weights = weights[:-1] + weights[1:] if len(weights) > 1 else np.ones(1)
    return {
        "covered": cover @ weights,
        "covered_around": around @ weights,
        "covered_passage": passage_cover[owner] @ weights if count else np.zeros(0),
        "pairs": both @ pair_weights / max(pair_weights.sum(), 1e-9),
        "names_covered": _share(cover, [is_name(term, asked.language) for term in asked.terms]),
        "numbers_covered": _share(cover, [term.kind == "number" for term in asked.terms]),
        "run": np.array([_longest_run(asked, candidate) for candidate in candidates]),
    }


def is_name(word: Word, language: Language) -> bool:
    """Whether a word is written as a name: a capital that neither the language nor the place asks for."""
    return word.capital and word.start > 0 and language.names_by_case


def _share(cover: Matrix, chosen: Sequence[bool]) -> Matrix:
    """Return the mean cover of the chosen terms; 1 where there are none to cover."""
    mask = np.array(chosen, dtype=bool)
    return cover[:, mask].mean(axis=1) if mask.any() else np.ones(len(cover))


def _longest_run(asked: Question, candidate: Candidate) -> float:
    """Return the longest run of question words repeated in the sentence, in words over 8."""
    target = [word.stem for word in asked.words]
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(target):
        places.setdefault(stem, []).append(place)
    best, lengths = 0, dict[int, int]()
    for word in candidate.words:
        lengths = {place: lengths.get(place - 1, 0) + 1 for place in places.get(word.stem, ())}
        best = max(best, *lengths.values()) if lengths else best
    return min(best, 8) / 8


def _answer_types(asked: Question, candidates: Sequence[Candidate], cover: Matrix) -> dict[str, Matrix]:
    """Return what a sentence adds to the question, and whether it is of the kind asked for."""
    stems = {word.stem for word in asked.words}
    new_words, numbers, dates, names = [], [], [], []
    for candidate in candidates:
        fresh = [word for word in candidate.words if word.stem not in stems and not word.function]
        new_words.append(min(len(fresh), 20) / 20)
        numbers.append(any(w.kind == "number" or fold(w.text) in asked.language.numeral for w in fresh))
        dates.append(any(w.kind == "number" and YEAR.match(w.stem) for w in fresh))
        names.append(any(is_name(w, asked.language) for w in fresh))
    number, date, name = (np.array(signal, dtype=np.float64) for signal in (numbers, dates, names))
    cased = asked.language.names_by_case
    time, amount = "time" in asked.asks, "number" in asked.asks and "time" not in asked.asks
    named = cased and bool(asked.asks & {"person", "place"}) and not time and not amount
    return {
        "new_words": np.array(new_words),
        "new_number": number,
        "new_name": name,
        "time_and_date": time * np.maximum(date, 0.5 * number),
        "time_without": time * (1 - number),
        "number_and_number": amount * number,
        "number_without": amount * (1 - number),
        "name_and_name": named * name,
        "name_without": named * (1 - name),
    }


def _places(hits: Sequence[Hit], candidates: Sequence[Candidate]) -> dict[str, Matrix]:
    """Return where the sentence stands, and what each arm of the search said of its passage."""
    return {
        "length": np.array([math.log1p(len(candidate.words)) / 4 for candidate in candidates]),
        "first": np.array([float(candidate.index == 0) for candidate in candidates]),
        "asks_itself": np.array([float(candidate.text.rstrip("\"'”’)")[-1:] in "?؟？") for candidate in candidates]),
        "keyword": np.array([hits[candidate.hit].keyword or 0.0 for candidate in candidates]),
        "dense": np.array([hits[candidate.hit].dense or 0.0 for candidate in candidates]),
    }


def _cosines(asked: Question, candidates: Sequence[Candidate], embedder: Embedder | None) -> dict[str, Matrix]:
    """Return the cosine of the question with each sentence, and with the best one of its passage.

    Most small embedders know English best, so other languages are weighed in columns of their own.
    """
    owner = [candidate.hit for candidate in candidates]
    cosine, best = np.zeros(len(owner)), np.zeros(len(owner))
    if embedder is not None and owner:
        target = embedder.embed([asked.text], "query")[0]
        cosine = (embedder.embed([candidate.text for candidate in candidates]) @ target).astype(np.float64)
        highest = np.full(max(owner) + 1, -1.0)
        np.maximum.at(highest, owner, cosine)
        best = highest[owner]
    foreign = float(asked.language.code != "en")
    return {
        "cosine": cosine,
        "cosine_best": best,
        "cosine_foreign": foreign * cosine,
        "cosine_best_foreign": foreign * best,
    }


def _read(candidates: Sequence[Candidate], readings: Sequence[Reading]) -> dict[str, Matrix]:
    """Return what the reader says: passage relevance, the best span's logit and the span's share."""
    count = len(candidates)
    if not readings:
        return {name: np.zeros(count) for name in ("relevance", "span", "span_share")}
    relevance = np.array([readings[candidate.hit].relevance for candidate in candidates])
    spans = np.array([readings[c.hit].best_span(c.start, c.end) for c in candidates])
    shares = np.array([readings[c.hit].share(c.start, c.end) for c in candidates])
    return {"relevance": relevance, "span": spans, "span_share": shares}
