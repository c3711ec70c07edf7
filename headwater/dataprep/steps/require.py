"""Require: drop records that lack what their task needs (a question without answer, a summary without text)."""

from __future__ import annotations

from pydantic import Field

from headwater.dataprep.step import Drop, Options, RecordStep
from headwater.records.record import Record, Task
from headwater.records.tasks import missing_for


class RequireOptions(Options):
    """Which task."""

    task: Task | None = Field(None, description="The task; each record's own when unset.")


class Require(RecordStep):
    """Drops what a trainer would skip without a word."""

    name, title, options_type = "require", "Required fields", RequireOptions

    def apply(self, record: Record) -> Record | Drop:
        """Return the record, or Drop with what it lacks."""
        missing = missing_for(record, self.options.task or record.task)
        return Drop(missing) if missing else record
