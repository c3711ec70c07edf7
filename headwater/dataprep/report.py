"""The report of a run: the ledger, histograms, examples, licences, and the rows that were left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater import __version__
from headwater.dataprep.fingerprint import code_fingerprint, library_versions
from headwater.dataprep.ledger import EXAMPLES, StepLine
from headwater.dataprep.output import OutputFiles, WrittenOutput, gather_frames
from headwater.dataprep.part import DROPPED, DROPPED_SCHEMA, STATISTICS, Part
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.report_page import report_page
from headwater.records.formats.native import Native
from headwater.records.reading import OpenedSource

BINS = 20
SHOWN_TEXTS, SHOWN_CHARACTERS = 6, 400


@dataclass
class RunReport:
    """What happened. `json` is what report.json holds; `failed` says that too many rows were quarantined."""

    json: dict[str, Any]
    max_errors: int
    dropped: pl.DataFrame
    statistics: pl.DataFrame | None
    quarantine: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether more rows were quarantined (or refused by the output format) than the recipe allows."""
        return int(self.json["rows_quarantined"]) > self.max_errors

    def finish(self, rows_in: int, rows_out: int, seconds: float, dry_run_rows: int | None) -> None:
        """Fill in the totals."""
        dropped = sum(step["dropped"] for step in self.json["steps"])
        added = sum(step.get("added", 0) for step in self.json["steps"])
        refused = len(self.json["output"].get("refused", []))
        quarantined = len(self.quarantine)
        totals = {
            "rows_in": rows_in, "rows_out": rows_out - refused, "rows_dropped": dropped,
            "rows_quarantined": quarantined,
        }  # fmt: skip
        if added:
            totals["rows_added"] = added
        balanced = rows_in + added == rows_out - refused + dropped + quarantined
        self.json = {**totals, "balanced": balanced, **self.json, "seconds": round(seconds, 3)}
        if dry_run_rows is not None:
            self.json["dry_run_rows_of_each_source"] = dry_run_rows

    def name_addresses(self, addresses: Mapping[str, str]) -> None:
        """Add to every remote source the exact address that its rows came from."""
        for source in self.json["sources"]:
            if source["path"] in addresses:
                source["address"] = addresses[source["path"]]

    def save(self, files: OutputFiles) -> None:
        """Write report.json, report.html, dropped.parquet, statistics.parquet, quarantine.jsonl beside the data."""
        files.beside("report.json").parent.mkdir(parents=True, exist_ok=True)
        self.dropped.write_parquet(files.beside("dropped.parquet"))
        if self.statistics is not None:
            self.statistics.write_parquet(files.beside("statistics.parquet"))
        quarantine = files.beside("quarantine.jsonl")
        if self.quarantine:
            lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.quarantine)
            quarantine.write_text(lines, "utf-8")
        else:
            quarantine.unlink(missing_ok=True)  # one from an earlier run would mislead
        text = json.dumps(self.json, ensure_ascii=False, indent=1)
        files.beside("report.html").write_text(self.page(), "utf-8")
        files.beside("report.json").write_text(text + "\n", "utf-8")

    def page(self) -> str:
        """Return the report as one HTML page."""
        return report_page(self.json, self.quarantine)


def build_report(
    recipe: Recipe,
    sources: list[OpenedSource],
    lines: list[StepLine],
    history: list[list[Part]],
    written: WrittenOutput | None,
    quarantine: list[dict[str, Any]],
) -> RunReport:
    """Bring together what all parts left behind."""
    dropped_frames = gather_frames(history, DROPPED)
    dropped = pl.concat(dropped_frames) if dropped_frames else pl.DataFrame(schema=DROPPED_SCHEMA)
    dropped = dropped.sort("place", maintain_order=True)
    statistic_frames = gather_frames(history, STATISTICS)
    statistics = pl.concat(statistic_frames, how="diagonal_relaxed") if statistic_frames else None
    refused = [{"step": "output", "id": i, "reason": reason} for i, reason in (written.refused if written else [])]
    report = {
        "steps": [line.to_json() for line in lines],
        "output": _output(written),
        "sources": [_source(source, recipe, n) for n, source in enumerate(sources)],
        "quarantined_reasons": _reasons([*quarantine, *refused]),
        "histograms": histograms(statistics, dropped),
        "examples": {"changed": _changed(lines), "dropped": _dropped_examples(dropped)},
        "recipe": {**recipe.file.model_dump(mode="json"), "steps": [_step(entry) for entry in recipe.steps]},
        "versions": {"headwater": __version__, "code": code_fingerprint(), **library_versions()},
    }
    return RunReport(report, recipe.file.max_errors, dropped, statistics, [*quarantine, *refused])


def _step(entry: Any) -> dict[str, Any]:
    return {entry.name: entry.options.model_dump(mode="json")}


