"""Find the encoding of text: byte order marks, declarations, UTF-16 without a mark, old code pages.

An old code page is told by trying the usual ones and counting what no writer does: accented
letters in long rows (a Cyrillic page read as Latin), a capital after a small letter (KOI8-R read
as Windows-1251), control characters, symbols inside words.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In the order of preference where two explain the bytes equally well.
SINGLE_BYTE = (
    "windows-1252",
    "windows-1254",
    "windows-1250",
    "windows-1251",
    "windows-1255",
    "koi8-r",
    "windows-1253",
    "windows-1256",
    "cp437",
    "mac-roman",
)
MULTI_BYTE = ("cp932", "euc_jp", "gb18030", "big5hkscs", "euc_kr")
# The older, smaller sets inside them, and the lead byte up to which these hold the characters in daily use.
COMMON_SUBSETS = {"gb18030": "gb2312", "cp932": "shift_jis", "big5hkscs": "big5"}
LAST_COMMON_LEAD = {"gb18030": 0xD7, "cp932": 0x97, "euc_jp": 0xCF, "big5hkscs": 0xC6, "euc_kr": 0xC8}
KANA = re.compile(r"[\u3041-\u30fa]")
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
USUAL_SYMBOLS = "“”‘’„–—…«»€°§·•£©®\u00a0№¿¡"
VOWELS = "аеиоуыэюяёіїєαεηιουωάέήίόύώ"
FEW_LETTERS = 3
SAMPLE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was in, and whether that was a guess."""

    text: str
    encoding: str
    guessed: bool = False


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode `data`. Never fails: a byte that fits nowhere becomes U+FFFD."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return Decoded(_lines(data.decode(name, "replace")), name)
    wide = _utf16_without_mark(data)
    if wide:
        return Decoded(_lines(data.decode(wide, "replace")), wide, guessed=True)
    if data[:SAMPLE_BYTES].lstrip().startswith(b"\x1b$)C"):
        return Decoded(_lines(data.decode("iso2022_kr", "replace")), "iso2022_kr")
    if b"\x1b$" in data[:SAMPLE_BYTES] or b"\x1b(J" in data[:SAMPLE_BYTES]:
        return Decoded(_lines(data.decode("iso2022_jp", "replace")), "iso2022_jp")
    if _is_utf8(data):
        return Decoded(_lines(data.decode("utf-8", "replace")), "utf-8")
    named = _known(declared)
    if named and _fits(data, named):
        return Decoded(_lines(data.decode(named, "replace")), named)
    guess = guess_code_page(data)
    return Decoded(_lines(data.decode(guess, "replace")), guess, guessed=True)


def declared_encoding(head: bytes) -> str | None:
    """Return the charset that the start of an HTML or XML file declares, if any."""
    found = DECLARED.search(head[:4096])
    return found.group(1).decode("ascii") if found else None


def guess_code_page(data: bytes) -> str:
    """Return the code page in which the non-ASCII parts of `data` look most like writing."""
    sample = _around_high_bytes(data)
    scores = {name: _score(sample, name) for name in (*SINGLE_BYTE, *MULTI_BYTE)}
    best = max(scores, key=lambda name: scores[name])
    # Korean Windows has more syllables than the standard, but they are too rare to judge by.
    return "cp949" if best == "euc_kr" else best


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _known(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    # Browsers read "iso-8859-1" as Windows-1252, and so do the people who declare it.
    return {"iso8859-1": "windows-1252", "ascii": None}.get(name, name)


def _fits(data: bytes, name: str) -> bool:
    text = data[:SAMPLE_BYTES].decode(name, "replace")
    return text.count("\ufffd") <= len(text) // 200


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data[:SAMPLE_BYTES].decode("utf-8", "replace")
        good = sum(1 for c in text if c > "\x7f" and c != "\ufffd")
        return good >= 20 * text.count("\ufffd")
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[: SAMPLE_BYTES - SAMPLE_BYTES % 2]
    pairs = len(sample) // 2
    if pairs < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0 : pairs * 2 : 2].count(0) / pairs, sample[1 : pairs * 2 : 2].count(0) / pairs
    return "utf-16-le" if odd > 0.3 and even < 0.02 else "utf-16-be" if even > 0.3 and odd < 0.02 else None


