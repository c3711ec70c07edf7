"""Adapters of installed models: taking in what training made, and the file an engine loads.

An adapter is a folder beside the models: `adapter.gguf`, its chat template, its description and a
manifest that names its base. A PEFT folder that was put there with a manifest is converted when it
is first used.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from headwater.core.errors import BadInput, Conflict
from headwater.core.types import Sampling
from headwater.models.files import file_sha256, full_disk_said, inside
from headwater.models.gguf import GgufHeader, read_header
from headwater.models.installed import Installed, read_installed
from headwater.models.manifest import MANIFEST_FILE, Manifest, ModelFile, Template, sampling_from
from headwater.models.pull import alone, swap
from headwater.models.starter import builtin_adapter
from headwater.weights.adapter_gguf import AdapterBase, convert_adapter
from headwater.weights.peft_folder import CONFIG_FILE

ADAPTER_FILE = "adapter.gguf"
TEMPLATE_FILE = "template.jinja"
DESCRIPTION_FILE = "headwater.json"
# What is kept of the folder of a run; the matrices are in ADAPTER_FILE.
KEPT = (TEMPLATE_FILE, DESCRIPTION_FILE, CONFIG_FILE, "README.md", "LICENSE", "NOTICE")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TEMPLATES: Mapping[str, Template] = {"human_bot": "human_bot", "chatml": "chatml"}


class InstalledModels(Protocol):
    """What is asked of the model store, which itself uses this module."""

    @property
    def folder(self) -> Path:
        """Where the models lie."""
        ...

    def get(self, name: str) -> Installed:
        """An installed model. Raises NotFound, UnknownName."""
        ...

    def known(self) -> Sequence[Manifest]:
        """Every model that is installed or can be."""
        ...

    def is_installed(self, name: str) -> bool:
        """Whether a model is here."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterTemplate:
    """How an adapter wants messages put to it: a name, its Jinja text if it brings one, and stop strings.

    And what it needs while its words are drawn, if anything.
    """

    name: Template
    jinja: str | None
    stop: tuple[str, ...]
    sampling: Sampling | None = None


def add_adapter(store: InstalledModels, folder: Path, name: str, base: str, *, replacing: bool = False) -> Installed:
    """Install the PEFT adapter of `folder` as `name`, a model served beside `base`; it can be asked at once.

    `replacing` takes the place of an adapter of that name. Raises BadInput for what llama.cpp cannot
    serve as an adapter (with what to do instead), Conflict for a name that is taken, NotFound,
    UnknownName for the base, StorageFull.
    """
    below = store.get(base)
    check_name(name)
    _check_free(store, name, replacing)
    template = template_of(folder, below.manifest.template)
    manifest = Manifest(
        name=name,
        task="chat",
        title=f"{name} (adapter of {below.name})",
        licence=below.manifest.licence,
        licence_url=below.manifest.licence_url,
        licence_text=below.manifest.licence_text,
        format="adapter",
        files=(),
        template=template.name,
        stop=template.stop,
        sampling=template.sampling,
        base=below.name,
        notes="The terms of its base hold for it, too; README.md names the data it was trained on.",
    )
    return _install(store, folder, manifest, below)


def check_name(name: str) -> None:
    """Raise BadInput for what cannot be the name of something trained."""
    if _NAME.fullmatch(name) is None:
        raise BadInput(f"{name!r} is no name for an adapter", "Use letters, digits, dots, hyphens, underscores.")


def add_builtin_adapter(store: InstalledModels, manifest: Manifest) -> Installed:
    """Install an adapter that comes with the package. Its base must be installed."""
    below = store.get(str(manifest.base))
    folder = builtin_adapter(manifest.name)
    told = template_of(folder, below.manifest.template)
    manifest = replace(manifest, template=told.name, stop=told.stop, sampling=told.sampling)
    return _install(store, folder, manifest, below)


def is_outdated(installed: Installed, packaged: Manifest) -> bool:
    """Whether an adapter was installed from the package, and the package now holds another one of that name.

    One that somebody trained under the name is theirs and stays.
    """
    if packaged.base is None or installed.manifest.title != packaged.title:
        return False
    fresh = builtin_adapter(packaged.name)
    told = [name for name in KEPT if (fresh / name).is_file()]
    same, _, _ = filecmp.cmpfiles(fresh, installed.folder, told, shallow=False)
    return len(same) < len(told)


