"""Markup that is safe by construction: every text is escaped unless it was built here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

# Characters that HTML forbids or that turn the reading order of what follows; shown as U+FFFD.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
VOID = frozenset({"meta", "br", "rect", "line", "path", "circle"})


class Markup(str):
    """Text that is markup already. Only `element` and `join` make it."""

    __slots__ = ()


Content = str | Markup
Attributes = Mapping[str, str | int | float]


def shown(text: str) -> Markup:
    """Return a text as it stands in a page: escaped, without characters that a page cannot hold."""
    return text if isinstance(text, Markup) else Markup(escape(_UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)))


def join(*parts: Content) -> Markup:
    """Return the parts one after the other."""
    return Markup("".join(shown(part) for part in parts))


def element(name: str, *children: Content, attributes: Attributes | None = None) -> Markup:
    """Return an element; children and the values of attributes are escaped."""
    inside = "".join(f' {key}="{shown(str(value))}"' for key, value in (attributes or {}).items())
    if name in VOID:
        return Markup(f"<{name}{inside}/>" if name not in ("meta", "br") else f"<{name}{inside}>")
    return Markup(f"<{name}{inside}>{join(*children)}</{name}>")


def classed(name: str, kind: str, *children: Content) -> Markup:
    """Return an element with a class."""
    return element(name, *children, attributes={"class": kind})
