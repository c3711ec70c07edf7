"""Cleaning the names of documents for display. File bytes are stored by hash: a name never touches the disk."""

from __future__ import annotations

import re
import unicodedata

from headwater.core.errors import BadInput

COMPONENT_CHARACTERS = 200
NAME_CHARACTERS = 900
LONGEST_SUFFIX = 20
UNNAMED = "unnamed"

# Characters that are invisible or turn the reading direction, so that "exe.fdp" shows as "pdf.exe".
# The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SPACE = re.compile(r"\s+")
_NO_FOLDER = re.compile(r"|\.|\.\.|[A-Za-z]:")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_name(name: str) -> str:
    """Return `name` safe to show and store: at most 900 characters, never empty; cleaning twice changes nothing.

    Folders stay ("reports/2024/q1.pdf", "mail.zip/note.txt"), "." and ".." go, control characters and
    direction marks go, undecodable bytes become U+FFFD, long parts are shortened before their suffix.
    """
    parts = [_shortened(part.strip()) for part in _visible(name).replace("\\", "/").split("/")]
    kept = [part for part in parts if not _NO_FOLDER.fullmatch(part)]
    while len(kept) > 1 and len("/".join(kept)) > NAME_CHARACTERS:
        # The end says most about a file, so folders are left out from the front.
        kept.pop(0)
    return "/".join(kept) or UNNAMED


def clean_title(name: str, what: str, limit: int = 200) -> str:
    """Clean the name a person gives to a collection, key or conversation. Raises BadInput when nothing is left."""
    text = _visible(name).strip()
    if not text:
        raise BadInput(f"The name {name[:40]!r} of the {what} has no visible character.", "Give it a name.")
    if len(text) > limit:
        raise BadInput(f"The name of the {what} has {len(text)} characters.", f"Use at most {limit}.")
    return text


def numbered(name: str, number: int) -> str:
    """Return the name for the `number`-th document that wants `name`: "a.pdf", "a (2).pdf", "a (3).pdf"."""
    if number == 1:
        return name
    folder, slash, last = name.rpartition("/")
    stem, dot, suffix = _split_suffix(last)
    end = f" ({number}){dot}{suffix}"
    return clean_name(f"{folder}{slash}{stem[: COMPONENT_CHARACTERS - len(end)].rstrip()}{end}")


def _visible(name: str) -> str:
    """The name without what cannot be seen, in composed form; any white space is one space."""
    text = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", name))
    # Control characters go first: between two spaces one would keep them apart.
    text = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) != "Cc")
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text))


def _shortened(part: str) -> str:
    if len(part) <= COMPONENT_CHARACTERS:
        return part
    stem, dot, suffix = _split_suffix(part)
    keep = COMPONENT_CHARACTERS - len(suffix) - 2
    return stem[:keep].rstrip() + "…" + dot + suffix


def _split_suffix(name: str) -> tuple[str, str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot, suffix) if stem and len(suffix) <= LONGEST_SUFFIX else (name, "", "")
