"""What earlier runs on this machine tell the planner: the memory of a bare training process, and how fast it computes.

Nothing is measured for a plan: every run writes down what it took before its model was there, and its plan says how
many operations it needed. Until there is a run, typical values stand in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Interpreter, torch 2.13 and transformers 5.23 on a CPU under Linux, before a model: 427 MB; it hardly differs
# between machines. Once they multiply, the libraries take buffers of their own.
TYPICAL_RUNTIME_BYTES = 427_000_000
KERNEL_BYTES = 46_000_000
LATEST_RUNS = 50
LEAST_STEPS = 3  # the first step of a run is slower than the others


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of this machine. `operations_per_second` is None before the first run of the kind."""

    runtime_bytes: int = TYPICAL_RUNTIME_BYTES + KERNEL_BYTES
    operations_per_second: float | None = None


def known_machine(runs: Path | None, pace: str) -> Machine:
    """Look through the latest runs. `pace` names device, number type and threads, as their plans do."""
    runtime, speed = None, None
    for state, plan in _latest(runs):
        runtime = runtime or state.get("runtime_bytes")
        if speed is None and plan.get("pace") == pace:
            speed = reached(state, plan)
        if runtime and speed:
            break
    return Machine((runtime or TYPICAL_RUNTIME_BYTES) + KERNEL_BYTES, speed)


def reached(state: dict[str, Any], plan: dict[str, Any]) -> float | None:
    """Return the operations a second of a run, validation included; None when it hardly began."""
    step, steps, seconds = state.get("step") or 0, state.get("steps"), state.get("seconds")
    if not steps or not seconds or not plan.get("operations") or step < min(LEAST_STEPS, steps):
        return None
    return float(plan["operations"]) * float(step) / float(steps) / float(seconds)


def _latest(runs: Path | None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    if runs is None or not runs.is_dir():
        return
    states = sorted(runs.glob("*/state.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in states[:LATEST_RUNS]:
        yield _read(path), _read(path.with_name("plan.json"))


def _read(path: Path) -> dict[str, Any]:
    """A run that is deleted meanwhile tells nothing."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return {}
