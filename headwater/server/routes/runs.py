"""Training runs: making, watching, pausing, stopping, resuming and deleting them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.routes.training import values_of
from headwater.server.security import DOWNLOAD_POLICY
from headwater.server.shapes import Done, JobStarted
from headwater.server.training_runs import run_detail, run_out
from headwater.server.training_shapes import ConfigIn, ConfigOut, ExportIn, Form, RunDetail, RunOut

router = APIRouter(prefix="/api/runs", tags=["training"])
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


@router.get("", operation_id="listRuns")
def list_runs(request: Request, scope: SignedIn) -> list[RunOut]:
    """Your runs, the newest first."""
    training = parts_of(request).training
    return [run_out(training, scope, found) for found in training.list(scope)]


@router.post("", status_code=201, operation_id="createRuns")
def create_runs(request: Request, body: ConfigIn, scope: SignedIn) -> list[RunOut]:
    """Begin the run of a config, or one for each point of its grid. They train one after the other."""
    training = parts_of(request).training
    made = training.create(scope, values_of(body))
    return [run_out(training, scope, training.found(scope, each.name)) for each in made]


@router.get("/{run_name}", operation_id="getRun")
def get_run(request: Request, run_name: str, scope: SignedIn) -> RunDetail:
    """One run."""
    training = parts_of(request).training
    return run_detail(training, scope, training.found(scope, run_name))


@router.delete("/{run_name}", operation_id="deleteRun")
def delete_run(request: Request, run_name: str, scope: SignedIn) -> Done:
    """Delete a run with its files and the model that is served of it."""
    parts_of(request).training.delete(scope, run_name)
    return Done()


@router.post("/{run_name}/resume", status_code=202, operation_id="resumeRun")
def resume_run(request: Request, run_name: str, scope: SignedIn) -> RunOut:
    """Go on from the last checkpoint, with the very same steps as if it had never stopped."""
    training = parts_of(request).training
    training.queue(scope, run_name)
    return run_out(training, scope, training.found(scope, run_name))


@router.post("/{run_name}/pause", status_code=202, operation_id="pauseRun")
def pause_run(request: Request, run_name: str, scope: SignedIn) -> RunOut:
    """Save and end at the next step; it can be resumed."""
    return _told(request, scope, run_name, "pause")


@router.post("/{run_name}/stop", status_code=202, operation_id="stopRun")
def stop_run(request: Request, run_name: str, scope: SignedIn) -> RunOut:
    """End at the next step and keep the best result so far; it can be resumed."""
    return _told(request, scope, run_name, "stop")


@router.post("/{run_name}/save", status_code=202, operation_id="saveRun")
def save_run(request: Request, run_name: str, scope: SignedIn) -> RunOut:
    """Write a checkpoint at the next step and go on."""
    return _told(request, scope, run_name, "save")


def _told(request: Request, scope: SignedIn, run_name: str, word: str) -> RunOut:
    training = parts_of(request).training
    training.tell(scope, run_name, word)
    return run_out(training, scope, training.found(scope, run_name))


@router.get("/{run_name}/config", operation_id="getRunConfig")
def get_config(request: Request, run_name: str, scope: SignedIn) -> ConfigOut:
    """The config of a run as it was asked for: what a clone begins with."""
    from headwater.training.requests import dump_values
    from headwater.training.results import written_config

    _, folder = parts_of(request).training.found(scope, run_name)
    value = written_config(folder)
    return ConfigOut(config=value, yaml=dump_values(value))


@router.post("/{run_name}/exports", status_code=202, operation_id="exportRun")
def export_run(request: Request, run_name: str, body: ExportIn, scope: SignedIn) -> JobStarted:
    """Make a merged model or a GGUF, as a job."""
    return JobStarted(job_id=parts_of(request).training.ask_export(scope, run_name, body.form).id)


@router.post("/{run_name}/serve", status_code=202, operation_id="serveRun")
def serve_run(request: Request, run_name: str, scope: SignedIn) -> JobStarted:
    """Let a finished run answer, as a job: that is done by itself at its end, and again here where it failed."""
    return JobStarted(job_id=parts_of(request).training.ask_export(scope, run_name, "served").id)


@router.get("/{run_name}/file", operation_id="downloadRun", response_class=FileResponse, responses=FILE)
def download(request: Request, run_name: str, scope: SignedIn, form: Form = "adapter") -> FileResponse:
    """The result as a file. Merged models and GGUF are made first."""
    path = parts_of(request).training.file(scope, run_name, form)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=path.name,
        headers={"Content-Security-Policy": DOWNLOAD_POLICY, "Cache-Control": "private, no-cache"},
    )
