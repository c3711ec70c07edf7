from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headwater.core.errors import Conflict, NotFound, StorageFull, UnreadableDocument
from headwater.core.progress import Progress
from headwater.core.types import Scope
from headwater.jobs import runner as module
from headwater.jobs.context import JobContext
from headwater.jobs.feed import JobFeed
from headwater.jobs.runner import Handler, JobRunner
from headwater.storage.database import Catalogue
from headwater.storage.jobs import JobInfo, JobRows

LONG = 30.0  # far longer than anything here takes: only a fault waits for it


class Desk:
    """Runners of a test, and waiting for what they announce."""

    def __init__(self, rows: JobRows, scope: Scope) -> None:
        self.rows, self.scope, self.feed = rows, scope, JobFeed()
        self.runners: list[JobRunner] = []
        self._start = self.feed.replay(scope.user_id, None).last_id

    def runner(self, handlers: dict[str, Handler], **options: Any) -> JobRunner:
        made = JobRunner(self.rows, handlers, feed=self.feed, **options)
        self.runners.append(made)
        return made

    def add(self, subject: str = "thing", kind: str = "work", **payload: Any) -> JobInfo:
        return self.rows.add(self.scope, kind, subject, payload)

    def until(self, job: JobInfo, *states: str) -> JobInfo:
        """Wait until the job was announced in one of the states."""
        at = self._start
        while True:
            replay = self.feed.wait(self.scope.user_id, at, LONG)
            assert replay.events, f"the job did not become {states}"
            for event in replay.events:
                at = event.id
                if event.data.id == job.id and event.data.state in states:
                    return event.data  # type: ignore[no-any-return]

    def states(self, job: JobInfo) -> list[str]:
        events = self.feed.replay(self.scope.user_id, self._start).events
        return [event.data.state for event in events if event.data.id == job.id]


@pytest.fixture
def desk(rows: JobRows, anna: Scope) -> Iterator[Desk]:
    made = Desk(rows, anna)
    yield made
    for runner in made.runners:
        runner.stop(LONG)


def gate() -> tuple[Handler, threading.Event, threading.Event]:
    """A handler that says it began and then waits to be let go, or to be cancelled."""
    began, go = threading.Event(), threading.Event()

    def handler(job: JobInfo, context: JobContext) -> dict[str, Any]:
        began.set()
        while not go.wait(0.01):
            context.check()
        return {"went": True}

    return handler, began, go


def test_jobs_are_worked_on_and_announced(desk: Desk) -> None:
    def handler(job: JobInfo, context: JobContext) -> dict[str, Any]:
        context.report(Progress(1, 2, "steps"))
        return {"doubled": job.payload["number"] * 2}

    runner = desk.runner({"work": handler})
    runner.start()
    job = desk.add(number=21)
    runner.wake()
    done = desk.until(job, "done")
    assert done.result == {"doubled": 42}
    assert desk.states(job) == ["running", "running", "done"]
    assert desk.rows.get(desk.scope, job.id) == done


def test_work_is_found_without_a_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    desk.runner({"work": lambda *_: None}).start()
    assert desk.until(desk.add(), "done").result is None


def test_lanes_of_kinds_do_not_hold_each_other_up(desk: Desk) -> None:
    handler, began, go = gate()
    runner = desk.runner({"slow": handler, "work": lambda *_: None})
    runner.start()
    slow = desk.add(kind="slow")
    runner.wake()
    assert began.wait(LONG)
    quick = desk.add()
    runner.wake()
    desk.until(quick, "done")
    go.set()
    desk.until(slow, "done")


