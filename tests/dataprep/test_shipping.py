"""A block that travels: the same part as here, without the sender's paths, and only among equal versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, HeadwaterError, MissingExtra
from headwater.dataprep import cluster, shipping
from headwater.dataprep.part import Part
from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.stage import BlockJob
from headwater.dataprep.step import AnyStep, Services
from headwater.records.rows import ReadLimits

SMALL = ReadLimits(chunk_bytes=1000, chunk_rows=7)
OWN = """'Mark.'
from dataclasses import replace


def step(record, options):
    return replace(record, language="xx")
"""


def laid(folder: Path) -> Recipe:
    rows = [{"question": f"Which  river {n % 31}?", "answer": f"It is river {n % 31}. " * (n % 5)} for n in range(80)]
    lines = [*(json.dumps(row) for row in rows), "{broken"]
    (folder / "rows.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "shout.py").write_text(OWN, "utf-8")
    steps = ["clean", "./shout.py", {"length": {"minimum": 30}}, "near_duplicates", "shuffle", "quality"]
    value = {
        "version": 1, "seed": 3, "max_errors": 9, "sources": [{"path": "rows.jsonl"}], "steps": steps,
        "split": {"validation": 0.2}, "output": {"path": "out"},
    }  # fmt: skip
    return parse_recipe(value, folder)


def made(folder: Path) -> dict[str, bytes]:
    names = ("report.json", "report.html")  # hold seconds
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir()) if path.name not in names}


class Travelling:
    """A cluster of one: every block is packed, done from what was packed, and received."""

    def __init__(self, address: str, services: Services, steps: list[AnyStep]) -> None:
        self.steps, self.parcels = steps, 0

    def __enter__(self) -> Travelling:
        return self

    def __exit__(self, *_: object) -> None: ...

    def do(self, jobs: Iterator[BlockJob], here: bool) -> Iterator[Part]:
        assert not here
        for job in jobs:
            files = shipping.files_of_steps(self.steps, job.stage.recipe.folder)
            assert set(files) == {"shout.py"}
            yield shipping.received(job.path, shipping.done_there(shipping.packed(job, files)))


def test_travelled_blocks_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = laid(tmp_path)
    prepare(given, RunSettings(limits=SMALL))
    here = made(tmp_path)
    monkeypatch.setattr(cluster, "Cluster", Travelling)
    prepare(given, RunSettings(limits=SMALL, cluster="nowhere"))
    assert made(tmp_path) == here
    assert len(here) >= 6


def test_another_version_of_the_program_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels: list[bytes] = []

    class Keeps(Travelling):
        def do(self, jobs: Iterator[BlockJob], here: bool) -> Iterator[Part]:
            parcels.extend(shipping.packed(job, {}) for job in jobs)
            raise KeyboardInterrupt

    monkeypatch.setattr(cluster, "Cluster", Keeps)
    with pytest.raises(KeyboardInterrupt):
        prepare(laid(tmp_path), RunSettings(limits=SMALL, cluster="nowhere"))
    with pytest.raises(BadInput, match="No file"):  # the person's own step was not packed
        shipping.received(tmp_path / "part", shipping.done_there(parcels[0]))
    assert not (tmp_path / "part").exists()
    monkeypatch.setattr(shipping, "code_fingerprint", lambda: "another")
    with pytest.raises(HeadwaterError, match="other code"):
        shipping.received(tmp_path / "part", shipping.done_there(parcels[0]))


def test_a_cluster_needs_its_extra_and_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", absent)
    with pytest.raises(MissingExtra) as caught:
        cluster.Cluster("host:6379", Services(), []).__enter__()
    assert "headwater[cluster]" in str(caught.value.hint)
    with pytest.raises(BadInput, match="starts nothing"):
        cluster.Cluster("local", Services(), [])
