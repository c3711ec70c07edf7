"""How a command speaks: JSON or plain text on stdout, progress on stderr when a person looks."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from headwater.core.progress import Progress, Report


def plain(value: object) -> object:
    """Turn frozen dataclasses into what JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def print_json(value: object) -> None:
    """Print one JSON document to stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2, default=str) + "\n")


def say(text: str = "") -> None:
    """Print a line of plain text to stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print a line for the person, which is not part of the output, to stderr."""
    sys.stderr.write(text + "\n")


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; columns are separated by space alone, so that `awk` can read it too."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        grid.add_column(header, overflow="fold")
    for row in rows:
        grid.add_row(*(str(cell) if cell is not None else "" for cell in row))
    Console(soft_wrap=not sys.stdout.isatty()).print(grid)


@contextmanager
def progress_bar(what: str) -> Iterator[Report]:
    """Yield a Report that draws a bar on stderr; silent when stderr is not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[unit]}"))
    with Bar(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None, unit="")

        def report(progress: Progress) -> None:
            label = f"{what}: {progress.stage}" if progress.stage else what
            bar.update(task, description=label, completed=progress.done, total=progress.total, unit=progress.unit)

        yield report
