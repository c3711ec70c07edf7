from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headwater.core.progress import Progress
from headwater.dataprep import fingerprint, run, stage
from headwater.dataprep.report import difference, load_report
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.steps import near_duplicates
from headwater.records.readers import containers
from headwater.records.reading import read_records
from headwater.records.record import Record
from tests.dataprep.made_rows import SMALL, lay, recipe, rows


def files(folder: Path) -> dict[str, bytes]:
    names = ("report.json", "report.html")  # hold seconds
    return {p.name: p.read_bytes() for p in sorted((folder / "out").iterdir()) if p.name not in names}


ALL_KINDS = [
    "clean",
    {"length": {"fields": ["answer"], "maximum": 95}},
    "exact_duplicates",
    {"near_duplicates": {"threshold": 0.5}},
    "repair_conversation",
    "shuffle",
    {"sample": {"rows": 20}},
    {"boundaries": {"fields": ["answer"], "end": "<end>"}},
]


def test_the_ledger_balances_and_tells_why(tmp_path: Path) -> None:
    lay(tmp_path, [*rows(30), *rows(5)])
    report = prepare(recipe(tmp_path, ALL_KINDS, seed=3), RunSettings(limits=SMALL)).json
    assert report["rows_in"] == 35
    assert report["rows_in"] == report["rows_out"] + report["rows_dropped"] + report["rows_quarantined"]
    assert report["balanced"]
    for before, after in zip(report["steps"], report["steps"][1:], strict=False):
        assert before["out"] == after["in"]
    by_name = {step["name"]: step for step in report["steps"]}
    assert list(by_name) == [next(iter(s)) if isinstance(s, dict) else s for s in ALL_KINDS]
    assert by_name["exact_duplicates"]["reasons"] == {"exact duplicate": by_name["exact_duplicates"]["dropped"]}
    assert by_name["boundaries"]["changed"] == report["rows_out"] == 20
    dropped = pl.read_parquet(tmp_path / "out/dropped.parquet")
    assert dropped.height == report["rows_dropped"]
    assert dropped["reason"].null_count() == 0
    again = [json.loads(text) for text in dropped["record"]]
    assert all(record["messages"][0]["content"].startswith("What is known") for record in again)


def test_the_output_is_read_back_as_written(tmp_path: Path) -> None:
    lay(tmp_path)
    prepare(recipe(tmp_path, [], split={"validation": 0.3}), RunSettings(limits=SMALL))
    found = [r for name in ("train", "validation") for r in read_records(tmp_path / f"out/{name}.parquet")]
    assert sorted(r.prompt for r in found if isinstance(r, Record)) == sorted(row["question"] for row in rows(40))
    assert {r.source.file for r in found if isinstance(r, Record)} == {"a.jsonl"}
    lines = [r for name in ("train", "validation") for r in read_records(tmp_path / f"out/{name}.jsonl")]
    assert len(lines) == 40


def test_any_number_of_workers_and_any_cut_give_the_same_bytes(tmp_path: Path) -> None:
    lay(tmp_path)
    made = []
    for settings in (RunSettings(limits=SMALL), RunSettings(limits=SMALL, workers=2)):
        prepare(recipe(tmp_path, ALL_KINDS), settings)
        made.append(files(tmp_path))
    assert made[0] == made[1]


def test_the_seed_decides(tmp_path: Path) -> None:
    lay(tmp_path)
    made = []
    for seed in (1, 1, 2):
        prepare(recipe(tmp_path, ["shuffle"], seed=seed), RunSettings(limits=SMALL))
        made.append((tmp_path / "out/train.jsonl").read_bytes())
    assert made[0] == made[1] != made[2]


