"""The `headwater` command: its sub-commands and the one place where errors become exit codes.

Exit codes: 0 done, 1 failed (one line says why and what to do), 2 wrong usage. Each command
imports what it needs when it runs, so that `headwater --help` stays quick.
"""

from __future__ import annotations

import sys

import typer

from headwater import __version__
from headwater.cli import (
    accounts,
    ask,
    chat,
    collections,
    data,
    doctor,
    evaluate,
    export,
    extract,
    models,
    serve,
    train,
)
from headwater.core.errors import HeadwaterError

app = typer.Typer(
    name="headwater",
    help="The private GPT suite that runs on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("search")(ask.search)
app.command("extract")(extract.extract)
app.command("chat")(chat.chat)
app.add_typer(models.app, name="models")
app.add_typer(collections.app, name="collections")
app.add_typer(accounts.users, name="users")
app.add_typer(accounts.keys, name="keys")
app.add_typer(data.app, name="data")
app.command("train")(train.train)
app.command("export")(export.export)
app.add_typer(evaluate.app, name="evaluate")
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True)) -> None:
    """The private GPT suite that runs on your own machine."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def run() -> None:
    """Run the command line. Every HeadwaterError becomes one line and exit code 1."""
    try:
        app()
    except HeadwaterError as error:
        sys.stderr.write(f"headwater: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"  {error.hint}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("headwater: stopped\n")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is its right.
        sys.stderr.close()
        sys.exit(0)
