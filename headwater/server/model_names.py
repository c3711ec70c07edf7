"""Which models a request may name, and what a name stands for.

Over HTTP only installed models can be named: a path or an address of a hub, which the command
line takes as well, would let a stranger choose files of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from headwater.core.errors import BadInput, NotFound, UnknownName
from headwater.core.protocols import ChatModel, Embedder
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


def usable(parts: Parts) -> list[Usable]:
    """Installed models, those on other servers, and those without weights where they are the default; by name."""
    defaults = {parts.default_model("chat"), parts.default_model("embed")}
    found = [Usable(name, task, 0) for name, task in WITHOUT_WEIGHTS.items() if name in defaults]
    found += [Usable(endpoint.name, "chat", 0) for endpoint in parts.settings.endpoints]
    found += [
        Usable(name, each.manifest.task, int((each.folder / MANIFEST_FILE).stat().st_mtime))
        for each in parts.models.installed()
        if each.manifest.task in ("chat", "embed")
        for name in _names(parts, each)
    ]
    return sorted(found, key=lambda each: each.name)


def _names(parts: Parts, model: Installed) -> list[str]:
    """What a model is asked for by: an adapter by its own name and as "base+adapter", while its base is here."""
    base = model.manifest.base
    if base is None:
        return [model.name]
    return [model.name, f"{base}+{model.name}"] if parts.models.is_installed(base) else []


def resolved(parts: Parts, task: DefaultTask, name: str | None) -> str:
    """The name of an installed model for a task; the default when none is given. Raises UnknownName."""
    wanted = name if name is not None else parts.default_model(task)
    known = [each.name for each in usable(parts) if each.task == task]
    kind = {"chat": "chat model", "embed": "embedder"}[task]
    if wanted is None:
        hint = "Install one on the Models page or with `headwater models pull`; documents can be asked without."
        raise NotFound(f"No {kind} is installed.", hint)
    if wanted not in known:
        raise UnknownName.among(kind, wanted[:200], known)
    return wanted


def chat_model(parts: Parts, name: str | None) -> ChatModel:
    """The chat model a request names. Raises UnknownName."""
    return parts.supervisor.chat_model(resolved(parts, "chat", name))


def answering_name(parts: Parts, name: str | None) -> str:
    """The model that writes answers from documents: "none" where nothing is named and no model is installed.

    Answers are then made of quotes. Raises UnknownName for a name that is not installed.
    """
    if name == NO_MODEL:
        return NO_MODEL
    if name is None:
        default = parts.default_model("chat")
        known = {each.name for each in usable(parts) if each.task == "chat"}
        return default if default is not None and default in known else NO_MODEL
    return resolved(parts, "chat", name)


def continuing_model(parts: Parts, name: str | None) -> tuple[str, Continues]:
    """The model that goes on with plain text, and its name. Raises UnknownName, BadInput when it cannot."""
    model = chat_model(parts, name)
    if not isinstance(model, Continues):
        raise BadInput(
            f"The model {model.name!r} answers messages and does not continue plain text",
            "Use /v1/chat/completions.",
        )
    return model.name, model


def embedder(parts: Parts, name: str | None) -> tuple[str, Embedder]:
    """The embedder a request names, and the name it goes by. Raises UnknownName."""
    found = resolved(parts, "embed", name)
    return found, parts.supervisor.embedder(found)
