"""How many rows each step drops under other thresholds, counted from what was measured once."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import Conflict
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.step import Options, Rule
from headwater.studio.trace import Trace, TracedStep

BINS = 32


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step's line for the sample, as in the ledger of a run."""

    place: int
    name: str
    title: str
    rows_in: int
    rows_out: int
    dropped: int
    changed: int
    added: int
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a row was dropped, why, and the value that decided."""

    place: int
    step: str
    reason: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Slider:
    """A threshold that can be moved without measuring again: an option of the step at `place`.

    `value` is None while the threshold is off. `edges` and `counts`: how the values lie.
    """

    place: int
    step: str
    option: str
    label: str
    statistic: str
    bound: str
    value: float | None
    low: float
    high: float
    whole: bool
    edges: list[float]
    counts: list[int]


@dataclass
class Judged:
    """Rows under one choice of thresholds: the lines of the steps, and each end row's fate."""

    counts: list[StepCount]
    fates: list[Fate | None] = field(default_factory=list)


def judge(trace: Trace, recipe: Recipe | None = None) -> Judged:
    """Count with the options of `recipe` (None: as traced). Raises Conflict when it needs new measurements."""
    alive = np.ones(len(trace.ids), dtype=bool)
    fates: list[Fate | None] = [None] * len(trace.ids)
    lines = []
    for place, traced in enumerate(trace.steps):
        rules = traced.rules if recipe is None else _rules(trace, recipe, place)
        reasons: list[str | None] = list(traced.verdicts)
        values: list[str | None] = list(traced.verdict_values)
        for rule in rules:
            found = traced.values[rule.statistic]
            with np.errstate(invalid="ignore"):
                broken = rule.broken(found)
            for row in np.flatnonzero(broken & alive).tolist():
                if reasons[row] is None:
                    reasons[row], values[row] = rule.reason, _shown(found[row])
        out = np.array([reason is not None for reason in reasons], dtype=bool) & alive
        for row in np.flatnonzero(out).tolist():
            fates[row] = Fate(place, traced.name, str(reasons[row]), values[row])
        lines.append(_line(place, traced, alive, out, reasons))
        alive &= ~out
    return Judged(lines, fates)


def _line(
    place: int, traced: TracedStep, alive: npt.NDArray[np.bool_], out: npt.NDArray[np.bool_], reasons: list[str | None]
) -> StepCount:
    # Pieces of a row that was cut apart later are one row here.
    before, gone = set(traced.ids[alive].tolist()), {}
    for row in np.flatnonzero(out).tolist():
        gone[int(traced.ids[row])] = str(reasons[row])
    counted: dict[str, int] = {}
    for reason in gone.values():
        counted[reason] = counted.get(reason, 0) + 1
    ordered = dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    left = len(before) - len(gone) + traced.added
    return StepCount(
        place, traced.name, traced.step.title, len(before), left, len(gone), traced.changed,
        traced.added + traced.copies, ordered,
    )  # fmt: skip


def _rules(trace: Trace, recipe: Recipe, place: int) -> list[Rule]:
    """The rules of a step under new options, which may differ in movable thresholds only."""
    names = [entry.name for entry in recipe.steps]
    if names != [traced.name for traced in trace.steps]:
        raise _stale()
    traced, entry = trace.steps[place], recipe.steps[place]
    if entry.options == traced.entry.options:
        return traced.rules
    movable = {slider.option for slider in sliders_of(place, traced)}
    old, new = traced.entry.options.model_dump(), entry.options.model_dump()
    if any(old[name] != new[name] and name not in movable for name in old):
        raise _stale()
    rules = _rules_with(traced, entry.options)
    if any(rule.statistic not in traced.values for rule in rules):
        raise _stale()
    return rules


def _stale() -> Conflict:
    return Conflict("The recipe changed more than a threshold since the sample was looked at.", "Look at it again.")


def _rules_with(traced: TracedStep, options: Options) -> list[Rule]:
    # A copy, not a new step: making one may load a model or read a file that is laid out no more.
    step: Any = copy(traced.step)
    step.options = options
    found: list[Rule] = step.rules()
    return found


def sliders_of(place: int, traced: TracedStep) -> list[Slider]:
    """Find the options of a step that only move a rule's limit on something that was measured."""
    if not traced.values or (traced.rewrites and traced.changed):
        return []
    found = []
    for option, about in type(traced.entry.options).model_fields.items():
        if not option.startswith(("minimum", "maximum")):
            continue
        rule, bound = _moved_rule(traced, option)
        values = traced.values.get(rule.statistic) if rule is not None else None
        if rule is None or values is None or values.dtype == object:
            continue
        numbers = values.astype(np.float64)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            continue
        whole = "float" not in str(about.annotation)
        value = getattr(traced.entry.options, option)
        label = about.description or option
        slider = _slider(numbers, None if value is None else float(value), whole)
        found.append(Slider(place, traced.name, option, label, rule.statistic, bound, *slider))
    return found


def _moved_rule(traced: TracedStep, option: str) -> tuple[Rule | None, str]:
    """Try another value of the option; the rule whose limit follows it is the one that the option moves."""
    current = getattr(traced.entry.options, option)
    probe = 0.4375 if current is None else current + 0.4375
    options = traced.entry.options.model_copy(update={option: probe})
    for rule in _rules_with(traced, options):
        for bound, limit in (("minimum", rule.minimum), ("maximum", rule.maximum)):
            if limit == probe:
                return rule, bound
    return None, ""


def _slider(numbers: npt.NDArray[np.float64], value: float | None, whole: bool) -> tuple[Any, ...]:
    # One odd row would make the rest a single bar, so the scale ends where nearly all are; the limit is always on it.
    low, high = float(numbers.min()), float(np.quantile(numbers, 0.99))
    if value is not None:
        low, high = min(low, value), max(high, value)
    if whole:
        low, high = float(np.floor(low)), float(np.ceil(high))
    if high <= low:
        high = low + 1
    edges = np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(np.clip(numbers, low, high), edges)
    return value, low, high, whole, [round(float(edge), 6) for edge in edges], counts.tolist()


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
