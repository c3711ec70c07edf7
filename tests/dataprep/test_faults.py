"""What is wrong in rows, steps and disks: it is named, it costs only itself, and no row goes missing unsaid."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from headwater.core.errors import BadInput, HeadwaterError, StorageFull
from headwater.dataprep import part
from headwater.dataprep import recipe as recipes
from headwater.dataprep.block import Block
from headwater.dataprep.ledger import StepLine, check_balance
from headwater.dataprep.registry import STEPS
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.step import AnyStep, Gathered, GlobalStep, Options, Plan, Step
from headwater.records.rows import ReadLimits
from tests.dataprep.made_rows import SMALL, lay, recipe, rows

POISON = {
    "bad JSON": b'{"question": "a", "answer": \n',
    "wrong type": b'{"question": "a", "answer": [1]}\n',
    "not UTF-8": b'{"question": "\xff", "answer": "b"}\n',
    "NUL": b'{"question": "a\\u0000", "answer": "b"}\n',
    "lone surrogate": b'{"question": "a", "answer": "\\udc00"}\n',
    "row of": b'{"question": "a", "answer": "' + b"x" * 60_000 + b'"}\n',
}


def test_poison_costs_only_itself_and_is_named(tmp_path: Path) -> None:
    lines = [json.dumps(row).encode() + b"\n" for row in rows(200)]
    at = dict(zip(POISON, (3, 17, 50, 51, 100, 199), strict=True))
    for kind, place in at.items():
        lines[place] = POISON[kind]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    limits = ReadLimits(row_bytes=50_000, chunk_rows=64)
    report = prepare(recipe(tmp_path, ["clean"]), RunSettings(limits=limits))
    assert report.failed
    assert (report.json["rows_in"], report.json["rows_out"], report.json["rows_quarantined"]) == (200, 194, 6)
    named = {
        entry["row"]: entry["reason"]
        for entry in map(json.loads, (tmp_path / "out/quarantine.jsonl").read_text().splitlines())
    }
    assert sorted(named) == sorted(place + 1 for place in at.values())
    for kind, place in at.items():
        assert kind in named[place + 1]
    assert not prepare(recipe(tmp_path, ["clean"], max_errors=6), RunSettings(limits=limits)).failed


def test_a_persons_step_and_its_faults(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "mine.py").write_text(
        '"""Mine."""\n'
        "def step(record, options):\n"
        "    number = int(record.prompt.rsplit(' ', 1)[1][:-1])\n"
        "    if number == 7: raise ValueError('seven')\n"
        "    if number == 8: return 'rubbish'\n"
        "    if number == 9: return [record, record]\n"
        "    return (False, 'too big') if number > options['limit'] else record\n",
        "utf-8",
    )
    report = prepare(recipe(tmp_path, [{"mine.py": {"limit": 19}}]), RunSettings(limits=SMALL))
    assert report.json["rows_dropped"] == 20
    assert report.json["rows_quarantined"] == 2
    assert report.json["rows_added"] == 1
    assert report.json["rows_out"] == 40 + 1 - 20 - 2
    assert any("seven" in entry["reason"] for entry in report.quarantine)
    assert report.failed


def test_rows_that_the_format_refuses_are_counted(tmp_path: Path) -> None:
    lay(tmp_path, [{"text": "only text"}] * 3)
    report = prepare(recipe(tmp_path, [], output={"path": "out.jsonl", "format": "alpaca"}), RunSettings(limits=SMALL))
    assert report.json["rows_out"] == 0
    assert report.json["rows_quarantined"] == 3
    assert report.failed
    assert report.json["balanced"]
    assert "alpaca" in report.quarantine[0]["reason"]


def test_an_empty_source_is_an_error_not_an_empty_set(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("", "utf-8")
    with pytest.raises(HeadwaterError, match="no readable row"):
        prepare(recipe(tmp_path, ["clean"]))


def test_all_rows_dropped_is_a_report_with_nothing_left(tmp_path: Path) -> None:
    lay(tmp_path)
    report = prepare(
        recipe(tmp_path, [{"length": {"maximum": 1}}, "near_duplicates", "exact_duplicates", "shuffle"]),
        RunSettings(limits=SMALL),
    )
    assert report.json["rows_out"] == 0
    assert report.json["balanced"]


def test_every_step_takes_an_empty_block(tmp_path: Path) -> None:
    lay(tmp_path)
    lay(tmp_path, rows(3), "eval.jsonl")
    needed = {
        "truncate": {"maximum": 5},
        "keep_best": {"maximum": 5},
        "decontaminate": {"against": ["eval.jsonl"]},
        "sample": {"rows": 3},
        "fit": None,
        "reward": {"source": "column"},
    }
    steps: list[Any] = [{"length": {"maximum": 1}}]
    steps += [{name: needed.get(name, {})} for name in STEPS if needed.get(name, {}) is not None]
    report = prepare(recipe(tmp_path, [*steps, *reversed(steps)]), RunSettings(limits=SMALL)).json
    assert (report["rows_out"], report["rows_dropped"]) == (0, 40)


@pytest.mark.parametrize("said", ["by the system", "by polars"])
def test_a_full_disk_keeps_what_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    lay(tmp_path)
    calls: list[int] = []
    real = part._stream
    full = OSError(errno.ENOSPC, "No space left") if said == "by the system" else OSError("Full (os error 28)")

    def written(frame: pl.DataFrame) -> memoryview:
        calls.append(1)
        if len(calls) > 9:
            raise full
        return real(frame)

    monkeypatch.setattr(part, "_stream", written)
    with pytest.raises(StorageFull):
        prepare(recipe(tmp_path, ["clean"]), RunSettings(limits=SMALL))
    monkeypatch.undo()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / ".out.work").rglob(f"*{part.PART_SUFFIX}")}
    assert len(kept) == 4
    settings = RunSettings(limits=SMALL, keep_work=True)
    assert prepare(recipe(tmp_path, ["clean"]), settings).json["rows_out"] == 40
    assert {path: path.stat().st_mtime_ns for path in kept} == kept, "what was complete must not be done again"
    assert not list((tmp_path / ".out.work").rglob("*.partial"))


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    lay(tmp_path)
    with pytest.raises(BadInput, match=r"a\.jsonl.* cannot be used: Not a directory"):
        prepare(recipe(tmp_path, ["clean"], output={"path": "a.jsonl/out"}), RunSettings(limits=SMALL))


def test_a_full_disk_while_the_report_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path)

    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(StorageFull, match="out"):
        prepare(recipe(tmp_path, ["clean"]), RunSettings(limits=SMALL))
    monkeypatch.undo()
    assert prepare(recipe(tmp_path, ["clean"]), RunSettings(limits=SMALL)).json["rows_out"] == 40


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    lay(tmp_path)
    settings = RunSettings(limits=SMALL, keep_work=True)
    prepare(recipe(tmp_path, ["clean", "exact_duplicates"]), settings)
    first = min((tmp_path / ".out.work").rglob(f"*{part.PART_SUFFIX}"))
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match=f"{first.name} is damaged"):
        prepare(recipe(tmp_path, ["clean", "exact_duplicates"]), settings)
    first.write_bytes(whole)
    first.with_suffix(part.GATHERED_SUFFIX).unlink()
    with pytest.raises(BadInput, match="is missing"):
        prepare(recipe(tmp_path, ["clean", "exact_duplicates"]), settings)


class Loses(GlobalStep):
    """A step with a fault: two rows of every block go, and nobody counts them."""

    name, title, options_type = "loses", "Loses rows", Options

    def gather(self, block: Block) -> pl.DataFrame:
        """Take two rows out without a reason."""
        block.alive[:2] = False
        block.compact()
        return block.rows.select("index")

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Keep everything that is left."""
        every = pl.concat([one.load() for one in gathered])
        return Plan(every.with_columns(reason=pl.lit(None, dtype=pl.String)))


