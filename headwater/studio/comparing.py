"""Two finished runs side by side: their totals, their steps, and how what both measured lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.dataprep.report import difference

TOTALS = ("rows_in", "rows_out", "rows_dropped", "rows_quarantined")


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Compare two reports. A step is the same one when its name comes for the same time in both."""
    return {
        "totals": [{"name": name, "before": int(before[name]), "after": int(after[name])} for name in TOTALS],
        "steps": _steps(before["steps"], after["steps"]),
        "histograms": _histograms(before, after),
        "options": _options(before["recipe"]["steps"], after["recipe"]["steps"]),
        "same": not difference(dict(before), dict(after)),
    }


def _keyed(names: list[str]) -> list[tuple[str, int]]:
    return [(name, names[:place].count(name)) for place, name in enumerate(names)]


def _steps(before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    olds = dict(zip(_keyed([step["name"] for step in before]), before, strict=True))
    news = dict(zip(_keyed([step["name"] for step in after]), after, strict=True))
    # In the order of the later run; what only the earlier one had comes behind.
    order = [*news, *(key for key in olds if key not in news)]
    return [{"name": key[0], "before": _line(olds.get(key)), "after": _line(news.get(key))} for key in order]


def _line(step: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "rows_in": step["in"], "rows_out": step["out"], "dropped": step["dropped"], "changed": step["changed"],
        "reasons": step["reasons"],
    }  # fmt: skip


def _options(before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    """Options of the steps of both runs that differ."""
    olds, news = _by_key(before), _by_key(after)
    found = []
    for key in news:
        if key not in olds:
            continue
        for option in sorted({*olds[key], *news[key]}):
            old, new = olds[key].get(option), news[key].get(option)
            if old != new:
                found.append({"step": key[0], "option": option, "before": old, "after": new})
    return found


def _by_key(steps: list[Any]) -> dict[tuple[str, int], Mapping[str, Any]]:
    items = [next(iter(step.items())) for step in steps]
    return dict(zip(_keyed([name for name, _ in items]), [options for _, options in items], strict=True))


def _histograms(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What both runs measured as numbers, by step and statistic; each keeps its own edges."""
    olds, news = _measured(before), _measured(after)
    return [
        {"step": key[0], "statistic": key[2], "before": olds[key], "after": news[key]} for key in news if key in olds
    ]


def _measured(report: Mapping[str, Any]) -> dict[tuple[str, int, str], dict[str, Any]]:
    keys = _keyed([step["name"] for step in report["steps"]])
    found = {}
    for name, histogram in report["histograms"].items():
        place, step, statistic = name.split(".", 2)
        if "edges" in histogram and int(place) < len(keys):
            found[step, keys[int(place)][1], statistic] = {
                "edges": histogram["edges"], "counts": histogram["after"], "rows": sum(histogram["after"]),
                "mean": histogram["mean"],
            }  # fmt: skip
    return found