def _around_high_bytes(data: bytes) -> bytes:
    """Return up to some thousand bytes around the first non-ASCII ones, cut at ASCII bytes."""
    pieces: list[bytes] = []
    total = 0
    for found in re.finditer(rb"[\x00-\x7f]{0,12}(?:[\x80-\xff][\x00-\xff]{0,3})+", data[: SAMPLE_BYTES * 20]):
        pieces.append(found.group())
        total += len(found.group())
        if total > 6000:
            break
    return b" ".join(pieces)[:8000]


def _score(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    high_bytes = max(1, sum(1 for byte in sample if byte > 0x7F))
    if name in MULTI_BYTE:
        # Two bytes that form one common character are rarer by chance than one byte that is a letter.
        score = sum(_ideograph_score(char, name) for char in text if char > "\x7f") / high_bytes
        # Japanese is never written without kana: they are half of its characters.
        has_kana = 6 * len(KANA.findall(text)) > sum(1 for char in text if char > "\x7f")
        return score if name not in ("cp932", "euc_jp") or has_kana else 0.6 * score
    score = sum(_letter_score(before, char, after) for before, char, after in _neighbours(text)) / high_bytes
    # Where two Latin code pages both make words, the Western one is the more likely.
    # ... the more so where there is little to judge by.
    preference = 0.2 if high_bytes > FEW_LETTERS else 0.9
    return score - _vowel_penalty(text) + (preference if name == "windows-1252" else 0.0)


def _neighbours(text: str) -> Iterator[tuple[str, str, str]]:
    padded = f" {text} "
    return ((padded[i - 1], padded[i], padded[i + 1]) for i in range(1, len(padded) - 1) if padded[i] > "\x7f")


def _letter_score(before: str, char: str, after: str) -> float:
    category = unicodedata.category(char)
    if char == "\ufffd" or category in ("Cc", "Cn", "Co"):
        return -3.0
    if not char.isalpha():
        return 0.4 if char in USUAL_SYMBOLS and not (before.isalpha() and after.isalpha()) else -0.6
    script = _script(char)
    if any(other.isalpha() and _script(other) != script for other in (before, after)):
        return -1.0
    if char.isupper() and before.islower():
        return -1.0
    if script == "LATIN":
        # Accented Latin letters seldom stand side by side; the Icelandic ones are Turkish in another page.
        return -0.5 if before.isalpha() and before > "\x7f" else 0.2 if char in "þðÞÐ" else 1.0
    return 1.0


def _vowel_penalty(text: str) -> float:
    """Cyrillic and Greek words have vowels; Hebrew read as either has few."""
    letters = [char for char in text.lower() if _script(char) in ("CYRILLIC", "GREEK")]
    share = sum(1 for char in letters if char in VOWELS) / len(letters) if letters else 0.4
    return 0.5 if share < 0.25 else 0.0


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ", 1)[0] if char.isalpha() else ""


def _ideograph_score(char: str, name: str) -> float:
    script = unicodedata.name(char, "").split(" ", 1)[0]
    if char == "\ufffd":
        return -4.0
    if script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"):
        return 2.4 if name in ("cp932", "euc_jp") else 0.5
    if script == "HANGUL":
        return 2.2 if name == "euc_kr" else -1.0
    if script == "CJK":
        # The level-1 rows hold the characters in daily use; chance lands outside them.
        return 2.0 if _is_common(char, name) else 0.2
    return 1.8 if script in ("IDEOGRAPHIC", "FULLWIDTH") else -1.0


def _is_common(char: str, name: str) -> bool:
    try:
        lead = char.encode(COMMON_SUBSETS.get(name, name))[0]
    except UnicodeEncodeError:
        return False
    return lead <= LAST_COMMON_LEAD[name]
