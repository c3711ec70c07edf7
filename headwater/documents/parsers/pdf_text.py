"""The text of one PDF page as PDFium has it, made readable: logical order, joined words, real letters."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from typing import Any

# PDFium marks a hyphen at the end of a line with U+FFFE (older ones with U+0002).
LINE_HYPHEN = re.compile(r"[\ufffe\x02](?:[ \t]*\n)?")
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
PRESENTATION = re.compile(r"[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]")
LATIN_BEFORE_ARABIC = re.compile(r"([A-Za-z0-9])([\u0621-\u064a\u0671-\u06d3])")
SPACE_BEFORE_MARK = re.compile(r" ([\u064b-\u0652])")
NO_LETTER = re.compile(r"[\ue000-\uf8ff\ufffd\x80-\x9f\U000f0000-\U0010ffff]")
HYPHENATED = re.compile(r"\b\w+-\w+\b")


def page_text(text_page: Any) -> str:
    """Return the readable text of a PDFium text page; words cut at line ends stay marked with U+FFFE."""
    text: str = text_page.get_text_range()
    if RIGHT_TO_LEFT.search(text):
        text = _right_to_left(text_page, text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if PRESENTATION.search(text):
        text = PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = re.sub(r"[\x00\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\ufeff]", "", text)
    return re.sub(r"[ \t]+\n", "\n", text.replace("\u00a0", " ")).strip()


def join_words(text: str, spelled: set[str]) -> str:
    """Join words that were cut at a line end.

    The hyphen is kept where the same document writes the word with it elsewhere: `spelled` holds
    the hyphenated words seen inside lines.
    """

    def join(found: re.Match[str]) -> str:
        before = re.search(r"\w+$", text[max(0, found.start() - 40) : found.start()])
        after = re.match(r"\w+", text[found.end() : found.end() + 40])
        if before and after and f"{before.group()}-{after.group()}".lower() in spelled:
            return "-"
        return ""

    return LINE_HYPHEN.sub(join, text) if LINE_HYPHEN.search(text) else text


def hyphenated_words(texts: list[str]) -> set[str]:
    """Return the words that the texts write with a hyphen inside a line, in lower case."""
    return {found.lower() for text in texts if "-" in text for found in HYPHENATED.findall(text)}


def is_unreadable(text: str) -> bool:
    """Whether a text layer is there but makes no letters (fonts without a map to Unicode)."""
    letters = letter_count(text)
    return letters > 20 and len(NO_LETTER.findall(text)) > 0.3 * letters


def letter_count(text: str) -> int:
    """Number of characters that are no white space."""
    return len("".join(text.split()))


def likely_lines(text: str) -> str:
    """Drop the lines that are mostly symbols: what a page whose fonts were lost turns into."""
    kept = []
    for line in text.split("\n"):
        wordlike = sum(1 for c in line if c.isalnum() or c in " \ufffe.,'’-")
        if wordlike >= 0.75 * len(line):
            kept.append(line)
    return "\n".join(kept)


def _right_to_left(text_page: Any, text: str) -> str:
    """Mend what reversing a line of glyphs breaks.

    A ligature (lam-alef) is one glyph and two letters; PDFium reverses the letters with the line.
    Letters that share one box are such a ligature, so they are turned back.
    """
    import pypdfium2.raw as pdfium

    handle = text_page.raw
    count = pdfium.FPDFText_CountChars(handle)
    if count == len(text):
        letters = list(text)
        at = 0
        while at < count - 1:
            end = at + 1
            if RIGHT_TO_LEFT.match(letters[at]):
                box = _char_box(handle, at)
                while end < count and RIGHT_TO_LEFT.match(letters[end]) and box and _char_box(handle, end) == box:
                    end += 1
                letters[at:end] = letters[at:end][::-1]
            at = end
        text = "".join(letters)
    text = SPACE_BEFORE_MARK.sub(r"\1", text)
    return LATIN_BEFORE_ARABIC.sub(r"\1 \2", text)


def _char_box(handle: Any, index: int) -> tuple[float, float, float, float] | None:
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(handle, index, left, right, bottom, top):
        return None
    box = (left.value, right.value, bottom.value, top.value)
    return box if right.value > left.value else None
