"""What the studio does as jobs, by kind; the studio itself is opened when the first of them runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from headwater.storage.jobs import JobInfo
from headwater.studio import APPLY_EDITS, FETCH, GENERATE, PREPARE

if TYPE_CHECKING:
    from headwater.studio.preparing import Work
    from headwater.studio.studio import Studio

Handler = Callable[[JobInfo, "Work"], Mapping[str, Any]]


def studio_handlers(studio: Callable[[], Studio]) -> dict[str, Handler]:
    """What does each kind of job."""
    return {
        PREPARE: lambda job, work: studio().prepare(job, work),
        APPLY_EDITS: lambda job, work: studio().apply_edits(job, work),
        FETCH: lambda job, work: studio().fetching.run(job, work),
        GENERATE: lambda job, work: studio().generating.run(job, work),
    }
