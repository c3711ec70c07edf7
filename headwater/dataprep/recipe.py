"""A recipe: sources, task, steps, split and output, as YAML. All mistakes are named at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from headwater.core.errors import BadInput, UnknownName
from headwater.dataprep.registry import step_type
from headwater.dataprep.step import AnyStep, Options, Services, Setting
from headwater.records.detect import FORMATS, READ_ONLY
from headwater.records.record import Task
from headwater.records.remote.address import is_remote, problem_with, remote_name
from headwater.records.writing import CONTAINERS


class Entry(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(Entry):
    """One file of rows, here or at an address, or the answer to a query."""

    path: str = Field(
        "",
        description="File, from the recipe's folder; or an address: https://, s3://, gs://, abfs://, "
        "hf://datasets/ORG/NAME@REVISION/FILE, or env:NAME for one that holds a secret.",
    )
    sql: str | None = Field(None, description="Data base for `query`, as SQLAlchemy writes it, or env:NAME.")
    query: str | None = Field(None, description="SELECT whose rows are taken; with ORDER BY, so that runs are equal.")
    format: str | None = Field(None, description="Format; told by its fields when unset.")
    mapping: dict[str, str] = Field(default_factory=dict, description="Which column holds what, {field: column}.")
    weight: float = Field(1.0, gt=0, le=100, description="How often its rows are taken: 0.5 half, 2 twice.")
    licence: str | None = Field(None, description="Licence of the data, kept with every row.")
    text_unit: Literal["line", "paragraph", "file"] = Field("line", description="What a row of a text file is.")

    @property
    def remote(self) -> bool:
        """Whether the rows must be fetched first."""
        return self.sql is not None or is_remote(self.path)

    @property
    def label(self) -> str:
        """What the source is called in reports; it holds no secret."""
        return self.path or f"{self.sql}: {self.query}"

    @model_validator(mode="after")
    def _is_one_thing(self) -> SourceEntry:
        if bool(self.path) == (self.sql is not None):
            raise ValueError("a source has either a path or sql with a query")
        if (self.sql is None) != (self.query is None):
            raise ValueError("sql and query belong together")
        return self


class SplitEntry(Entry):
    """Parts to keep apart for validation and test; rows of one group never part."""

    validation: float = Field(0.0, ge=0, lt=1, description="Share for validation.")
    test: float = Field(0.0, ge=0, lt=1, description="Share for test.")
    by: Literal["origin", "cluster", "source", "record"] = Field(
        "origin",
        description="What stays together: conversation or tree, near-duplicates, source file, or nothing.",
    )

    @model_validator(mode="after")
    def _leaves_some(self) -> SplitEntry:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together leave nothing to train on")
        return self


class OutputEntry(Entry):
    """Where the result goes: a folder (Parquet and JSON Lines), or one file by its suffix."""

    path: str = Field(description="Folder, or a file ending in .jsonl, .json, .parquet, .csv, .tsv, .txt.")
    format: str | None = Field(None, description="Format of the rows; the task's own when unset.")


class RecipeFile(Entry):
    """The YAML as written."""

    version: Literal[1] = Field(1, description="Version of this layout.")
    task: Task | None = Field(None, description="What the set teaches; each record keeps its own when unset.")
    seed: int = Field(0, ge=0, description="Every choice by chance follows from it.")
    max_errors: int = Field(0, ge=0, description="More quarantined rows than this make the run fail at its end.")
    sources: list[SourceEntry] = Field(min_length=1, description="Files of rows.")
    steps: list[str | dict[str, Any]] = Field(default_factory=list, description="Steps in order.")
    split: SplitEntry | None = Field(None, description="Parts for validation and test.")
    output: OutputEntry = Field(description="Where the result goes.")


@dataclass(frozen=True)
class StepEntry:
    """A step by name with its checked options."""

    name: str
    options: Options

    def make(self, recipe: Recipe, services: Services) -> AnyStep:
        """Build the step."""
        weights = tuple(source.weight for source in recipe.file.sources)
        setting = Setting(recipe.file.seed, recipe.folder, services, weights, recipe.named)
        return step_type(self.name, recipe.folder)(self.options, setting)


@dataclass(frozen=True)
class Recipe:
    """A checked recipe. `folder` is where its paths start."""

    file: RecipeFile
    steps: tuple[StepEntry, ...]
    folder: Path
    sources_folder: Path | None = None
    # Where the sources lie that were fetched, by their label.
    fetched: Mapping[str, Path] = field(default_factory=dict)
    # Tokenizers of models that options call by the model's name.
    named: Mapping[str, Path] = field(default_factory=dict)

    def resolve(self, path: str) -> Path:
        """Return a path of the recipe as an absolute one."""
        return (self.folder / Path(path).expanduser()).resolve()

    def source(self, entry: SourceEntry) -> Path:
        """Return the path of a source: from the folder of sources when one was named, else the recipe's.

        A remote one has the path it was fetched to; before that, a path that only has the right name.
        """
        if entry.remote:
            return self.fetched.get(entry.label, self.folder / ".remote" / remote_name(entry.path, entry.sql))
        return ((self.sources_folder or self.folder) / Path(entry.path).expanduser()).resolve()

    def placed(self, sources_folder: Path | None, output: Path | None) -> Recipe:
        """Return the recipe with its sources in another folder and its output at another path."""
        file = self.file
        if output is not None:
            written = file.output.model_copy(update={"path": str(output.absolute())})
            file = file.model_copy(update={"output": written})
        folder = sources_folder.absolute() if sources_folder is not None else self.sources_folder
        return replace(self, file=file, sources_folder=folder)

    def model_names(self) -> list[str]:
        """Return the tokenizers that options name and that are no files: names of models."""
        given = [getattr(step.options, "tokenizer", None) for step in self.steps]
        return list(dict.fromkeys(str(name) for name in given if name and not self.resolve(str(name)).exists()))

    def with_named(self, named: Mapping[str, Path]) -> Recipe:
        """Return the recipe with the tokenizers of these models."""
        return replace(self, named=dict(named))

    def with_fetched(self, fetched: Mapping[str, Path]) -> Recipe:
        """Return the recipe with the remote sources at these places."""
        return replace(self, fetched=dict(fetched))


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file. Raises BadInput naming every mistake."""
    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"No recipe {path}", "Check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid YAML: {error}", "Correct the file.") from error
    return parse_recipe(value, path.parent.resolve(), str(path))