class LosesTexts(Step):
    """A step with a fault: a row goes, and nobody is told."""

    name, title, options_type = "loses_texts", "Loses rows", Options

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Drop a row and tell nobody."""
        block.alive[0] = False
        return np.zeros(len(block), dtype=bool)


@pytest.mark.parametrize("kind", [Loses, LosesTexts])
def test_a_step_that_loses_rows_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[AnyStep]) -> None:
    lay(tmp_path)
    whole = recipe(tmp_path, ["clean", "clean", "clean"])
    wrong = replace(whole.steps[1], name=kind.name)
    monkeypatch.setattr(recipes, "step_type", lambda name, folder: kind if name == kind.name else STEPS[name])
    with pytest.raises(HeadwaterError, match="Rows went missing"):
        prepare(replace(whole, steps=(whole.steps[0], wrong, whole.steps[2])), RunSettings(limits=SMALL))
    assert not (tmp_path / "out").exists(), "a run that does not balance writes nothing"


def test_a_missing_row_fails_the_run() -> None:
    lines = [StepLine("a", rows_in=10, dropped=2), StepLine("b", rows_in=7)]
    with pytest.raises(HeadwaterError, match="step b got 7 rows, 8"):
        check_balance(10, lines, 7)
    with pytest.raises(HeadwaterError, match="went missing"):
        check_balance(10, lines[:1], 9)