def test_a_run_that_was_killed_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path)
    prepare(recipe(tmp_path, ALL_KINDS), RunSettings(limits=SMALL))
    whole = files(tmp_path)
    done: list[int] = []
    real = stage.write_part

    def dies(folder: Path, *rest: Any) -> Any:
        if len(done) == 8:
            raise KeyboardInterrupt
        done.append(1)
        return real(folder, *rest)

    monkeypatch.setattr(stage, "write_part", dies)
    with pytest.raises(KeyboardInterrupt):
        prepare(recipe(tmp_path, ALL_KINDS), RunSettings(limits=SMALL))
    written: list[Path] = []

    def counts(folder: Path, *rest: Any) -> Any:
        written.append(folder)
        return real(folder, *rest)

    monkeypatch.setattr(stage, "write_part", counts)
    prepare(recipe(tmp_path, ALL_KINDS), RunSettings(limits=SMALL))
    assert files(tmp_path) == whole
    complete = len(written) + 8
    written.clear()
    prepare(recipe(tmp_path, ALL_KINDS), RunSettings(limits=SMALL))
    assert len(written) == complete, "what was done before the kill must not be done again"


def test_other_code_is_never_taken_for_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path)
    written: list[Path] = []
    real = stage.write_part

    def counts(path: Path, *rest: Any) -> Any:
        written.append(path)
        return real(path, *rest)

    monkeypatch.setattr(stage, "write_part", counts)
    keep = RunSettings(limits=SMALL, keep_work=True)
    counted = []
    for code in ("of today", "of today", "of tomorrow"):
        monkeypatch.setattr(fingerprint, "code_fingerprint", lambda code=code: code)
        prepare(recipe(tmp_path, ["clean", "exact_duplicates"]), keep)
        counted.append(len(written))
        written.clear()
    assert counted[0] == counted[2] > 0 == counted[1]


@pytest.mark.parametrize("change", ["input", "option", "seed", "own step"])
def test_a_change_is_never_taken_for_done(tmp_path: Path, change: str) -> None:
    lay(tmp_path)
    own = tmp_path / "own.py"
    own.write_text("def step(record, options):\n    return True\n", "utf-8")
    keep = RunSettings(limits=SMALL, keep_work=True)
    steps: list[Any] = [{"length": {"minimum": 1}}, "own.py", {"sample": {"rows": 10}}]
    first = prepare(recipe(tmp_path, steps), keep).json
    assert prepare(recipe(tmp_path, steps), keep).json["output"]["files"] == first["output"]["files"]
    seed = 0
    if change == "input":
        lay(tmp_path, rows(41)[1:])
    elif change == "option":
        steps[0] = {"length": {"minimum": 10_000}}
    elif change == "seed":
        seed = 5
    else:
        own.write_text("def step(record, options):\n    return False, 'no'\n", "utf-8")
        from headwater.dataprep.registry import own_step

        own_step.cache_clear()
    assert prepare(recipe(tmp_path, steps, seed=seed), keep).json["output"]["files"] != first["output"]["files"]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    lay(tmp_path)
    report = prepare(recipe(tmp_path, ALL_KINDS), RunSettings(limits=SMALL, dry_run_rows=10))
    assert report.json["rows_in"] == 10
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_split_keeps_groups_together(tmp_path: Path) -> None:
    values = [
        {"id": f"r{n}", "conversations": [{"from": "human", "value": f"q{n}"}, {"from": "gpt", "value": f"a{n}"}]}
        for n in range(60)
    ]
    lay(tmp_path, [{**row, "tree": f"t{n // 4}"} for n, row in enumerate(values)])
    source = {"path": "a.jsonl", "mapping": {"id": "id", "messages": "conversations", "origin": "tree"}}
    prepare(recipe(tmp_path, [], sources=[source], split={"validation": 0.3, "test": 0.2}), RunSettings(limits=SMALL))
    held = {
        name: {r.origin for r in read_records(tmp_path / f"out/{name}.parquet") if isinstance(r, Record)}
        for name in ("train", "validation", "test")
    }
    assert all(held.values())
    assert (
        not held["train"] & held["validation"]
        and not held["train"] & held["test"]
        and not held["validation"] & held["test"]
    )


def test_near_duplicates_can_stay_and_are_split_together(tmp_path: Path) -> None:
    values = rows(20)
    for n in range(20):
        values.append({**values[n], "answer": values[n]["answer"] + " Indeed."})
    lay(tmp_path, values)
    steps = [{"near_duplicates": {"keep": "all", "threshold": 0.6}}]
    prepare(recipe(tmp_path, steps, split={"validation": 0.5, "by": "cluster"}), RunSettings(limits=SMALL))
    held = [
        {r.prompt for r in read_records(tmp_path / f"out/{name}.parquet") if isinstance(r, Record)}
        for name in ("train", "validation")
    ]
    assert held[0] and held[1] and not held[0] & held[1]


