"""Thresholds moved over all rows of a finished run say what a new run says, and what only a new run can say."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from typing import Any

import pytest

from headwater.core.errors import BadInput, Conflict
from headwater.studio.thresholds import Moved
from tests.studio.conftest import Room, support_rows

KEYS = ("name", "rows_in", "rows_out", "dropped", "added", "reasons")


def finished(room: Room, recipe: dict[str, Any], rows: str | None = None) -> str:
    room.upload(room.anna, "support.csv", support_rows(3000) if rows is None else rows)
    dataset_id = room.studio.create(room.anna, "Support", recipe).id
    room.run(room.anna, dataset_id)
    return dataset_id


def counted(room: Room, dataset_id: str, *moved: Moved) -> tuple[list[dict[str, Any]], int, int, bool]:
    found, _ = room.studio.thresholds(room.anna, dataset_id, moved)
    return (
        [{key: asdict(step)[key] for key in KEYS} for step in found.steps],
        found.rows_out,
        found.unknown,
        found.exact,
    )


def ledger(room: Room, dataset_id: str) -> list[dict[str, Any]]:
    steps = room.studio.report(room.anna, dataset_id)["steps"]
    return [
        {"name": s["name"], "rows_in": s["in"], "rows_out": s["out"], "dropped": s["dropped"],
         "added": s.get("added", 0), "reasons": s["reasons"]}
        for s in steps
    ]  # fmt: skip


def again(room: Room, dataset_id: str, recipe: dict[str, Any], *moved: Moved) -> tuple[list[dict[str, Any]], int]:
    """Run the recipe anew with the thresholds; its ledger and the rows that are left."""
    other = copy.deepcopy(recipe)
    for one in moved:
        name, options = next(iter(other["steps"][one.place].items()))
        other["steps"][one.place] = {name: {**options, one.option: one.value}}
    room.studio.save(room.anna, dataset_id, other)
    room.run(room.anna, dataset_id)
    return ledger(room, dataset_id), int(room.studio.report(room.anna, dataset_id)["rows_out"])


def test_unmoved_thresholds_give_the_ledger(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = finished(room, recipe)
    steps, rows_out, unknown, exact = counted(room, dataset_id)
    assert steps == ledger(room, dataset_id)
    assert (rows_out, unknown, exact) == (room.studio.report(room.anna, dataset_id)["rows_out"], 0, True)
    assert sum(step["dropped"] for step in steps) > 500


@pytest.mark.parametrize(
    "moved",
    [(Moved(3, "minimum", 95),), (Moved(4, "minimum", 0.9),), (Moved(3, "minimum", 90), Moved(4, "minimum", 0.95)),
     (Moved(3, "maximum", 90),)],
)  # fmt: skip
def test_moved_thresholds_count_as_a_run_with_them(
    room: Room, recipe: dict[str, Any], moved: tuple[Moved, ...]
) -> None:
    dataset_id = finished(room, recipe)
    steps, rows_out, unknown, _ = counted(room, dataset_id, *moved)
    assert unknown == 0, "rows that these thresholds let through were measured by the steps behind"
    assert (steps, rows_out) == again(room, dataset_id, recipe, *moved)


def test_rows_that_later_steps_never_saw_are_said_to_be_unknown(room: Room, recipe: dict[str, Any]) -> None:
    """Rows are taken out before a step that rewrites; what is behind it was not measured for them."""
    recipe["steps"] = [recipe["steps"][3], "clean", {"quality": {"minimum": 0.75}}]
    dataset_id = finished(room, recipe)
    before = counted(room, dataset_id)[1]
    moved = Moved(0, "minimum", 0)
    steps, rows_out, unknown, exact = counted(room, dataset_id, moved)
    assert (rows_out, exact) == (before, True) and unknown == 3000 // 9 + 1
    assert steps[2]["rows_out"] == rows_out
    true = again(room, dataset_id, recipe, moved)[1]
    assert rows_out <= true <= rows_out + unknown


def test_rows_let_through_may_still_meet_a_step_without_thresholds(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = finished(room, recipe)
    moved = Moved(4, "minimum", None)
    _, rows_out, unknown, exact = counted(room, dataset_id, moved)
    true = again(room, dataset_id, recipe, moved)[1]
    assert exact and unknown > 0 and rows_out <= true <= rows_out + unknown


def test_steps_that_compare_rows_make_the_count_a_guess(room: Room, recipe: dict[str, Any]) -> None:
    recipe["steps"] = [recipe["steps"][3], "exact_duplicates"]
    dataset_id = finished(room, recipe, support_rows(200) + support_rows(200))
    assert counted(room, dataset_id)[3] is True
    assert counted(room, dataset_id, Moved(0, "minimum", 95))[3] is False


def test_rows_that_were_multiplied_later_have_no_sliders(room: Room, recipe: dict[str, Any]) -> None:
    recipe["sources"][0]["weight"] = 2
    recipe["steps"] = [recipe["steps"][3], "mix", {"quality": {"minimum": 0.75}}, "require"]
    dataset_id = finished(room, recipe)
    counts, sliders = room.studio.thresholds(room.anna, dataset_id)
    assert {(slider.step, slider.option) for slider in sliders} == {("quality", "minimum")}
    assert counted(room, dataset_id)[0] == ledger(room, dataset_id) and counts.steps[1].added > 0
    steps, rows_out, unknown, _ = counted(room, dataset_id, Moved(2, "minimum", 0.95))
    assert unknown == 0
    assert (steps, rows_out) == again(room, dataset_id, recipe, Moved(2, "minimum", 0.95))


def test_a_new_order_begins_new_numbers(room: Room, recipe: dict[str, Any]) -> None:
    recipe["steps"].insert(0, "shuffle")
    dataset_id = finished(room, recipe)
    assert counted(room, dataset_id)[0] == ledger(room, dataset_id)
    moved = Moved(5, "minimum", 0.95)
    steps, rows_out, _, _ = counted(room, dataset_id, moved)
    assert (steps, rows_out) == again(room, dataset_id, recipe, moved)


def test_what_is_no_threshold_of_the_run_is_refused(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = finished(room, recipe)
    for wrong in (Moved(3, "unit", 1), Moved(0, "minimum", 1), Moved(99, "minimum", 1)):
        with pytest.raises(BadInput, match="no threshold"):
            counted(room, dataset_id, wrong)
    with pytest.raises(BadInput, match="length"):
        counted(room, dataset_id, Moved(3, "minimum", -5))


def test_a_run_of_another_time_is_prepared_again(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = room.studio.create(room.anna, "Never", recipe).id
    with pytest.raises(Conflict, match="not prepared yet"):
        counted(room, dataset_id)
    ready = finished(room, recipe)
    report = room.datasets.get(room.anna, ready).folder / "report.json"
    report.write_text(json.dumps({"steps": []}))
    with pytest.raises(Conflict, match="cannot be used"):
        counted(room, ready)
