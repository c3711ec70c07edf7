"""The report of a run as one HTML page: no network, no script, light and dark, every row escaped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from headwater.dataprep.charts import counted_words, histogram, waterfall_row
from headwater.dataprep.markup import Content, Markup, classed, element, join, shown

STYLE = Path(__file__).with_name("report.css")
# Nothing may be loaded or run, should a row ever find a way around the escaping.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
SHOWN_QUARANTINED = 20
EXAMPLE_CHARACTERS = 400  # as much as the report keeps of a changed text
SHOWN_HASH = 12
WORD = re.compile(r"\s|\w+|[^\w\s]")


def report_page(report: Mapping[str, Any], quarantine: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the page for what report.json holds; `quarantine` are the rows of quarantine.jsonl."""
    head = element(
        "head",
        element("meta", attributes={"charset": "utf-8"}),
        element("meta", attributes={"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", attributes={"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("meta", attributes={"name": "color-scheme", "content": "light dark"}),
        element("title", f"Data report: {report['rows_in']:,} rows in, {report['rows_out']:,} out"),
        element("style", Markup(STYLE.read_text("utf-8"))),
    )
    sections = [
        _totals(report), _steps(report), _histograms(report["histograms"]), _dropped(report), _changed(report),
        _quarantined(report, quarantine), _sources(report["sources"]), _output(report["output"]), _recipe(report),
    ]  # fmt: skip
    body = element("body", element("main", *sections))
    return "<!doctype html>\n" + element("html", head, body, attributes={"lang": "en"}) + "\n"


def _section(title: str, anchor: str, *children: Content) -> Markup:
    return element("section", element("h2", title), *children, attributes={"id": anchor})


def _table(heads: Sequence[str], rows: Sequence[Sequence[Content]], numbers: frozenset[int] = frozenset()) -> Markup:
    def kind(place: int) -> dict[str, str]:
        return {"class": "number"} if place in numbers else {}

    head = element("tr", *(element("th", name, attributes={"scope": "col", **kind(n)}) for n, name in enumerate(heads)))
    body = [element("tr", *(element("td", cell, attributes=kind(n)) for n, cell in enumerate(row))) for row in rows]
    return classed("div", "scroll", element("table", element("thead", head), element("tbody", *body)))


def _totals(report: Mapping[str, Any]) -> Markup:
    given, out = int(report["rows_in"]), int(report["rows_out"])
    added = int(report.get("rows_added", 0))
    tiles: list[tuple[str, int, str]] = [("in", given, ""), ("out", out, "good")]
    if added:
        tiles.insert(1, ("added", added, ""))
    tiles += [("dropped", int(report["rows_dropped"]), "warn"), ("quarantined", int(report["rows_quarantined"]), "bad")]
    shown_tiles = []
    for name, count, kind in tiles:
        share = f"{count / given:.1%}" if given and name not in ("in", "added") else ""
        shown_tiles.append(
            classed(
                "div", f"tile {kind if count else ''}", classed("b", "count", f"{count:,}"),
                element("span", f"rows {name} ", classed("small", "quiet", share)),
            )
        )  # fmt: skip
    balanced = bool(report.get("balanced", True))
    verdict = "Every row is accounted for" if balanced else "Rows do not balance"
    sentence = f"{given:,} in" + (f" + {added:,} added" if added else "")
    sentence += f" = {out:,} out + {report['rows_dropped']:,} dropped + {report['rows_quarantined']:,} quarantined"
    paths = ", ".join(str(source["path"]) for source in report["sources"])
    dry = report.get("dry_run_rows_of_each_source")
    return element(
        "header",
        element("h1", "Data report"),
        classed("p", "quiet", element("bdi", paths), " → ", element("bdi", str(report["recipe"]["output"]["path"]))),
        classed("p", "balance " + ("good" if balanced else "bad"), element("b", verdict), f" · {sentence}"),
        classed("p", "quiet", f"A dry run on {dry:,} rows of each source.") if dry else "",
        classed("div", "tiles", *shown_tiles),
        classed("p", "quiet", f"{report['seconds']:,.1f} seconds"),
    )


def _legend(*names: tuple[str, str]) -> Markup:
    return classed("p", "legend", *(element("span", classed("i", kind), name) for kind, name in names))


def _steps(report: Mapping[str, Any]) -> Markup:
    lines = _with_reading(report)
    widest = max(int(line["in"]) + int(line.get("added", 0)) for line in lines)
    rows = []
    for line in lines:
        reasons = [element("li", f"{reason} ", element("b", f"{n:,}")) for reason, n in line["reasons"].items()]
        name = join(element("b", line["name"]), classed("ul", "reasons", *reasons) if reasons else "")
        rows.append([
            name, waterfall_row(line, widest), f"{line['in']:,}", _count(line.get("added", 0)), _count(line["dropped"]),
            _count(line.get("quarantined", 0)), _count(line["changed"]), f"{line['out']:,}",
            "" if line["seconds"] is None else f"{line['seconds']:.2f}",
        ])  # fmt: skip
    heads = ["step", "rows", "in", "added", "dropped", "quarantined", "changed", "out", "cpu s"]
    legend = _legend(("kept", "goes on"), ("added", "added"), ("dropped", "dropped"), ("quarantined", "quarantined"))
    return _section("Steps", "steps", legend, classed("div", "ledger", _table(heads, rows, frozenset(range(2, 9)))))


def _with_reading(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps with what reading and writing did before and after them, so that the rows connect."""
    steps = [{**line, "name": f"{n}. {line['name']}"} for n, line in enumerate(report["steps"], 1)]
    refused = len(report["output"].get("refused", []))
    before_output = int(report["rows_out"]) + refused
    after_reading = int(steps[0]["in"]) if steps else before_output
    ends = [("read", int(report["rows_in"]), after_reading), ("write", before_output, int(report["rows_out"]))]
    blank: dict[str, Any] = {"dropped": 0, "changed": 0, "seconds": None, "reasons": {}}
    read, write = ({**blank, "name": name, "in": a, "out": b, "quarantined": a - b} for name, a, b in ends)
    return [read, *steps, *([write] if refused else [])]


def _count(number: int) -> Content:
    return f"{number:,}" if number else classed("span", "quiet", "–")


def _histograms(found: Mapping[str, Any]) -> Content:
    if not found:
        return ""
    cards = []
    for name, one in found.items():
        number, step, statistic = name.split(".", 2)
        place = f"{int(number) + 1}. {step}"
        words = isinstance(one["counts"], Mapping)
        kept = sum(one.get("after", one["counts"]).values() if words else one.get("after", one["counts"]))
        total = sum(one["counts"].values() if words else one["counts"])
        facts = f"{total:,} rows" + (f", {total - kept:,} dropped by the step" if kept < total else "")
        if not words:
            facts += f" · mean {one['mean']:.4g} · {one['minimum']:.4g} to {one['maximum']:.4g}"
        title = element("h3", statistic.replace("_", " "), classed("small", "quiet", place))
        cards.append(
            element("article", title, counted_words(one) if words else histogram(one), classed("p", "quiet", facts))
        )
    legend = _legend(("kept", "kept by the step"), ("dropped", "dropped by it"))
    note = classed("p", "quiet", "The outermost hundredth on each side stands in the first and the last bar.")
    return _section("What was measured", "measured", legend, classed("div", "cards", *cards), note)


def _details(title: str, count: str, inside: Sequence[Content], opened: bool = False) -> Markup:
    summary = element("summary", title, " ", classed("span", "quiet", count))
    return element("details", summary, *inside, attributes={"open": ""} if opened else {})


def _dropped(report: Mapping[str, Any]) -> Content:
    examples: Mapping[str, Sequence[Mapping[str, Any]]] = report["examples"]["dropped"]
    if not examples:
        return ""
    blocks = []
    for rule, rows in examples.items():
        cards = []
        for row in rows:
            value = "" if row["value"] is None else classed("span", "value", str(row["value"]))
            cards.append(classed("div", "example", element("p", _id(row["id"]), " ", value), *_texts(row)))
        place, _, reason = rule.partition(": ")
        number, _, step = place.partition(".")
        total = report["steps"][int(number)]["reasons"].get(reason, len(rows))
        blocks.append(_details(f"{int(number) + 1}. {step}: {reason}", f"{len(rows)} of {total:,}", cards))
    note = classed("p", "quiet", "All of them, with the whole record, are in dropped.parquet.")
    return _section("Dropped, by rule", "dropped", *blocks, note)


def _id(value: str) -> Markup:
    return element("code", element("bdi", value))


def _texts(row: Mapping[str, Any]) -> list[Markup]:
    texts = row.get("texts") or [{"field": "record", "text": row.get("record", "")}]
    return [_text(str(one["field"]), element("bdi", str(one["text"]))) for one in texts]


def _text(field: str, text: Content) -> Markup:
    return classed("div", "text", classed("span", "field", field), element("div", text, attributes={"dir": "auto"}))


def _changed(report: Mapping[str, Any]) -> Content:
    examples: Mapping[str, Sequence[Mapping[str, str]]] = report["examples"]["changed"]
    if not examples:
        return ""
    blocks = []
    for step, rows in examples.items():
        cards = []
        for row in rows:
            old, new = marked(row["before"], row["after"])
            pair = classed("div", "pair", _text("before", old), _text("after", new))
            cards.append(classed("div", "example", element("p", _id(row["id"]), f" {row['field']}"), pair))
        number, _, name = step.partition(".")
        total = report["steps"][int(number)]["changed"]
        blocks.append(_details(f"{int(number) + 1}. {name}", f"{len(rows)} texts of {total:,} rows", cards))
    return _section("Changed, by step", "changed", *blocks)


def marked(before: str, after: str) -> tuple[Markup, Markup]:
    """Return both texts with the words marked in which they differ."""
    old, new = WORD.findall(before), WORD.findall(after)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    # Excerpts of equal length end at other words: that is no change.
    cut = max(len(before), len(after)) >= EXAMPLE_CHARACTERS
    first = _marked(old, "del", [(block.a, block.size) for block in blocks], cut)
    return first, _marked(new, "ins", [(block.b, block.size) for block in blocks], cut)


def _marked(words: Sequence[str], name: str, same: Sequence[tuple[int, int]], cut: bool) -> Markup:
    pieces: list[Content] = []
    at = 0
    for start, size in same:
        gap = "".join(words[at:start])
        at = start + size
        if gap:
            pieces.append(gap if cut and start == len(words) else element(name, _visible(gap)))
        pieces.append("".join(words[start:at]))
    return element("bdi", *pieces)


def _visible(text: str) -> str:
    """Show a change that is only white space."""
    return text if text.strip() else text.replace(" ", "␣").replace("\t", "⇥").replace("\n", "↵\n").replace("\r", "␍")


def _quarantined(report: Mapping[str, Any], quarantine: Sequence[Mapping[str, Any]]) -> Content:
    reasons = report["quarantined_reasons"]
    if not reasons:
        return ""
    counts = classed("p", "", *(f"{reason}: {n:,}. " for reason, n in reasons.items()))
    rows = [
        [str(row.get("file", row.get("id", ""))), str(row.get("row", "")), str(row["reason"]),
         element("code", element("bdi", str(row.get("excerpt", ""))))]
        for row in quarantine[:SHOWN_QUARANTINED]
    ]  # fmt: skip
    table = _table(["file", "row", "reason", "begins with"], rows, frozenset({1})) if rows else ""
    note = classed("p", "quiet", "All of them are in quarantine.jsonl.")
    return _section("Quarantined", "quarantined", counts, table, note)


def _sources(sources: Sequence[Mapping[str, Any]]) -> Markup:
    told = " (told by its fields)"
    rows = [
        [
            str(source.get("address", source["path"])), f"{source['format']}{told if source['detected'] else ''}",
            str(source["licence"]) if source["licence"] else classed("span", "warn", "not stated"),
            element("code", str(source["sha256"])[:SHOWN_HASH], attributes={"title": str(source["sha256"])}),
        ]
        for source in sources
    ]  # fmt: skip
    return _section("Sources and licences", "sources", _table(["source", "format", "licence", "sha256"], rows))


def _output(output: Mapping[str, Any]) -> Content:
    if not output["files"]:
        return ""
    rows = [
        [str(file["path"]), str(file["split"]), str(file["format"]), f"{file['rows']:,}", f"{file['bytes']:,}",
         element("code", str(file["sha256"])[:SHOWN_HASH], attributes={"title": str(file["sha256"])})]
        for file in output["files"]
    ]  # fmt: skip
    heads = ["file", "split", "format", "rows", "bytes", "sha256"]
    notes = [f"Not kept by the format: {what} ({n:,} rows)." for what, n in output.get("losses", {}).items()]
    notes += [f"A trainer may refuse: {what} ({n:,} rows)." for what, n in output.get("problems", {}).items()]
    items = classed("ul", "notes", *(element("li", note) for note in notes)) if notes else ""
    return _section("Output", "output", _table(heads, rows, frozenset({3, 4})), items)


def _recipe(report: Mapping[str, Any]) -> Markup:
    text = yaml.safe_dump(dict(report["recipe"]), sort_keys=False, allow_unicode=True, width=100)
    versions = [[name, element("code", str(value))] for name, value in report["versions"].items()]
    recipe = _details("Recipe with every option", "", [element("pre", shown(text))])
    return _section(
        "How it was made", "made", recipe, _details("Versions", "", [_table(["what", "version"], versions)])
    )
