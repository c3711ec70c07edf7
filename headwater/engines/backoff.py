"""How long to wait before a failed engine is started again."""

from __future__ import annotations

import time
from collections.abc import Callable

from headwater.core.errors import EngineFailed

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
HEALTHY_SECONDS = 60.0

Clock = Callable[[], float]


class Backoff:
    """Doubles the pause with each failure in a row; the first restart is free.

    An engine that lived for HEALTHY_SECONDS starts with a clean record.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._not_before = 0.0
        self._started = 0.0

    def started(self) -> None:
        """Note that the engine is ready."""
        self._started = self._clock()

    def failed(self) -> None:
        """Note that it died or did not start."""
        now = self._clock()
        if self._started and now - self._started >= HEALTHY_SECONDS:
            self._failures = 0
        self._started = 0.0
        self._failures += 1
        pause = 0.0 if self._failures == 1 else FIRST_SECONDS * 2.0 ** min(self._failures - 2, 16)
        self._not_before = now + min(pause, LONGEST_SECONDS)

    @property
    def remaining_seconds(self) -> float:
        """Time until a start is allowed."""
        return max(0.0, self._not_before - self._clock())

    def check(self, name: str) -> None:
        """Raise EngineFailed while the pause lasts."""
        wait = self.remaining_seconds
        if wait > 0:
            raise EngineFailed(
                f"{name} failed {self._failures} times in a row and rests for {wait:.1f} more seconds",
                "Wait and ask again. If it keeps failing, free memory or take a smaller model or context.",
            )