def adapter_file(store: InstalledModels, adapter: Installed) -> Path:
    """The GGUF file of an installed adapter, converted now if it is not there. Raises BadInput, NotFound."""
    path = adapter.folder / ADAPTER_FILE
    if not path.is_file():
        with alone(store.folder, adapter.name), full_disk_said(store.folder):
            if not path.is_file():
                convert_adapter(adapter.folder, base_of(store.get(str(adapter.manifest.base))), path)
    return path


def base_of(model: Installed) -> AdapterBase:
    """What a converter must know of an installed base. Raises BadInput when it is no GGUF model."""
    if model.manifest.format != "gguf":
        raise BadInput(
            f"{model.name!r} is in {model.manifest.format} form; adapters are served beside GGUF models",
            "Name a chat model as the base.",
        )
    return adapter_base(model.name, read_header(model.main_file))


def adapter_base(name: str, header: GgufHeader) -> AdapterBase:
    """The same from the header of a GGUF file."""
    heads = int(_first(header.of_model("attention.head_count", 1)))
    kv_heads = int(_first(header.of_model("attention.head_count_kv", heads)))
    shapes = {tensor.name: tensor.shape for tensor in header.tensors if len(tensor.shape) == 2}
    return AdapterBase(name, header.architecture, heads, kv_heads, shapes)


def template_of(folder: Path, base_template: Template | None) -> AdapterTemplate:
    """The template an adapter was trained with. Raises BadInput where nothing says which."""
    description = _read_description(folder / DESCRIPTION_FILE)
    path = folder / TEMPLATE_FILE
    jinja = path.read_text("utf-8") if path.is_file() else None
    stop = tuple(str(text) for text in description.get("stop", ()))
    sampling = sampling_from(description.get("sampling"), str(folder / DESCRIPTION_FILE))
    named = str(description.get("template", ""))
    if named in _TEMPLATES:
        return AdapterTemplate(_TEMPLATES[named], jinja, stop, sampling)
    if jinja is not None:
        return AdapterTemplate("jinja", jinja, stop, sampling)
    if base_template == "native" and named in ("", "tokenizer"):
        return AdapterTemplate("native", None, stop, sampling)
    raise BadInput(
        f"{folder.name} does not say which chat template it was trained with",
        f"Put the template into {TEMPLATE_FILE} beside its {CONFIG_FILE}.",
    )


def _install(store: InstalledModels, folder: Path, manifest: Manifest, below: Installed) -> Installed:
    store.folder.mkdir(parents=True, exist_ok=True)
    staging = inside(store.folder, f".add-{manifest.name}")
    with alone(store.folder, manifest.name), full_disk_said(store.folder):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            convert_adapter(folder, base_of(below), staging / ADAPTER_FILE)
            for name in KEPT:
                if (folder / name).is_file():
                    shutil.copyfile(folder / name, staging / name)
            _describe(staging, manifest, below)
            swap(staging, store.folder / manifest.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return read_installed(store.folder / manifest.name)


def _describe(staging: Path, manifest: Manifest, below: Installed) -> None:
    paths = sorted(staging.iterdir(), key=lambda path: (path.name != ADAPTER_FILE, path.name))
    files = tuple(ModelFile(path.name, file_sha256(path), path.stat().st_size) for path in paths)
    whole = replace(
        manifest.with_files(files),
        version=str(files[0].sha256)[:16],
        context_tokens=below.manifest.context_tokens,
        parameters=read_header(staging / ADAPTER_FILE).parameters,
    )
    with (staging / MANIFEST_FILE).open("w", encoding="utf-8") as out:
        out.write(whole.to_json())
        out.flush()
        os.fsync(out.fileno())


def _check_free(store: InstalledModels, name: str, replacing: bool) -> None:
    taken = {model.name: model for model in store.known()}.get(name)
    if taken is None:
        return
    # A whole model that a run of this name made is described by a note, as an adapter is.
    made_here = (store.folder / name / DESCRIPTION_FILE).is_file()
    if taken.format != "adapter" and not made_here:
        raise Conflict(f"{name!r} is the name of a model: {taken.title}", "Choose another name.")
    if store.is_installed(name) and not replacing:
        raise Conflict(f"There is an adapter {name!r} already", "Choose another name, or replace it.")


def _read_description(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not JSON: {error}", "Copy the folder of the run again.") from error
    if not isinstance(values, dict):
        raise BadInput(f"{path} holds {type(values).__name__}, an object was expected", "Copy the folder again.")
    return values


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple | list) else value
