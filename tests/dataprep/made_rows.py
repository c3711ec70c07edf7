"""Rows made for tests of whole runs, laid into a folder, and a recipe that reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.records.rows import ReadLimits

SMALL = ReadLimits(chunk_rows=7, chunk_bytes=100_000)
TOPICS = ["rivers", "bread", "violins", "glaciers", "ledgers", "moths"]


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "question": f"What is known about {TOPICS[n % 6]} number {n}?",
            "answer": f"Number {n} of the {TOPICS[n % 6]} is described at length in chapter {n * 31 % 97} with maps.",
        }
        for n in range(count)
    ]


def lay(folder: Path, values: list[dict[str, Any]] | None = None, name: str = "a.jsonl") -> None:
    lines = "".join(json.dumps(row) + "\n" for row in (rows(40) if values is None else values))
    (folder / name).write_text(lines, "utf-8")


def recipe(folder: Path, steps: list[Any], **more: Any) -> Recipe:
    value = {"version": 1, "sources": [{"path": "a.jsonl"}], "steps": steps, "output": {"path": "out"}, **more}
    return parse_recipe(value, folder)
