"""Recipes that come over the wire: they name uploaded files and installed models, and nothing else on this machine."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from headwater.core.errors import BadInput
from headwater.core.types import Scope
from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.records.remote.address import is_remote
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import DESK

# Options of steps that are paths. A recipe of the command line may name any file there, one of a browser may not.
FILE_OPTIONS = {"decontaminate": ("against",), "profanity": ("words_file",)}
MODEL_OPTIONS = {"fit": ("tokenizer",), "length": ("tokenizer",), "truncate": ("tokenizer",)}
# What a source may say here. A list of what is allowed, so that a new kind of source is not let in by oversight.
SOURCE_KEYS = ("path", "format", "mapping", "weight", "licence", "text_unit")
MOST_SOURCES = 100
MOST_STEPS = 100
MOST_YAML_CHARACTERS = 1_000_000
OUTPUT = "out"
TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True)
class Named:
    """What a recipe names: uploaded files and models."""

    files: tuple[str, ...]
    models: tuple[str, ...]


def names_of(value: object) -> Named:
    """Return the names in a recipe, complete or not. Raises BadInput for Python files and for too many parts."""
    if not isinstance(value, Mapping):
        raise BadInput("A recipe is a mapping of task, sources, steps and output.", "Start from a default recipe.")
    sources, steps = _listed(value, "sources", MOST_SOURCES), _listed(value, "steps", MOST_STEPS)
    files = [_file_of(entry) for entry in sources]
    models: list[str] = []
    for entry in steps:
        name, options = _step(entry)
        if name.endswith(".py") or "/" in name or "\\" in name:
            raise BadInput(
                f"The step {name[:80]!r} is a Python file, and this page runs no programs.",
                "Steps of your own run from the command line: headwater data prepare.",
            )
        files += _texts(options, FILE_OPTIONS.get(name, ()))
        models += _texts(options, MODEL_OPTIONS.get(name, ()))
    return Named(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(models)))


def _file_of(entry: Any) -> str:
    """Return the name of the uploaded file. Addresses, databases and whatever else a source may be are not for here."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
        raise BadInput("Each source of a recipe names an uploaded file: {path: NAME}.", "Choose one of your files.")
    if is_remote(entry["path"]):
        raise BadInput(
            f"The source {entry['path'][:80]!r} is elsewhere, and recipes run here fetch nothing.",
            "Upload the file, or run the recipe on the command line.",
        )
    further = sorted(str(name) for name in entry if name not in SOURCE_KEYS)
    if further:
        raise BadInput(
            f"The source {entry['path'][:80]!r} has {', '.join(further)[:200]}, which only the command line takes.",
            f"Here a source has: {', '.join(SOURCE_KEYS)}.",
        )
    return str(entry["path"])


