"""Charts as inline SVG: a row of the waterfall, a histogram before and after, counts of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headwater.dataprep.markup import Markup, classed, element, join

WATERFALL_WIDTH, WATERFALL_HEIGHT = 320, 18
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 320, 96
LEAST_WIDTH = 1.5  # a single row of a million must still be seen
COUNT_BARS = 12


def _drawing(width: int, height: int, says: str, *shapes: Markup) -> Markup:
    return element(
        "svg",
        element("title", says),
        *shapes,
        attributes={
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-label": says,
            "preserveAspectRatio": "none",
        },
    )


def _bar(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    return element(
        "rect",
        attributes={
            "class": kind, "x": f"{x:.2f}", "y": f"{y:.2f}", "width": f"{width:.2f}", "height": f"{height:.2f}"
        },
    )  # fmt: skip


def waterfall_row(line: Mapping[str, Any], widest: int) -> Markup:
    """Return the bar of one step: what goes on, then what was added, dropped and quarantined; `widest` rows fill it."""
    scale = WATERFALL_WIDTH / max(1, widest)
    out, added = int(line["out"]), int(line.get("added", 0))
    dropped, quarantined = int(line["dropped"]), int(line.get("quarantined", 0))
    pieces = (("kept", out - added), ("added", added), ("dropped", dropped), ("quarantined", quarantined))
    wide = [max(LEAST_WIDTH, count * scale) if count > 0 else 0.0 for _, count in pieces]
    # What is widened to be seen is taken from the rows that go on.
    wide[0] = max(0.0, wide[0] - max(0.0, sum(wide) - max(out + dropped + quarantined, 0) * scale))
    shapes, at = [], 0.0
    for (kind, count), width in zip(pieces, wide, strict=True):
        if count > 0 and width > 0:
            shapes.append(_bar(kind, at, 1, width, WATERFALL_HEIGHT - 2))
            at += width
    says = f"{out:,} rows go on, {dropped:,} dropped" + (f", {quarantined:,} quarantined" if quarantined else "")
    return _drawing(WATERFALL_WIDTH, WATERFALL_HEIGHT, says + (f", {added:,} added" if added else ""), *shapes)


def histogram(found: Mapping[str, Any]) -> Markup:
    """Return a histogram: all measured rows behind, the rows that the step kept before them."""
    before = [int(count) for count in found["counts"]]
    after = [int(count) for count in found.get("after", before)]
    highest = max([1, *before])
    width = HISTOGRAM_WIDTH / max(1, len(before))
    shapes: list[Markup] = []
    for place, (all_rows, kept) in enumerate(zip(before, after, strict=True)):
        for kind, count in (("dropped", all_rows), ("kept", kept)):
            if count and not (kind == "dropped" and kept == all_rows):
                height = max(1.0, count / highest * (HISTOGRAM_HEIGHT - 2))
                shapes.append(_bar(kind, place * width + 0.5, HISTOGRAM_HEIGHT - height, width - 1, height))
    edges = found["edges"]
    says = f"{sum(before):,} rows measured, {sum(after):,} kept, from {edges[0]:g} to {edges[-1]:g}"
    axis = classed("div", "axis", element("span", _number(edges[0])), element("span", _number(edges[-1])))
    return join(_drawing(HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, says, *shapes), axis)


def counted_words(found: Mapping[str, Any]) -> Markup:
    """Return bars for values that are words, the most frequent first."""
    counts: Mapping[str, int] = found["counts"]
    after: Mapping[str, int] = found.get("after", counts)
    names: Sequence[str] = list(counts)[:COUNT_BARS]
    highest = max([1, *(counts[name] for name in names)])
    rows = []
    for name in names:
        kept = after.get(name, 0)
        line = {"out": kept, "dropped": counts[name] - kept}
        rows.append(element("tr", element("th", name or "(none)"), element("td", waterfall_row(line, highest)),
                            classed("td", "number", f"{counts[name]:,}")))  # fmt: skip
    left = len(counts) - len(names)
    more = classed("p", "quiet", f"and {left} more") if left > 0 else ""
    return join(element("table", element("tbody", *rows), attributes={"class": "words"}), more)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
