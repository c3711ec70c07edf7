"""Runs queued jobs on threads, a lane of them for each kind, so that long work never holds up short."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from headwater.core.errors import Cancelled, HeadwaterError
from headwater.core.progress import Progress, Report, silent
from headwater.core.types import Scope
from headwater.jobs.context import JobContext
from headwater.jobs.feed import JobFeed
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.workers import WorkerMark

Handler = Callable[[JobInfo, JobContext], Mapping[str, Any] | None]
Unsuccessful = Callable[[JobInfo], None]

POLL_SECONDS = 1.0
ORPHAN_SECONDS = 30.0
RECORD_SECONDS = 5.0
logger = logging.getLogger(__name__)


class JobRunner:
    """Takes jobs from the queue and calls the handler of their kind.

    `workers` threads serve each kind (or as many as a mapping says for it). After a job failed or
    was cancelled, whether its handler ran or not, the function of its kind in `unsuccessful` is
    called, perhaps twice. Events go to `feed`.
    """

    def __init__(
        self,
        rows: JobRows,
        handlers: Mapping[str, Handler],
        workers: int | Mapping[str, int] = 1,
        feed: JobFeed | None = None,
        unsuccessful: Mapping[str, Unsuccessful] | None = None,
    ) -> None:
        self.feed = feed or JobFeed()
        self._rows = rows
        self._handlers = dict(handlers)
        self._workers = dict.fromkeys(handlers, workers) if isinstance(workers, int) else dict(workers)
        self._unsuccessful = dict(unsuccessful or {})
        self._wakeup = threading.Condition()
        self._calls = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._running: dict[str, JobContext] = {}
        self._mark: WorkerMark | None = None
        self._looked_for_orphans = 0.0

    # --- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Take back the work of dead processes and begin to work."""
        self._stopping.clear()
        self.requeue_orphans()
        for kind in self._handlers:
            for number in range(self._workers.get(kind, 1)):
                thread = threading.Thread(target=self._work, args=(kind,), name=f"job-{kind}-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Ask running jobs to stop, put them back into the queue, and wait for the threads at most so long."""
        self._stopping.set()
        with self._wakeup:
            for context in self._running.values():
                context.stop()
        self.wake()
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            # Their jobs stay ours until the process ends; only then may another take them.
            logger.warning("Some jobs did not stop within %.0f s.", timeout_seconds)
            return
        self._threads.clear()
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    def wake(self) -> None:
        """Say that there is new work. Without it work is found within a second."""
        with self._wakeup:
            self._calls += 1
            self._wakeup.notify_all()

    def requeue_orphans(self) -> None:
        """Put the jobs of dead processes back into the queue."""
        self._looked_for_orphans = time.monotonic()
        for job in self._rows.requeue_orphans(self._worker()):
            self._settle(job)

    # --- for callers -------------------------------------------------------------------------

    def cancel(self, scope: Scope, job_id: str) -> JobInfo:
        """Cancel a queued or running job of the scope. Raises NotFound, Conflict when it has ended."""
        job = self._rows.cancel(scope, job_id)
        with self._wakeup:
            context = self._running.get(job_id)
        if context is not None:
            context.stop()
        self._settle(job)
        return job

    def run_now(self, job: JobInfo, report: Report = silent) -> JobInfo:
        """Run one job in the calling thread and return how it ended; wait for it if a server has it already."""
        claimed = self._rows.claim(self._worker(), [job.kind], job.id)
        if claimed is not None:
            self._execute(claimed, report)
            return self._rows.get(job.scope, job.id)
        while True:
            now = self._rows.get(job.scope, job.id)
            if now.has_ended:
                return now
            if now.progress is not None:
                report(now.progress)
            if now.state == "queued":
                self.requeue_orphans()
                claimed = self._rows.claim(self._worker(), [job.kind], job.id)
                if claimed is not None:
                    self._execute(claimed, report)
                    continue
            self._stopping.wait(0.2)
            if self._stopping.is_set():
                raise Cancelled(f"Waiting for {job.subject!r} was stopped.")

    # --- inside ------------------------------------------------------------------------------

    def _worker(self) -> str:
        with self._wakeup:
            if self._mark is None:
                self._mark = self._rows.enlist()
            return self._mark.name

    def _work(self, kind: str) -> None:
        worker = self._worker()
        while not self._stopping.is_set():
            with self._wakeup:
                calls = self._calls
            try:
                job = self._rows.claim(worker, [kind])
                if job is None and time.monotonic() - self._looked_for_orphans > ORPHAN_SECONDS:
                    self.requeue_orphans()
            except Exception:
                logger.exception("Looking for jobs failed; trying again.")
                job = None
            if job is not None:
                self._execute(job, silent)
                continue
            with self._wakeup:
                self._wakeup.wait_for(lambda seen=calls: self._calls != seen, POLL_SECONDS)  # type: ignore[misc]

    def _execute(self, job: JobInfo, report: Report) -> None:
        def tell(progress: Progress) -> None:
            report(progress)
            self._announce(_with_progress(job, progress))

        context = JobContext(job, self._rows, tell)
        with self._wakeup:
            self._running[job.id] = context
            if self._stopping.is_set():
                context.stop()
        self._announce(job)
        try:
            ending = self._run(job, context)
            self._recorded(lambda: self._end(job, ending))
        except (KeyboardInterrupt, SystemExit):
            # Only in `run_now`: the person stops the command; a server or the next command goes on.
            self._rows.put_back(job.id)
            raise
        finally:
            with self._wakeup:
                del self._running[job.id]
        # A job of the same subject may have waited for this one.
        self.wake()

    def _run(self, job: JobInfo, context: JobContext) -> Callable[[], JobInfo | None]:
        """Call the handler; return how its end is to be recorded."""
        try:
            result = self._handlers[job.kind](job, context)
        except Cancelled as error:
            if self._stopping.is_set():
                return lambda: self._rows.put_back(job.id)
            message, hint = error.message, error.hint
        except HeadwaterError as error:
            message, hint = error.message, error.hint
        except Exception as error:
            logger.exception("The job %s (%s) failed.", job.id, job.kind)
            message = f"{job.subject!r} failed unexpectedly: {type(error).__name__}: {error}"
            hint = "This is a fault of the program; its log says more."
        else:
            return lambda: self._rows.finish(job.id, result)
        return lambda: self._rows.fail(job.id, message, hint)

    def _end(self, job: JobInfo, ending: Callable[[], JobInfo | None]) -> None:
        ended = ending()
        if ended is None:
            # Cancelled meanwhile, perhaps by another process, or deleted with its user.
            ended = self._rows.last_state(job.id)
        if ended is not None:
            self._settle(ended)

    def _recorded(self, ending: Callable[[], None]) -> None:
        """Record an end, however long the disk is full or the catalogue locked; only stopping gives up."""
        while True:
            try:
                return ending()
            except Exception:
                logger.exception("The end of a job could not be recorded; trying again.")
                if self._stopping.wait(RECORD_SECONDS):
                    return None

    def _settle(self, job: JobInfo) -> None:
        """Do what follows from a new state of a job."""
        follow_up = self._unsuccessful.get(job.kind)
        if follow_up is not None and job.state in ("failed", "cancelled"):
            follow_up(job)
        self._announce(job)

    def _announce(self, job: JobInfo) -> None:
        self.feed.publish(job.owner_id, "job", job)


def _with_progress(job: JobInfo, progress: Progress) -> JobInfo:
    from dataclasses import replace

    return replace(job, progress=progress)
