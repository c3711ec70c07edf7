"""From our streams to OpenAI's replies: one piece of text after the other, then the end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from starlette.requests import Request

from headwater.core.errors import Cancelled, EngineFailed
from headwater.core.types import AnswerEvent, Delta, FinishReason, Usage
from headwater.server.openai_shapes import DocumentsOut, UsageOut
from headwater.server.shapes import CitationOut

T = TypeVar("T")
FIRST_PIECE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply. The last one carries `finish_reason`; `index` tells several texts apart."""

    text: str = ""
    index: int = 0
    finish_reason: Literal["stop", "length"] | None = None
    usage: Usage | None = None
    documents: DocumentsOut | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete reply."""

    text: str
    finish_reason: Literal["stop", "length"]
    usage: UsageOut | None
    documents: DocumentsOut | None


@dataclass(frozen=True, slots=True)
class Head:
    """What every chunk of a reply repeats."""

    id: str
    created: int
    model: str


def new_head(prefix: str, model: str) -> Head:
    """The identity of one reply."""
    return Head(f"{prefix}-{secrets.token_hex(12)}", int(time.time()), model)


def finish(reason: FinishReason) -> Literal["stop", "length"]:
    """The reason in OpenAI's words. Raises EngineFailed for a reply that was cut off."""
    if reason == "cancelled":
        raise EngineFailed("The model was stopped before it was done", "Send the request again.")
    return reason


def usage_out(usage: Usage | None) -> UsageOut | None:
    """Token counts, or None where the engine did not count."""
    if usage is None:
        return None
    total = usage.prompt_tokens + usage.completion_tokens
    return UsageOut(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens, total_tokens=total)


async def pieces_of_model(deltas: AsyncIterator[Delta]) -> AsyncGenerator[Piece, None]:
    """The pieces of a model's stream."""
    try:
        async for delta in deltas:
            if delta.text:
                yield Piece(delta.text)
            if delta.finish_reason is not None:
                yield Piece(finish_reason=finish(delta.finish_reason), usage=delta.usage)
                return
    finally:
        await close(deltas)
    raise EngineFailed("The model's stream ended without a reason", "Send the request again.")


async def pieces_of_answer(events: AsyncIterator[AnswerEvent]) -> AsyncGenerator[Piece, None]:
    """The pieces of an answer from documents. Its text is final once sent, so it can be streamed."""
    try:
        async for event in events:
            if event.text:
                yield Piece(event.text)
            if event.answer is not None:
                answer = event.answer
                documents = DocumentsOut(mode=answer.mode, citations=[CitationOut.of(c) for c in answer.citations])
                # An answer made of quotes alone asked no model: it took no tokens.
                usage = answer.usage or Usage(0, 0)
                yield Piece(finish_reason=finish(answer.finish_reason), usage=usage, documents=documents)
                return
    finally:
        await close(events)
    raise EngineFailed("The answer's stream ended early", "Send the request again.")


async def close(stream: AsyncIterator[Any]) -> None:
    """Close a stream that was left, so that the engine stops its work."""
    aclose = getattr(stream, "aclose", None)
    if aclose is not None:
        await aclose()


async def whole(pieces: AsyncGenerator[Piece, None]) -> Whole:
    """Collect a reply for a client that does not stream."""
    texts = []
    try:
        async for piece in pieces:
            texts.append(piece.text)
            if piece.finish_reason is not None:
                return Whole("".join(texts), piece.finish_reason, usage_out(piece.usage), piece.documents)
    finally:
        await pieces.aclose()
    raise EngineFailed("The reply ended early", "Send the request again.")


class Begun:
    """A reply whose first piece was waited for, so that an error still gets its HTTP status.

    After `seconds` the reply is begun all the same: heartbeats keep the client's patience.
    """

    def __init__(self, pieces: AsyncGenerator[Piece, None]) -> None:
        self._pieces = pieces
        self._first: asyncio.Future[Piece] | None = None

    async def begin(self, seconds: float = FIRST_PIECE_SECONDS) -> None:
        """Wait for the first piece. Raises what the reply raises."""
        self._first = asyncio.ensure_future(_next(self._pieces))
        await asyncio.wait({self._first}, timeout=seconds)
        if self._first.done():
            self._first.result()

    def __aiter__(self) -> AsyncIterator[Piece]:
        return self

    async def __anext__(self) -> Piece:
        if self._first is not None:
            piece = await self._first
            self._first = None
            return piece
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Stop the work behind the reply."""
        if self._first is not None:
            self._first.cancel()
            await asyncio.gather(self._first, return_exceptions=True)
        await self._pieces.aclose()


async def _next(pieces: AsyncGenerator[Piece, None]) -> Piece:
    return await anext(pieces)


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do `work` while the client is there. Raises Cancelled, with the work cancelled, when it leaves."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Cancelled("The client left before the reply was complete")
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
