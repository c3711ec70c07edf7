from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import Conflict, NotFound
from headwater.core.progress import Progress
from headwater.core.types import Role, Scope
from headwater.storage.database import Catalogue
from headwater.storage.jobs import JobRows
from headwater.storage.workers import WorkerMark, is_alive


@pytest.fixture
def rows(catalogue: Catalogue) -> JobRows:
    return JobRows(catalogue)


def test_a_job_runs_and_ends(rows: JobRows, anna: Scope, clock: Any) -> None:
    job = rows.add(anna, "ingest", "a\x00.pdf", {"version_id": "v"})
    assert (job.state, job.subject, job.payload, job.has_ended) == ("queued", "a.pdf", {"version_id": "v"}, False)
    clock.now += 5
    claimed = rows.claim("w", ["ingest"])
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.started) == (job.id, "running", clock.now)
    assert claimed.scope == Scope(anna.user_id, Role.USER)
    rows.progress(job.id, Progress(3, 10, "pages", "reading"))
    assert rows.get(anna, job.id).progress == Progress(3, 10, "pages", "reading")
    ended = rows.finish(job.id, {"pages": 10})
    assert ended == rows.get(anna, job.id)
    assert (ended.state, ended.result, ended.has_ended) == ("done", {"pages": 10}, True)
    assert rows.claim("w", ["ingest"]) is None


def test_jobs_are_taken_in_order_and_by_kind(rows: JobRows, anna: Scope, clock: Any) -> None:
    jobs = []
    for kind, subject in (("ingest", "a"), ("embed", "b"), ("ingest", "c")):
        jobs.append(rows.add(anna, kind, subject, {}))
        clock.now += 1
    assert [rows.claim("w", ["ingest"]).id for _ in range(2)] == [jobs[0].id, jobs[2].id]  # type: ignore[union-attr]
    assert rows.claim("w", ["ingest"]) is None
    assert rows.claim("w", ["pull"]) is None
    assert rows.claim("w", ["pull", "embed"], jobs[0].id) is None
    assert rows.claim("w", ["pull", "embed"]).id == jobs[1].id  # type: ignore[union-attr]
    assert [job.subject for job in rows.list(anna)] == ["c", "b", "a"]


def test_one_job_is_claimed_by_one_worker(rows: JobRows, anna: Scope) -> None:
    for number in range(20):
        rows.add(anna, "ingest", f"file {number}", {})
    claimed: list[str] = []

    def work(worker: str) -> None:
        while (job := rows.claim(worker, ["ingest"])) is not None:
            claimed.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 20


def test_jobs_on_one_thing_wait_for_each_other(rows: JobRows, anna: Scope, boris: Scope, clock: Any) -> None:
    jobs = []
    for scope, kind in ((anna, "ingest"), (anna, "ingest"), (boris, "ingest"), (anna, "embed")):
        jobs.append(rows.add(scope, kind, "a.pdf", {"number": len(jobs)}))
        clock.now += 1
    claimed = [rows.claim("w", ["ingest", "embed"]) for _ in range(4)]
    assert [job and job.payload["number"] for job in claimed] == [0, 2, 3, None]
    rows.finish(jobs[0].id, None)
    waited = rows.claim("w", ["ingest", "embed"])
    assert waited is not None
    assert waited.id == jobs[1].id


def test_the_same_work_is_queued_once_until_it_runs(rows: JobRows, anna: Scope, boris: Scope) -> None:
    first = rows.add_once(anna, "embed", "Papers", {"collection_id": "c"})
    assert rows.add_once(anna, "embed", "Papers", {"collection_id": "c"}) == first
    assert rows.add_once(anna, "embed", "Papers", {"collection_id": "d"}).id != first.id
    assert rows.add_once(boris, "embed", "Papers", {"collection_id": "c"}).id != first.id
    rows.claim("w", ["embed"], first.id)
    second = rows.add_once(anna, "embed", "Papers", {"collection_id": "c"})
    assert second.id != first.id  # what came while the first ran must not be forgotten


def test_the_caller_says_which_states_count_as_the_same_work(rows: JobRows, anna: Scope) -> None:
    once = ("ingest", "a.pdf", {"version_id": "v"})
    first = rows.add_once(anna, *once)
    rows.claim("w", ["ingest"])
    assert rows.add_once(anna, *once, ("queued", "running")).id == first.id
    rows.finish(first.id, None)
    assert rows.add_once(anna, *once, ("queued", "running", "done")).id == first.id
    assert rows.add_once(anna, *once, ("queued", "running")).id != first.id


def test_cancelling_queued_and_running_jobs(rows: JobRows, anna: Scope) -> None:
    queued = rows.add(anna, "ingest", "a", {})
    assert rows.cancel(anna, queued.id).state == "cancelled"
    assert rows.claim("w", ["ingest"]) is None
    running = rows.add(anna, "ingest", "b", {})
    rows.claim("w", ["ingest"])
    assert rows.is_running(running.id)
    rows.cancel(anna, running.id)
    assert not rows.is_running(running.id)
    # Its worker may still finish; that changes nothing any more.
    assert rows.finish(running.id, {"late": True}) is None
    assert rows.fail(running.id, "late", None) is None
    assert rows.put_back(running.id) is None
    rows.progress(running.id, Progress(1, 2, "pages"))
    assert (rows.get(anna, running.id).state, rows.get(anna, running.id).progress) == ("cancelled", None)
    with pytest.raises(Conflict, match="cancelled already"):
        rows.cancel(anna, running.id)


