"""Quotas in memory: requests a minute and answers at once, for each user."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from headwater.server.errors import RateLimited

Clock = Callable[[], float]
MOST_BUCKETS = 10_000


@dataclass(slots=True)
class Bucket:
    """What is left of somebody's allowance, and when that was counted."""

    left: float
    counted: float


class RequestRate:
    """A token bucket for each user or address: `per_minute` requests, all of which may come at once."""

    def __init__(self, per_minute: int, clock: Clock, advice: str = "") -> None:
        self.per_minute = per_minute
        self._advice = advice
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def take(self, whose: str) -> None:
        """Count one request. Raises RateLimited (429) when none is left."""
        with self._lock:
            now = self._clock()
            if len(self._buckets) > MOST_BUCKETS:
                # A bucket that nobody touched for a minute is full: forgetting it changes nothing.
                self._buckets = {key: each for key, each in self._buckets.items() if now - each.counted < 60}
            bucket = self._buckets.setdefault(whose, Bucket(self.per_minute, now))
            refilled = bucket.left + (now - bucket.counted) * self.per_minute / 60
            bucket.left, bucket.counted = min(self.per_minute, refilled), now
            if bucket.left < 1:
                seconds = max(1, math.ceil((1 - bucket.left) * 60 / self.per_minute))
                raise RateLimited(
                    f"More than {self.per_minute} requests in a minute",
                    f"Wait {seconds} s. {self._advice}".strip(),
                    seconds,
                )
            bucket.left -= 1


class AnswersAtOnce:
    """How many answers a user may have in the making."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}

    def enter(self, user_id: str) -> None:
        """Take a place. Raises RateLimited (429) when all are taken; each enter needs one leave."""
        with self._lock:
            running = self._running.get(user_id, 0)
            if running >= self.most:
                raise RateLimited(
                    f"{running} answers of yours are being written already",
                    "Wait for one to finish or stop one; an admin can raise answers_at_once.",
                )
            self._running[user_id] = running + 1

    def leave(self, user_id: str) -> None:
        """Give a place back."""
        with self._lock:
            left = self._running.get(user_id, 0) - 1
            if left > 0:
                self._running[user_id] = left
            else:
                self._running.pop(user_id, None)

    @contextmanager
    def place(self, user_id: str) -> Iterator[Place]:
        """Hold a place for the length of a block, or longer with `keep`. Raises RateLimited (429)."""
        self.enter(user_id)
        place = Place(lambda: self.leave(user_id))
        try:
            yield place
        finally:
            place.end_of_block()


class Place:
    """A place among the answers at once. It is given back exactly once."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._kept = False

    def keep(self) -> Callable[[], None]:
        """Hold the place beyond the block; call what is returned to give it back."""
        self._kept = True
        return self._leave

    def end_of_block(self) -> None:
        """Give the place back unless it is kept."""
        if not self._kept:
            self._leave()
