"""The models that come known to Headwater: their manifests are files of the package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from headwater.models.manifest import Manifest, ModelFile, manifest_from

BUILTIN = Path(__file__).with_name("builtin")
STARTER = "starter"
STARTER_SET = ("minilm", "gemma-270m")
ADAPTER_MANIFEST = "manifest.yaml"


def starter_set() -> tuple[str, ...]:
    """What `headwater models pull starter` gets: search by meaning, and a small model that writes.

    With the adapter called "starter", where the package holds one.
    """
    return (*STARTER_SET, STARTER) if STARTER in builtin_manifests() else STARTER_SET


def builtin_manifests() -> dict[str, Manifest]:
    """Return the manifests of `builtin/*.yaml` and of the adapters in `builtin/NAME/`, by name."""
    return _manifests(BUILTIN)


@cache
def _manifests(folder: Path) -> dict[str, Manifest]:
    found = [_read(path, {}) for path in folder.glob("*.yaml")]
    for path in folder.glob(f"*/{ADAPTER_MANIFEST}"):
        names = sorted(each.name for each in path.parent.iterdir() if each.is_file() and each != path)
        inside = [ModelFile(name, None, (path.parent / name).stat().st_size) for name in names]
        found.append(_read(path, {"format": "adapter", "files": inside}).with_files(tuple(inside)))
    return {manifest.name: manifest for manifest in sorted(found, key=lambda manifest: manifest.name)}


def builtin_adapter(name: str) -> Path:
    """The PEFT folder of an adapter that comes with the package."""
    return BUILTIN / name


def _read(path: Path, known: Mapping[str, Any]) -> Manifest:
    return manifest_from(
        {**yaml.safe_load(path.read_text("utf-8")), **known},
        path.name if path.parent == BUILTIN else f"{path.parent.name}/{path.name}",
    )
