"""True sentences and the same sentences with one planted lie, to test the support check.

Lies are made by rule from running text: another number, another name of the same text, a negation
put in or taken out, two names or numbers exchanged, an opposite, a word of another sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from headwater.chat.words import languages
from headwater.core.sentences import sentences

NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]{2,}(?: [A-Z][\w-]+)*")
PLAIN = re.compile(r"(?<= )[a-z]{5,}(?=[ ,.])")
VERB = re.compile(r" (is|are|was|were|has|have|had|can|could|will|would|may) ")
DENIED = re.compile(r" not(?= )|(?<=\w)n't(?= )| never(?= )")
OPPOSITES = [
    ("before", "after"), ("more", "less"), ("first", "last"), ("most", "least"), ("above", "below"), ("over", "under"),
    ("north", "south"), ("east", "west"), ("increased", "decreased"), ("large", "small"), ("high", "low"),
    ("early", "late"), ("many", "few"), ("all", "some"), ("with", "without"), ("best", "worst"), ("old", "new"),
]  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """`sentence` with a lie of `kind` ("" when it is true), said about `passage`."""

    passage: str
    sentence: str
    kind: str


def true_sentences(passage: str) -> list[str]:
    """Return the sentences long enough to say something, whole and shortened at a comma."""
    found = []
    for start, end in sentences(passage):
        whole = passage[start:end]
        if not 30 <= len(whole) <= 300:
            continue
        found.append(whole)
        head, comma, tail = whole.partition(", ")
        if comma and len(head.split()) <= 7 and len(tail.split()) > 6:
            found.append(tail[0].upper() + tail[1:])
        head, comma, _ = whole.rpartition(", ")
        if comma and len(head.split()) > 6:
            found.append(f"{head}.")
    return found


def lies(passage: str, sentence: str, rng: random.Random) -> list[Planted]:
    """Return every lie that can be planted into one true sentence."""
    makers: dict[str, Callable[[str, str, random.Random], str | None]] = {
        "number": _other_number,
        "name": _other_name,
        "word": _other_word,
        "negation": _negation,
        "opposite": _opposite,
        "exchanged names": lambda text, _, __: _exchange(NAME, text),
        "exchanged numbers": lambda text, _, __: _exchange(NUMBER, text),
    }
    made = ((kind, maker(sentence, passage, rng)) for kind, maker in makers.items())
    return [Planted(passage, lie, kind) for kind, lie in made if lie and lie not in passage]


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _other_number(text: str, passage: str, rng: random.Random) -> str | None:
    found = list(NUMBER.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    others = [number for number in NUMBER.findall(passage) if number != match.group()]
    digits = "".join(str((int(c) + 3) % 10) if c.isdigit() else c for c in match.group())
    return _put(text, match, rng.choice(others) if others and rng.random() < 0.5 else digits)


def _other_name(text: str, passage: str, rng: random.Random) -> str | None:
    found, names = list(NAME.finditer(text)), NAME.findall(passage)
    if not found:
        return None
    match = rng.choice(found)
    others = [name for name in names if name not in match.group() and match.group() not in name]
    return _put(text, match, rng.choice(others)) if others else None


def _other_word(text: str, passage: str, rng: random.Random) -> str | None:
    telling = [word for word in PLAIN.findall(passage) if word not in languages()["en"].function]
    found, others = list(PLAIN.finditer(text)), [word for word in telling if word not in text]
    return _put(text, rng.choice(found), rng.choice(others)) if found and others else None


def _negation(text: str, _: str, rng: random.Random) -> str | None:
    denied = DENIED.search(text)
    if denied:
        return _put(text, denied, "")
    verb = VERB.search(text)
    return _put(text, verb, f" {verb[1]} {rng.choice(('not', 'never'))} ") if verb else None


def _opposite(text: str, _: str, rng: random.Random) -> str | None:
    pairs = [pair for both in OPPOSITES for pair in (both, both[::-1])]
    rng.shuffle(pairs)
    for one, other in pairs:
        match = re.search(rf"\b{one}\b", text)
        if match:
            return _put(text, match, other)
    return None


def _exchange(pattern: re.Pattern[str], text: str) -> str | None:
    found = list(pattern.finditer(text))
    for one, other in pairwise(found):
        if one.group() != other.group():
            between = text[one.end() : other.start()]
            if between.strip(" ,") in ("and", "or", ""):
                continue  # "A and B" says the same as "B and A"
            return text[: one.start()] + other.group() + between + one.group() + text[other.end() :]
    return None
