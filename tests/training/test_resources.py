"""What a run takes: this process by /proc, GPUs by their driver's program, silent where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headwater.training import resources
from headwater.training.resources import GpuLoad, ProcessLoad, gpu_load_of, gpu_loads


def test_a_process_has_memory_and_cores() -> None:
    load = ProcessLoad()
    first = load.look(os.getpid())
    assert first is not None and first["cores"] is None
    assert first["memory_bytes"] is not None and first["memory_bytes"] > 1_000_000
    assert load.look(2**22 + 1) is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo '37, 1024, 81559'; echo '0, 1, 81559'", 2),
        ("echo '[N/A], 1024, 81559'", 0),
        ("echo failed >&2; exit 9", 0),
    ],
)
def test_gpus_are_asked_of_their_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, expected: int
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    resources._gpu_loads.cache_clear()
    loads = gpu_loads()
    resources._gpu_loads.cache_clear()
    assert len(loads) == expected
    if expected:
        assert loads[0] == GpuLoad(0.37, 1024 * 2**20, 81559 * 2**20)


def test_a_machine_without_that_program_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    resources._gpu_loads.cache_clear()
    assert gpu_loads() == ()
    resources._gpu_loads.cache_clear()
    assert gpu_load_of("nonsense") is None
