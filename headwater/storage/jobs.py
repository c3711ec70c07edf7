"""The job queue as rows: long work outlives the process that was doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from headwater.core.errors import Conflict
from headwater.core.progress import Progress
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.names import clean_name
from headwater.storage.ownership import missing, new_id
from headwater.storage.tables import JobRow
from headwater.storage.workers import WorkerMark, is_alive, remove_dead_marks

ENDED = ("done", "failed", "cancelled")
MOST_ATTEMPTS = 3
KEPT_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job. state: queued, running, done, failed, cancelled. `attempts` counts workers that died with it."""

    id: str
    owner_id: str
    kind: str
    subject: str
    payload: Mapping[str, Any]
    state: str
    attempts: int
    progress: Progress | None
    result: Mapping[str, Any] | None
    error: str | None
    hint: str | None
    created: float
    started: float | None
    ended: float | None

    @property
    def scope(self) -> Scope:
        """On whose behalf the work is done; never more than an ordinary user's rights."""
        return Scope(self.owner_id)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


class JobRows:
    """The queue. People see their own jobs; a worker claims any, one worker each."""

    def __init__(self, catalogue: Catalogue, most_attempts: int = MOST_ATTEMPTS) -> None:
        self._catalogue = catalogue
        self._most_attempts = most_attempts
        self._workers = catalogue.folder / "workers"

    # --- for people --------------------------------------------------------------------------

    def add(self, scope: Scope, kind: str, subject: str, payload: Mapping[str, Any]) -> JobInfo:
        """Queue work. `subject` says to people what it is about. A power cut does not lose it."""
        with self._catalogue.writing(durable=True) as session:
            row = self._new(scope, kind, subject, payload)
            session.add(row)
        return _info(row)

    def add_once(
        self,
        scope: Scope,
        kind: str,
        subject: str,
        payload: Mapping[str, Any],
        unless: Sequence[str] = ("queued",),
    ) -> JobInfo:
        """Queue work unless the same work is there in one of the states `unless`; then return that.

        The check and the adding are one step. A running job does not count unless it is named: work
        announced while a job runs is never forgotten.
        """
        with self._catalogue.writing(durable=True) as session:
            same = (JobRow.owner_id == scope.user_id, JobRow.kind == kind, JobRow.state.in_(unless))
            for row in session.scalars(select(JobRow).where(*same)):
                if row.payload == dict(payload):
                    return _info(row)
            row = self._new(scope, kind, subject, payload)
            session.add(row)
        return _info(row)

    def _new(self, scope: Scope, kind: str, subject: str, payload: Mapping[str, Any]) -> JobRow:
        return JobRow(
            id=new_id(),
            owner_id=scope.user_id,
            kind=kind,
            subject=clean_name(subject),
            payload=dict(payload),
            state="queued",
            attempts=0,
            created=self._catalogue.now(),
        )

    def get(self, scope: Scope, job_id: str) -> JobInfo:
        """One of the scope's own jobs. Raises NotFound."""
        with self._catalogue.reading() as session:
            return _info(_owned(session, scope, job_id))

    def cancel(self, scope: Scope, job_id: str) -> JobInfo:
        """Cancel a queued or running job; its worker notices at its next check. Raises NotFound, Conflict."""
        with self._catalogue.writing() as session:
            row = _owned(session, scope, job_id)
            if row.state in ENDED:
                raise Conflict(f"The job {row.subject!r} is {row.state} already.", "There is nothing to cancel.")
            row.state, row.ended = "cancelled", self._catalogue.now()
            return _info(row)

    # --- for workers -------------------------------------------------------------------------

    def enlist(self) -> WorkerMark:
        """Mark this process as a living worker; its name goes into `claim`."""
        remove_dead_marks(self._workers)
        return WorkerMark(self._workers)

    def claim(self, worker: str, kinds: Sequence[str], job_id: str | None = None) -> JobInfo | None:
        """Take the oldest queued job of these kinds (or just `job_id`); None when there is none.

        A job waits while another of the same owner, kind and subject is running.
        """
        running = aliased(JobRow)
        same = (running.owner_id == JobRow.owner_id, running.kind == JobRow.kind, running.subject == JobRow.subject)
        query = (
            select(JobRow)
            .where(JobRow.state == "queued", JobRow.kind.in_(kinds), ~exists().where(running.state == "running", *same))
            .order_by(JobRow.created, JobRow.id)
            .limit(1)
        )
        if job_id is not None:
            query = query.where(JobRow.id == job_id)
        with self._catalogue.reading() as session:
            # Most looks find nothing; they should not ask for the write lock.
            if session.scalars(query).first() is None:
                return None
        with self._catalogue.writing() as session:
            row = session.scalars(query).first()
            if row is None:
                return None
            row.state, row.worker, row.started = "running", worker, self._catalogue.now()
            row.progress = None
            return _info(row)

    def is_running(self, job_id: str) -> bool:
        """Whether the job is still to be worked on: not cancelled, not deleted with its user."""
        with self._catalogue.reading() as session:
            return session.scalars(select(JobRow.state).where(JobRow.id == job_id)).first() == "running"

    def last_state(self, job_id: str) -> JobInfo | None:
        """The job as it is now, for the worker that had it; None when it was deleted."""
        with self._catalogue.reading() as session:
            row = session.get(JobRow, job_id)
            return None if row is None else _info(row)

    def progress(self, job_id: str, progress: Progress) -> None:
        """Record how far a running job is."""
        self._change(job_id, progress=asdict(progress))

    def finish(self, job_id: str, result: Mapping[str, Any] | None) -> JobInfo | None:
        """Record success; None when the job was cancelled or deleted meanwhile."""
        values = {"state": "done", "result": None if result is None else dict(result), "ended": self._catalogue.now()}
        return self._change(job_id, **values)

    def fail(self, job_id: str, error: str, hint: str | None) -> JobInfo | None:
        """Record failure; None when the job was cancelled or deleted meanwhile."""
        return self._change(job_id, state="failed", error=error, hint=hint, ended=self._catalogue.now())

    def put_back(self, job_id: str) -> JobInfo | None:
        """Return a running job to the queue, because its worker is asked to stop."""
        return self._change(job_id, state="queued", worker=None, started=None)

    def requeue_orphans(self, worker: str) -> list[JobInfo]:
        """Return the running jobs of dead workers to the queue; one that took several with it fails.

        Returns the jobs that changed. `worker` names the caller, whose own jobs are left alone.
        """
        changed = []
        with self._catalogue.writing() as session:
            for row in session.scalars(select(JobRow).where(JobRow.state == "running")):
                if row.worker == worker or is_alive(self._workers, row.worker):
                    continue
                row.attempts += 1
                row.worker = row.started = None
                if row.attempts < self._most_attempts:
                    row.state = "queued"
                else:
                    row.state, row.ended = "failed", self._catalogue.now()
                    row.error = f"The work on {row.subject!r} ended {row.attempts} times together with its process."
                    row.hint = "This file or task may need more memory than there is. Try it again by itself."
                changed.append(_info(row))
        return changed

    def versions_at_work(self, kind: str) -> set[str]:
        """The version ids that queued or running jobs of a kind have in their payload."""
        query = select(JobRow.payload).where(JobRow.kind == kind, JobRow.state.in_(("queued", "running")))
        with self._catalogue.reading() as session:
            return {str(payload["version_id"]) for payload in session.scalars(query) if "version_id" in payload}

    def last_ended(self, kind: str, version_id: str) -> JobInfo | None:
        """The job of a kind that last ended for a version."""
        its = (JobRow.kind == kind, JobRow.state.in_(ENDED), JobRow.payload["version_id"].as_string() == version_id)
        with self._catalogue.reading() as session:
            row = session.scalars(select(JobRow).where(*its).order_by(JobRow.ended.desc()).limit(1)).first()
            return None if row is None else _info(row)

    def forget_ended(self, older_than_seconds: float = KEPT_SECONDS) -> None:
        """Remove the rows of jobs that ended long ago."""
        before = self._catalogue.now() - older_than_seconds
        with self._catalogue.writing() as session:
            session.execute(delete(JobRow).where(JobRow.state.in_(ENDED), JobRow.ended < before))

    def _change(self, job_id: str, **values: Any) -> JobInfo | None:
        with self._catalogue.writing() as session:
            running = and_(JobRow.id == job_id, JobRow.state == "running")
            session.execute(update(JobRow).where(running).values(**values))
            row = session.get(JobRow, job_id)
            wanted = values.get("state", "running")
            return _info(row) if row is not None and row.state == wanted else None

    def list(self, scope: Scope, limit: int = 200) -> list[JobInfo]:
        """The scope's own jobs, newest first."""
        query = select(JobRow).where(JobRow.owner_id == scope.user_id)
        with self._catalogue.reading() as session:
            newest = session.scalars(query.order_by(JobRow.created.desc(), JobRow.id).limit(limit))
            return [_info(row) for row in newest]


def _owned(session: Session, scope: Scope, job_id: str) -> JobRow:
    row = session.get(JobRow, job_id)
    if row is None or row.owner_id != scope.user_id:
        raise missing("job", job_id)
    return row


def _info(row: JobRow) -> JobInfo:
    return JobInfo(
        id=row.id,
        owner_id=row.owner_id,
        kind=row.kind,
        subject=row.subject,
        payload=dict(row.payload),
        state=row.state,
        attempts=row.attempts,
        progress=Progress(**row.progress) if row.progress else None,
        result=row.result,
        error=row.error,
        hint=row.hint,
        created=row.created,
        started=row.started,
        ended=row.ended,
    )
