"""Uploaded files, streamed into the store while they arrive."""

from __future__ import annotations

import asyncio
import io
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar, cast

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request

from headwater.core.errors import Cancelled, HeadwaterError
from headwater.server.multipart import Begin, Block, parts_of

T = TypeVar("T")
WAITING_BYTES = 4 << 20
UPLOADS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    error: HeadwaterError


class Pipe(io.RawIOBase):
    """Bytes from the event loop to a thread: the thread waits for bytes, the loop waits for room."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._blocks: deque[bytes] = deque()
        self._waiting = 0
        self._ended = False
        self._abandoned = False
        self._changed = threading.Condition()
        self.dropped = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, empty at the end. Raises Cancelled when the sender left."""
        with self._changed:
            self._changed.wait_for(lambda: self._blocks or self._ended or self._abandoned)
            if self._abandoned:
                raise Cancelled("The client left before the file was complete", "Send it again.")
            if not self._blocks:
                return b""
            block = self._blocks.popleft()
            if 0 <= size < len(block):
                self._blocks.appendleft(block[size:])
                block = block[:size]
            self._waiting -= len(block)
        self._loop.call_soon_threadsafe(self._room.set)
        return block

    async def feed(self, block: bytes) -> None:
        """Hand over bytes as soon as there is room. Bytes that nobody reads any more are counted as dropped."""
        while True:
            with self._changed:
                if self.closed:
                    self.dropped += len(block)
                    return
                if self._waiting < WAITING_BYTES:
                    self._blocks.append(block)
                    self._waiting += len(block)
                    self._changed.notify_all()
                    return
                self._room.clear()
            await self._room.wait()

    def end(self) -> None:
        """No more bytes will come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """The rest will never come."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    def leave(self) -> None:
        """The reader is done; what is still fed is dropped."""
        with self._changed:
            self.close()
            self._blocks.clear()
        self._loop.call_soon_threadsafe(self._room.set)


class Uploads(Generic[T]):
    """Receives the files of one request: `store(name, stream)` is called in a thread for each."""

    def __init__(self, store: Callable[[str, BinaryIO], T], max_bytes: int, limiter: anyio.CapacityLimiter) -> None:
        self.taken: list[T] = []
        self.refused: list[Refused] = []
        self._store = store
        self._max_bytes = max_bytes
        self._limiter = limiter
        self._pipe: Pipe | None = None
        self._storing: asyncio.Future[None] | None = None

    async def receive(self, request: Request) -> None:
        """Read the whole form. A file that cannot be taken is `refused`; the others go on.

        Raises BadInput for a broken form, Cancelled when the client leaves, HTTPException 413 when
        far more than the largest file keeps coming.
        """
        try:
            async for part in parts_of(request):
                if isinstance(part, Begin):
                    self._begin(part.name)
                elif isinstance(part, Block):
                    await self._feed(part.data)
                else:
                    await self._end()
        finally:
            await self._abandon()

    def _begin(self, name: str) -> None:
        pipe = self._pipe = Pipe()
        self._storing = asyncio.ensure_future(anyio.to_thread.run_sync(self._run, name, pipe, limiter=self._limiter))

    def _run(self, name: str, pipe: Pipe) -> None:
        try:
            self.taken.append(self._store(name, cast("BinaryIO", pipe)))
        except HeadwaterError as error:
            if isinstance(error, Cancelled):
                raise
            self.refused.append(Refused(name, error))
        finally:
            pipe.leave()

    async def _feed(self, data: bytes) -> None:
        pipe = self._pipe
        assert pipe is not None, "the reader yields Begin before Block"
        await pipe.feed(data)
        if pipe.dropped > self._max_bytes:
            raise HTTPException(413)

    async def _end(self) -> None:
        assert self._pipe is not None and self._storing is not None, "the reader yields Begin before End"
        self._pipe.end()
        storing, self._storing, self._pipe = self._storing, None, None
        await storing

    async def _abandon(self) -> None:
        if self._pipe is None or self._storing is None:
            return
        self._pipe.abandon()
        with suppress(Cancelled):
            await self._storing