def _output(written: WrittenOutput | None) -> dict[str, Any]:
    if written is None:
        return {"files": []}
    return {
        "format": written.format, "files": written.files, "losses": dict(written.losses.most_common()),
        "problems": dict(written.problems.most_common()),
        "problem_ids": [list(pair) for pair in written.problem_ids[:100]],
        "refused": [list(pair) for pair in written.refused[:1000]],
    }  # fmt: skip


def _source(source: OpenedSource, recipe: Recipe, number: int) -> dict[str, Any]:
    detected = source.detection
    return {
        "path": recipe.file.sources[number].label, "sha256": source.hash, "licence": source.settings.licence,
        "format": source.format.name, "detected": detected is not None,
        "share_that_fits": None if detected is None else round(detected.share, 4),
    }  # fmt: skip


def _reasons(quarantine: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in quarantine:
        kind = str(entry["reason"]).partition(":")[0].partition(" (")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _changed(lines: list[StepLine]) -> dict[str, list[dict[str, str]]]:
    return {f"{n:02}.{line.name}": line.examples for n, line in enumerate(lines) if line.examples}


def _dropped_examples(dropped: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the first EXAMPLES dropped rows of every rule, with the value that decided."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in dropped.iter_rows(named=True):
        shown = out.setdefault(f"{row['place']:02}.{row['step']}: {row['reason']}", [])
        if len(shown) < EXAMPLES:
            shown.append(
                {"id": row["id"], "value": row["value"], "record": row["record"][:600], "texts": _texts(row["record"])}
            )
    return out


def _texts(record: str) -> list[dict[str, str]]:
    """Return the first texts of a record as a person reads them."""
    found = list(Native().read(json.loads(record))[0].texts())
    return [{"field": name, "text": text[:SHOWN_CHARACTERS]} for name, text in found[:SHOWN_TEXTS]]


def histograms(statistics: pl.DataFrame | None, dropped: pl.DataFrame) -> dict[str, Any]:
    """Return, for every number measured, its distribution before (`counts`) and after the rows its step dropped."""
    if statistics is None:
        return {}
    gone = {place: frame["index"] for (place,), frame in dropped.group_by("place")}
    out: dict[str, Any] = {}
    for name in statistics.columns:
        if name == "index":
            continue
        measured = statistics.select("index", name).drop_nulls()
        left = gone.get(int(name.partition(".")[0]))
        kept = (
            pl.repeat(True, measured.height, eager=True) if left is None else ~measured["index"].is_in(left.implode())
        )
        values = measured[name]
        if values.dtype == pl.String:
            counts = values.value_counts(sort=True).head(BINS)
            after = dict(values.filter(kept).value_counts().iter_rows())
            counted = dict(zip(counts[name].to_list(), counts["count"].to_list(), strict=True))
            out[name] = {"counts": counted, "after": {word: after.get(word, 0) for word in counted}}
            continue
        numbers = values.to_numpy().astype(np.float64)
        finite = np.isfinite(numbers)
        if finite.any():
            out[name] = _histogram(numbers[finite], kept.to_numpy()[finite])
    return out


def _histogram(numbers: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
    # The outermost hundredth goes into the first and last bin, or one odd row would flatten the rest.
    low, high = np.quantile(numbers, [0.01, 0.99])
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    clipped = np.clip(numbers, edges[0], edges[-1])
    counts, _ = np.histogram(clipped, edges)
    after, _ = np.histogram(clipped[kept], edges)
    return {
        "edges": [round(float(edge), 6) for edge in edges], "counts": counts.tolist(), "after": after.tolist(),
        "rows": len(numbers), "minimum": float(numbers.min()), "maximum": float(numbers.max()),
        "mean": round(float(numbers.mean()), 6),
    }  # fmt: skip


def load_report(path: Path) -> dict[str, Any]:
    """Read a report.json, or the one in a folder."""
    file = path / "report.json" if path.is_dir() else path
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers of two reports that differ: totals, and for each step its counts and reasons."""
    lines: list[dict[str, Any]] = []

    def compare(what: str, one: Any, two: Any) -> None:
        if one != two:
            lines.append({"what": what, "before": one, "after": two})

    for name in ("rows_in", "rows_out", "rows_added", "rows_dropped", "rows_quarantined"):
        compare(name, before.get(name, 0), after.get(name, 0))
    olds = {f"{n}. {s['name']}": s for n, s in enumerate(before["steps"], 1)}
    news = {f"{n}. {s['name']}": s for n, s in enumerate(after["steps"], 1)}
    for step in [*olds, *(name for name in news if name not in olds)]:
        old, new = olds.get(step, {}), news.get(step, {})
        for name in ("in", "out", "added", "dropped", "quarantined", "changed"):
            # A report leaves out what is zero; a step that one of them lacks has no number at all.
            one, two = (found.get(name, 0) if found else None for found in (old, new))
            compare(f"{step}: {name}", one, two)
        for reason in sorted({*old.get("reasons", {}), *new.get("reasons", {})}):
            compare(f"{step}: {reason}", old.get("reasons", {}).get(reason, 0), new.get("reasons", {}).get(reason, 0))
    return lines
