"""Texts as arrays of code points: what kind each character is, and a hash of it, by table look-up."""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

LETTER, DIGIT, SPACE, PUNCTUATION, SYMBOL, CONTROL, UPPER, WIDE = (1 << n for n in range(8))
CODE_COUNT = 0x110000
BASE = np.uint64(0x9E3779B97F4A7C15)

# Tables are filled with the code points that occur: a text uses a few hundred of a million.
_KIND = np.zeros(CODE_COUNT, dtype=np.uint8)
_HASH = np.zeros(CODE_COUNT, dtype=np.uint64)
_LOWER_HASH = np.zeros(CODE_COUNT, dtype=np.uint64)


def codes_of(text: str) -> Codes:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def kinds(codes: Codes) -> npt.NDArray[np.uint8]:
    """Return the kind bits of every code point; what was not met before is learned."""
    # `take` is four times as fast as an index of this type.
    found = _KIND.take(codes)
    if not found.all():
        _learn(np.unique(codes[found == 0]))
        found = _KIND.take(codes)
    return found


def hashes(codes: Codes, lower: bool = False) -> Hashes:
    """Return a 64-bit hash of every code point, or of its lower case; `kinds` must have seen them."""
    return (_LOWER_HASH if lower else _HASH).take(codes)


def mixed(values: npt.NDArray[np.unsignedinteger]) -> Hashes:
    """Spread whole numbers over 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        out = values.astype(np.uint64) + BASE
        out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))


def _learn(fresh: Codes) -> None:
    """Fill the tables for these code points."""
    _HASH[fresh] = mixed(fresh)
    for code in fresh.tolist():
        character = chr(code)
        lower = character.lower()
        # A lower case of two characters would move all that follow; such letters stay as they are.
        _LOWER_HASH[code] = mixed(np.array([ord(lower) if len(lower) == 1 else code], dtype=np.uint32))[0]
        _KIND[code] = kind_of(character)


def kind_of(character: str) -> int:
    """Return the kind bits of one character; never none, which marks a character not met before."""
    category = unicodedata.category(character)
    if character.isspace():
        return SPACE
    if category[0] in "LM":
        # Korean is written with spaces, so its wide syllables are not words of their own.
        hangul = 0xAC00 <= ord(character) <= 0xD7A3
        wide = WIDE if unicodedata.east_asian_width(character) in "WF" and not hangul else 0
        return LETTER | wide | (UPPER if category in ("Lu", "Lt") else 0)
    if category[0] == "N":
        return DIGIT
    if category[0] == "P":
        return PUNCTUATION
    return SYMBOL if category[0] == "S" else CONTROL
