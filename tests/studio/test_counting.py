"""What the preview says of a sample is what a run does to those rows, also when thresholds have moved since."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from headwater.core.errors import BadInput, Conflict
from headwater.studio.browsing import Wanted
from headwater.studio.studio import SampleWanted
from tests.studio.conftest import Room, support_rows

RUN_KEYS = ("name", "in", "out", "dropped", "changed", "reasons")


def begin(room: Room, recipe: dict[str, Any]) -> str:
    room.upload(room.anna, "support.csv", support_rows())
    return room.studio.create(room.anna, "Support", recipe).id


def moved(recipe: dict[str, Any], place: int, **options: Any) -> dict[str, Any]:
    """The recipe with other options of the step at a place."""
    changed = copy.deepcopy(recipe)
    name, before = next(iter(changed["steps"][place].items()))
    changed["steps"][place] = {name: {**before, **options}}
    return changed


def ledger(room: Room, dataset_id: str, recipe: dict[str, Any]) -> list[dict[str, Any]]:
    """What a whole run says of its steps."""
    room.studio.save(room.anna, dataset_id, recipe)
    room.run(room.anna, dataset_id)
    steps = room.studio.report(room.anna, dataset_id)["steps"]
    return [{key: step[key] for key in RUN_KEYS} for step in steps]


def as_ledger(steps: Any) -> list[dict[str, Any]]:
    """The same of a preview."""
    pick = dict(zip(RUN_KEYS, ("name", "rows_in", "rows_out", "dropped", "changed", "reasons"), strict=True))
    return [
        {key: step[name] if isinstance(step, dict) else getattr(step, name) for key, name in pick.items()}
        for step in steps
    ]


def test_a_preview_counts_as_the_run_does(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    preview = room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())
    assert preview["rows"] == 121
    assert as_ledger(preview["steps"]) == ledger(room, dataset_id, recipe)
    assert preview["kept"] == preview["steps"][-1]["rows_out"] < 121


@pytest.mark.parametrize(("place", "options"), [(3, {"minimum": 90}), (3, {"maximum": 80}), (4, {"minimum": 0.9}),
                                                (3, {"minimum": None})])  # fmt: skip
def test_moved_thresholds_count_as_a_run_with_them(
    room: Room, recipe: dict[str, Any], place: int, options: dict[str, Any]
) -> None:
    dataset_id = begin(room, recipe)
    room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())
    other = moved(recipe, place, **options)
    counted = room.studio.counts(room.anna, dataset_id, other)
    before = [step for step in as_ledger(counted)]
    run = ledger(room, dataset_id, other)
    # How many rows a step changes depends on which ones are still there; the rows dropped must be equal.
    for step in (*before, *run):
        del step["changed"]
    assert before == run


def test_a_row_kept_by_a_looser_threshold_meets_the_later_ones(room: Room, recipe: dict[str, Any]) -> None:
    """Rows that the first threshold drops are measured by the second one all the same."""
    dataset_id = begin(room, recipe)
    strict = moved(moved(recipe, 3, minimum=200), 4, minimum=0.95)
    room.studio.preview(room.anna, dataset_id, strict, SampleWanted())
    loose = moved(strict, 3, minimum=0)
    counted = {step.name: step for step in room.studio.counts(room.anna, dataset_id, loose)}
    assert counted["length"].dropped == 0 and counted["quality"].dropped > 0


def test_what_was_not_measured_must_be_looked_at_again(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    with pytest.raises(Conflict, match="not looked at yet"):
        room.studio.counts(room.anna, dataset_id, recipe)
    room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())
    with pytest.raises(Conflict, match="more than a threshold"):
        room.studio.counts(room.anna, dataset_id, moved(recipe, 3, unit="words"))
    with pytest.raises(Conflict, match="more than a threshold"):
        room.studio.counts(room.anna, dataset_id, {**recipe, "steps": recipe["steps"][:-1]})


def test_sliders_are_the_thresholds_and_nothing_else(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    recipe["steps"].insert(3, {"language": {"allowed": ["en"]}})
    recipe["steps"].append({"truncate": {"fields": ["answer"], "maximum": 40}})
    sliders = room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())["sliders"]
    found = {(s["step"], s["option"], s["statistic"], s["bound"], s["value"]) for s in sliders}
    assert found == {
        ("length", "minimum", "shortest", "minimum", 10.0),
        ("length", "maximum", "longest", "maximum", None),
        ("quality", "minimum", "score", "minimum", 0.75),
    }
    assert all(s["low"] < s["high"] and sum(s["counts"]) == 121 for s in sliders if s["step"] == "length")


def test_changes_and_reasons_are_shown_with_the_rows(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    samples = room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())["samples"]
    reasons = {row["dropped"]["reason"] for row in samples if row["dropped"]}
    assert reasons == {"too short", "low quality", "exact duplicate"}
    short = next(row for row in samples if row["dropped"] and row["dropped"]["reason"] == "too short")
    assert short["dropped"]["value"] == "2" and short["before"][1]["text"].strip() == "ok"
    masked = next(row for row in samples if any(change["step"] == "personal_data" for change in row["changes"]))
    assert "@example.com" in masked["before"][1]["text"] and "[EMAIL]" in masked["after"][1]["text"]


def test_rows_cut_apart_are_counted_once_before_the_cut(room: Room) -> None:
    turns = [{"role": role, "content": f"{role} says something worth reading {n}"}
             for n in range(6) for role in ("user", "assistant")]  # fmt: skip
    room.upload(room.anna, "chat.jsonl", "\n".join(json.dumps({"messages": turns[: 4 + n]}) for n in (0, 4, 8)))
    steps = [{"length": {"minimum": 1}}, {"chop_conversation": {"pairs": 2}}, {"length": {"minimum": 50}}]
    recipe = {"sources": [{"path": "chat.jsonl"}], "output": {}, "task": "conversation", "steps": steps}
    dataset_id = room.studio.create(room.anna, "Chats", recipe).id
    preview = room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())
    assert [(s["rows_in"], s["rows_out"]) for s in preview["steps"]] == [(3, 3), (3, 6), (6, 6)]
    assert as_ledger(preview["steps"]) == ledger(room, dataset_id, recipe)
    none = {**recipe, "steps": [{"length": {"minimum": 10_000}}, *steps[1:]]}
    first = room.studio.counts(room.anna, dataset_id, none)[0]
    assert (first.rows_in, first.dropped) == (3, 3)


def test_a_step_that_needs_a_model_says_so(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    recipe["steps"] = [{"valid_question": {"minimum_embedding": 0.2}}]
    with pytest.raises(BadInput, match="valid_question"):
        room.studio.preview(room.anna, dataset_id, recipe, SampleWanted())


def test_dropped_rows_can_be_read_by_reason(room: Room, recipe: dict[str, Any]) -> None:
    dataset_id = begin(room, recipe)
    room.run(room.anna, dataset_id)
    found = room.studio.dropped(room.anna, dataset_id, (3, "too short"), Wanted(limit=5))
    assert found["total"] == 14 and len(found["rows"]) == 5
    assert all(row["reason"] == "too short" and row["texts"][1]["text"] == "ok" for row in found["rows"])
