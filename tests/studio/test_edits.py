"""Rows corrected and labelled by hand reach the files that a trainer reads, and can be taken back."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from headwater.core.errors import BadInput, Conflict, NotFound
from headwater.studio import APPLY_EDITS
from headwater.studio.browsing import Wanted
from tests.studio.conftest import Room, Work, support_rows


@pytest.fixture
def dataset_id(room: Room, recipe: dict[str, Any]) -> str:
    room.upload(room.anna, "support.csv", support_rows(40))
    made = room.studio.create(room.anna, "Support", {**recipe, "split": {"validation": 0.3}}).id
    room.run(room.anna, made)
    return made


def write(room: Room) -> None:
    """Do the job that the last edit queued."""
    job = next(each for each in room.jobs.list(room.anna) if each.kind == APPLY_EDITS and not each.has_ended)
    room.jobs.finish(job.id, room.studio.apply_edits(job, Work()))


def lines(room: Room, dataset_id: str, name: str = "train.jsonl") -> list[dict[str, Any]]:
    text = (room.datasets.get(room.anna, dataset_id).folder / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_an_edit_is_shown_at_once_and_written_by_the_job(room: Room, dataset_id: str) -> None:
    before = lines(room, dataset_id)
    changed = room.studio.change_row(room.anna, dataset_id, ("train", 2), None, {1: "Quite another answer."})
    assert changed["edited"] and changed["texts"][1]["text"] == "Quite another answer."
    shown = room.studio.rows(room.anna, dataset_id, "train", Wanted(limit=5))["rows"][2]
    assert shown["texts"][1]["text"] == "Quite another answer."
    assert lines(room, dataset_id) == before
    write(room)
    after = lines(room, dataset_id)
    assert after[2]["messages"][1]["content"] == "Quite another answer."
    assert [row for n, row in enumerate(after) if n != 2] == [row for n, row in enumerate(before) if n != 2]


def test_rows_that_are_not_relevant_leave_the_files_and_can_come_back(room: Room, dataset_id: str) -> None:
    before = lines(room, dataset_id)
    room.studio.change_row(room.anna, dataset_id, ("train", 0), "not_relevant", None)
    room.studio.change_row(room.anna, dataset_id, ("train", 1), "relevant", None)
    write(room)
    assert lines(room, dataset_id) == before[1:]
    folder = room.datasets.get(room.anna, dataset_id).folder
    assert pl.read_parquet(folder / "train.parquet").height == len(before) - 1
    summary = room.datasets.get(room.anna, dataset_id).summary or {}
    assert summary["not_relevant"] == 1 and summary["relevant"] == 1
    assert summary["rows_out"] == len(before) - 1 + len(lines(room, dataset_id, "validation.jsonl"))
    found = room.studio.rows(room.anna, dataset_id, "train", Wanted(only="not_relevant"))
    assert [row["number"] for row in found["rows"]] == [0] and found["rows"][0]["relevant"] is False
    unjudged = room.studio.rows(room.anna, dataset_id, "train", Wanted(only="unlabelled"))
    assert unjudged["total"] == len(before) - 2
    room.studio.change_row(room.anna, dataset_id, ("train", 0), "none", None)
    write(room)
    assert lines(room, dataset_id) == before


def test_a_label_keeps_the_text_and_an_edit_keeps_the_label(room: Room, dataset_id: str) -> None:
    room.studio.change_row(room.anna, dataset_id, ("train", 0), "relevant", None)
    room.studio.change_row(room.anna, dataset_id, ("train", 0), None, {0: "Another question?"})
    row = room.studio.change_row(room.anna, dataset_id, ("train", 0), "relevant", None)
    assert row["relevant"] is True and row["edited"] and row["texts"][0]["text"] == "Another question?"


def test_writing_the_old_text_again_is_no_edit(room: Room, dataset_id: str) -> None:
    old = room.studio.row(room.anna, dataset_id, "train", 0)["texts"][1]["text"]
    room.studio.change_row(room.anna, dataset_id, ("train", 0), None, {1: "x"})
    row = room.studio.change_row(room.anna, dataset_id, ("train", 0), None, {1: old})
    assert not row["edited"]


def test_words_are_found_whatever_their_capitals(room: Room, dataset_id: str) -> None:
    found = room.studio.rows(room.anna, dataset_id, "train", Wanted(query="INVITE a Colleague"))
    assert found["total"] > 0 and all("invite a colleague" in row["texts"][0]["text"] for row in found["rows"])
    assert room.studio.rows(room.anna, dataset_id, "train", Wanted(query="a.*b"))["total"] == 0


@pytest.mark.parametrize(("split", "number"), [("train", 10_000), ("train", -1), ("test", 0), ("../train", 0)])
def test_rows_that_are_not_there(room: Room, dataset_id: str, split: str, number: int) -> None:
    with pytest.raises(NotFound):
        room.studio.change_row(room.anna, dataset_id, (split, number), "relevant", None)


def test_a_text_that_is_not_there(room: Room, dataset_id: str) -> None:
    with pytest.raises(BadInput, match="no text 6"):
        room.studio.change_row(room.anna, dataset_id, ("train", 0), None, {5: "x"})


def test_a_new_run_begins_without_edits(room: Room, dataset_id: str) -> None:
    before = lines(room, dataset_id)
    room.studio.change_row(room.anna, dataset_id, ("train", 0), "not_relevant", None)
    write(room)
    room.run(room.anna, dataset_id)
    assert lines(room, dataset_id) == before
    assert (room.datasets.get(room.anna, dataset_id).summary or {})["not_relevant"] == 0


def test_edits_wait_while_it_is_prepared(room: Room, dataset_id: str) -> None:
    room.studio.start(room.anna, dataset_id)
    with pytest.raises(Conflict, match="being prepared"):
        room.studio.change_row(room.anna, dataset_id, ("train", 0), "relevant", None)
    with pytest.raises(Conflict, match="being prepared already"):
        room.studio.start(room.anna, dataset_id)
    with pytest.raises(Conflict, match="Cancel"):
        raise_hint(lambda: room.studio.delete(room.anna, dataset_id))


def raise_hint(act: Any) -> None:
    try:
        act()
    except Conflict as error:
        raise Conflict(f"{error.message} {error.hint}") from error


def test_exports_hold_the_edits(room: Room, dataset_id: str) -> None:
    room.studio.change_row(room.anna, dataset_id, ("train", 1), None, {1: "Edited."})
    path = room.studio.export(room.anna, dataset_id, "train", "alpaca", ".csv")
    assert '"Edited."' in path.read_text("utf-8").splitlines()[2]
    path.unlink()
    with pytest.raises(BadInput, match="only read"):
        room.studio.export(room.anna, dataset_id, "train", "squad", ".jsonl")


def test_nothing_tells_where_the_files_are(room: Room, dataset_id: str) -> None:
    folder = room.datasets.get(room.anna, dataset_id).folder
    for name in ("report.json", "report.html", "recipe.yaml"):
        assert str(room.folder) not in (folder / name).read_text("utf-8"), name
    left = sorted(path.name for path in room.datasets.root.iterdir())
    assert left == [".desk", folder.name] and not list((room.datasets.root / ".desk").iterdir())
