from __future__ import annotations

import pytest

from headwater.core.errors import Cancelled
from headwater.core.progress import Progress
from headwater.core.types import Scope
from headwater.jobs.context import LOOK_SECONDS, WRITE_SECONDS, JobContext
from headwater.storage.jobs import JobInfo, JobRows


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def claimed(rows: JobRows, anna: Scope) -> JobInfo:
    rows.add(anna, "work", "thing", {})
    job = rows.claim("w", ["work"])
    assert job is not None
    return job


def test_reports_are_thinned_out_and_the_last_goes_everywhere(rows: JobRows, anna: Scope) -> None:
    job, clock, heard = claimed(rows, anna), Clock(), []
    context = JobContext(job, rows, heard.append, clock)
    written = []
    for done in range(1, 6):
        context.report(Progress(done, 5, "pages"))
        context.report(Progress(done, 6, "pages"))  # too soon after the one before
        written.append(rows.get(anna, job.id).progress.done)  # type: ignore[union-attr]
        clock.now += WRITE_SECONDS * 0.4
    assert [progress.done for progress in heard] == [1, 2, 3, 4, 5]
    assert written == [1, 1, 1, 4, 5]  # the last one is always written


def test_a_cancelled_job_is_noticed_at_the_next_look(rows: JobRows, anna: Scope) -> None:
    job, clock = claimed(rows, anna), Clock()
    context = JobContext(job, rows, clock=clock)
    context.check()
    rows.cancel(anna, job.id)
    context.check()  # looked a moment ago
    clock.now += LOOK_SECONDS
    with pytest.raises(Cancelled, match="'thing'"):
        context.check()
    with pytest.raises(Cancelled):
        context.check()


def test_stopping_is_noticed_at_once(rows: JobRows, anna: Scope) -> None:
    context = JobContext(claimed(rows, anna), rows, clock=Clock())
    context.check()
    context.stop()
    with pytest.raises(Cancelled):
        context.check()
