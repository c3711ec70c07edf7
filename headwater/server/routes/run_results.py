"""What a run tells while it trains: metrics, answers, tokens of the first batch, log, and what it takes."""

from __future__ import annotations

import os

from fastapi import APIRouter, Query, Request

from headwater.core.settings import usable_cores
from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.training_shapes import (
    GpuLoadOut,
    LogOut,
    MetricsOut,
    ResourcesOut,
    RunEventOut,
    SamplesOut,
    TokenRowOut,
)

router = APIRouter(prefix="/api/runs/{run_name}", tags=["training"])
MOST_EVENTS = 500


@router.get("/metrics", operation_id="getRunMetrics")
def get_metrics(request: Request, run_name: str, scope: SignedIn, since: int = Query(-1, ge=-1)) -> MetricsOut:
    """Metrics of the steps after `since`."""
    from headwater.training.results import metrics_since

    _, folder = parts_of(request).training.found(scope, run_name)
    return MetricsOut.model_validate(metrics_since(folder, since))


@router.get("/samples", operation_id="getRunSamples")
def get_samples(request: Request, run_name: str, scope: SignedIn, step: int | None = None) -> SamplesOut:
    """Answers to validation rows, written after a step; the last ones when none is named."""
    from headwater.training.results import samples

    _, folder = parts_of(request).training.found(scope, run_name)
    return SamplesOut.model_validate(samples(folder, step))


@router.get("/tokens", operation_id="getRunTokens")
def get_tokens(request: Request, run_name: str, scope: SignedIn) -> list[TokenRowOut]:
    """Rows of the first batch as tokens, learned or not; empty until the data is read."""
    _, folder = parts_of(request).training.found(scope, run_name)
    return [TokenRowOut.model_validate(row) for row in folder.read_json("first_batch.json") or []]


@router.get("/log", operation_id="getRunLog")
def get_log(request: Request, run_name: str, scope: SignedIn) -> LogOut:
    """What happened, in words, and the end of what the process printed."""
    from headwater.training.results import log_tail

    _, folder = parts_of(request).training.found(scope, run_name)
    events = [RunEventOut.model_validate(line) for line in folder.lines("events.jsonl")]
    return LogOut(events=events[-MOST_EVENTS:], text=log_tail(folder))


@router.get("/resources", operation_id="getRunResources")
def get_resources(request: Request, run_name: str, scope: SignedIn) -> ResourcesOut:
    """What the training process takes now."""
    from headwater.training.resources import gpu_loads, gpu_name

    training = parts_of(request).training
    _, folder = training.found(scope, run_name)
    pid = (folder.read_json("state.json") or {}).get("pid")
    found = training.load.look(int(pid)) if pid else None
    return ResourcesOut(
        at_work=found is not None,
        memory_bytes=None if found is None else found["memory_bytes"],
        cores=None if found is None else found["cores"],
        machine_cores=usable_cores(),
        machine_load=os.getloadavg()[0],
        gpu=gpu_name(),
        gpus=[GpuLoadOut.model_validate(load, from_attributes=True) for load in gpu_loads()],
    )
