"""What happens to somebody's jobs and documents, as numbered events that a client can take up again."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEPT_EVENTS = 1000

Listener = Callable[["Event"], None]


@dataclass(frozen=True, slots=True)
class Event:
    """`id` rises without end, over restarts too. `kind` "job": `data` is a JobInfo; "document": a DocumentInfo."""

    id: int
    kind: str
    data: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """Events after an id. `complete` False: some are gone, so the client needs the current state first."""

    events: tuple[Event, ...]
    complete: bool
    last_id: int


@dataclass
class _Owner:
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    listeners: list[Listener] = field(default_factory=list)
    dropped: bool = False


class JobFeed:
    """Events in memory, of each owner apart. Nothing is lost with them: the rows are the truth."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._changed = threading.Condition()
        self._owners: dict[str, _Owner] = {}
        # Beginning at the clock makes ids of a new process larger than those a client remembers.
        self._first_id = self._last_id = int(clock() * 1000)

    def publish(self, owner_id: str, kind: str, data: Any) -> Event:
        """Add an event and call the owner's listeners, in the calling thread and in the order of ids."""
        with self._changed:
            self._last_id += 1
            event = Event(self._last_id, kind, data)
            owner = self._owners.setdefault(owner_id, _Owner())
            owner.dropped = owner.dropped or len(owner.events) == KEPT_EVENTS
            owner.events.append(event)
            for listener in owner.listeners:
                listener(event)
            self._changed.notify_all()
        return event

    def replay(self, owner_id: str, after_id: int | None) -> Replay:
        """The events after `after_id`; None or an id of before a restart is answered with `complete` False."""
        with self._changed:
            return self._replay(owner_id, after_id)

    def subscribe(self, owner_id: str, after_id: int | None, listener: Listener) -> tuple[Replay, Callable[[], None]]:
        """Replay and, without a gap, have `listener` called with each later event; returns how to stop that.

        The listener runs in the publishing thread and must return at once (`loop.call_soon_threadsafe`).
        """
        with self._changed:
            replay = self._replay(owner_id, after_id)
            self._owners.setdefault(owner_id, _Owner()).listeners.append(listener)

        def stop() -> None:
            with self._changed:
                listeners = self._owners[owner_id].listeners
                if listener in listeners:
                    listeners.remove(listener)

        return replay, stop

    def wait(self, owner_id: str, after_id: int, timeout_seconds: float) -> Replay:
        """Wait for an event after `after_id`, at most so long; then answer like `replay`."""
        with self._changed:
            self._changed.wait_for(lambda: self._replay(owner_id, after_id).events, timeout_seconds)
            return self._replay(owner_id, after_id)

    def _replay(self, owner_id: str, after_id: int | None) -> Replay:
        owner = self._owners.get(owner_id, _Owner())
        if after_id is None or not self._first_id <= after_id <= self._last_id:
            return Replay((), False, self._last_id)
        events = tuple(event for event in owner.events if event.id > after_id)
        oldest = owner.events[0].id if owner.events else self._last_id + 1
        complete = not owner.dropped or after_id >= oldest - 1
        return Replay(events, complete, self._last_id)
