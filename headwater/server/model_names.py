"""Which models a request may name, and what a name stands for.

Over HTTP only installed models can be named: a path or an address of a hub, which the command
line takes as well, would let a stranger choose files of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from headwater.core.errors import BadInput, NotFound, UnknownName
from headwater.core.protocols import ChatModel, Embedder
from headwater.core.types import Scope
from headwater.models.installed import Installed
from headwater.models.manifest import MANIFEST_FILE
from headwater.server.parts import Continues, DefaultTask, Parts

NO_MODEL = "none"
WITHOUT_WEIGHTS = {"echo": "chat", "hash": "embed"}


@dataclass(frozen=True, slots=True)
class Usable:
    """An installed model that requests may name."""

    name: str
    task: str
    created: int


def usable(parts: Parts, scope: Scope | None) -> list[Usable]:
    """Installed models, those on other servers, and those without weights where they are the default; by name.

    What others trained is left out: it may say what their private rows say. Without a scope nothing is left out.
    """
    defaults = {parts.default_model("chat"), parts.default_model("embed")}
    found = [Usable(name, task, 0) for name, task in WITHOUT_WEIGHTS.items() if name in defaults]
    found += [Usable(endpoint.name, "chat", 0) for endpoint in parts.settings.endpoints]
    found += [
        Usable(name, each.manifest.task, int((each.folder / MANIFEST_FILE).stat().st_mtime))
        for each in parts.models.installed()
        if each.manifest.task in ("chat", "embed")
        for name in _names(parts, each)
    ]
    hidden = parts.training.hidden(scope) if scope is not None else set()
    return sorted((each for each in found if each.name.rpartition("+")[2] not in hidden), key=lambda each: each.name)


def _names(parts: Parts, model: Installed) -> list[str]:
    """What a model is asked for by: an adapter by its own name and as "base+adapter", while its base is here."""
    base = model.manifest.base
    if base is None:
        return [model.name]
    return [model.name, f"{base}+{model.name}"] if parts.models.is_installed(base) else []


def resolved(parts: Parts, scope: Scope, task: DefaultTask, name: str | None) -> str:
    """The name of an installed model for a task; the default when none is given. Raises UnknownName."""
    wanted = name if name is not None else parts.default_model(task)
    known = [each.name for each in usable(parts, scope) if each.task == task]
    kind = {"chat": "chat model", "embed": "embedder"}[task]
    if wanted is None:
        hint = "Install one on the Models page or with `headwater models pull`; documents can be asked without."
        raise NotFound(f"No {kind} is installed.", hint)
    if wanted not in known:
        raise UnknownName.among(kind, wanted[:200], known)
    return wanted


def chat_model(parts: Parts, scope: Scope, name: str | None) -> ChatModel:
    """The chat model a request names. Raises UnknownName."""
    return parts.supervisor.chat_model(resolved(parts, scope, "chat", name))


def answering_name(parts: Parts, scope: Scope, name: str | None) -> str:
    """The model that writes answers from documents: "none" where nothing is named and no model is installed.

    Answers are then made of quotes. Raises UnknownName for a name that is not installed.
    """
    if name == NO_MODEL:
        return NO_MODEL
    if name is None:
        default = parts.default_model("chat")
        known = {each.name for each in usable(parts, scope) if each.task == "chat"}
        return default if default is not None and default in known else NO_MODEL
    return resolved(parts, scope, "chat", name)


def continuing_model(parts: Parts, scope: Scope, name: str | None) -> tuple[str, Continues]:
    """The model that goes on with plain text, and its name. Raises UnknownName, BadInput when it cannot."""
    model = chat_model(parts, scope, name)
    if not isinstance(model, Continues):
        raise BadInput(
            f"The model {model.name!r} answers messages and does not continue plain text",
            "Use /v1/chat/completions.",
        )
    return model.name, model


def embedder(parts: Parts, scope: Scope, name: str | None) -> tuple[str, Embedder]:
    """The embedder a request names, and the name it goes by. Raises UnknownName."""
    found = resolved(parts, scope, "embed", name)
    return found, parts.supervisor.embedder(found)
