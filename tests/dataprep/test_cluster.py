"""The same recipe on a Ray cluster of two nodes on this machine: the same bytes as in one process."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.dataprep.run import RunSettings, prepare
from headwater.records.rows import ReadLimits

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra 'cluster' (ray) is not installed"),
]
SMALL = ReadLimits(chunk_bytes=20_000, chunk_rows=100)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    two.add_node(num_cpus=1)
    yield two.address
    two.shutdown()


def laid(folder: Path, steps: list[Any]) -> Recipe:
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as stream:
        for n in range(1000):
            row = {"question": f"Which  river {n % 700}?", "answer": f"It is the river number {n % 700}. " * (n % 5)}
            stream.write(json.dumps(row) + "\n")
        stream.write("{broken\n")
    value = {
        "version": 1, "seed": 3, "max_errors": 9, "sources": [{"path": "rows.jsonl", "weight": 1.5}], "steps": steps,
        "split": {"validation": 0.2}, "output": {"path": "out"},
    }  # fmt: skip
    return parse_recipe(value, folder)


def made(folder: Path) -> dict[str, bytes]:
    names = ("report.json", "report.html")  # hold seconds
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir()) if path.name not in names}


def test_two_nodes_give_the_same_bytes(tmp_path: Path, address: str) -> None:
    steps = ["clean", {"length": {"minimum": 30}}, "language", "near_duplicates", "shuffle", "quality"]
    given = laid(tmp_path, steps)
    prepare(given, RunSettings(limits=SMALL))
    here = made(tmp_path)
    report = prepare(given, RunSettings(limits=SMALL, cluster=address)).json
    assert report["balanced"]
    assert made(tmp_path) == here
