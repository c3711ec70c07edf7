"""headwater collections: documents that are searched together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.options import AsJson, DataDir, Paths, workspace
from headwater.cli.output import note, print_json, progress_bar, say, table

app = typer.Typer(help="Collections of documents.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the collection.", show_default=False)]


@app.command("list")
def list_collections(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List collections."""
    with workspace(data_dir) as ws:
        found = ws.collections.list(ws.owner)
        if as_json:
            print_json(found)
        else:
            rows = [(c.name, c.document_count, c.passage_count, c.embedded) for c in found]
            table(["name", "documents", "passages", "with vectors"], rows)


@app.command("create")
def create(name: Name, data_dir: DataDir = None) -> None:
    """Create an empty collection."""
    with workspace(data_dir) as ws:
        ws.collections.create(ws.owner, name)
        say(f"Created {name}.")


@app.command("add")
def add(name: Name, paths: Paths, data_dir: DataDir = None) -> None:
    """Read files or folders into a collection; unchanged files are skipped, changed ones replaced."""
    with workspace(data_dir) as ws:
        collection = ws.collections.by_name(ws.owner, name)
        with progress_bar("Reading") as report:
            outcome = ws.folders.add(ws.owner, collection.id, paths, report)
        show_failures(outcome.failed)
        say(f"{outcome.added} added, {outcome.unchanged} unchanged, {len(outcome.failed)} failed.")
        if outcome.failed and not outcome.added and not outcome.unchanged:
            raise typer.Exit(1)


@app.command("remove")
def remove(name: Name, data_dir: DataDir = None) -> None:
    """Delete a collection with its documents, vectors and files."""
    with workspace(data_dir) as ws:
        collection = ws.collections.by_name(ws.owner, name)
        ws.collections.delete(ws.owner, collection.id)
        say(f"Deleted {name}.")


def show_failures(failed: tuple[tuple[str, str], ...]) -> None:
    """Name each file that could not be read, with its reason."""
    for name, reason in failed:
        note(f"  {Path(name).name}: {reason}")
