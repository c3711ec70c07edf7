"""The models of a workspace: which are known, which are here, and getting, checking and removing them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from headwater.core.errors import BadInput, Conflict, DownloadFailed, LicenceNotAccepted, NotFound, UnknownName
from headwater.core.progress import Report, silent
from headwater.models.adapters import add_builtin_adapter, is_outdated
from headwater.models.files import check_file, inside
from headwater.models.gguf import GgufHeader, read_header
from headwater.models.hub import PREFIX, Hub, HubName
from headwater.models.installed import Installed, installed_in_place, read_installed
from headwater.models.manifest import MANIFEST_FILE, LocalSource, Manifest
from headwater.models.memory import available_bytes
from headwater.models.plan import Plan, plan_encoder, plan_gguf, plan_weights
from headwater.models.pull import Pull
from headwater.models.starter import builtin_manifests
from headwater.models.terms import fetch_terms, plain_text


class FactStore(Protocol):
    """Where accepted terms are remembered; `storage.settings.Facts` is one."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a fact."""
        ...

    def set(self, name: str, value: Any) -> None:
        """Keep a fact."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person accepts before a model is pulled. `summary` is ours; the terms are at `url`."""

    model: str
    title: str
    url: str
    summary: str
    needs_acceptance: bool
    accepted: bool


