"""Whether a written sentence is borne out by the passages it cites, precision first.

A sentence is supported when one sentence of one passage holds every number, every name and every
telling word of it, in the same order, with as many negations and the same limits ("only", "may",
"before"). Where that sentence opens with a pronoun, the leading name may come from the sentence
before. Anything else counts as unsupported: a true paraphrase may be lost, an invented or twisted
fact must not pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headwater.chat.words import Language, Word, alike, fold, words
from headwater.core.sentences import sentences

SAME = 0.75  # words this alike are one word with another ending
REACH = 4  # words between a number and the nearest word it is said of
BORROWED = 3  # leading words that may come from the sentence before, in place of a pronoun


@dataclass(frozen=True)
class Support:
    """The verdict; `passage` is the index of the passage that bears the sentence out.

    `reason` says what is wrong, in words for a log or a tooltip.
    """

    supported: bool
    passage: int | None = None
    start: int = 0
    end: int = 0
    reason: str = ""


@dataclass(frozen=True)
class _Source:
    """One sentence of a passage; `before` holds the words of the sentence ahead of it."""

    passage: int
    start: int
    end: int
    words: tuple[Word, ...]
    before: tuple[Word, ...]


class Passages:
    """Passages prepared once and asked about many sentences."""

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        self.language = language
        self._sources = [source for number, text in enumerate(texts) for source in _sources(number, text, language)]

    def check(self, sentence: str, cited: Collection[int] | None = None) -> Support:
        """Judge one sentence against the passages with the indexes `cited` (None: all of them)."""
        claim = words(sentence, self.language)
        if not any(not word.function for word in claim):
            return Support(False, reason="it says nothing that could be checked")
        verdicts = [
            _judge(claim, source, self.language) for source in self._sources if cited is None or source.passage in cited
        ]
        if not verdicts:
            return Support(False, reason="it cites no passage")
        return max(verdicts, key=lambda pair: (pair[1].supported, pair[0]))[1]


def _sources(number: int, text: str, language: Language) -> Iterator[_Source]:
    before: tuple[Word, ...] = ()
    for start, end in sentences(text):
        here = tuple(words(text[start:end], language))
        yield _Source(number, start, end, here, before)
        before = here


def _judge(claim: Sequence[Word], source: _Source, language: Language) -> tuple[float, Support]:
    """Return how much of the claim the source holds, and the verdict."""
    bearing = _without_borrowed([word for word in claim if _bears(word, language)], source, language)
    aligned = [_places(word, source.words, language) for word in bearing]
    missing = [word.text for word, places in zip(bearing, aligned, strict=True) if not places]
    held = 1 - len(missing) / max(1, len(bearing))
    reason = ""
    if missing:
        reason = f"not in the passage: {', '.join(missing[:5])}"
    else:
        reason = _twisted(claim, source, bearing, _in_order(aligned), language)
    return held, Support(not reason, source.passage, source.start, source.end, reason)


def _bears(word: Word, language: Language) -> bool:
    """Whether the word must be found in the source."""
    return not word.function or fold(word.text) in language.bearing or fold(word.text) in language.numeral


def _without_borrowed(bearing: list[Word], source: _Source, language: Language) -> list[Word]:
    """Drop a leading name that the sentence before says where this one opens with a pronoun."""
    opens = any(fold(word.text) in language.pronoun for word in source.words[:2])
    here, before = {word.stem for word in source.words}, {word.stem for word in source.before}
    borrowed = 0
    while opens and borrowed < min(BORROWED, len(bearing)):
        word = bearing[borrowed]
        if not word.capital or word.stem in here or word.stem not in before:
            break
        borrowed += 1
    return bearing[borrowed:]


def _places(word: Word, source: Sequence[Word], language: Language) -> list[int]:
    """Return where the source says this word. Numbers and names must be equal, not just alike."""
    exact = word.kind != "word" or word.capital or word.function or fold(word.text) in language.numeral
    return [
        place
        for place, other in enumerate(source)
        if other.stem == word.stem or (not exact and other.kind == "word" and alike(word.stem, other.stem) >= SAME)
    ]


def _in_order(aligned: Sequence[Sequence[int]]) -> list[int]:
    """Choose a place for each word so that the places only go up; empty when there is no way."""
    chain: list[int] = []
    for places in aligned:
        place = next((place for place in places if not chain or place > chain[-1]), None)
        if place is None:
            return []
        chain.append(place)
    return chain


def _twisted(
    claim: Sequence[Word], source: _Source, bearing: Sequence[Word], chain: Sequence[int], language: Language
) -> str:
    """Return how the claim twists a sentence that holds all its words, or nothing."""
    if not chain:
        return "its words stand in another order"
    for place, word in enumerate(bearing):
        beside = [abs(chain[other] - chain[place]) for other in (place - 1, place + 1) if 0 <= other < len(chain)]
        if word.kind == "number" and beside and min(beside) > REACH:
            return f"{word.text} stands beside other words"
    said = _turns(source.words[max(0, chain[0] - 3) : chain[-1] + 3], language)
    turned = sorted({word for word, _ in _turns(claim, language) ^ said})
    return f"said with and without: {', '.join(turned)}" if turned else ""


def _turns(found: Sequence[Word], language: Language) -> set[tuple[str, int]]:
    """Return the negations, counted together, and the limits said."""
    said = [fold(word.text) for word in found]
    denied = sum(word in language.negation for word in said)
    denied += sum(word == "t" and before.endswith("n") for before, word in pairwise(said))
    return {("not", count) for count in range(denied)} | {(word, 0) for word in said if word in language.bearing}
