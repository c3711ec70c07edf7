"""Server-sent events: numbered, resumable, kept alive, and ended when the server stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from headwater.core.errors import BadInput

HEARTBEAT_SECONDS = 15.0
Release = Callable[[], Awaitable[None]]
Allowed = Callable[[], Awaitable[bool]]


async def always() -> bool:
    """Nothing ends this stream early."""
    return True


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream. `id` rises, None cannot be resumed from; `data` is JSON."""

    id: int | None
    kind: str
    data: str

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return format_sse_event(data_str=self.data, event=self.kind, id=None if self.id is None else str(self.id))


def to_json(value: object) -> str:
    """Compact JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def last_event_id(request: Request) -> int:
    """The last id the client has seen, 0 for none.

    Raises BadInput where it is not a number: such a stream would begin at a wrong place.
    """
    given = request.headers.get("last-event-id", "").strip() or request.query_params.get("last_event_id", "")
    if not given:
        return 0
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise BadInput(
            f"Last-Event-ID {given[:40]!r} is not a number", "Send the id of the last event you saw, or none."
        )
    return int(given)


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a stream before its events do: the server's `closing`, or `allowed` saying no."""

    closing: asyncio.Event
    farewell: bytes = b""
    allowed: Allowed = always


class KeptAlive:
    """`events`, with a comment after each `every` seconds of silence, until they or something else end.

    Call `aclose` when done with it: it stops the work behind the events.
    """

    def __init__(self, events: AsyncGenerator[bytes, None], ending: Ending, every: float) -> None:
        self._events = events
        self._every = every
        self._allowed = ending.allowed
        self._farewell = ending.farewell
        self._stopped = asyncio.ensure_future(ending.closing.wait())
        self._coming: asyncio.Future[bytes | None] | None = None
        self._asked = asyncio.get_running_loop().time()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._coming is None:
            self._coming = asyncio.ensure_future(_next(self._events))
        awaited: set[asyncio.Future[Any]] = {self._coming, self._stopped}
        await asyncio.wait(awaited, timeout=self._every, return_when=asyncio.FIRST_COMPLETED)
        if self._stopped.done():
            farewell, self._farewell = self._farewell, b""
            if farewell:
                return farewell
            raise StopAsyncIteration
        if not await self._may_go_on():
            raise StopAsyncIteration
        if not self._coming.done():
            return KEEPALIVE_COMMENT
        piece, self._coming = self._coming.result(), None
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def _may_go_on(self) -> bool:
        """Ask again whether the reader may read, once in each `every` seconds."""
        now = asyncio.get_running_loop().time()
        if now - self._asked < self._every:
            return True
        self._asked = now
        return await self._allowed()

    async def aclose(self) -> None:
        """Stop waiting, and close the events."""
        waiting: list[asyncio.Future[Any]] = [self._stopped] if self._coming is None else [self._stopped, self._coming]
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._events.aclose()


class EventStream(StreamingResponse):
    """A response of server-sent events. When it ends, for whatever reason, the work behind it is stopped."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None], ending: Ending, release: Release | None = None) -> None:
        """`release` is awaited once at the end, even if the stream never began."""
        self._pieces = KeptAlive(events, ending, HEARTBEAT_SECONDS)
        self._release = release
        super().__init__(self._pieces, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._pieces.aclose()
            if self._release is not None:
                await self._release()


async def _next(events: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(events, None)
