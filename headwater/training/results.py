"""What a run's folder tells, as plain values for a page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from headwater.training.run_folder import RunFolder

REQUEST_FILE = "request.yaml"
LOG_BYTES = 60_000
MOST_POINTS = 2000
_SAMPLE = re.compile(r"(\d+)\.json")


def written_config(folder: RunFolder) -> dict[str, Any]:
    """The config as its author wrote it: data by name where it came over HTTP."""
    path = folder.path / REQUEST_FILE
    source = path if path.is_file() else folder.path / "config.yaml"
    value: dict[str, Any] = yaml.safe_load(source.read_text("utf-8"))
    return value


def is_request(folder: RunFolder) -> bool:
    """Whether a run was asked for over HTTP; those of the command line have no request."""
    return (folder.path / REQUEST_FILE).is_file()


def reward_of(run: Path) -> Path | None:
    """Return the folder of the reward model that a run made, None when it made something else or nothing."""
    for name in ("adapter", "model"):
        note = RunFolder(run / name).read_json("headwater.json") or {}
        if note.get("task") == "reward":
            return run / name
    return None


def metrics_since(folder: RunFolder, step: int, most: int = MOST_POINTS) -> dict[str, list[dict[str, Any]]]:
    """Training and validation metrics after `step`; long runs are thinned to about `most` training points."""
    train, validation = [], []
    for line in folder.lines("metrics.jsonl"):
        if line["step"] <= step:
            continue
        if "eval" in line:
            validation.append({"step": line["step"], **line["eval"]})
        else:
            train.append(line)
    every = -(-len(train) // most) if train else 1
    thin = [line for number, line in enumerate(train) if number % every == 0 or number == len(train) - 1]
    return {"train": thin, "validation": validation}


def sample_steps(folder: RunFolder) -> list[int]:
    """Steps after which answers were written."""
    found = [_SAMPLE.fullmatch(path.name) for path in (folder.path / "samples").glob("*.json")]
    return sorted(int(match[1]) for match in found if match is not None)


def samples(folder: RunFolder, step: int | None) -> dict[str, Any]:
    """Answers written after a step, the last one when none is named. `score` is what samples are ordered by."""
    steps = sample_steps(folder)
    chosen = step if step in steps else (steps[-1] if steps else None)
    rows = folder.read_json(f"samples/{chosen}.json") if chosen is not None else []
    return {"step": chosen, "steps": steps, "rows": [_scored(row) for row in rows or []]}


def _scored(row: Mapping[str, Any]) -> dict[str, Any]:
    scores = {name: float(value) for name, value in (row.get("scores") or {}).items()}
    return {**row, "scores": scores}


def log_tail(folder: RunFolder) -> str:
    """The end of what the training process printed."""
    path = folder.path / "log.txt"
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - LOG_BYTES))
        text = stream.read().decode("utf-8", errors="replace")
    return text.replace(str(folder.path), folder.name)


def flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """{"train": {"lr": 1}} -> {"train.lr": 1}."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        place = f"{before}{key}"
        found |= flat(item, f"{place}.") if isinstance(item, Mapping) and item else {place: item}
    return found


def differences(configs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The keys in which configs differ, with each one's value; the name is no difference."""
    flats = [flat(config) for config in configs]
    keys = list(dict.fromkeys(key for each in flats for key in each if key not in ("name", "sweep")))
    rows = [{"key": key, "values": [_told(each.get(key)) for each in flats]} for key in keys]
    return [row for row in rows if len(set(row["values"])) > 1]


def _told(value: Any) -> str:
    return "" if value is None else str(value)