def test_failing_and_putting_back(rows: JobRows, anna: Scope) -> None:
    job = rows.add(anna, "ingest", "a", {})
    rows.claim("w", ["ingest"])
    assert rows.put_back(job.id).state == "queued"  # type: ignore[union-attr]
    rows.claim("w", ["ingest"])
    failed = rows.fail(job.id, "It is encrypted.", "Give the password.")
    assert failed is not None
    assert (failed.state, failed.error, failed.hint, failed.attempts) == (
        "failed",
        "It is encrypted.",
        "Give the password.",
        0,
    )


def test_jobs_of_others_are_not_there(rows: JobRows, anna: Scope, boris: Scope) -> None:
    job = rows.add(anna, "ingest", "a", {})
    assert rows.list(boris) == []
    for action in (rows.get, rows.cancel):
        with pytest.raises(NotFound):
            action(boris, job.id)
    assert rows.get(anna, job.id).state == "queued"


def test_work_of_a_dead_worker_is_queued_again_three_times(rows: JobRows, anna: Scope) -> None:
    mine, job = rows.add(anna, "ingest", "mine", {}), rows.add(anna, "ingest", "poison.pdf", {})
    me = rows.enlist()
    rows.claim(me.name, ["ingest"], mine.id)
    for attempt in (1, 2):
        rows.claim("dead", ["ingest"], job.id)
        (changed,) = rows.requeue_orphans(me.name)
        assert (changed.id, changed.state, changed.attempts) == (job.id, "queued", attempt)
    rows.claim("dead", ["ingest"], job.id)
    (changed,) = rows.requeue_orphans(me.name)
    assert (changed.state, changed.attempts) == ("failed", 3)
    assert "'poison.pdf' ended 3 times together with its process" in str(changed.error)
    assert changed.hint
    assert rows.requeue_orphans(me.name) == []
    assert rows.get(anna, mine.id).state == "running"
    me.close()


def test_work_of_another_living_worker_is_left_alone(rows: JobRows, anna: Scope) -> None:
    job = rows.add(anna, "ingest", "a", {})
    other = rows.enlist()
    rows.claim(other.name, ["ingest"])
    assert rows.requeue_orphans("me") == []
    other.close()
    assert [changed.id for changed in rows.requeue_orphans("me")] == [job.id]


def test_a_mark_dies_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from headwater.storage.workers import WorkerMark\n"
        "mark = WorkerMark(Path(sys.argv[1])); print(mark.name, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        name = child.stdout.readline().strip()
        assert is_alive(tmp_path, name)
        assert is_alive(tmp_path, name)  # looking does not take the mark away
        child.kill()
    assert not is_alive(tmp_path, name)
    assert list(tmp_path.iterdir()) == []
    assert not is_alive(tmp_path, name)
    assert not is_alive(tmp_path, None)


def test_a_process_sees_its_own_mark(tmp_path: Path) -> None:
    mark = WorkerMark(tmp_path)
    assert is_alive(tmp_path, mark.name)
    assert is_alive(tmp_path, mark.name)
    mark.close()
    mark.close()
    assert not is_alive(tmp_path, mark.name)


def test_marks_of_the_dead_are_cleared_away(rows: JobRows, catalogue: Catalogue) -> None:
    living = rows.enlist()
    (catalogue.folder / "workers" / "0123456789abcdef").touch()
    other = rows.enlist()
    assert {path.name for path in (catalogue.folder / "workers").iterdir()} == {living.name, other.name}
    living.close()
    other.close()


def test_the_last_job_of_a_version(rows: JobRows, anna: Scope, clock: Any) -> None:
    assert rows.last_ended("ingest", "v1") is None
    for error in ("first", "second"):
        job = rows.add(anna, "ingest", "a", {"version_id": "v1"})
        assert rows.versions_at_work("ingest") == {"v1"}
        rows.claim("w", ["ingest"])
        assert rows.versions_at_work("ingest") == {"v1"}
        clock.now += 1
        rows.fail(job.id, error, None)
    assert rows.last_ended("ingest", "v1").error == "second"  # type: ignore[union-attr]
    assert rows.versions_at_work("ingest") == set()


def test_old_jobs_are_forgotten(rows: JobRows, anna: Scope, clock: Any) -> None:
    old, waiting = rows.add(anna, "ingest", "old", {}), rows.add(anna, "ingest", "waiting", {})
    rows.claim("w", ["ingest"], old.id)
    rows.finish(old.id, None)
    clock.now += 31 * 86_400
    rows.forget_ended()
    assert [job.id for job in rows.list(anna)] == [waiting.id]
