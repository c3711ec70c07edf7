"""A reply on the wire: whole as JSON, or chunk by chunk as OpenAI's clients read them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response
from starlette.requests import Request

from headwater.core.errors import EngineFailed
from headwater.core.types import Scope
from headwater.server.errors import describe_any, openai_error
from headwater.server.identity import still_allowed
from headwater.server.limits import Place
from headwater.server.openai_replies import Begun, Head, Piece, unless_gone, usage_out
from headwater.server.openai_shapes import Sampling
from headwater.server.parts import state_of
from headwater.server.sse import Ending, EventStream, to_json

END_OF_STREAM = b"data: [DONE]\n\n"
STREAM_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The reply; with `stream`, events of chunks and a last [DONE].",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
Cut = Callable[[Head, Piece], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that can be begun: its identity, its pieces, and how a piece becomes a chunk."""

    head: Head
    pieces: AsyncGenerator[Piece, None]
    cut: Cut
    opening: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose stream it is, and the place it takes among their answers at once."""

    scope: Scope
    place: Place


async def stream(request: Request, body: Sampling, reply: Reply, holder: Holder) -> Response:
    """Begin a reply as a stream. Raises what the reply raises before its first piece."""
    begun = Begun(reply.pieces)
    try:
        await unless_gone(request, begun.begin())
    except BaseException:
        await begun.aclose()
        raise
    leave = holder.place.keep()

    async def release() -> None:
        await begun.aclose()
        leave()

    ending = Ending(state_of(request).closing, farewell(), still_allowed(request, holder.scope))
    return EventStream(chunks(reply, begun, body.wants_usage), ending, release)


async def chunks(reply: Reply, pieces: Begun, wants_usage: bool) -> AsyncGenerator[bytes, None]:
    """The events of a stream. An error in the middle becomes an event that the clients raise."""
    usage_field: dict[str, Any] = {"usage": None} if wants_usage else {}
    last: Piece | None = None
    try:
        if reply.opening is not None:
            yield data({**reply.opening, **usage_field})
        async for piece in pieces:
            last = piece
            yield data({**reply.cut(reply.head, piece), **usage_field})
    except Exception as error:  # noqa: BLE001 - the status is sent already: an event is the one way left to tell
        yield error_data(error)
        return
    if wants_usage and last is not None:
        usage = usage_out(last.usage)
        closing = reply.cut(reply.head, last)
        yield data({**closing, "choices": [], "usage": usage.model_dump() if usage else None})
    yield END_OF_STREAM


def data(value: object) -> bytes:
    """One event of an OpenAI stream."""
    return b"data: " + to_json(value).encode() + b"\n\n"


def error_data(error: BaseException) -> bytes:
    """An error in the middle of a stream; the official clients raise it."""
    return data(openai_error(describe_any(error)))


def farewell() -> bytes:
    """What a stream says when the server stops before it is done."""
    return error_data(EngineFailed("The server is stopping", "Send the request again when it is back."))
