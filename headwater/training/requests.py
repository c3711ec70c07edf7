"""A config that came over HTTP: it names only what its user may use, and its data by name instead of by path.

`file:NAME` is an uploaded file of rows, `dataset:NAME` the training rows of a data set, `dataset:NAME/validation`
another part of it. Paths, addresses and programs of the server's machine are refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from headwater.core.errors import BadInput, Conflict, NotFound
from headwater.core.types import Scope
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import Datasets
from headwater.training.config import SourceEntry, TrainingConfig
from headwater.training.load_config import check_config, sweep_configs
from headwater.training.possible import refusals as not_possible
from headwater.training.rows.template import NAMED

FILE, DATASET = "file:", "dataset:"
TRAIN = "train"
SUFFIXES = (".jsonl", ".parquet")
MOST_SWEEP = 50
LOCAL_TRACKERS = ("tensorboard",)
TEMPLATES = (*NAMED, "tokenizer")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a reference are, and the file name under which a run keeps them."""

    path: Path
    name: str


def read_values(text: str) -> dict[str, Any]:
    """Read a YAML text. Raises BadInput."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"The config is no valid YAML: {error}", "Correct the named line.") from error
    if not isinstance(value, dict):
        raise BadInput("The config holds no sections", "Begin with data:, or take the text of another run.")
    return value


def dump_values(value: Mapping[str, Any]) -> str:
    """Return a config's values as YAML."""
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True)


