"""A file looked at as a whole, or converted: what commands and pages show before a recipe is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headwater.core.progress import Progress, Report
from headwater.records.reading import OpenedSource, SourceSettings, chunks_of, open_source, records_of
from headwater.records.record import Record
from headwater.records.rows import BadRow, RawRow, parse
from headwater.records.writing import RecordWriter

SHOWN_CHARACTERS = 300
NAMED_BAD_ROWS = 100


def inspect_file(path: Path, format_name: str | None, mapping: Mapping[str, str], report: Report) -> dict[str, Any]:
    """Read the whole file; return format, columns, counts, samples and the first bad rows."""
    source = open_source(path, SourceSettings(format_name, mapping))
    columns: dict[str, None] = {}
    bad: list[BadRow] = []
    reasons: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    rows = records = 0
    for chunk in chunks_of(source):
        rows += len(chunk)
        for row in parse(chunk, source.settings.limits):
            if isinstance(row, RawRow):
                columns.update(dict.fromkeys(map(str, row.value)))
        for found in records_of(source, chunk):
            if isinstance(found, BadRow):
                reasons[short_reason(found.reason)] += 1
                bad += [found] if len(bad) < NAMED_BAD_ROWS else []
            else:
                records += 1
                tasks[found.task.value] += 1
        report(Progress(rows, None, "rows"))
    detection = source.detection
    return {
        "path": str(path), "format": source.format.name, "detected": detection is not None,
        "share": None if detection is None else detection.share,
        "others": [] if detection is None else list(detection.others), "sha256": source.hash,
        "columns": list(columns), "rows": rows, "records": records, "bad": sum(reasons.values()),
        "bad_reasons": dict(reasons.most_common()), "tasks": dict(tasks.most_common()),
        "bad_rows": [{"file": b.file, "row": b.number, "reason": b.reason, "excerpt": b.excerpt} for b in bad],
        "samples": samples_of(source),
    }  # fmt: skip


def samples_of(source: OpenedSource) -> list[dict[str, Any]]:
    """Return the first records as a person checks them: field and text."""
    return [
        {
            "id": record.id, "task": record.task.value,
            "texts": [{"field": name, "text": text[:SHOWN_CHARACTERS]} for name, text in record.texts()],
        }
        for record in source.samples
    ]  # fmt: skip


def short_reason(reason: str) -> str:
    """Return a reason without the particulars of its row, for counting."""
    return reason.partition(" (")[0] if reason.startswith("not UTF-8") else reason.partition(": ")[0]


def convert_file(
    given: tuple[Path, str | None, Mapping[str, str]], target: Path, format_name: str, report: Report
) -> dict[str, Any]:
    """Write the records of a file (path, format, mapping) in another format; return the counts."""
    path, source_format, mapping = given
    source = open_source(path, SourceSettings(source_format, mapping))
    reasons: Counter[str] = Counter()
    records = 0
    with RecordWriter(target, format_name) as writer:
        for chunk in chunks_of(source):
            for found in records_of(source, chunk):
                if isinstance(found, Record):
                    records += 1
                    writer.write(found)
                else:
                    reasons[short_reason(found.reason)] += 1
            report(Progress(records, None, "records"))
    written = writer.written
    refused = Counter(reason for _, reason in written.refused)
    return {
        "from": source.format.name, "to": format_name, "path": str(target), "rows_in": records + sum(reasons.values()),
        "records": written.records, "rows": written.rows, "bad": sum(reasons.values()), "refused": len(written.refused),
        "losses": dict(written.losses.most_common()), "problems": dict(written.problems.most_common()),
        "bad_reasons": dict(reasons.most_common()), "refused_reasons": dict(refused.most_common()),
    }  # fmt: skip
