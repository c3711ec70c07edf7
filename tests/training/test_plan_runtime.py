"""What earlier runs tell the planner, the heap a run is given, and the one note that is left out."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from headwater.training.devices.launch import environment_of
from headwater.training.heap import KEPT_HEAP, TIGHT_HEAP
from headwater.training.library_notes import UNUSED_KERNEL, leave_out_unused_kernel
from headwater.training.load_config import check_config
from headwater.training.planning.pace import remembered_range
from headwater.training.planning.runtime import KERNEL_BYTES, TYPICAL_RUNTIME_BYTES, known_machine, reached

PACE = "cpu float32 none x1 x1"


def run(runs: Path, name: str, age: int, state: dict[str, Any], plan: dict[str, Any] | None = None) -> None:
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps(state))
    os.utime(folder / "state.json", (1e9 - age, 1e9 - age))
    if plan is not None:
        (folder / "plan.json").write_text(json.dumps(plan))


def test_before_the_first_run_typical_values_stand_in(tmp_path: Path) -> None:
    for runs in (None, tmp_path / "none", tmp_path):
        machine = known_machine(runs, PACE)
        assert machine.runtime_bytes == TYPICAL_RUNTIME_BYTES + KERNEL_BYTES
        assert machine.operations_per_second is None


def test_the_latest_run_of_the_kind_tells(tmp_path: Path) -> None:
    done = {"step": 5, "steps": 10, "seconds": 4.0, "runtime_bytes": 400}
    run(tmp_path, "old", 300, {**done, "seconds": 1.0}, {"operations": 1000.0, "pace": PACE})
    run(tmp_path, "middle", 200, done, {"operations": 1000.0, "pace": PACE})
    run(tmp_path, "other", 100, {**done, "runtime_bytes": 700}, {"operations": 9.0, "pace": "cuda"})
    run(tmp_path, "begun", 0, {"state": "preparing"})
    machine = known_machine(tmp_path, PACE)
    assert machine.runtime_bytes == 700 + KERNEL_BYTES
    assert machine.operations_per_second == 1000 * 5 / 10 / 4


@pytest.mark.parametrize(
    "state", [{}, {"step": 2, "steps": 10, "seconds": 1.0}, {"step": 5, "steps": 10, "seconds": 0}, {"step": 3}]
)
def test_a_run_that_hardly_began_tells_no_speed(state: dict[str, Any]) -> None:
    assert reached(state, {"operations": 10.0}) is None
    assert reached({"step": 5, "steps": 5, "seconds": 2.0}, {"operations": None}) is None


def test_the_likely_time_lies_in_its_range() -> None:
    short, likely, long = remembered_range(100.0)
    assert short < likely == 100.0 < long


def config_of(**memory: Any) -> Any:
    return check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": "x"}]}, "memory": memory})


def test_a_run_that_saves_memory_has_the_tight_heap() -> None:
    def is_tight(config: Any, recomputes: bool = False) -> bool:
        given = environment_of(config, 1, recomputes)
        assert (TIGHT_HEAP.items() <= given.items()) != (KEPT_HEAP.items() <= given.items())
        return TIGHT_HEAP.items() <= given.items()

    assert not is_tight(config_of())
    assert is_tight(config_of(), recomputes=True)
    assert is_tight(config_of(checkpointing="on")) and is_tight(config_of(limit_gb=4.0))
    assert not is_tight(config_of(checkpointing="off"), recomputes=True)


def test_only_the_one_note_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    leave_out_unused_kernel()
    logger = logging.getLogger("bitsandbytes.backends.cpu.ops")
    logger.warning(UNUSED_KERNEL + " from kernels-community: %s", "no module")
    logger.warning("something else")
    assert [record.getMessage() for record in caplog.records] == ["something else"]
    leave_out_unused_kernel()
    assert len([each for each in logger.filters if getattr(each, "__name__", "") == "is_worth_telling"]) == 1
