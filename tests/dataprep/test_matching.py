"""Patterns in the paths of sources, and what a dry run fetches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput
from headwater.dataprep.matching import with_matches
from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.dataprep.run import RunSettings, prepare
from headwater.records.remote import address


def rows(first: int, count: int) -> str:
    numbers = range(first, first + count)
    return "".join(json.dumps({"question": f"Which {n}?", "answer": f"This {n}."}) + "\n" for n in numbers)


def recipe(folder: Path, *sources: dict[str, Any]) -> Recipe:
    return parse_recipe({"sources": list(sources), "output": {"path": "out"}}, folder)


def test_a_pattern_is_one_source_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    for number in (2, 1):
        (tmp_path / "parts" / f"{number}.jsonl").write_text(rows(number * 10, 5))
    (tmp_path / "parts" / "deep" / "3.jsonl").write_text(rows(30, 5))
    (tmp_path / "parts" / "note.md").write_text("no rows")
    shallow = recipe(tmp_path, {"path": "parts/*.jsonl", "licence": "mine"})
    report = prepare(shallow).json
    assert [source["path"] for source in report["sources"]] == ["parts/1.jsonl", "parts/2.jsonl"]
    assert report["rows_out"] == 10 and {source["licence"] for source in report["sources"]} == {"mine"}
    whole = with_matches(recipe(tmp_path / "parts", {"path": f"{tmp_path}/parts/*.jsonl"}))
    assert [whole.source(entry).name for entry in whole.file.sources] == ["1.jsonl", "2.jsonl"]
    deep = with_matches(recipe(tmp_path, {"path": "parts/**/*.jsonl"}))
    assert [entry.path for entry in deep.file.sources] == ["parts/1.jsonl", "parts/2.jsonl", "parts/deep/3.jsonl"]
    assert with_matches(deep) is deep


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_text(rows(0, 3))
    given = recipe(tmp_path, {"path": "a[1].jsonl"})
    assert with_matches(given) is given and prepare(given).json["rows_out"] == 3


def test_a_pattern_that_matches_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"No file matches none/\*\.jsonl"):
        prepare(recipe(tmp_path, {"path": "none/*.jsonl"}))
    with pytest.raises(BadInput, match="cannot be listed"):
        with_matches(recipe(tmp_path, {"path": "https://example.org/*.jsonl"}))
    query = recipe(tmp_path, {"path": "https://example.org/rows.jsonl?part=1"})
    assert with_matches(query) is query


def test_a_remote_pattern_and_a_dry_run_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra 'remote' is not installed")
    monkeypatch.setitem(address.EXTRAS, "memory", "remote")
    memory = fsspec.filesystem("memory")
    for number in (1, 2):
        memory.pipe(f"/wild/{number}.jsonl", rows(number * 10_000, 3000).encode())
    given = recipe(tmp_path, {"path": "memory://wild/*.jsonl"})
    try:
        dry = prepare(given, RunSettings(dry_run_rows=50)).json
        whole = prepare(given).json
    finally:
        memory.rm("/wild", recursive=True)
    assert [source["path"] for source in whole["sources"]] == ["memory://wild/1.jsonl", "memory://wild/2.jsonl"]
    assert (dry["rows_out"], whole["rows_out"]) == (100, 6000)
    assert dry["sources"][0]["sha256"] != whole["sources"][0]["sha256"], "only the head was fetched"
