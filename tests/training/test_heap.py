"""The heap of a training process: kept for speed, and given back when a run has grown above its plan."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from headwater.training.heap import KEPT_HEAP, HeapBound

GAPS = """
import numpy as np
from headwater.training.heap import give_back, resident_bytes
kept = [np.ones(size * 100) for size in range(200, 1200)]  # 160 kB to 1 MB
kept[::2] = [None] * 500
before = resident_bytes()
give_back()
print(before, resident_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_free_pages_inside_a_kept_heap_go_back() -> None:
    environment = {**os.environ, **KEPT_HEAP, "OMP_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, "-c", GAPS], env=environment, capture_output=True, text=True, check=True)
    before, after = map(int, told.stdout.split())
    assert after < before - 100_000_000, (before, after)


def test_it_gives_back_what_is_too_much_and_learns_what_is_needed() -> None:
    sizes = iter([90, 130, 60, 114, 116, 110, 120])
    given: list[str] = []
    bound = HeapBound(100, lambda: next(sizes), lambda: given.append("back"))
    assert not bound.look()  # 90
    assert bound.look()  # 130, then 60: planned stays the most
    assert bound.look()  # 114, then 116: that much is alive, so 133 may be
    assert not bound.look()  # 110
    assert not bound.look()  # 120
    assert given == ["back", "back"]