def test_several_workers_share_a_kind(desk: Desk) -> None:
    together = threading.Barrier(3)
    runner = desk.runner({"work": lambda *_: {"place": together.wait(LONG)}}, workers={"work": 3})
    jobs = [desk.add(f"thing {number}") for number in range(3)]
    runner.start()
    assert sorted(desk.until(job, "done").result["place"] for job in jobs) == [0, 1, 2]  # type: ignore[index]


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (UnreadableDocument("It is encrypted.", "Give the password."), "It is encrypted.", "Give the password."),
        (ZeroDivisionError("oh"), "'thing' failed unexpectedly: ZeroDivisionError: oh", "This is a fault"),
    ],
)
def test_a_failure_says_why_and_the_rest_goes_on(
    desk: Desk, error: Exception, message: str, hint: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[JobInfo] = []

    def handler(job: JobInfo, _: JobContext) -> None:
        if job.subject == "thing":
            raise error

    runner = desk.runner({"work": handler}, unsuccessful={"work": told.append})
    bad, good = desk.add("thing"), desk.add("other")
    with caplog.at_level(logging.ERROR):
        runner.start()
        failed = desk.until(bad, "failed")
        desk.until(good, "done")
    assert failed.error == message
    assert hint in str(failed.hint)
    assert [job.id for job in told] == [bad.id]
    assert ("ZeroDivisionError" in caplog.text) is isinstance(error, ZeroDivisionError)


def test_cancelling_a_queued_job(desk: Desk) -> None:
    told: list[JobInfo] = []
    runner = desk.runner({"work": lambda *_: None}, unsuccessful={"work": told.append})
    job = desk.add()
    assert runner.cancel(desk.scope, job.id).state == "cancelled"
    assert [one.state for one in told] == ["cancelled"]
    assert desk.states(job) == ["cancelled"]
    with pytest.raises(Conflict):
        runner.cancel(desk.scope, job.id)
    with pytest.raises(NotFound):
        runner.cancel(Scope("boris"), job.id)


def test_cancelling_a_running_job(desk: Desk) -> None:
    told: list[JobInfo] = []
    handler, began, _ = gate()
    runner = desk.runner({"work": handler}, unsuccessful={"work": told.append})
    runner.start()
    job = desk.add()
    runner.wake()
    assert began.wait(LONG)
    runner.cancel(desk.scope, job.id)
    other = desk.add("other")
    began.clear()
    runner.wake()
    assert began.wait(LONG), "the lane is free again"
    runner.cancel(desk.scope, other.id)
    assert desk.rows.get(desk.scope, job.id).state == "cancelled"
    assert {one.state for one in told} == {"cancelled"}


def test_cancelling_from_another_process(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.jobs.context.LOOK_SECONDS", 0.01)
    told: list[JobInfo] = []
    handler, began, _ = gate()
    runner = desk.runner({"work": handler}, unsuccessful={"work": told.append})
    runner.start()
    job = desk.add()
    runner.wake()
    assert began.wait(LONG)
    desk.rows.cancel(desk.scope, job.id)  # as another process does it: through the row alone
    desk.until(job, "cancelled")
    assert [one.state for one in told] == ["cancelled"]


def test_stopping_puts_running_work_back(desk: Desk) -> None:
    handler, began, _ = gate()
    runner = desk.runner({"work": handler})
    runner.start()
    job = desk.add()
    runner.wake()
    assert began.wait(LONG)
    runner.stop(LONG)
    back = desk.rows.get(desk.scope, job.id)
    assert (back.state, back.attempts, back.error) == ("queued", 0, None)
    second = desk.runner({"work": lambda *_: {"second": True}})
    second.start()
    assert desk.until(job, "done").result == {"second": True}


def test_starting_takes_up_the_work_of_the_dead(desk: Desk) -> None:
    job = desk.add()
    desk.rows.claim("a worker that is no more", ["work"])
    desk.runner({"work": lambda *_: {"again": True}}).start()
    done = desk.until(job, "done")
    assert (done.result, done.attempts) == ({"again": True}, 1)


def test_work_that_kills_its_process_is_given_up(desk: Desk) -> None:
    told: list[JobInfo] = []
    job = desk.add()
    runner = desk.runner({"work": lambda *_: None}, unsuccessful={"work": told.append})
    for _ in range(3):
        desk.rows.claim("a worker that is no more", ["work"])
        runner.requeue_orphans()
    assert desk.states(job) == ["queued", "queued", "failed"]
    assert [one.id for one in told] == [job.id]


def test_running_at_once_in_the_calling_thread(desk: Desk) -> None:
    heard: list[Progress] = []

    def handler(_: JobInfo, context: JobContext) -> dict[str, Any]:
        context.report(Progress(1, 1, "steps"))
        return {"thread": threading.current_thread().name}

    job = desk.add()
    ended = desk.runner({"work": handler}).run_now(job, heard.append)
    assert ended.result == {"thread": threading.current_thread().name}
    assert heard == [Progress(1, 1, "steps")]
    assert desk.runner({"work": handler}).run_now(job) == ended  # what has ended is not done again


def test_running_at_once_waits_for_whoever_has_the_job(desk: Desk) -> None:
    handler, began, go = gate()
    server = desk.runner({"work": handler})
    server.start()
    job = desk.add()
    server.wake()
    assert began.wait(LONG)
    command_line = desk.runner({"work": lambda *_: pytest.fail("done twice")})
    ended: list[JobInfo] = []
    thread = threading.Thread(target=lambda: ended.append(command_line.run_now(job)))
    thread.start()
    go.set()
    thread.join(LONG)
    assert [one.result for one in ended] == [{"went": True}]


def test_an_end_is_recorded_when_the_disk_has_space_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RECORD_SECONDS", 0.01)
    finish: Callable[..., Any] = desk.rows.finish
    tries = []

    def full_at_first(*given: Any) -> Any:
        tries.append(given)
        if len(tries) < 3:
            raise StorageFull("The disk is full.", "Free some space.")
        return finish(*given)

    monkeypatch.setattr(desk.rows, "finish", full_at_first)
    runner = desk.runner({"work": lambda *_: {"kept": True}})
    job = desk.add()
    runner.start()
    assert desk.until(job, "done").result == {"kept": True}
    assert len(tries) == 3
    assert "could not be recorded" in caplog.text


def test_a_fault_of_the_queue_does_not_end_the_lane(
    desk: Desk, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    claim, failed = desk.rows.claim, threading.Event()

    def broken_once(*given: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise StorageFull("The disk is full.")
        return claim(*given)

    monkeypatch.setattr(desk.rows, "claim", broken_once)
    job = desk.add()
    desk.runner({"work": lambda *_: None}).start()
    desk.until(job, "done")
    assert "Looking for jobs failed" in caplog.text
