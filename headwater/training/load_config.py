"""A config from YAML and `section.key=value` overrides. All mistakes are named at once, with the nearest key."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from headwater.core.errors import BadInput
from headwater.training.config import TrainingConfig

FORM = "See `headwater train --schema` for every key."


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Read a config file; its file paths start at its folder. Raises BadInput."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise BadInput(f"There is no config {path}", "Give the path of a YAML file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", "A config is a UTF-8 text file in YAML.") from error
    return parse_config(text, overrides, str(path)).placed(path.absolute().parent)


def parse_config(text: str, overrides: Sequence[str] = (), name: str = "config") -> TrainingConfig:
    """Read a config's text. Raises BadInput naming every mistake."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{name} is no valid YAML: {error}", "Correct the named line.") from error
    if not isinstance(value, dict):
        raise BadInput(f"{name} holds no sections", FORM)
    return check_config(overridden(value, overrides), name)


def check_config(value: dict[str, Any], name: str = "config") -> TrainingConfig:
    """Validate a config given as plain values. Raises BadInput naming every mistake."""
    try:
        return TrainingConfig.model_validate(value)
    except ValidationError as error:
        lines = [_line(part) for part in error.errors()]
        raise BadInput(f"{name} has {len(lines)} mistake(s):\n  " + "\n  ".join(lines), FORM) from error


def _line(error: Any) -> str:
    place = [str(part) for part in error["loc"] if not str(part).startswith(("function-", "tuple", "float"))]
    where = ".".join(place)
    if error["type"] == "extra_forbidden":
        near = get_close_matches(place[-1], _keys(place[:-1]), n=1)
        return f"{where}: no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    if error["type"] == "missing":
        return f"{where}: is missing"
    return f"{where}: {error['msg']} (it is {error['input']!r})"


def _keys(place: Sequence[str]) -> list[str]:
    model: type[BaseModel] = TrainingConfig
    for part in place:
        if part.isdigit():
            continue
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_in(part)) is not None:
            return found
    return None


def overridden(value: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a copy of `value` with each `section.key=value` set; values are YAML. Raises BadInput."""
    result: dict[str, Any] = _copy(value)
    for override in overrides:
        place, mark, text = override.partition("=")
        if not mark or not place:
            raise BadInput(f"{override!r} is no override", "Write section.key=value, for example train.lr=1e-4.")
        *sections, key = place.split(".")
        target = result
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                raise BadInput(f"{place!r} names no key: {section!r} is a value", FORM)
        target[key] = _scalar(text)
    return result


def _scalar(text: str) -> Any:
    value = yaml.safe_load(text)
    if isinstance(value, str):
        # YAML reads 1e-4 as text, people mean the number.
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def sweep_configs(config: TrainingConfig) -> Iterator[tuple[str, TrainingConfig]]:
    """Yield (what differs, config) for each point of the grid, or the one config when there is none."""
    plain = config.model_dump(mode="json") | {"sweep": {}}
    if not config.sweep:
        yield "", config
        return
    keys = list(config.sweep)
    for number, values in enumerate(itertools.product(*config.sweep.values()), 1):
        differs = [f"{key}={value}" for key, value in zip(keys, values, strict=True)]
        named = {**plain, "name": f"{config.name}-{number}"} if config.name else plain
        yield ", ".join(differs), check_config(overridden(named, differs), f"sweep point {number}")


def dump_config(config: TrainingConfig) -> str:
    """Return the config as YAML, every default written."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
