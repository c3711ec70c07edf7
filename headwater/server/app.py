"""The application: routes, guards and what lives as long as the server."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from headwater import __version__
from headwater.server import errors, web
from headwater.server.answers import Answers
from headwater.server.limits import AnswersAtOnce, Clock, RequestRate
from headwater.server.parts import Parts, ServerState
from headwater.server.routes import (
    account,
    collections,
    conversations,
    data_sources,
    dataset_rows,
    datasets,
    documents,
    jobs,
    keys,
    messages,
    models,
    openai_chat,
    openai_completions,
    openai_embeddings,
    openai_models,
    pages,
    run_results,
    runs,
    search,
    settings,
    training,
    users,
)
from headwater.server.security import BodyLimit, Guard, hosts_for
from headwater.server.uploads import UPLOADS_AT_ONCE

ROUTERS = (
    account.router,
    users.router,
    keys.router,
    settings.router,
    collections.router,
    documents.router,
    pages.router,
    search.router,
    conversations.router,
    messages.router,
    models.router,
    jobs.router,
    data_sources.router,
    datasets.router,
    dataset_rows.router,
    training.router,
    runs.router,
    run_results.router,
    openai_chat.router,
    openai_completions.router,
    openai_embeddings.router,
    openai_models.router,
)
RUNNER_STOP_SECONDS = 1.0
SIGN_INS_PER_MINUTE = 60
log = logging.getLogger("headwater.server")
ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": errors.ErrorOut, "description": "Every error has this shape; its status says which kind."}
}


def bare_app(lifespan: Any = None) -> FastAPI:
    """The routes with nothing behind them: enough to describe the API."""
    app = FastAPI(
        title="Headwater",
        version=__version__,
        description="The private GPT suite on your own machine.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        responses=ERRORS,
        lifespan=lifespan,
    )
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    return app


def create_app(
    workspace: Parts, bound_to: str | None = None, static: Path = web.STATIC, clock: Clock = time.monotonic
) -> FastAPI:
    """The application over an open workspace.

    `bound_to` is the address it will listen on (settings.host when not given): on loopback only
    loopback's names are answered. Jobs run from start to shutdown; no engine is started here.
    """
    settings = workspace.settings
    app = bare_app(_lifespan)
    app.include_router(web.router(web.WebApp(static)))
    app.add_middleware(BodyLimit, exempt=documents.UPLOAD_PATH)
    app.add_middleware(errors.CatchUnexpected)
    app.add_middleware(Guard, hosts=hosts_for(bound_to or settings.host, settings.allowed_hosts))
    app.state.headwater = ServerState(
        parts=workspace,
        rate=RequestRate(settings.requests_per_minute, clock, "An admin can raise requests_per_minute."),
        sign_ins=RequestRate(SIGN_INS_PER_MINUTE, clock),
        places=AnswersAtOnce(settings.answers_at_once),
        answers=Answers(workspace.conversations),
        closing=asyncio.Event(),
        uploads=anyio.CapacityLimiter(UPLOADS_AT_ONCE),
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: ServerState = app.state.headwater
    # The runner looks for work of dead processes first; the first page need not wait for that.
    starting = asyncio.ensure_future(run_in_threadpool(_take_up_work, state.parts))
    try:
        yield
    finally:
        await close(app)
        await asyncio.gather(starting, return_exceptions=True)
        await run_in_threadpool(state.parts.runner.stop, RUNNER_STOP_SECONDS)


def _take_up_work(parts: Parts) -> None:
    try:
        parts.datasets.sweep()
        parts.training.sweep()
        parts.ingest.recover()
        parts.runner.start()
    except Exception:
        log.exception("long work could not be taken up; the rest of the server goes on")


async def close(app: FastAPI) -> None:
    """End all streams and answers, so that connections can close. Doing it twice does no harm."""
    state: ServerState = app.state.headwater
    state.closing.set()
    await state.answers.close()
