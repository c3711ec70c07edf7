"""The table of steps, and the door for steps that people write themselves."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ConfigDict

from headwater.core.errors import BadInput
from headwater.core.registry import Registry
from headwater.dataprep.step import AnyStep, Drop, Options, RecordStep
from headwater.records.record import Record

_HERE = "headwater.dataprep.steps"

STEPS: Registry[type[AnyStep]] = Registry(
    "step",
    {
        "mix": f"{_HERE}.mix:Mix",
        "sample": f"{_HERE}.sample:Sample",
        "shuffle": f"{_HERE}.shuffle:Shuffle",
        "require": f"{_HERE}.require:Require",
        "repair_conversation": f"{_HERE}.repair_conversation:RepairConversation",
        "chop_conversation": f"{_HERE}.chop_conversation:ChopConversation",
        "clean": f"{_HERE}.clean:Clean",
        "personal_data": f"{_HERE}.personal_data:PersonalData",
        "profanity": f"{_HERE}.profanity:Profanity",
        "unhelpful": f"{_HERE}.unhelpful:Unhelpful",
        "personalise": f"{_HERE}.personalise:Personalise",
        "language": f"{_HERE}.language:Language",
        "length": f"{_HERE}.length:Length",
        "repetition": f"{_HERE}.repetition:Repetition",
        "symbols": f"{_HERE}.symbols:Symbols",
        "readability": f"{_HERE}.readability:Readability",
        "quality": f"{_HERE}.quality:Quality",
        "valid_question": f"{_HERE}.valid_question:ValidQuestion",
        "compression": f"{_HERE}.compression:Compression",
        "similarity": f"{_HERE}.similarity:Similarity",
        "reward": f"{_HERE}.reward:RewardScore",
        "truncate": f"{_HERE}.truncate:Truncate",
        "keep_best": f"{_HERE}.keep_best:KeepBest",
        "boundaries": f"{_HERE}.boundaries:Boundaries",
        "fit": f"{_HERE}.fit:Fit",
        "exact_duplicates": f"{_HERE}.exact_duplicates:ExactDuplicates",
        "near_duplicates": f"{_HERE}.near_duplicates:NearDuplicates",
        "decontaminate": f"{_HERE}.decontaminate:Decontaminate",
    },
)


class AnyOptions(Options):
    """Options of a person's own step: whatever it asks for."""

    model_config = ConfigDict(extra="allow", frozen=True)


def step_type(name: str, folder: Path) -> type[AnyStep]:
    """Return the step of that name, or the one in a Python file when the name ends in .py.

    Raises UnknownName with the nearest name, BadInput when the file holds no step.
    """
    if name.endswith(".py"):
        return own_step(str((folder / name).resolve()))
    return STEPS[name]


@lru_cache(maxsize=64)
def own_step(path: str) -> type[AnyStep]:
    """Load a step from a file with `def step(record, options)`.

    The function returns the record (changed or not), a list of records, or (False, "reason").
    """
    module = _load(Path(path))
    function = getattr(module, "step", None)
    if not callable(function):
        raise BadInput(f"{path} has no function step(record, options)", "See docs/data.md, 'Your own step'.")

    act: Callable[[Record, dict[str, Any]], Any] = function

    class OwnStep(RecordStep):
        name = Path(path).name
        title = (module.__doc__ or Path(path).stem).strip().splitlines()[0]
        options_type = AnyOptions

        def apply(self, record: Record) -> Record | list[Record] | Drop:
            """Call the person's function."""
            return _understood(act(record, self.options.model_dump()), record)

        def files(self) -> tuple[Path, ...]:
            """The file is part of the resume key."""
            return (Path(path),)

    return OwnStep


def _understood(answer: Any, record: Record) -> Record | list[Record] | Drop:
    if answer is True:
        return record
    if isinstance(answer, tuple) and len(answer) == 2 and answer[0] is False:
        return Drop(str(answer[1]))
    if answer is False:
        return Drop("refused")
    if isinstance(answer, (Record, list)):
        return answer
    raise TypeError(f"the step returned {type(answer).__name__}, expected a record, True or (False, reason)")


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        raise BadInput(f"No file {path} for this step", "A step's path starts at the recipe's folder.")
    name = f"headwater_step_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} is no Python file", "Write a .py file with a function step(record, options).")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadInput(f"{path} cannot be loaded: {error!r}", "Correct the file.") from error
    return module
