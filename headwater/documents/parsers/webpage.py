"""Web pages: the main text, without menus, scripts and what is hidden."""

from __future__ import annotations

from headwater.core.types import Extraction
from headwater.documents.parsers.encoding import declared_encoding, decode
from headwater.documents.parsers.html_text import main_text, page_title
from headwater.documents.parsers.html_tree import parse_html
from headwater.documents.parsers.reading import Reading, Source, parts


def read(source: Source, reading: Reading) -> Extraction:
    """Read an HTML file."""
    decoded = decode(source.data, declared_encoding(source.head(4096)))
    if decoded.guessed:
        reading.warn(f"No encoding is declared; the text was read as {decoded.encoding}.")
    root = parse_html(decoded.text)
    title = page_title(root)
    text = main_text(root)
    if title and "# " not in text[:4] and title not in text:
        text = f"# {title}\n\n{text}".strip()
    reading.budget.text(len(text))
    return Extraction(parts(text), False, (), tuple(reading.warnings), "text/html", title)
