"""Slowing down guesses: after some failures under one name, each further try has to wait longer."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from headwater.core.errors import TooMany

FREE_FAILURES = 5
FIRST_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 900.0
MOST_NAMES = 10_000


class Throttle:
    """Counts failures by name, in memory. `clock` counts seconds and may start anywhere."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def attempt(self, name: str) -> None:
        """Count a try as failed until `succeed` says otherwise, so that parallel guesses count as well.

        Raises TooMany while the name has to wait.
        """
        with self._lock:
            now = self._clock()
            count, last = self._failures.get(name, (0, now))
            if now - last > LONGEST_WAIT_SECONDS:
                count = 0
            remaining = last + _wait_seconds(count) - now
            if remaining > 0:
                seconds = math.ceil(remaining)
                raise TooMany(f"Too many failed tries under {name[:60]!r}.", f"Wait {seconds} s and try again.")
            self._failures[name] = (count + 1, now)
            self._failures.move_to_end(name)
            while len(self._failures) > MOST_NAMES:
                self._failures.popitem(last=False)

    def succeed(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._lock:
            self._failures.pop(name, None)


def _wait_seconds(failures: int) -> float:
    if failures < FREE_FAILURES:
        return 0.0
    # The exponent is bounded so that the power cannot overflow.
    return float(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(failures - FREE_FAILURES, 10)))