def test_mixing_by_weight_cap_and_temperature(tmp_path: Path) -> None:
    lay(tmp_path, rows(40))
    lay(tmp_path, rows(10), "b.jsonl")
    sources = [{"path": "a.jsonl", "weight": 0.5}, {"path": "b.jsonl", "weight": 2.5}]

    def counts(steps: list[Any], sources: list[Any]) -> dict[str, int]:
        report = prepare(recipe(tmp_path, steps, sources=sources), RunSettings(limits=SMALL)).json
        assert report["balanced"]
        found = [r for r in read_records(tmp_path / "out/train.parquet") if isinstance(r, Record)]
        assert len({r.id for r in found}) == len(found) == report["rows_out"]
        return {name: sum(r.source.file == name for r in found) for name in ("a.jsonl", "b.jsonl")}

    assert counts([], sources) == {"a.jsonl": 20, "b.jsonl": 25}
    plain = [{"path": "a.jsonl"}, {"path": "b.jsonl"}]
    assert counts([{"mix": {"caps": {"a.jsonl": 5}}}], plain) == {"a.jsonl": 5, "b.jsonl": 10}
    lifted = counts([{"mix": {"temperature": 2.0}}], plain)
    assert lifted["a.jsonl"] == pytest.approx(2 * lifted["b.jsonl"], abs=2)


def test_reports_differ_in_named_numbers(tmp_path: Path) -> None:
    lay(tmp_path)
    old = prepare(recipe(tmp_path, [{"length": {"maximum": 130}}]), RunSettings(limits=SMALL)).json
    assert load_report(tmp_path / "out")["rows_in"] == 40
    new = prepare(recipe(tmp_path, [{"length": {"maximum": 110}}]), RunSettings(limits=SMALL)).json
    assert difference(old, old) == []
    assert "1. length: too long" in {line["what"] for line in difference(old, new)}
    lay(tmp_path, [*rows(40), {"question": "odd", "answer": [1]}])
    bad = prepare(recipe(tmp_path, []), RunSettings(limits=SMALL)).json
    assert {"what": "rows_quarantined", "before": 0, "after": 1} in difference(new, bad)
    assert {"what": "1. length: in", "before": 40, "after": None} in difference(new, bad)


def test_progress_is_measured(tmp_path: Path) -> None:
    lay(tmp_path)
    seen: list[Progress] = []
    prepare(recipe(tmp_path, ["clean", "near_duplicates"]), RunSettings(limits=SMALL), seen.append)
    assert [p.done for p in seen if p.stage == "write"][-1] == 40
    assert {p.unit for p in seen} == {"rows"}


def test_thresholds_can_be_judged_from_stored_statistics(tmp_path: Path) -> None:
    lay(tmp_path)
    prepare(recipe(tmp_path, ["quality", {"length": {"minimum": 1}}]), RunSettings(limits=SMALL))
    stored = pl.read_parquet(tmp_path / "out/statistics.parquet")
    assert stored.height == 40
    assert "00.quality.score" in stored.columns and "01.length.length" in stored.columns
    assert run.READ_LIMITS.row_bytes < 50 * 1024 * 1024, "a field of 50 MB must be refused by default"


def test_many_sets_lie_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path)
    made = []
    for held in (near_duplicates.HELD_BYTES, 0):
        monkeypatch.setattr(near_duplicates, "HELD_BYTES", held)
        prepare(recipe(tmp_path, [{"near_duplicates": {"threshold": 0.5}}]), RunSettings(limits=SMALL))
        made.append(files(tmp_path))
    assert made[0] == made[1]


def test_no_step_reads_the_source_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path)
    real = containers.open_bytes
    opened: list[Path] = []

    def counted(path: Path) -> Any:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(containers, "open_bytes", counted)
    counts = []
    for steps in ([], ALL_KINDS):
        opened.clear()
        prepare(recipe(tmp_path, steps), RunSettings(limits=SMALL))
        counts.append(opened.count(tmp_path / "a.jsonl"))
    assert counts == [2, 2], "once to tell the format, once for the rows"
