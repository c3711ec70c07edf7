"""Recipes whose rows lie elsewhere: fetched, counted, named; closed where they may not be."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, Forbidden
from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.dataprep.run import RunSettings, prepare
from headwater.records.remote import address, place
from headwater.records.remote.remote import Dropped

ROWS = b"".join(json.dumps({"question": f"Which {n}?", "answer": f"This {n}."}).encode() + b"\n" for n in range(50))


def recipe(folder: Path, *sources: dict[str, Any], steps: list[Any] | None = None) -> Recipe:
    value = {"version": 1, "sources": list(sources), "steps": steps or [], "output": {"path": "out"}}
    return parse_recipe(value, folder)


def test_rows_of_an_object_store_and_of_a_query_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra 'remote' is not installed")
    monkeypatch.setitem(address.EXTRAS, "memory", "remote")
    monkeypatch.setenv("SHOP", "sqlite:///shop.db")
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/rows.jsonl", ROWS)
    with sqlite3.connect(tmp_path / "shop.db") as base:
        base.execute("create table t (q text, a text)")
        base.executemany("insert into t values (?, ?)", [(f"Where {n}?", f"Here {n}.") for n in range(10)])
    base.close()
    asked = {"sql": "env:SHOP", "query": "select q, a from t order by q", "mapping": {"question": "q", "answer": "a"}}
    report = prepare(recipe(tmp_path, {"path": "memory://box/rows.jsonl"}, asked)).json
    memory.rm("/box", recursive=True)
    assert (report["rows_in"], report["rows_out"]) == (60, 60)
    assert report["sources"][0]["address"] == "memory://box/rows.jsonl"
    assert report["sources"][1]["path"] == "env:SHOP: select q, a from t order by q"
    text = (tmp_path / "out/report.json").read_text("utf-8") + (tmp_path / "out/report.html").read_text("utf-8")
    assert "shop.db" not in text
    assert not list(tmp_path.glob(".out.work"))


def test_a_stopped_run_goes_on_without_fetching_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra 'remote' is not installed")
    monkeypatch.setitem(address.EXTRAS, "memory", "remote")
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/rows.jsonl", ROWS)
    given = recipe(tmp_path, {"path": "memory://box/rows.jsonl"}, steps=["clean"])
    prepare(given, RunSettings(keep_work=True))
    parts = {path: path.stat().st_mtime_ns for path in (tmp_path / ".out.work").rglob("*.part")}
    whole = (tmp_path / "out/train.parquet").read_bytes()

    def gone(*_: object, **__: object) -> None:
        raise Dropped("fetched again")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place.StoredFile, "open", gone)
        prepare(given, RunSettings(keep_work=True))
    assert {path: path.stat().st_mtime_ns for path in parts} == parts
    memory.pipe("/box/rows.jsonl", ROWS + ROWS[:60].replace(b"Which", b"Whose"))
    memory.rm("/box", recursive=True)
    assert (tmp_path / "out/train.parquet").read_bytes() == whole


def test_remote_sources_can_be_closed(tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="closed here"):
        prepare(recipe(tmp_path, {"path": "https://127.0.0.1:9/rows.jsonl"}), RunSettings(remote_allowed=False))


def test_mistakes_of_a_recipe_are_named_together(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        recipe(
            tmp_path,
            {"path": "https://me:hush@host/rows.jsonl"},
            {"path": "ftp://host/rows.jsonl"},
            {"sql": "postgresql://me:hush@host/base", "query": "select 1"},
        )
    message = caught.value.message
    assert "sources[0]: a secret stands" in message
    assert "sources[1]: no address of this kind" in message
    assert "sources[2]: a password stands" in message
    assert "hush" not in message


@pytest.mark.parametrize("source", [{}, {"path": "a", "sql": "sqlite:///a", "query": "x"}, {"sql": "sqlite:///a"}])
def test_a_source_is_one_thing(tmp_path: Path, source: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        recipe(tmp_path, source)