class RequestDesk:
    """Checks configs of one workspace's users and finds their data."""

    def __init__(self, sources: DataSources, datasets: Datasets) -> None:
        self._sources, self._datasets = sources, datasets

    def check(self, scope: Scope, value: Mapping[str, Any], bases: Sequence[str]) -> TrainingConfig:
        """Return the config. Raises BadInput naming every mistake at once, those of each point of a grid too."""
        config = check_config(dict(value))
        if len(list(_points(config))) > MOST_SWEEP:
            raise BadInput(
                f"The grid has {len(list(_points(config)))} runs, at most {MOST_SWEEP} are made at once", "Try fewer."
            )
        mistakes: dict[str, None] = {}
        for _, point in sweep_configs(config):
            mistakes |= dict.fromkeys(refusals(point, bases))
            mistakes |= dict.fromkeys(not_possible(point))
            mistakes |= dict.fromkeys(self._missing(scope, point))
        if mistakes:
            lines = "\n  ".join(mistakes)
            raise BadInput(f"config has {len(mistakes)} mistake(s):\n  {lines}", "Correct them and try again.")
        return config

    def _missing(self, scope: Scope, config: TrainingConfig) -> Iterable[str]:
        for entry in entries_of(config):
            try:
                self.place(scope, entry.path)
            except (BadInput, NotFound, Conflict) as error:
                yield f"{error.message} {error.hint or ''}".strip()

    def place(self, scope: Scope, reference: str) -> Place:
        """Find a reference of a user. Raises BadInput, NotFound, Conflict."""
        if reference.startswith(FILE):
            return self._file(scope, reference.removeprefix(FILE))
        if reference.startswith(DATASET):
            return self._dataset(scope, reference.removeprefix(DATASET))
        raise BadInput(
            f"data: {reference[:120]!r} is not yours to name: paths of the server's machine are not taken.",
            f"Name an uploaded file as {FILE}NAME, or a data set as {DATASET}NAME.",
        )

    def _file(self, scope: Scope, name: str) -> Place:
        found = self._sources.named(scope, [name]).get(name)
        if found is None:
            near = get_close_matches(name, [source.name for source in self._sources.list(scope)], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Upload it first."
            raise NotFound(f"data: you have no file {name[:120]!r}.", hint)
        return Place(self._sources.path(scope, found.id), found.name)

    def _dataset(self, scope: Scope, text: str) -> Place:
        known = {each.name: each for each in self._datasets.list(scope)}
        name, split = (text, TRAIN) if text in known else _divided(text)
        found = known.get(name)
        if found is None:
            near = get_close_matches(name, list(known), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Make it on the Data page."
            raise NotFound(f"data: you have no data set {name[:120]!r}.", hint)
        for suffix in SUFFIXES:
            path = found.folder / f"{split}{suffix}"
            if found.prepared is not None and split.isalpha() and path.is_file():
                return Place(path, f"{found.folder.name}-{split}{suffix}")
        raise Conflict(
            f"data: the data set {name!r} has no part {split[:40]!r} yet.", "Prepare it on the Data page first."
        )

    def marks(self, scope: Scope, config: TrainingConfig) -> tuple[tuple[int, int], ...]:
        """What tells that the data of a config changed: size and time of each file. Raises BadInput, NotFound."""
        statuses = [self.place(scope, entry.path).path.stat() for entry in entries_of(config)]
        return tuple((status.st_size, status.st_mtime_ns) for status in statuses)

    def lay_out(self, scope: Scope, config: TrainingConfig, folder: Path) -> TrainingConfig:
        """Copy the data that a config names into `folder`; return the config with the paths of the copies.

        A run keeps its own copy: it can then be resumed, however its data set changes. Raises BadInput, NotFound.
        """
        folder.mkdir(parents=True, exist_ok=True)
        placed: dict[str, str] = {}
        for entry in entries_of(config):
            if entry.path not in placed:
                place = self.place(scope, entry.path)
                target = folder / f"{len(placed) + 1}-{place.name}"
                shutil.copyfile(place.path, target)
                placed[entry.path] = str(target.absolute())
        return _with_paths(config, placed)


def _divided(text: str) -> tuple[str, str]:
    name, mark, split = text.rpartition("/")
    return (name, split) if mark else (text, TRAIN)


def entries_of(config: TrainingConfig) -> tuple[SourceEntry, ...]:
    """Every file that a config names."""
    valid = () if isinstance(config.data.valid, float) else config.data.valid
    return (*config.data.train, *valid)


def _with_paths(config: TrainingConfig, placed: Mapping[str, str]) -> TrainingConfig:
    def moved(entries: tuple[SourceEntry, ...]) -> tuple[SourceEntry, ...]:
        return tuple(entry.model_copy(update={"path": placed[entry.path]}) for entry in entries)

    data = config.data
    valid = data.valid if isinstance(data.valid, float) else moved(data.valid)
    new = data.model_copy(update={"train": moved(data.train), "valid": valid})
    return config.model_copy(update={"data": new})


def _points(config: TrainingConfig) -> Iterable[None]:
    count = 1
    for values in config.sweep.values():
        count *= max(1, len(values))
        if count > MOST_SWEEP:
            break
    return [None] * count


def refusals(config: TrainingConfig, bases: Sequence[str]) -> list[str]:
    """Return what a config asks for that only the command line may, a sentence each."""
    model, data, parallel = config.model, config.data, config.parallel
    found: list[str] = []
    if model.base not in bases:
        near = get_close_matches(model.base, bases, n=1)
        said = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(bases)}"
        found.append(f"model.base: no base {model.base[:120]!r} is installed here; {said}")
    if model.adapter_from is not None:
        found.append("model.adapter_from: a folder can only be named on the command line")
    if data.template not in TEMPLATES:
        found.append(f"data.template: {data.template[:120]!r} is not one of {', '.join(TEMPLATES)}")
    if config.eval.judge is not None or "judge" in config.eval.metrics or config.save.best == "judge":
        found.append("eval.judge: an address can only be named on the command line")
    if parallel.nodes != 1 or parallel.rendezvous is not None or parallel.ray is not None:
        found.append("parallel: several machines are started from the command line")
    if remote := [name for name in config.track.to if name not in LOCAL_TRACKERS]:
        found.append(f"track.to: {', '.join(remote)} may send data away; only the command line can choose that")
    return found


def moved(config: TrainingConfig, before: Path, after: Path) -> TrainingConfig:
    """The config with its data in the folder `after`, where it was in `before`."""
    old, new = str(before.absolute()), str(after.absolute())
    value = config.model_dump(mode="json")
    for entries in (value["data"]["train"], value["data"]["valid"]):
        for entry in entries if isinstance(entries, list) else ():
            entry["path"] = entry["path"].replace(old, new, 1)
    return check_config(value)