def parse_recipe(value: object, folder: Path, name: str = "recipe") -> Recipe:
    """Check a recipe. Raises BadInput naming every mistake, each with its place and the nearest right word."""
    if not isinstance(value, Mapping):
        raise BadInput(f"{name} is no mapping of version, sources, steps, output", "See docs/data.md.")
    problems: list[str] = []
    file: RecipeFile | None = None
    try:
        file = RecipeFile.model_validate(value)
    except ValidationError as error:
        problems += [_sentence(detail, RecipeFile) for detail in error.errors()]
    written = value.get("steps")
    steps = _steps(written if isinstance(written, list) else [], folder, problems)
    if file is not None:
        problems += _file_problems(file)
    if problems or file is None:
        raise BadInput(f"{name}: " + "; ".join(problems), "Steps and their options: headwater data steps.")
    return Recipe(file, tuple(_with_mix(file, steps)), folder)


def _steps(written: list[Any], folder: Path, problems: list[str]) -> list[StepEntry]:
    steps = []
    for place, entry in enumerate(written):
        name, options = (entry, {}) if isinstance(entry, str) else _only_item(entry)
        if name is None:
            problems.append(f"steps[{place}]: a step is a name or {{name: {{option: value}}}}")
            continue
        try:
            kind = step_type(name, folder)
        except (UnknownName, BadInput) as error:
            problems.append(f"steps[{place}]: {error.message}")
            continue
        try:
            steps.append(StepEntry(name, kind.options_type.model_validate(options or {})))
        except ValidationError as error:
            problems += [f"steps[{place}].{name}.{_sentence(d, kind.options_type)}" for d in error.errors()]
    return steps


def _only_item(entry: Any) -> tuple[str | None, Any]:
    if isinstance(entry, Mapping) and len(entry) == 1:
        name, options = next(iter(entry.items()))
        return str(name), options
    return None, None


def _file_problems(file: RecipeFile) -> list[str]:
    problems = []
    named = [(f"sources[{n}].format", source.format) for n, source in enumerate(file.sources)]
    for place, name in [*named, ("output.format", file.output.format)]:
        if name is not None and name not in FORMATS:
            problems.append(f"{place}: {UnknownName.among('format', name, FORMATS).message}")
    if file.output.format in READ_ONLY:
        problems.append(f"output.format: {file.output.format!r} is only read")
    problems += _address_problems(file)
    suffix = Path(file.output.path).suffix.lower()
    if suffix and suffix not in CONTAINERS:
        problems.append(f"output.path: {UnknownName.among('output type', suffix, CONTAINERS).message}")
    return problems


def _address_problems(file: RecipeFile) -> list[str]:
    problems = []
    for place, source in enumerate(file.sources):
        if source.sql is not None and source.query is not None:
            from headwater.records.remote.query import problem_with_query

            problem = problem_with_query(source.sql, source.query)
        else:
            problem = problem_with(source.path) if source.remote else None
        problems += [f"sources[{place}]: {problem}"] if problem else []
    return problems


def _with_mix(file: RecipeFile, steps: list[StepEntry]) -> list[StepEntry]:
    """Weights of sources mean a mix at the beginning, unless the recipe says where."""
    if any(source.weight != 1 for source in file.sources) and all(step.name != "mix" for step in steps):
        return [StepEntry("mix", step_type("mix", Path()).options_type()), *steps]
    return steps


def _sentence(detail: Mapping[str, Any] | Any, model: type[BaseModel]) -> str:
    """Say one mistake in words: where, what, and for an unknown key the nearest known one."""
    location = detail["loc"]
    place = ".".join(str(part) for part in location if part not in ("str", "dict[str,any]")) or "recipe"
    if detail["type"] != "extra_forbidden":
        given = detail.get("input")
        # Our own checks say what they found; the value itself may be a secret.
        quiet = given is None or isinstance(given, (dict, list)) or detail["type"] == "value_error"
        shown = "" if quiet else f" (given: {given!r})"
        return f"{place}: {detail['msg']}{shown}{_nearest(detail)}"
    known = _fields_at(model, location[:-1])
    near = get_close_matches(str(location[-1]), known, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
    return f"{place}: no such option.{guess}"


def _nearest(detail: Mapping[str, Any]) -> str:
    """Return the nearest of the values that a choice allows, as a question."""
    if detail["type"] not in ("literal_error", "enum"):
        return ""
    known = re.findall(r"'([^']+)'", str(detail.get("ctx", {}).get("expected", "")))
    near = get_close_matches(str(detail.get("input")), known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    inner: dict[str, type[BaseModel]] = {"sources": SourceEntry, "split": SplitEntry, "output": OutputEntry}
    found = inner.get(str(location[0]), model) if location and model is RecipeFile else model
    return list(found.model_fields)