class ModelStore:
    """Models by name: a built-in name, `hf:ORG/NAME[@rev][:file.gguf]`, or a path to a file or folder."""

    def __init__(
        self,
        models_dir: Path,
        facts: FactStore,
        hub: Hub | None = None,
        free_bytes: Callable[[], int] = available_bytes,
    ) -> None:
        self._dir = models_dir
        self._facts = facts
        self._hub = hub or Hub()
        self._free_bytes = free_bytes
        self._headers: dict[tuple[Path, int, int], GgufHeader] = {}

    def known(self) -> list[Manifest]:
        """Built-in models and everything installed, by name; an installed one shows what is here."""
        manifests = dict(builtin_manifests())
        manifests.update({model.name: model.manifest for model in self.installed()})
        return [manifests[name] for name in sorted(manifests)]

    def installed(self) -> list[Installed]:
        """Models that are complete on the disk, by name."""
        return [read_installed(path.parent) for path in sorted(self._dir.glob(f"[!.]*/{MANIFEST_FILE}"))]

    def adapters_of(self, base: str) -> list[Installed]:
        """Installed adapters of a base model, by name. What has a broken manifest is told of by `get`."""
        found: list[Installed] = []
        for path in sorted(self._dir.glob(f"[!.]*/{MANIFEST_FILE}")):
            with suppress(BadInput):  # one damaged folder must not keep its neighbours from serving
                found.append(read_installed(path.parent))
        return [model for model in found if model.manifest.base == base]

    @property
    def folder(self) -> Path:
        """Where the models are, a folder each."""
        return self._dir

    def get(self, name: str) -> Installed:
        """Return an installed model. Raises NotFound (known, not pulled) or UnknownName."""
        if _is_path(name):
            return installed_in_place(Path(name).expanduser())
        folder = self._folder(name)
        if (folder / MANIFEST_FILE).is_file():
            return read_installed(folder)
        if name in builtin_manifests() or name.startswith(PREFIX):
            raise NotFound(f"The model {name!r} is not pulled yet", f"headwater models pull {name}")
        raise UnknownName.among("model", name, [manifest.name for manifest in self.known()])

    def is_installed(self, name: str) -> bool:
        """Whether `name` is complete on the disk."""
        try:
            self.get(name)
        except (NotFound, UnknownName):
            return False
        return True

    def manifest(self, name: str) -> Manifest:
        """Return what is known of a model, asking the hub for an `hf:` name that is not here. Raises UnknownName."""
        if self.is_installed(name):
            return self.get(name).manifest
        if name.startswith(PREFIX):
            return self._hub.resolve(HubName.parse(name))
        if name in builtin_manifests():
            return builtin_manifests()[name]
        raise UnknownName.among("model", name, [manifest.name for manifest in self.known()])

    def terms(self, name: str) -> Terms:
        """Return the terms of a model and whether they were accepted in this workspace."""
        return self._terms_of(builtin_manifests().get(name) or self.manifest(name))

    def terms_text(self, name: str, report: Report = silent) -> str | None:
        """Return the full terms of a model as plain text, fetching that one file if need be.

        None where only the address of the terms is known. Raises DownloadFailed.
        """
        # What we ship knows more of the terms than a manifest that was installed by an older version.
        manifest = _bound_by(builtin_manifests().get(name) or self.manifest(name))
        if manifest.terms_file is None:
            return None
        path = inside(self._dir / manifest.name, manifest.terms_file)
        if path.is_file():
            return plain_text(path.read_text("utf-8", "replace"))
        return fetch_terms(manifest, inside(self._dir, f".pull-{manifest.name}"), report)

    def accept(self, name: str) -> None:
        """Remember that the terms of a model were accepted."""
        self._accept(self.manifest(name))

    def pull(
        self, name: str, report: Report = silent, accept_licence: bool = False, from_path: Path | None = None
    ) -> Installed:
        """Get a model that is not here yet; one that is here is returned as it is, unless the package has a newer one.

        `from_path` takes the files from this machine instead of the sources of the manifest. Raises
        LicenceNotAccepted, DownloadFailed, StorageFull, Conflict, UnknownName.
        """
        if self.is_installed(name) and not _is_path(name):
            installed, packaged = self.get(name), builtin_manifests().get(name)
            if packaged is None or not is_outdated(installed, packaged):
                return installed
        manifest = self._local_manifest(Path(name).expanduser()) if _is_path(name) else self.manifest(name)
        if accept_licence:
            self._accept(manifest)
        terms = self._terms_of(manifest)
        if terms.needs_acceptance and not terms.accepted:
            raise LicenceNotAccepted(
                f"{manifest.title} comes under {terms.title}: {terms.url}. {terms.summary}",
                f"Read them; if you accept: headwater models pull {name} --accept-licence",
            )
        if manifest.base is not None:
            if not self.is_installed(manifest.base):
                self.pull(manifest.base, report, accept_licence, from_path)
            return add_builtin_adapter(self, manifest)
        if from_path is not None:
            manifest = replace(manifest, sources=(LocalSource(str(from_path.expanduser().absolute())),))
        return Pull(manifest, self._dir, self._hub, report).run()

    def remove(self, name: str) -> None:
        """Delete the files of an installed model. Raises NotFound, UnknownName."""
        if _is_path(name):
            raise BadInput(f"{name!r} is a file of yours, not a model of the workspace", "Delete it yourself.")
        if on_it := [model.name for model in self.adapters_of(name)]:
            raise Conflict(f"{name!r} is the base of {', '.join(on_it)}", "Remove what is built on it first.")
        folder = self._folder(name)
        if not folder.is_dir():
            self.get(name)  # says why there is nothing to remove
        gone = inside(self._dir, f".old-{folder.name}")
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        shutil.rmtree(gone)

    def verify(self, name: str, report: Report = silent) -> list[str]:
        """Hash every file of an installed model and return what is wrong, a sentence each."""
        model = self.get(name)
        problems: list[str] = []
        for file in model.manifest.files:
            path = model.folder / file.path
            if not path.is_file():
                problems.append(f"{file.path} is missing")
                continue
            try:
                check_file(path, file, report)
            except DownloadFailed as problem:
                problems.append(problem.message)
        return problems

    def plan(self, name: str, context_tokens: int, parallel: int) -> Plan:
        """Say whether a model fits into the memory that is free, before or after it is pulled."""
        free = self._free_bytes()
        base = self.manifest(name).base
        if base is not None and (base in builtin_manifests() or self.is_installed(base)):
            return self.plan(base, context_tokens, parallel)  # it is served by the process of its base
        if self.is_installed(name):
            model = self.get(name)
            manifest = model.manifest
            header = self._header(model.main_file) if manifest.format == "gguf" else None
        else:
            manifest = self.manifest(name)
            header = GgufHeader(manifest.header, (), 0, manifest.size_bytes) if manifest.header else None
        if header is not None:
            return plan_gguf(header, context_tokens, parallel, free)
        if manifest.format == "onnx":
            return plan_encoder(manifest.size_bytes, free)
        return plan_weights(manifest.size_bytes, free)

    def _header(self, path: Path) -> GgufHeader:
        # A plan is made for every chat request, and a large vocabulary takes 0.1 s to walk.
        status = path.stat()
        key = (path, status.st_size, status.st_mtime_ns)
        if key not in self._headers:
            self._headers = {**self._headers, key: read_header(path)}
        return self._headers[key]

    def _folder(self, name: str) -> Path:
        return inside(self._dir, HubName.parse(name).folder if name.startswith(PREFIX) else name)

    def _local_manifest(self, path: Path) -> Manifest:
        model = installed_in_place(path)
        renamed = tuple(replace(f, path="model.gguf") if f.path == path.name else f for f in model.manifest.files)
        return replace(model.manifest, files=renamed, sources=(LocalSource(str(path.absolute())),))

    def _terms_of(self, manifest: Manifest) -> Terms:
        bound = _bound_by(manifest)
        accepted = self._facts.get(_fact(bound)) is not None
        return Terms(
            manifest.name,
            manifest.licence,
            manifest.licence_url,
            manifest.licence_text or bound.licence_text or "",
            bound.needs_acceptance,
            accepted,
        )

    def _accept(self, manifest: Manifest) -> None:
        bound = _bound_by(manifest)
        fact = {"licence": bound.licence, "url": bound.licence_url, "accepted": time.time()}
        self._facts.set(_fact(bound), fact)


def _bound_by(manifest: Manifest) -> Manifest:
    """The manifest whose terms have to be accepted: an adapter comes under those of its base."""
    return builtin_manifests().get(manifest.base or manifest.name, manifest)


def _fact(manifest: Manifest) -> str:
    # The terms are part of the name: a model that comes back under other terms asks again.
    return f"licence/{manifest.name}/{manifest.licence}"[:200]


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or (name.endswith(".gguf") and not name.startswith(PREFIX))
