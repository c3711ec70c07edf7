"""The words of a text as they are compared: stemmed, folded, with their place in the text.

Languages with stemmers use them; scripts that write no spaces become overlapping pairs of
characters; numbers are compared by value. What a language's function words, question words,
negations and pronouns are stands in `languages.json`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal

from headwater.core.stemming import stemmed

MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN = re.compile(
    rf"(?P<number>\d+(?:[.,'’\u00a0\u202f٫٬]\d+)*(?:s\b)?)"
    rf"|(?P<initials>\b(?:[^\W\d_{UNSPACED}]\.){{2,}})"
    rf"|(?P<gram>[{UNSPACED}]+)"
    rf"|(?P<word>(?:[^\W\d_{UNSPACED}]|[{MARKS}])+)"
)
ORDINAL_TAILS = frozenset(("st", "nd", "rd", "th", "s", "er", "ème", "º", "ª"))
THAI_MARKS = re.compile("[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3]")
SCRIPTS = (
    ("latin", "a-zà-öø-ɏḀ-ỿ"),
    ("cyrillic", "\u0400-\u052f"),
    ("greek", "\u0370-\u03ff"),
    ("arabic", "\u0600-\u06ff"),
    ("hebrew", "\u0590-\u05ff"),
    ("devanagari", "\u0900-\u097f"),
    ("hangul", "\uac00-\ud7af"),
    ("thai", "\u0e00-\u0e7f"),
    ("han", "\u3040-\u30ff\u3400-\u9fff"),
)
SCRIPT_PATTERNS = tuple((name, re.compile(f"[{letters}]", re.IGNORECASE)) for name, letters in SCRIPTS)

COMPOUND_PART = 5  # letters a word needs to count as a part of a longer one

WordKind = Literal["word", "number", "gram"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its range in the text. `stem` is what is compared."""

    start: int
    end: int
    text: str
    stem: str
    kind: WordKind
    capital: bool
    function: bool


@dataclass(frozen=True)
class Language:
    """What is known of one language. `stemmer` is a Snowball name or "none"."""

    code: str
    stemmer: str
    script: str
    function: frozenset[str]
    negation: frozenset[str]
    pronoun: frozenset[str]
    numeral: frozenset[str]
    bearing: frozenset[str]
    asks: dict[str, frozenset[str]]

    @property
    def names_by_case(self) -> bool:
        """Whether a capital inside a sentence marks a name: not without case, nor where nouns have it."""
        return self.script in ("latin", "cyrillic", "greek") and self.code != "de"


ASKS = ("person", "time", "place", "number", "reason", "thing", "manner")
NOUNS = ("timenoun", "placenoun", "numbernoun", "personnoun")


@cache
def languages() -> dict[str, Language]:
    """Return every known language by its code."""
    rows: dict[str, dict[str, str]] = json.loads(files(__package__).joinpath("languages.json").read_text("utf-8"))
    return {code: _language(code, row) for code, row in rows.items()}


def _language(code: str, row: dict[str, str]) -> Language:
    def folded(name: str) -> frozenset[str]:
        return frozenset(fold(word) for word in row[name].split())

    return Language(
        code=code,
        stemmer=row["stemmer"],
        script=row["script"],
        function=folded("function"),
        negation=folded("negation"),
        pronoun=folded("pronoun"),
        numeral=folded("numeral"),
        bearing=folded("bearing"),
        asks={name: folded(name) for name in (*ASKS, *NOUNS)},
    )


def script_of(text: str) -> str:
    """Return the script most letters of the text are in ("latin" when there is none)."""
    head = text[:2000]
    counts = {name: len(pattern.findall(head)) for name, pattern in SCRIPT_PATTERNS}
    if counts["han"] * 3 > counts["latin"]:
        counts["han"] *= 3  # one character there says as much as several letters
    return max(counts, key=lambda name: counts[name]) if any(counts.values()) else "latin"


