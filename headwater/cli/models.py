"""headwater models: what is installed, what can be, whether it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import note, print_json, progress_bar, say, table

app = typer.Typer(help="Model weights: list, pull, remove, plan.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A name from the list, hf:ORG/NAME, or a path.", show_default=False)]


@app.command("list")
def list_models(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List models that are known and whether they are installed."""
    with workspace(data_dir) as ws:
        rows = [
            {
                "name": m.name,
                "task": m.task,
                "licence": m.licence,
                "megabytes": round(m.size_bytes / 1e6),
                "installed": ws.models.is_installed(m.name),
            }
            for m in ws.models.known()
        ]
        if as_json:
            print_json(rows)
        else:
            table(
                ["name", "task", "licence", "MB", "installed"], [tuple(_yes(v) for v in row.values()) for row in rows]
            )


def _yes(value: object) -> object:
    return {True: "yes", False: ""}.get(value, value) if isinstance(value, bool) else value


@app.command("pull")
def pull(
    names: Annotated[list[str], typer.Argument(help="Names, or 'starter' for the starter set.", show_default=False)],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept the terms that are printed.")
    ] = False,
    from_path: Annotated[
        Path | None, typer.Option("--from", help="Take the files from here, not from a source.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Download models, verify them and print the terms of each."""
    from headwater.models.starter import starter_set

    with workspace(data_dir) as ws:
        for name in [each for given in names for each in (starter_set() if given == "starter" else (given,))]:
            if ws.models.is_installed(name):
                note(f"{name}: already installed")
                continue
            terms = ws.models.terms(name)
            note(f"{name}: {terms.title} {terms.url}")
            if terms.needs_acceptance and terms.summary:
                note(f"  {terms.summary}")
            with progress_bar(name) as report:
                ws.models.pull(name, report, accept_licence, from_path)
            say(f"{name}: installed")


@app.command("terms")
def terms(name: Name, data_dir: DataDir = None) -> None:
    """Print the terms of a model; with them alone fetched when they are not here yet."""
    with workspace(data_dir) as ws:
        say(ws.models.terms_text(name) or f"Read them at {ws.models.terms(name).url}")


@app.command("remove")
def remove(name: Name, data_dir: DataDir = None) -> None:
    """Delete a model's files."""
    with workspace(data_dir) as ws:
        ws.models.remove(name)
        say(f"{name}: removed")


@app.command("plan")
def plan(
    name: Name,
    context: Annotated[int | None, typer.Option(help="Tokens of context per request.", min=256)] = None,
    parallel: Annotated[int | None, typer.Option(help="Requests at once.", min=1)] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Say whether a model fits this machine, and why."""
    with workspace(data_dir, context_tokens=context, parallel=parallel) as ws:
        found = ws.models.plan(name, ws.settings.context_tokens, ws.settings.parallel)
        if as_json:
            print_json(found)
        else:
            say(found.sentence)