def _listed(value: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = value.get(name) or []
    if not isinstance(found, list):
        raise BadInput(f"{name} of a recipe is a list, this is {type(found).__name__}.", "See the default recipes.")
    if len(found) > most:
        raise BadInput(f"A recipe with {len(found)} {name}; at most {most} are possible.", "Take some out.")
    return found


def _step(entry: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(entry, str):
        return entry, {}
    if isinstance(entry, Mapping) and len(entry) == 1:
        name, options = next(iter(entry.items()))
        return str(name), options if isinstance(options, Mapping) else {}
    return "", {}  # the recipe's own check says what is wrong with it


def _texts(options: Mapping[str, Any], fields: tuple[str, ...]) -> list[str]:
    given = (options.get(name) for name in fields)
    return [str(one) for value in given if value for one in (value if isinstance(value, list | tuple) else [value])]


class RecipeDesk:
    """Lays out what a recipe names in a folder of its own, and checks the recipe there."""

    def __init__(self, sources: DataSources, root: Path, tokenizer: Callable[[str], Path]) -> None:
        """`tokenizer` gives the tokenizer.json of a model; it raises BadInput for a model that has none."""
        self._sources, self._root, self._tokenizer = sources, root, tokenizer

    @contextmanager
    def laid_out(self, scope: Scope, value: object) -> Iterator[Recipe]:
        """Check a recipe; its paths are good until the block ends. Raises BadInput with all mistakes at once."""
        named = names_of(value)
        assert isinstance(value, Mapping)
        found = self._sources.named(scope, named.files)
        _require(named.files, found, [source.name for source in self._sources.list(scope)])
        folder = self._root / DESK / secrets.token_hex(8)
        folder.mkdir(parents=True)
        try:
            for name in named.files:
                place_file(self._sources.path(scope, found[name].id), folder, name)
            for name in named.models:
                place_file(self._tokenizer(name), folder, name)
            yield parse_recipe({**value, "output": _output(value)}, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def parsed(self, value: object) -> Recipe:
        """Check a recipe's words alone; nothing it names is looked for. Raises BadInput with all mistakes at once."""
        names_of(value)
        assert isinstance(value, Mapping)
        return parse_recipe({**value, "output": _output(value)}, self._root / DESK)

    def check(self, scope: Scope, value: object) -> None:
        """Raise BadInput unless the recipe could be run."""
        with self.laid_out(scope, value):
            pass


def _require(wanted: tuple[str, ...], found: Mapping[str, Any], known: list[str]) -> None:
    for name in wanted:
        if name not in found:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            shown = ", ".join(known[:10]) or "none yet"
            raise BadInput(
                f"You have uploaded no file {name[:120]!r}.{guess}", f"Upload it first. Your files: {shown}."
            )


def place_file(path: Path, folder: Path, name: str) -> None:
    """Give a stored file its name in the folder: the suffix says how it is read."""
    target = folder / name
    if not target.resolve().is_relative_to(folder.resolve()):
        raise BadInput(f"{name[:120]!r} is no plain name.", "Name files as they are listed.")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path.resolve(), target)
    except OSError:
        # Another disk, or one without links: the bytes are there twice for as long as the work takes.
        shutil.copyfile(path, target)


def _output(value: Mapping[str, Any]) -> dict[str, Any]:
    """Only the format is a person's choice: where the files go is settled by the data set."""
    given = value.get("output")
    return {**(given if isinstance(given, Mapping) else {}), "path": OUTPUT}


def to_yaml(value: Mapping[str, Any]) -> str:
    """Return a recipe as the file that `headwater data prepare` reads."""
    ordered = {name: value[name] for name in ("version", "task", "seed", "max_errors") if value.get(name) is not None}
    whole = {"version": 1, **ordered}
    for name in ("sources", "steps", "split"):
        if value.get(name):
            whole[name] = value[name]
    whole["output"] = _output(value)
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)


def from_yaml(text: str) -> dict[str, Any]:
    """Read a recipe file; folders before the names of its sources are left out. Raises BadInput."""
    if len(text) > MOST_YAML_CHARACTERS:
        raise BadInput(
            f"A recipe of {len(text):,} characters; at most {MOST_YAML_CHARACTERS:,} are read.", "Check the file."
        )
    if "&" in text and "*" in text and any(isinstance(token, yaml.AliasToken) for token in _tokens(text)):
        raise BadInput("The recipe uses aliases (*name), which are not read here.", "Write the values out.")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"This is not valid YAML: {error}", "Correct the file.") from error
    names_of(value)
    recipe = dict(value)
    for entry in recipe.get("sources") or []:
        if isinstance(entry, dict) and "path" in entry:
            entry["path"] = str(entry["path"]).replace("\\", "/").rpartition("/")[2]
    recipe["output"] = _output(recipe)
    return recipe


def _tokens(text: str) -> Iterator[Any]:
    try:
        yield from yaml.scan(text)
    except yaml.YAMLError as error:
        raise BadInput(f"This is not valid YAML: {error}", "Correct the file.") from error
