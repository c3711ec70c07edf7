"""Other thresholds over all rows of a finished run, counted from what it measured; nothing is measured again.

A run wrote the measurements of every row (statistics.parquet) and why it dropped which (dropped.parquet). Moving
a threshold only asks the same rules with another limit. Two things cannot be known without a new run, and are
said: a row that an earlier step had dropped was maybe not measured by later ones (`unknown`), and steps that
compare rows (duplicates, samples) might choose others among other rows (`exact`).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import ValidationError

from headwater.core.errors import BadInput, Conflict
from headwater.dataprep.recipe import Recipe, StepEntry, parse_recipe
from headwater.dataprep.registry import step_type
from headwater.dataprep.step import AnyStep, GlobalStep, Options, RecordStep, Rule, Services, Setting, Step
from headwater.studio.counting import Slider, StepCount, sliders_of
from headwater.studio.trace import TracedStep

STATISTICS, DROPPED, REPORT = "statistics.parquet", "dropped.parquet", "report.json"
NEVER = np.iinfo(np.int32).max
# Rows get new numbers there, so what was measured before cannot be told of the rows that come after.
RENUMBERING = "shuffle"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moved:
    """Another value for an option of the step at `place`; None switches the threshold off."""

    place: int
    option: str
    value: float | None


@dataclass(frozen=True, slots=True)
class AllCounted:
    """The lines of the steps for all rows, and what is left. `unknown` rows are in no line's `rows_out`."""

    steps: list[StepCount]
    rows_out: int
    unknown: int
    exact: bool


@dataclass
class MeasuredStep:
    """What the run knows of one step. `seen`: which rows it measured; `values` by statistic, one a row."""

    line: Mapping[str, Any]
    entry: StepEntry
    step: AnyStep
    seen: Mask | None = None
    values: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    # Of steps that have no thresholds: which rows they dropped, by reason.
    verdicts: dict[str, Mask] = field(default_factory=dict)
    sliders: list[Slider] = field(default_factory=list)


