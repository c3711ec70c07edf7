"""Text becomes search terms: folded, stemmed in its language, bigrams where words have no spaces.

Queries and passages go through the same rules, so equal words always become equal terms. A query
in a language that cannot be told from its few words is read in the languages of what is searched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from headwater.core.stemming import stemmed
from headwater.documents.languages import function_words, latin_language, script_language

# Scripts written without spaces (Han, kana, Hangul, Thai, Lao, Burmese, Khmer): pairs of characters.
_UNSPACED = (
    r"\u0E01-\u0E3A\u0E40-\u0EFF\u1000-\u109F\u1780-\u17D3\u3005-\u3007\u3040-\u30FF\u31F0-\u31FF"
    r"\u3400-\u9FFF\uF900-\uFAFF\uAC00-\uD7AF\U00020000-\U0003FFFF"
)
# Marks that Python does not count as letters but that belong to words (Indic vowels, Arabic points).
_MARKS = r"\u0300-\u036F\u0483-\u0487\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u0900-\u0DFF"
_WORD = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)"
    rf"|(?P<number>\d+(?:[.,]\d+)+(?![\w]))"
    rf"|(?P<word>(?:(?![{_UNSPACED}])[^\W_][{_MARKS}]*)+(?:['’](?:(?![{_UNSPACED}])[^\W\d_])+)*)"
)
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])(?:[\u00AD\u0002]\s*|[-‐]\s*\r?\n\s*)(?=[a-zß-ÿа-я])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_FOLDED_MARKS = re.compile(r"[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u0640]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}
)
LONGEST_TERM = 64


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """Return the folded stem of one lower-case word. Equal input gives equal output on both sides."""
    found = stemmed(word, language) if not word.isdigit() else word
    return fold(found)[:LONGEST_TERM]


def fold(word: str) -> str:
    """Strip accents and points and unify letters that people write in several ways."""
    if word.isascii():
        return word
    plain = _FOLDED_MARKS.sub("", unicodedata.normalize("NFD", word)).translate(_LETTERS)
    return unicodedata.normalize("NFC", plain)


def words(text: str) -> list[str]:
    """Return the lower-case words of a text in order, as they are before stemming.

    Numbers lose their thousands commas; a word broken by a hyphen at a line end is joined.
    """
    text = _BROKEN_WORD.sub("", unicodedata.normalize("NFKC", text))
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if match.lastgroup == "unspaced":
            found.extend(_pairs(word))
        elif match.lastgroup == "number":
            found.append(_THOUSANDS.sub("", word))
        else:
            parts = _CAMEL.split(word) if not word.islower() else [word]
            found.append(word.casefold().replace("’", "'"))
            if len(parts) > 1:
                found.extend(part.casefold() for part in parts)
    return found


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[place : place + 2] for place in range(len(run) - 1)]


def language_of(text_words: Sequence[str], likely: Sequence[str] = ()) -> str:
    """Return the language whose stemmer the Latin words of a text get."""
    return latin_language((word for word in text_words if word.isalpha()), likely=likely)


def stem_words(text_words: Sequence[str], latin: str) -> list[str]:
    """Return the term of each word, Latin words stemmed as the language `latin`."""
    return [stem(word, script_language(word) or latin) for word in text_words]


def terms(text: str) -> list[str]:
    """Return the terms of a passage in reading order, repeats and function words kept."""
    found = words(text)
    return stem_words(found, language_of(found))


def query_terms(text: str, languages: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return what to look for: one tuple of alternative terms for each different word that has a meaning.

    `languages` are those of the passages searched, commonest first. Function words are left out unless
    the query has nothing else. The first alternative is the reading in the query's own language.
    """
    found = words(text)
    own = language_of(found, languages)
    readings = [own, *(language for language in languages if language != own)]
    light = function_words(own)
    content = [word for word in found if word not in light and not _is_light(word)]
    groups: dict[tuple[str, ...], None] = {}
    for word in content or found:
        script = script_language(word)
        stems = [stem(word, script)] if script else [stem(word, reading) for reading in readings]
        groups[tuple(dict.fromkeys(stems))] = None
    return list(groups)


def _is_light(word: str) -> bool:
    language = script_language(word)
    if language:
        return word in function_words(language)
    return word in ("'s", "s") or (word.endswith("'s") and word[:-2] in ("what", "who", "where", "how", "that", "it"))
