"""Jupyter notebooks: text cells, code cells and what the code printed."""

from __future__ import annotations

import json
from typing import Any

from headwater.core.types import Extraction
from headwater.documents.parsers.encoding import decode
from headwater.documents.parsers.markup import tidy
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable

LONGEST_OUTPUT = 20_000


def read(source: Source, reading: Reading) -> Extraction:
    """Read a notebook of format 3 or 4."""
    try:
        book = json.loads(decode(source.data).text)
        sheets = book.get("worksheets") or [book]
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        texts = [text for cell in cells for text in _cell(cell)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable(
            source.name, f"is not a valid notebook: {error}.", "Open it in Jupyter and save it anew."
        ) from error
    text = tidy("\n\n".join(texts))
    reading.budget.text(len(text))
    title = next((line[2:].strip() for line in text.split("\n") if line.startswith("# ")), None)
    return Extraction(parts(text), False, (), tuple(reading.warnings), "application/x-ipynb+json", title)


def _cell(cell: dict[str, Any]) -> list[str]:
    text = _joined(cell.get("source", cell.get("input", "")))
    if cell.get("cell_type") == "heading":
        return [f"{'#' * int(cell.get('level', 1))} {text}"]
    if cell.get("cell_type") != "code":
        return [text]
    return [text, *(_output(output) for output in cell.get("outputs", []))]


def _output(output: dict[str, Any]) -> str:
    if output.get("output_type") == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    data = output.get("data") or {}
    return _joined(output.get("text") or data.get("text/markdown") or data.get("text/plain") or "")[:LONGEST_OUTPUT]


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
