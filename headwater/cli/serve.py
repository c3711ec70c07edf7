"""headwater serve: the web app and the API."""

from __future__ import annotations

from typing import Annotated

import typer

from headwater.cli.options import DataDir, workspace
from headwater.cli.output import say


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 when not given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 7860 when not given, 0 takes a free one.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Start the server and print its URL. The first run prints a one-time set-up link."""
    from headwater.server.serve import serve as run_server

    with workspace(data_dir, host=host, port=port) as ws:

        def ready(url: str) -> None:
            say(f"Headwater is running at {url}")
            if not ws.users.any_admin():
                say(f"Set it up, once, at {url}/setup?token={ws.users.setup_token()}")
            say("Press Ctrl+C to stop.")

        run_server(ws, ws.settings.host, ws.settings.port, ready)
