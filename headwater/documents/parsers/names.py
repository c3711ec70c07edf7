"""Names of files are only labels: nothing in one may point elsewhere or play tricks on the eye."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 240


def harmless_name(name: str) -> str:
    """Return `name` as a relative path without `..`, drive letters, control or direction marks.

    >>> harmless_name("../../etc/pass\\x00wd")
    'etc/passwd'
    """
    parts = []
    for part in name.replace("\\", "/").split("/"):
        clean = visible_text(part).strip()
        if len(clean) == 2 and clean[1] == ":" and clean[0].isalpha():
            continue
        if clean.strip("."):
            parts.append(clean)
    return "/".join(parts)[-LONGEST_NAME:].lstrip("/") or "unnamed"


def visible_text(text: str) -> str:
    """Drop control characters (NUL, newlines) and invisible marks (right-to-left override); NFC."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in unicodedata.normalize("NFC", text))
    return "".join(c for c in spaced if c.isprintable())


def extension(name: str) -> str:
    """Return the lower-case extension with its dot, or "".

    >>> extension("a/Report.PDF")
    '.pdf'
    """
    last = name.rsplit("/", 1)[-1]
    stem, dot, ending = last.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def as_ranges(numbers: list[int]) -> str:
    """Write page numbers shortly.

    >>> as_ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
