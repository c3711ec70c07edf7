"""XML read safely: no entity is expanded, nothing outside the file is opened; and text put together from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree
from xml.parsers import expat

from headwater.core.errors import UnreadableDocument

Element = ElementTree.Element
CELL_SEPARATOR = " | "


class NotMarkup(ValueError):
    """The bytes are not well-formed XML."""


def parse(data: bytes, name: str) -> Element:
    """Parse XML into a tree. Raises NotMarkup, UnreadableDocument when it declares entities."""
    refuse_entities(data, name)
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise NotMarkup(f"{name}: {error}") from error


def refuse_entities(data: bytes, name: str) -> None:
    """Raise UnreadableDocument if the document type declares entities (bombs, outside files).

    Entities can be declared only before the first element, so only that part is looked at.
    """
    found: list[str] = []
    parser = expat.ParserCreate()

    def declared(entity: str, *_: object) -> None:
        found.append(entity)
        raise StopIteration

    def started(*_: object) -> None:
        raise StopIteration

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = started
    try:
        # Small pieces: the parser goes on to the end of a piece even after it was told to stop.
        for start in range(0, len(data), 2048):
            parser.Parse(data[start : start + 2048], False)
    except StopIteration:
        pass
    except (expat.ExpatError, LookupError, ValueError) as error:
        if not found:
            raise NotMarkup(f"{name}: {error}") from error
    if found:
        raise UnreadableDocument(
            f"{name} declares the XML entity {found[0]!r}, which can make a file grow without end or read other files.",
            "Save it again without a document type, or export it as PDF.",
        )


def local(tag: object) -> str:
    """Return the name of a tag without its namespace.

    >>> local("{http://www.w3.org/2000/svg}text")
    'text'
    """
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute whatever its namespace."""
    if name in element.attrib:
        return element.attrib[name]
    return next((value for key, value in element.attrib.items() if local(key) == name), None)


def child(element: Element | None, *path: str) -> Element | None:
    """Follow local names down and return the first element there."""
    for name in path:
        if element is None:
            return None
        element = next((e for e in element if local(e.tag) == name), None)
    return element


def all_named(element: Element, name: str) -> Iterator[Element]:
    """Every element below (and at) `element` with this local name, in document order."""
    return (e for e in element.iter() if local(e.tag) == name)


def one_line(text: str) -> str:
    """Collapse white space.

    >>> one_line(" a\\n b ")
    'a b'
    """
    return " ".join(text.split())


def rows_as_text(rows: Iterable[Sequence[str]]) -> str:
    """Write table rows as lines of `a | b | c`; rows without any text are left out."""
    lines = []
    for row in rows:
        cells = [one_line(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            lines.append(CELL_SEPARATOR.join(cells))
    return "\n".join(lines)


def heading(text: str, level: int) -> str:
    """Write a heading so that later steps can see the path of headings above a passage."""
    return f"{'#' * max(1, min(level, 6))} {one_line(text)}"


def tidy(text: str) -> str:
    """Drop trailing spaces and control characters; leave at most one empty line."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u00ad]", "", text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
