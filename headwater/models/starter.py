"""The models that come known to Headwater: their manifests are files of the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from headwater.models.manifest import Manifest, manifest_from

STARTER_SET = ("minilm", "gemma-270m")
"""What `headwater models pull starter` gets: search by meaning, and a small model that writes."""


@cache
def builtin_manifests() -> dict[str, Manifest]:
    """Return the manifests of `builtin/*.yaml` by name."""
    folder = files("headwater.models").joinpath("builtin")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    manifests = [manifest_from(yaml.safe_load(entry.read_text("utf-8")), entry.name) for entry in found]
    return {manifest.name: manifest for manifest in sorted(manifests, key=lambda manifest: manifest.name)}
