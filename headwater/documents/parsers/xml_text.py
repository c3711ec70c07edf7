"""XML and SVG: the text of the elements, each under the name of its element."""

from __future__ import annotations

import re

from headwater.core.types import Extraction
from headwater.documents.parsers.encoding import declared_encoding, decode
from headwater.documents.parsers.html_text import main_text
from headwater.documents.parsers.html_tree import parse_html
from headwater.documents.parsers.markup import Element, NotMarkup, local, one_line, parse, tidy
from headwater.documents.parsers.reading import Reading, Source, parts
from headwater.documents.parsers.vocabulary import words

# Elements with short names (p, li, td) are running text; longer names say what the text is.
LONGEST_PLAIN_NAME = 2
TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.I)
DRAWING_TEXT = words("text title desc foreignObject")


def read(source: Source, reading: Reading) -> Extraction:
    """Read an XML file; one that is not well-formed is read as the text between its tags."""
    is_drawing = b"<svg" in source.head(8192)
    media_type = "image/svg+xml" if is_drawing else "application/xml"
    try:
        tree = parse(source.data, source.name)
        lines = _drawing(tree) if is_drawing else _lines(tree)
        text = tidy("\n".join(lines))
    except NotMarkup:
        reading.warn("The XML is not well-formed; the text between its tags was read.")
        text = _between_tags(source)
    reading.budget.text(len(text))
    if not text and is_drawing:
        reading.warn("The drawing has no text.")
    return Extraction(parts(text), False, (), tuple(reading.warnings), media_type)


def _lines(root: Element) -> list[str]:
    """Write leaves as `name: text`, attributes that say something, and mixed text as paragraphs."""
    lines: list[str] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        children = list(element)
        text = one_line(element.text or "")
        is_mixed = bool(children) and (bool(text) or any(one_line(c.tail or "") for c in children))
        if is_mixed:
            lines.append(one_line("".join(element.itertext())))
            continue
        words = [
            one_line(value)
            for key, value in element.attrib.items()
            if " " in value.strip() and local(key) != "schemaLocation"
        ]
        content = " ".join(piece for piece in (text, *words) if piece)
        if content:
            # Feeds carry HTML as text.
            shown = one_line(main_text(parse_html(content), whole=True)) if TAG.search(content) else content
            name = local(element.tag)
            lines.append(shown if len(name) <= LONGEST_PLAIN_NAME else f"{name}: {shown}")
        waiting += reversed(children)
    return lines


def _drawing(root: Element) -> list[str]:
    return [one_line("".join(e.itertext())) for e in root.iter() if local(e.tag) in DRAWING_TEXT]


def _between_tags(source: Source) -> str:
    decoded = decode(source.data, declared_encoding(source.head(4096)))
    return tidy(re.sub(r"(?s)<!--.*?-->|<[^>]*>", "\n", decoded.text))
