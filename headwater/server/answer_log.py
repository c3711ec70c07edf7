"""The events of one answer, numbered from 1 and kept, so that anyone may follow from anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from headwater.server.sse import Event, to_json


class AnswerLog:
    """Grows while the answer is written. Used on the event loop alone."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.finished = False
        self._changed = asyncio.Event()

    def add(self, kind: str, value: object) -> None:
        """Append an event; `value` becomes its JSON."""
        self.events.append(Event(len(self.events) + 1, kind, to_json(value)))
        self._wake()

    def finish(self, kind: str, value: object) -> None:
        """Append the last event."""
        self.finished = True
        self.add(kind, value)

    async def follow(self, after: int) -> AsyncGenerator[Event, None]:
        """Yield the events with ids above `after`, past ones at once and coming ones as they come."""
        # Whoever asks again after the last event gets that one again: it says that this is the end.
        seen = min(after, len(self.events) - self.finished)
        while True:
            while seen < len(self.events):
                seen += 1
                yield self.events[seen - 1]
            if self.finished:
                return
            await self._changed.wait()

    def _wake(self) -> None:
        # Whoever waits holds the old event, so setting it and putting a new one wakes each exactly once.
        self._changed.set()
        self._changed = asyncio.Event()
