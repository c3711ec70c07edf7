"""Running the server: uvicorn, with an end that does not wait for open streams."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from headwater.core.errors import BadInput, Conflict, Forbidden
from headwater.server.app import close, create_app
from headwater.server.parts import Parts
from headwater.server.security import is_loopback

Ready = Callable[[str], None]
GRACE_SECONDS = 3
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """uvicorn, telling when it listens, ending streams first when it stops, and returning after a signal."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams and answers, then close the connections."""
        await close(self._app)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal. Unlike uvicorn's own, it is not raised again, so the workspace can be closed."""
        try:
            before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        except ValueError:  # not the main thread: whoever runs it there stops it by should_exit
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def serve(workspace: Parts, host: str, port: int, on_ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM. `on_ready` gets the URL as soon as requests are answered.

    Raises Forbidden for an address others can reach while nobody has been set up to sign in,
    Conflict when the port is taken, BadInput when the address is not of this machine.
    """
    if not is_loopback(host) and not workspace.users.any_admin():
        raise Forbidden(
            f"Nobody can sign in yet, and {host} can be reached by others.",
            "Start it on 127.0.0.1 first and open the set-up link, or run: headwater users create NAME --admin",
        )
    listener = listen(host, port)
    with listener:
        app = create_app(workspace, bound_to=host)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=30,
            lifespan="on",
        )
        url = url_of(host, listener.getsockname()[1])
        Server(config, app, lambda: on_ready(url)).run([listener])


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises Conflict, BadInput."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        raise _unusable(host, port, error) from error
    return listener


def _unusable(host: str, port: int, error: OSError) -> BadInput | Conflict:
    if error.errno == errno.EADDRINUSE:
        return Conflict(f"Port {port} is taken by another program.", f"Use another: --port {port + 1}, or --port 0.")
    return BadInput(f"Cannot listen on {host}, port {port}: {error.strerror}.", "Give an address of this machine.")


def url_of(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"
