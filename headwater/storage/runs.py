"""Training runs as rows: whose they are, and the state that they told last. What they made is in their folders."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from headwater.core.errors import Conflict
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.ownership import missing, new_id
from headwater.storage.tables import RunRow


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A training run. `state` and `summary` are what its folder said when it was last looked at.

    `served`: the model it is asked as. Runs of one grid share `sweep`; `differs` says in what they differ.
    """

    name: str
    state: str
    summary: Mapping[str, Any]
    job_id: str | None
    served: str | None
    sweep: str | None
    differs: str
    created: float


class Runs:
    """Makes, finds, changes and deletes a user's own runs. A name is taken once in a workspace."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(self, scope: Scope, name: str, sweep: str | None = None, differs: str = "") -> RunInfo:
        """Begin a run. Raises Conflict when its name is taken."""
        now = self._catalogue.now()
        with self._catalogue.writing(durable=True) as session:
            if session.scalars(select(RunRow.id).where(RunRow.name == name)).first() is not None:
                raise Conflict(f"There is a run {name!r} already.", "Choose another name.")
            row = RunRow(
                id=new_id(), owner_id=scope.user_id, name=name, state="preparing", summary={}, sweep=sweep,
                differs=differs, created=now, updated=now,
            )  # fmt: skip
            session.add(row)
            return _info(row)

    def get(self, scope: Scope, run_name: str) -> RunInfo:
        """One run. Raises NotFound."""
        with self._catalogue.reading() as session:
            return _info(_owned(session, scope, run_name))

    def list(self, scope: Scope) -> builtins.list[RunInfo]:
        """The scope's own runs, the newest first."""
        with self._catalogue.reading() as session:
            query = select(RunRow).where(RunRow.owner_id == scope.user_id)
            return [_info(row) for row in session.scalars(query.order_by(RunRow.created.desc(), RunRow.name))]

    def taken(self, scope: Scope) -> set[str]:
        """Names of all runs, whoever's; only names, so that a new one is free."""
        del scope  # a name is refused to everybody alike
        with self._catalogue.reading() as session:
            return set(session.scalars(select(RunRow.name)))

    def of_others(self, scope: Scope) -> set[str]:
        """Names of the runs, and of what is served of them, that are not the scope's: they stay hidden from it."""
        with self._catalogue.reading() as session:
            query = select(RunRow.name, RunRow.served).where(RunRow.owner_id != scope.user_id)
            return {name for row in session.execute(query) for name in row if name is not None}

    def note(self, scope: Scope, run_name: str, **changes: Any) -> RunInfo | None:
        """Keep a state, summary, job or served name; None when the run was deleted meanwhile."""
        with self._catalogue.writing() as session:
            row = session.scalars(_named(scope, run_name)).first()
            if row is None:
                return None
            for field in ("state", "summary", "job_id", "served"):
                if field in changes:
                    setattr(row, field, changes[field])
            row.updated = self._catalogue.now()
            return _info(row)

    def delete(self, scope: Scope, run_name: str) -> None:
        """Forget a run. Raises NotFound."""
        with self._catalogue.writing(durable=True) as session:
            session.execute(delete(RunRow).where(RunRow.id == _owned(session, scope, run_name).id))


def _named(scope: Scope, name: str) -> Any:
    return select(RunRow).where(RunRow.name == name, RunRow.owner_id == scope.user_id)


def _owned(session: Session, scope: Scope, name: str) -> RunRow:
    row: RunRow | None = session.scalars(_named(scope, name)).first()
    if row is None:
        raise missing("run", name)
    return row


def _info(row: RunRow) -> RunInfo:
    return RunInfo(
        row.name, row.state, dict(row.summary), row.job_id, row.served, row.sweep, row.differs, row.created
    )  # fmt: skip
