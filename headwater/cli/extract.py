"""headwater extract: the text of a file as Headwater sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.options import AsJson
from headwater.cli.output import note, print_json, say


def extract(
    file: Annotated[Path, typer.Argument(help="The file.", show_default=False)],
    password: Annotated[str | None, typer.Option(help="Password of an encrypted file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the text of a file, page by page."""
    from headwater.core.settings import load_settings
    from headwater.documents.extract import Extractor, to_json
    from headwater.workspace import extract_limits

    extractor = Extractor(extract_limits(load_settings()))
    try:
        found = extractor.extract(file, name=file.name, password=password)
    finally:
        extractor.close()
    if as_json:
        print_json(to_json(found))
        return
    for page in found.pages:
        if len(found.pages) > 1:
            say(f"--- {page.number}{f' · {page.label}' if page.label else ''}")
        say(page.text)
    for member in found.members:
        say(f"=== {member.name}{f': {member.error}' if member.error else ''}")
        for page in member.extraction.pages:
            say(page.text)
    for warning in found.warnings:
        note(f"note: {warning}")