@dataclass
class MeasuredRun:
    """All steps of a run over its rows. `gone`: the place of the step that dropped a row, NEVER for kept ones.

    Only steps from `first` on have sliders: earlier rows were multiplied or numbered anew later.
    """

    steps: list[MeasuredStep]
    gone: npt.NDArray[np.int32]
    first: int
    rows_out: int
    _words: dict[tuple[int, Rule], Mask] = field(default_factory=dict)

    @property
    def sliders(self) -> list[Slider]:
        """Every threshold that can be moved."""
        return [slider for step in self.steps for slider in step.sliders]

    def count(self, moved: Sequence[Moved] = ()) -> AllCounted:
        """Count all rows under other thresholds. Raises BadInput for what is none."""
        options = self._options(moved)
        before, now = self._walk({}), self._walk(options)
        lines = [self._line(place, before, now) for place in range(len(self.steps))]
        changed = [place for place, new in options.items() if new != self.steps[place].entry.options]
        earliest = min(changed, default=len(self.steps))
        compares = any(
            isinstance(step.step, GlobalStep) and int(step.line["dropped"]) > 0 for step in self.steps[earliest + 1 :]
        )
        kept = now.kept - before.kept + self.rows_out
        unknown = sum(now.unknown.values()) - sum(before.unknown.values())
        return AllCounted(lines, kept, unknown, not compares)

    def _options(self, moved: Sequence[Moved]) -> dict[int, Options]:
        known = {(slider.place, slider.option): slider for slider in self.sliders}
        changes: dict[int, dict[str, Any]] = {}
        for one in moved:
            if (one.place, one.option) not in known:
                raise BadInput(
                    f"Step {one.place} of this run has no threshold {one.option[:60]!r} that can be moved.",
                    "Ask for the thresholds of the run first.",
                )
            changes.setdefault(one.place, {})[one.option] = one.value
        return {place: _with_options(self.steps[place].entry, new) for place, new in changes.items()}

    def _walk(self, options: Mapping[int, Options]) -> _Walked:
        alive = np.ones(len(self.gone), dtype=bool)
        walked = _Walked()
        for place in range(self.first, len(self.steps)):
            walked.rows_in[place] = int(alive.sum())
            measured = self.steps[place]
            rules = self._rules(place, options.get(place))
            if isinstance(measured.step, Step):
                alive = self._ruled(place, rules, alive, walked)
            else:
                alive = self._judged(place, alive, walked)
        walked.kept = int(alive.sum())
        return walked

    def _rules(self, place: int, options: Options | None) -> list[Rule]:
        measured = self.steps[place]
        if not isinstance(measured.step, Step) or measured.seen is None:
            return []
        return rules_of(measured.step, options or measured.entry.options)

    def _ruled(self, place: int, rules: list[Rule], alive: Mask, walked: _Walked) -> Mask:
        measured = self.steps[place]
        if not rules or measured.seen is None:
            return alive
        walked.unknown[place] = int((alive & ~measured.seen).sum())
        alive = alive & measured.seen
        reasons: dict[str, int] = {}
        for rule in rules:
            broken = self._breaking(place, rule) & alive
            if broken.any():
                reasons[rule.reason] = reasons.get(rule.reason, 0) + int(broken.sum())
                alive = alive & ~broken
        walked.reasons[place] = reasons
        return alive

    def _breaking(self, place: int, rule: Rule) -> Mask:
        values = self.steps[place].values[rule.statistic]
        if rule.allowed is None:
            with np.errstate(invalid="ignore"):
                found: Mask = rule.broken(values)
                return found
        # Words are compared one by one, and no slider moves them.
        if (place, rule) not in self._words:
            self._words[place, rule] = rule.broken(values)
        return self._words[place, rule]

    def _judged(self, place: int, alive: Mask, walked: _Walked) -> Mask:
        walked.unknown[place] = int((alive & (self.gone < place)).sum())
        alive = alive & (self.gone >= place)
        walked.reasons[place] = {
            reason: int((mask & alive).sum()) for reason, mask in self.steps[place].verdicts.items()
        }
        left: Mask = alive & (self.gone != place)
        return left

    def _line(self, place: int, before: _Walked, now: _Walked) -> StepCount:
        line = self.steps[place].line
        rows_in = int(line["in"]) + now.rows_in.get(place, 0) - before.rows_in.get(place, 0)
        reasons = line["reasons"] if place < self.first else now.reasons.get(place, {})
        told = {reason: int(count) for reason, count in reasons.items() if count}
        ordered = dict(sorted(told.items(), key=lambda item: (-item[1], item[0])))
        dropped, added = sum(ordered.values()), int(line.get("added", 0))
        title = type(self.steps[place].step).title
        unknown = now.unknown.get(place, 0) - before.unknown.get(place, 0)
        left = rows_in + added - dropped - int(line.get("quarantined", 0)) - unknown
        return StepCount(
            place, str(line["name"]), title, rows_in, left, dropped, int(line["changed"]), added, ordered
        )  # fmt: skip


@dataclass
class _Walked:
    """What one way through the steps counted."""

    rows_in: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, dict[str, int]] = field(default_factory=dict)
    unknown: dict[int, int] = field(default_factory=dict)
    kept: int = 0


def rules_of(step: Step, options: Options) -> list[Rule]:
    """Return the rules of a step under other options."""
    other = object.__new__(type(step))
    AnyStep.__init__(other, options, step.setting)
    return other.rules()


def _with_options(entry: StepEntry, new: Mapping[str, Any]) -> Options:
    try:
        return type(entry.options).model_validate({**entry.options.model_dump(), **new})
    except ValidationError as error:
        problem = error.errors()[0]
        raise BadInput(f"{entry.name}: {problem['msg']}", "Choose a value on the slider.") from error


def load_run(folder: Path) -> MeasuredRun:
    """Read what the run in a folder measured. Raises Conflict for one that this version cannot read."""
    try:
        report = json.loads((folder / REPORT).read_text("utf-8"))
        recipe = parse_recipe(report["recipe"], folder)
    except (OSError, ValueError, KeyError, BadInput) as error:
        raise Conflict(f"The report of this run cannot be used: {error}", "Prepare the data again.") from error
    steps = [
        MeasuredStep(line, entry, _bare(entry, recipe))
        for line, entry in zip(report["steps"], recipe.steps, strict=True)
    ]
    first = 1 + max((place for place, step in enumerate(steps) if _breaks_off(step)), default=-1)
    dropped = _dropped(folder, first)
    statistics = _statistics(folder, first)
    ids = np.unique(np.concatenate([dropped["index"].to_numpy(), statistics["index"].to_numpy()]))
    gone = np.full(len(ids), NEVER, dtype=np.int32)
    gone[np.searchsorted(ids, dropped["index"].to_numpy())] = dropped["place"].to_numpy()
    for place in range(first, len(steps)):
        _fill(steps[place], place, ids, statistics, dropped)
    return MeasuredRun(steps, gone, first, int(report["rows_out"]) + len(report["output"].get("refused", [])))


