"""Rows from a data base: read only, typed, errors without the password."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, MissingExtra
from headwater.core.progress import silent
from headwater.records.reading import SourceSettings, read_records
from headwater.records.remote.fetch import fetch
from headwater.records.remote.query import Query, problem_with_query
from headwater.records.rows import BadRow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "shop.db") as base:
        base.execute("create table tickets (id integer, asked text, answered text, paid real, made date, raw blob)")
        base.executemany(
            "insert into tickets values (?, ?, ?, ?, ?, ?)",
            [(n, f"Wo ist Fluß {n}?", f"Dort {n}.", n / 4, "2026-01-02", b"\xc3\xa4\xff") for n in range(2500)],
        )
    base.close()
    return tmp_path


def rows(folder: Path, query: str, address: str = "sqlite:///shop.db") -> list[dict[str, Any]]:
    place = Query(address, query, folder)
    path = fetch(place, folder / "got" / place.name, silent)
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_all_rows_in_order_with_their_types(folder: Path) -> None:
    found = rows(folder, "select id, asked, paid, made from tickets order by id desc")
    assert len(found) == 2500
    assert found[0] == {"id": 2499, "asked": "Wo ist Fluß 2499?", "paid": 624.75, "made": "2026-01-02"}
    assert rows(folder, "select id from tickets where id > 9999") == []


def test_bytes_that_are_no_text_are_quarantined_later(folder: Path) -> None:
    query = "select raw as text from tickets where id = 1"
    path = fetch(Query("sqlite:///shop.db", query, folder), folder / "b.jsonl", silent)
    found = list(read_records(path, SourceSettings(format="text")))
    assert [type(row) for row in found] == [BadRow]
    assert "not UTF-8" in found[0].reason  # type: ignore[union-attr]


def test_the_rows_stay_the_same_until_the_run_has_ended(folder: Path) -> None:
    query = "select count(*) as n from tickets"
    assert rows(folder, query) == [{"n": 2500}]
    with sqlite3.connect(folder / "shop.db") as base:
        base.execute("delete from tickets where id < 100")
    base.close()
    assert rows(folder, query) == [{"n": 2500}]
    (folder / "got" / Query("sqlite:///shop.db", query, folder).name).unlink()
    assert rows(folder, query) == [{"n": 2400}]


@pytest.mark.parametrize("query", ["delete from tickets", "drop table tickets", "insert into tickets (id) values (1)"])
def test_nothing_is_written(folder: Path, query: str) -> None:
    with pytest.raises(BadInput):
        rows(folder, query)
    assert rows(folder, "select count(*) as n from tickets") == [{"n": 2500}]


def test_mistakes_are_told(folder: Path) -> None:
    with pytest.raises(BadInput, match="no such column: nam"):
        rows(folder, "select nam from tickets")
    with pytest.raises(BadInput, match="two columns id"):
        rows(folder, "select id, id from tickets")
    with pytest.raises(BadInput, match="No data base"):
        rows(folder, "select 1", "sqlite:///none.db")
    assert not (folder / "none.db").exists()


def test_no_password_in_a_recipe_nor_in_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_with_query("postgresql://me:hush@host/base", "select 1")
    assert problem is not None
    assert "hush" not in problem
    assert problem_with_query("postgresql://host/base", "select 1") is None
    assert problem_with_query("env:BASE", "select 1") is None
    assert problem_with_query("env:BASE", " ") == "the query is empty"
    assert problem_with_query("no address", "select 1") is not None
    monkeypatch.setenv("BASE", "nosuch://me:hush@host/base")
    with pytest.raises(BadInput) as caught:
        rows(folder, "select 1", "env:BASE")
    assert "hush" not in f"{caught.value} {caught.value.hint}"
    monkeypatch.setenv("BASE", f"sqlite:///{folder / 'shop.db'}")
    assert rows(folder, "select id from tickets limit 1", "env:BASE") == [{"id": 0}]


def test_a_missing_driver_is_named(folder: Path) -> None:
    pytest.importorskip("sqlalchemy")
    try:
        import psycopg  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtra, match="psycopg"):
            rows(folder, "select 1", "postgresql+psycopg://127.0.0.1/none")
