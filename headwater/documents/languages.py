"""Which language a text is in, as far as searching needs to know: the script, then the function words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

# Scripts of which one stemmer is good enough for whatever language is written in them.
SCRIPTS: Mapping[str, str] = {
    "russian": r"[\u0400-\u04FF]",
    "arabic": r"[\u0600-\u06FF\u0750-\u077F\uFB50-\uFDFF\uFE70-\uFEFC]",
    "greek": r"[\u0370-\u03FF\u1F00-\u1FFF]",
    "armenian": r"[\u0530-\u058F]",
    "hindi": r"[\u0900-\u097F]",
    "tamil": r"[\u0B80-\u0BFF]",
    "yiddish": r"[\u0590-\u05FF]",
}
_SCRIPTS = {language: re.compile(pattern) for language, pattern in SCRIPTS.items()}


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the commonest words without a meaning of their own; empty where none are kept."""
    return _all_function_words().get(language, frozenset())


@cache
def _all_function_words() -> Mapping[str, frozenset[str]]:
    text = (files("headwater.documents") / "function_words.json").read_text("utf-8")
    return {language: frozenset(words.split()) for language, words in json.loads(text).items()}


def latin_languages() -> frozenset[str]:
    """The languages in Latin script that can be told apart."""
    return frozenset(_all_function_words()) - frozenset(SCRIPTS)


@cache
def _languages_of_word() -> Mapping[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for language, words in _all_function_words().items():
        for word in words if language not in SCRIPTS else ():
            owners.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in owners.items()}


def script_language(word: str) -> str | None:
    """Return the language that stands for the script of a word, None for Latin and all others."""
    if word.isascii():
        return None
    return next((language for language, pattern in _SCRIPTS.items() if pattern.match(word)), None)


def latin_language(words: Iterable[str], default: str = "english", likely: Sequence[str] = ()) -> str:
    """Return the language whose function words occur most among lower-case words.

    Words shared by several languages count a share each. Without any, `default`. `likely` languages
    (those of the collection that is searched) win a tie, and a near tie of short texts.
    """
    owners = _languages_of_word()
    votes: Counter[str] = Counter()
    for word in words:
        languages = owners.get(word, ())
        for language in languages:
            votes[language] += 1.0 / len(languages)  # type: ignore[assignment]
    for language in likely:
        votes[language] += 0.6 if votes[language] else 0.0  # type: ignore[assignment]
    if not votes or max(votes.values()) <= 0:
        return likely[0] if likely else default
    best = max(votes.values())
    leaders = [language for language, count in votes.items() if count >= best - 1e-9]
    return default if default in leaders else sorted(leaders)[0]
