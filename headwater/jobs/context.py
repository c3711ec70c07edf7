"""What a handler gets beside its job: a way to report, and to learn that it should stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from headwater.core.errors import Cancelled
from headwater.core.progress import Progress, Report, silent
from headwater.storage.jobs import JobInfo, JobRows

LOOK_SECONDS = 0.5
WRITE_SECONDS = 0.5
TELL_SECONDS = 0.1
LONGEST_SECONDS = 1.0


class JobContext:
    """Progress goes to the listener ten times a second at most and to the row twice; the last always goes to both.

    `check` is cheap to call often.
    """

    def __init__(
        self, job: JobInfo, rows: JobRows, report: Report = silent, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.job = job
        self._rows = rows
        self._report = report
        self._clock = clock
        self._stop = threading.Event()
        self._looked = self._wrote = self._told = clock() - LONGEST_SECONDS

    def report(self, progress: Progress) -> None:
        """Say how far the work is."""
        now, last = self._clock(), progress.done == progress.total
        if last or now - self._told >= TELL_SECONDS:
            self._told = now
            self._report(progress)
        if last or now - self._wrote >= WRITE_SECONDS:
            self._wrote = now
            self._rows.progress(self.job.id, progress)

    def check(self) -> None:
        """Raise Cancelled when the job was cancelled, in whatever process, or the runner is stopping."""
        if not self._stop.is_set() and self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            if not self._rows.is_running(self.job.id):
                self._stop.set()
        if self._stop.is_set():
            raise Cancelled(f"The work on {self.job.subject!r} was stopped.")

    def stop(self) -> None:
        """Make the next `check` raise."""
        self._stop.set()
