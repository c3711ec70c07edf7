"""Models: what is known, installed and loaded; getting and removing them is for admins."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from headwater.core.errors import BadInput, LicenceNotAccepted
from headwater.core.settings import Endpoint
from headwater.core.types import Scope
from headwater.models.manifest import Manifest
from headwater.server.identity import Admin, SignedIn
from headwater.server.parts import DefaultTask, Parts, parts_of
from headwater.server.shapes import Done, In, JobStarted, Out

router = APIRouter(prefix="/api/models", tags=["models"])
DEFAULT_TASKS: dict[str, DefaultTask] = {"chat": "chat", "embed": "embed"}


class ModelOut(Out):
    """A model: its terms, whether it is here, and whether it fits."""

    name: str
    title: str
    task: Literal["chat", "embed", "rerank", "reward"]
    licence: str
    licence_url: str
    licence_text: str | None = Field(description="A summary in our words; the terms are at licence_url.")
    needs_acceptance: bool
    accepted: bool
    size_bytes: int
    installed: bool
    loaded: bool
    is_default: bool
    fits: bool
    plan: str = Field(description="What it needs and what is free, as a sentence.")
    notes: str


class PullRequest(In):
    """`accept_licence` says that a person read the terms and accepts them."""

    accept_licence: bool = False


@router.get("", operation_id="listModels")
def list_models(request: Request, scope: SignedIn) -> list[ModelOut]:
    """All models that come with Headwater or were installed."""
    parts = parts_of(request)
    hidden = parts.training.hidden(scope)
    here = [shown(parts, manifest) for manifest in parts.models.known() if manifest.name not in hidden]
    return [*here, *(shown_endpoint(parts, endpoint) for endpoint in parts.settings.endpoints)]


def shown_endpoint(parts: Parts, endpoint: Endpoint) -> ModelOut:
    """A model on another server, which is asked only when it is chosen."""
    return ModelOut(
        name=endpoint.name,
        title=endpoint.model,
        task="chat",
        licence="Terms of that server",
        licence_url="",
        licence_text=None,
        needs_acceptance=False,
        accepted=True,
        size_bytes=0,
        installed=True,
        loaded=False,
        is_default=parts.default_model("chat") == endpoint.name,
        fits=True,
        plan=f"Runs at {endpoint.url}; what you ask it leaves this machine for there.",
        notes="An endpoint from the settings.",
    )


def shown(parts: Parts, manifest: Manifest) -> ModelOut:
    """A model with its state on this machine."""
    plan = parts.models.plan(manifest.name, parts.settings.context_tokens, parts.settings.parallel)
    task = DEFAULT_TASKS.get(manifest.task)
    return ModelOut(
        name=manifest.name,
        title=manifest.title,
        task=manifest.task,
        licence=manifest.licence,
        licence_url=manifest.licence_url,
        licence_text=manifest.licence_text,
        needs_acceptance=manifest.needs_acceptance,
        accepted=parts.models.terms(manifest.name).accepted,
        size_bytes=manifest.size_bytes,
        installed=parts.models.is_installed(manifest.name),
        loaded=is_loaded(parts, manifest.name),
        is_default=task is not None and parts.default_model(task) == manifest.name,
        fits=plan.fits,
        plan=plan.sentence,
        notes=manifest.notes,
    )


def is_loaded(parts: Parts, name: str) -> bool:
    """Whether the engine of a model runs. Embedders share one, so they are loaded together."""
    manifest = parts.models.manifest(name)
    running = parts.supervisor.loaded()
    if manifest.task == "chat":  # an adapter is served by the engine of its base
        return any(engine.name == (manifest.base or name) for engine in running)
    return any(engine.kind == "encoder" for engine in running) and parts.models.is_installed(name)


def stop_engine(parts: Parts, name: str) -> None:
    """Stop the engine of a model if it runs; for an adapter that of its base."""
    if is_loaded(parts, name):
        parts.supervisor.unload(parts.models.manifest(name).base or name)


@router.post("/{name:path}/pull", status_code=202, operation_id="pullModel")
def pull_model(request: Request, name: str, body: PullRequest, scope: Admin) -> JobStarted:
    """Get a model in the background. Raises 409 for terms that were not accepted."""
    parts = parts_of(request)
    refuse_path(name)
    terms = parts.models.terms(name)
    if body.accept_licence:
        parts.models.accept(name)
    elif terms.needs_acceptance and not terms.accepted:
        raise LicenceNotAccepted(
            f"{name!r} comes under {terms.title}: {terms.url}. {terms.summary}".strip(),
            "Read the terms; if you accept them, send accept_licence.",
        )
    return JobStarted(job_id=_queue_pull(parts, scope, name))


def _queue_pull(parts: Parts, scope: Scope, name: str) -> str:
    job = parts.jobs.add_once(scope, "pull", name, {"name": name})
    parts.runner.wake()
    return job.id


@router.post("/{name:path}/default", operation_id="makeDefaultModel")
def make_default_model(request: Request, name: str, _scope: Admin) -> ModelOut:
    """Use this chat model where a request names none."""
    parts = parts_of(request)
    refuse_path(name)
    model = parts.models.get(name)
    if model.manifest.task != "chat":
        raise BadInput(
            f"{name!r} is a {model.manifest.task} model", "Only a chat model can be chosen here; the rest are settings."
        )
    parts.set_default_model("chat", name)
    return shown(parts, model.manifest)


@router.post("/{name:path}/unload", operation_id="unloadModel")
def unload_model(request: Request, name: str, _scope: Admin) -> ModelOut:
    """Stop the engine of a model; the next request starts it again."""
    parts = parts_of(request)
    refuse_path(name)
    manifest = parts.models.get(name).manifest
    stop_engine(parts, name)
    return shown(parts, manifest)


@router.delete("/{name:path}", operation_id="removeModel")
def remove_model(request: Request, name: str, _scope: Admin) -> Done:
    """Stop a model's engine and delete its files."""
    parts = parts_of(request)
    refuse_path(name)
    if parts.models.get(name).manifest.base is None:  # the base of an adapter goes on answering others
        stop_engine(parts, name)
    parts.models.remove(name)
    return Done()


def refuse_path(name: str) -> None:
    """Files of this machine are not to be chosen over HTTP."""
    if name.startswith((".", "/", "~")) or ".." in name or (name.endswith(".gguf") and not name.startswith("hf:")):
        raise BadInput(
            f"{name[:80]!r} names a file of this machine", "Use the command line for that: headwater models pull PATH"
        )
