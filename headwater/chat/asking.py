"""What a question asks for: its telling words with weights, and the kind of answer it wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headwater.chat.words import ASKS, NOUNS, Language, Word, fold, words

NOUN_REACH = 4  # "In what exact year": the noun that types the answer follows this close


@dataclass(frozen=True)
class Question:
    """A question taken apart. `terms` are its distinct telling words in order of appearance."""

    text: str
    language: Language
    words: tuple[Word, ...]
    terms: tuple[Word, ...]
    asks: frozenset[str]


def understand(text: str, language: Language) -> Question:
    """Take a question apart in its language (the language of the documents when they differ)."""
    found = words(text, language)
    asks = _asks_spaced(found, language)
    if language.script in ("han", "thai"):
        asks |= {name for name in (*ASKS, *NOUNS) if any(word in text for word in language.asks[name] if len(word) > 1)}
        found = words(_without_question_words(text, language), language)
    question_words = frozenset().union(*(language.asks[name] for name in ASKS))
    terms: dict[str, Word] = {}
    for word in found:
        if not word.function and fold(word.text) not in question_words and len(word.stem) > (word.kind == "word"):
            terms.setdefault(word.stem, word)
    return Question(text, language, tuple(found), tuple(terms.values()), frozenset(_merge(asks)))


def _asks_spaced(found: Sequence[Word], language: Language) -> set[str]:
    """Return the kinds of question words, and of nouns near "what" or "which"."""
    folded = [fold(word.text) for word in found]
    asks = {name for name in ASKS if any(word in language.asks[name] for word in folded)}
    places = [place for place, word in enumerate(folded) if word in language.asks["thing"]]
    for place in places:
        near = folded[max(0, place - 2) : place + 1 + NOUN_REACH]
        asks |= {name for name in NOUNS if any(word in language.asks[name] for word in near)}
    return asks


def _merge(asks: set[str]) -> set[str]:
    """Fold "what year" into "time" and so on."""
    return {name.removesuffix("noun") for name in asks}


def _without_question_words(text: str, language: Language) -> str:
    """Blank the question words of a script without spaces, keeping all offsets."""
    for word in sorted(frozenset().union(*(language.asks[name] for name in ASKS)), key=len, reverse=True):
        if len(word) > 1 or word in "谁誰何":
            text = text.replace(word, " " * len(word))
    return text
