"""The preview: a sample of the sources taken through a recipe, in the form a page shows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from headwater.core.errors import BadInput
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.step import Services
from headwater.dataprep.tokens import token_counter
from headwater.records.readers.containers import DocumentReader
from headwater.records.reading import SourceSettings, open_source
from headwater.records.record import Record
from headwater.records.rows import BadRow, ReadLimits
from headwater.studio.counting import Fate, Judged, judge, sliders_of
from headwater.studio.looking import sampled
from headwater.studio.trace import Change, Trace, trace

SHOWN_ROWS = 60
SHOWN_BAD = 50
DROPPED_OF_A_REASON = 5
CHANGED_ROWS = 25
SHOWN_CHARACTERS = 3000
KEPT_TRACES = 8
BINS = 30


@dataclass
class Sampled:
    """What a preview began with."""

    samples: list[tuple[int, list[Record]]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    rows: int = 0


class Traces:
    """The last looks at samples, by person and data set, so that thresholds can be moved."""

    def __init__(self, most: int = KEPT_TRACES) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[tuple[str, str], Trace] = OrderedDict()

    def keep(self, key: tuple[str, str], one: Trace) -> None:
        """Keep a trace in place of the last one of this key."""
        with self._lock:
            self._kept[key] = one
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, key: tuple[str, str]) -> Trace | None:
        """Return the last trace of this key."""
        with self._lock:
            return self._kept.get(key)

    def forget(self, key: tuple[str, str]) -> None:
        """Drop what is kept of a data set."""
        with self._lock:
            self._kept.pop(key, None)


def sample(recipe: Recipe, most: int, document: DocumentReader | None) -> Sampled:
    """Read the first rows of every source, `most` in all."""
    found = Sampled()
    share = max(1, most // len(recipe.file.sources))
    for number, entry in enumerate(recipe.file.sources):
        limits = ReadLimits(chunk_rows=min(share, 500), text_unit=entry.text_unit)
        source = open_source(
            recipe.source(entry), SourceSettings(entry.format, entry.mapping, entry.licence, limits), document
        )
        records, bad = sampled(source, share, document)
        found.samples.append((number, records))
        found.bad += bad
        found.rows += len(records) + len(bad)
    return found


def look(recipe: Recipe, services: Services, taken: Sampled) -> Trace:
    """Take the sample through the steps. Raises BadInput for a step that needs a model that is not there."""
    for entry in recipe.steps:
        for name in entry.make(recipe, services).needed():
            if getattr(services, name) is None:
                raise BadInput(
                    f"The step {entry.name!r} needs a model for {name!r}, and none is installed.",
                    "Take the step or that option out, or install a model.",
                )
    return trace(recipe, services, taken.samples)


def shown(one: Trace, taken: Sampled, tokenizer: Any, maximum: int | None) -> dict[str, Any]:
    """Return the preview as JSON: counts, sliders, rows with their changes, and lengths of what is kept."""
    judged = judge(one)
    sliders = [slider for place, traced in enumerate(one.steps) for slider in sliders_of(place, traced)]
    return {
        "rows": taken.rows, "bad": len(taken.bad),
        "bad_rows": [
            {"file": b.file, "row": b.number, "reason": b.reason, "excerpt": b.excerpt} for b in taken.bad[:SHOWN_BAD]
        ],
        "kept": sum(fate is None for fate in judged.fates), "steps": [asdict(line) for line in judged.counts],
        "sliders": [asdict(slider) for slider in sliders], "samples": _samples(one, judged),
        "lengths": lengths(one, judged, tokenizer, maximum),
    }  # fmt: skip


def _samples(one: Trace, judged: Judged) -> list[dict[str, Any]]:
    places = _chosen(one, judged.fates)
    ends = dict(zip(places, one.block.records(places), strict=True))
    rows = []
    for place in places:
        own = int(one.ids[place])
        before = one.records[_root(one, own)]
        fate = judged.fates[place]
        rows.append(
            {
                "number": place, "id": ends[place].id, "file": before.source.file, "row": before.source.row,
                "task": ends[place].task.value, "before": _texts(before), "after": _texts(ends[place]),
                "changes": [_change(one, change) for change in one.changes.get(own, ())
                            if fate is None or change.place <= fate.place],
                "dropped": None if fate is None else asdict(fate),
            }
        )  # fmt: skip
    return rows


def _root(one: Trace, row_id: int) -> int:
    while row_id in one.parents:
        row_id = one.parents[row_id]
    return row_id


def _texts(record: Record) -> list[dict[str, str]]:
    return [{"field": name, "text": text[:SHOWN_CHARACTERS]} for name, text in record.texts()]


def _change(one: Trace, change: Change) -> dict[str, Any]:
    return {
        "place": change.place, "step": one.steps[change.place].name, "field": change.field,
        "before": change.before[:SHOWN_CHARACTERS], "after": change.after[:SHOWN_CHARACTERS],
    }  # fmt: skip


def _chosen(one: Trace, fates: Sequence[Fate | None]) -> list[int]:
    """Some rows of every kind: dropped for each reason, changed, untouched; in the order of the file."""
    of_reason: dict[tuple[int, str], int] = {}
    dropped, changed, plain = [], [], []
    for row, fate in enumerate(fates):
        if fate is not None:
            key = (fate.place, fate.reason)
            of_reason[key] = of_reason.get(key, 0) + 1
            if of_reason[key] <= DROPPED_OF_A_REASON:
                dropped.append(row)
        elif one.changes.get(int(one.ids[row])):
            changed.append(row)
        else:
            plain.append(row)
    kept = [*dropped, *changed[:CHANGED_ROWS]]
    return sorted([*kept, *plain[: max(0, SHOWN_ROWS - len(kept))]])


def lengths(one: Trace, judged: Judged, tokenizer: Any, maximum: int | None) -> dict[str, Any] | None:
    """Return how long kept rows are: in tokens of the chosen model, else in words."""
    places = [row for row, fate in enumerate(judged.fates) if fate is None]
    if not places:
        return None
    block = one.block.take(np.array(places))
    selection = block.select(None, joined=False)
    unit = "words" if tokenizer is None else "tokens"
    counted = (
        selection.word_counts
        if tokenizer is None
        else np.array(token_counter(tokenizer)(selection.texts.to_list()), dtype=np.int64)
    )
    numbers = np.nan_to_num(selection.over_rows(counted, "sum"))
    top = max(float(np.quantile(numbers, 0.99)), 1.0)
    edges = np.linspace(0, np.ceil(top), BINS + 1)
    counts, _ = np.histogram(np.clip(numbers, 0, edges[-1]), edges)
    over = None if maximum is None else int((numbers > maximum).sum())
    return {
        "unit": unit, "edges": [round(float(e), 2) for e in edges], "counts": counts.tolist(), "rows": len(numbers),
        "median": float(np.median(numbers)), "most": float(numbers.max()),
        "nine_of_ten": float(np.quantile(numbers, 0.9)), "total": float(numbers.sum()), "over": over,
    }  # fmt: skip