def guess_language(text: str) -> Language:
    """Return the likeliest language of a text by its script and function words; English if unclear."""
    script = script_of(text)
    candidates = [language for language in languages().values() if language.script == script]
    if not candidates:
        nothing: frozenset[str] = frozenset()
        return Language(
            "und", "none", script, nothing, nothing, nothing, nothing, nothing, dict.fromkeys((*ASKS, *NOUNS), nothing)
        )
    if script == "han":
        return languages()["ja" if re.search("[\u3040-\u30ff]", text) else "zh"]
    counts = Counter(fold(match.group()) for match in TOKEN.finditer(text[:6000]) if match.lastgroup == "word")
    votes = {language.code: sum(counts[word] for word in language.function) for language in candidates}
    return languages()[max(votes, key=lambda code: votes[code])]


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return the word without case, accents and vowel marks (Indic and Thai signs stay)."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    folded = "".join(c for c in folded if not ("\u0300" <= c <= "\u036f" or "\u064b" <= c <= "\u065f" or c == "ـ"))
    return folded.replace("ى", "ي").replace("ة", "ه").replace("ς", "σ")


@lru_cache(maxsize=200_000)
def stem(word: str, stemmer: str) -> str:
    """Return the folded stem of a word in the language of a Snowball stemmer."""
    lowered = word.casefold()
    return fold(lowered if stemmer == "none" else stemmed(lowered, stemmer))


def number_value(text: str) -> str:
    """Return a number as it is compared: ASCII digits, no thousands marks, a point for decimals.

    >>> number_value("1,250"), number_value("3,5"), number_value("1960s")
    ('1250', '3.5', '1960s')
    """
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    tail = "s" if plain.endswith("s") else ""
    whole, *groups = re.split(r"[^\d]+", plain.rstrip("s"))
    grouped = 1 <= len(whole) <= 3 and whole != "0"
    while groups and grouped and len(groups[0]) == 3:
        whole += groups.pop(0)
    return ".".join((whole, *groups)) + tail


def words(text: str, language: Language) -> list[Word]:
    """Return the words of a text in order, compared by the rules of `language`."""
    found: list[Word] = []
    for match in TOKEN.finditer(text):
        kind, start, written = match.lastgroup, match.start(), match.group()
        if kind == "number":
            found.append(Word(start, match.end(), written, number_value(written), "number", False, False))
        elif kind == "gram":
            found.extend(_grams(written, start, language))
        elif written.casefold() in ORDINAL_TAILS and found and found[-1].kind == "number" and found[-1].end == start:
            continue
        else:
            found.append(_word(written, start, language, initials=kind == "initials"))
    return found


def _word(written: str, start: int, language: Language, initials: bool) -> Word:
    plain = written.replace(".", "") if initials else written
    folded = fold(plain)
    return Word(
        start,
        start + len(written),
        written,
        stem(plain, language.stemmer),
        "word",
        written[0].isupper(),
        folded in language.function and not initials,
    )


def _grams(run: str, start: int, language: Language) -> Iterable[Word]:
    """Overlapping pairs of characters; a Thai or Khmer vowel mark belongs to its consonant."""
    cells: list[tuple[int, int]] = []
    for place, character in enumerate(run):
        if cells and THAI_MARKS.match(character):
            cells[-1] = (cells[-1][0], place + 1)
        else:
            cells.append((place, place + 1))
    pairs = pairwise(cells) if len(cells) > 1 else [(cells[0], cells[0])]
    for (first, _), (_, last) in pairs:
        gram = fold(run[first:last])
        function = gram in language.function or all(character in language.function for character in gram)
        yield Word(start + first, start + last, run[first:last], gram, "gram", False, function)


@lru_cache(maxsize=200_000)
def _trigrams(stem_: str) -> frozenset[str]:
    padded = f"^{stem_}$"
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def alike(one: str, other: str) -> float:
    """Return how far two stems are the same word, 0..1.

    Equal stems are 1. Otherwise shared runs of three letters count, against both words
    (endings no stemmer knows) or, at less, against the shorter one (compounds).
    """
    if one == other:
        return 1.0
    if min(len(one), len(other)) < 4 or not one[0].isalpha():
        return 0.0
    grams, others = _trigrams(one), _trigrams(other)
    shared = len(grams & others)
    both = 2 * shared / (len(grams) + len(others))
    inside = (shared + 1) / min(len(grams), len(others)) if min(len(one), len(other)) >= COMPOUND_PART else 0.0
    likeness = max(both, 0.7 * min(inside, 1.0))
    return likeness if likeness > 0.5 else 0.0
