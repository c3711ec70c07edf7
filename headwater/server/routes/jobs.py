"""Jobs, and the live feed of everything of mine that changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from headwater.core.errors import NotFound
from headwater.core.types import Scope
from headwater.jobs.feed import Event as Change
from headwater.jobs.feed import JobFeed, Replay
from headwater.server.identity import SignedIn, still_allowed
from headwater.server.parts import Parts, parts_of, state_of
from headwater.server.shapes import DocumentOut, JobOut
from headwater.server.sse import Ending, Event, EventStream, last_event_id, to_json

router = APIRouter(prefix="/api", tags=["jobs"])
SNAPSHOT_JOBS = 50
MOST_WAITING = 5000
FEED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "Events: job (JobOut), document (DocumentOut). Without Last-Event-ID, or when what came after it is "
            "gone, the stream begins with the current state of the newest jobs and their documents."
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/jobs", operation_id="listJobs")
def list_jobs(request: Request, scope: SignedIn) -> list[JobOut]:
    """Your jobs, newest first."""
    return [JobOut.model_validate(job) for job in parts_of(request).jobs.list(scope)]


@router.get("/jobs/{job_id}", operation_id="getJob")
def get_job(request: Request, job_id: str, scope: SignedIn) -> JobOut:
    """One job."""
    return JobOut.model_validate(parts_of(request).jobs.get(scope, job_id))


@router.post("/jobs/{job_id}/cancel", operation_id="cancelJob")
def cancel_job(request: Request, job_id: str, scope: SignedIn) -> JobOut:
    """Cancel a job that has not ended."""
    return JobOut.model_validate(parts_of(request).runner.cancel(scope, job_id))


@router.get("/events", operation_id="followEvents", response_class=EventStream, status_code=200, responses=FEED)
async def follow_events(request: Request, scope: SignedIn) -> EventStream:
    """Follow all changes of your jobs and documents, for as long as you stay signed in."""
    state = state_of(request)
    after = last_event_id(request) or None
    queue: asyncio.Queue[Change] = asyncio.Queue()
    replay, unsubscribe = _subscribe(state.parts.feed, scope, after, queue)

    async def release() -> None:
        unsubscribe()

    events = _changes(state.parts, scope, replay, queue)
    return EventStream(events, Ending(state.closing, allowed=still_allowed(request, scope)), release)


def _subscribe(feed: JobFeed, scope: Scope, after: int | None, queue: asyncio.Queue[Change]) -> tuple[Replay, Any]:
    loop = asyncio.get_running_loop()

    def listen(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, change)

    return feed.subscribe(scope.user_id, after, listen)


async def _changes(
    parts: Parts, scope: Scope, replay: Replay, queue: asyncio.Queue[Change]
) -> AsyncGenerator[bytes, None]:
    if replay.complete:
        for change in replay.events:
            yield _encoded(change)
    else:
        for event in await run_in_threadpool(_snapshot, parts, scope, replay.last_id):
            yield event.encode()
    # A client that reads too slowly is let go; it comes back and gets the state at once.
    while queue.qsize() < MOST_WAITING:
        yield _encoded(await queue.get())


def _snapshot(parts: Parts, scope: Scope, last_id: int) -> list[Event]:
    """The newest jobs, oldest first, and the documents they are about. The last one can be resumed from."""
    jobs = parts.jobs.list(scope, SNAPSHOT_JOBS)[::-1]
    shown = [("job", JobOut.model_validate(job).model_dump()) for job in jobs]
    wanted = dict.fromkeys(str(job.payload["document_id"]) for job in jobs if "document_id" in job.payload)
    for document_id in wanted:
        try:
            document = parts.documents.get(scope, document_id)
        except NotFound:
            continue  # deleted since
        shown.append(("document", DocumentOut.model_validate(document).model_dump()))
    ids = [None] * (len(shown) - 1) + [last_id]
    return [Event(number, kind, to_json(data)) for number, (kind, data) in zip(ids, shown, strict=False)]


def _encoded(change: Change) -> bytes:
    shown = JobOut.model_validate(change.data) if change.kind == "job" else DocumentOut.model_validate(change.data)
    return Event(change.id, change.kind, to_json(shown.model_dump())).encode()