def _bare(entry: StepEntry, recipe: Recipe) -> AnyStep:
    """A step that is only asked for its rules: making it whole may load a model or read files that are gone."""
    step = object.__new__(step_type(entry.name, recipe.folder))
    AnyStep.__init__(step, entry.options, Setting(recipe.file.seed, recipe.folder, Services()))
    return step


def _breaks_off(measured: MeasuredStep) -> bool:
    return measured.entry.name == RENUMBERING or int(measured.line.get("added", 0)) > 0


def _dropped(folder: Path, first: int) -> pl.DataFrame:
    path = folder / DROPPED
    if not path.exists():
        return pl.DataFrame(schema={"index": pl.UInt64, "place": pl.Int32, "reason": pl.String})
    return pl.scan_parquet(path).select("index", "place", "reason").filter(pl.col("place") >= first).collect()


def _statistics(folder: Path, first: int) -> pl.DataFrame:
    path = folder / STATISTICS
    if not path.exists():
        return pl.DataFrame(schema={"index": pl.UInt64})
    scan = pl.scan_parquet(path)
    names = [name for name in scan.collect_schema().names() if name != "index" and _place_of(name) >= first]
    if not names:
        return pl.DataFrame(schema={"index": pl.UInt64})
    return scan.select("index", *names).filter(pl.any_horizontal(pl.col(names).is_not_null())).collect()


def _place_of(column: str) -> int:
    return int(column.partition(".")[0])


def _fill(
    measured: MeasuredStep, place: int, ids: npt.NDArray[Any], table: pl.DataFrame, dropped: pl.DataFrame
) -> None:
    """Put the measurements and verdicts of one step in the order of `ids`."""
    if not isinstance(measured.step, Step):
        assert isinstance(measured.step, GlobalStep | RecordStep)
        for (reason,), rows in dropped.filter(pl.col("place") == place).group_by("reason"):
            mask = np.zeros(len(ids), dtype=bool)
            mask[np.searchsorted(ids, rows["index"].to_numpy())] = True
            measured.verdicts[str(reason)] = mask
        return
    prefix = f"{place:02}.{measured.entry.name}."
    columns = [name for name in table.columns if name.startswith(prefix)]
    if not columns:
        return
    found = table.select("index", *columns).filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    at = np.searchsorted(ids, found["index"].to_numpy())
    measured.seen = np.zeros(len(ids), dtype=bool)
    measured.seen[at] = True
    for name in columns:
        values = np.full(len(ids), None, dtype=object) if found[name].dtype == pl.String else np.full(len(ids), np.nan)
        values[at] = found[name].to_numpy()
        measured.values[name.removeprefix(prefix)] = values
    measured.sliders = _sliders(measured, place)
    rules = rules_of(measured.step, measured.entry.options)
    used = {slider.statistic for slider in measured.sliders} | {rule.statistic for rule in rules}
    measured.values = {name: values for name, values in measured.values.items() if name in used}


def _sliders(measured: MeasuredStep, place: int) -> list[Slider]:
    assert isinstance(measured.step, Step)
    traced = TracedStep(
        measured.entry.name, measured.entry, measured.step, np.zeros(0, dtype=np.int64), values=measured.values,
        rules=rules_of(measured.step, measured.entry.options), changed=int(measured.line["changed"]),
        rewrites=type(measured.step).change is not Step.change,
    )  # fmt: skip
    return sliders_of(place, traced)


class MeasuredRuns:
    """The runs whose thresholds were moved last, by person, data set and time of the run."""

    def __init__(self, most: int = 2) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[tuple[str, str, float], MeasuredRun] = OrderedDict()

    def of(self, key: tuple[str, str, float], folder: Path) -> MeasuredRun:
        """Return a run, read when it was not used lately. Raises Conflict."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = load_run(folder)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]
