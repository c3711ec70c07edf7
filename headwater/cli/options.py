"""Options that several commands share, and opening the workspace they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headwater.workspace import Workspace

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Directory of the workspace.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Paths = Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)]


@contextmanager
def workspace(data_dir: Path | None, **flags: object) -> Iterator[Workspace]:
    """Open the workspace a command works in, and close it with everything it started."""
    from headwater.core.settings import load_settings
    from headwater.workspace import Workspace

    opened = Workspace.open(load_settings(data_dir=data_dir, **flags))
    try:
        yield opened
    finally:
        opened.close()
