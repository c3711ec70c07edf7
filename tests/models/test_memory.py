"""Free memory of machines and containers, from made-up /proc and /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.models.memory import UNLIMITED, available_bytes


def write(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


MEMINFO = "MemTotal:       8000000 kB\nMemFree:  10 kB\nMemAvailable:    4000000 kB\n"


def test_the_machine_alone(tmp_path):
    assert available_bytes(write(tmp_path, proc__meminfo=MEMINFO)) == 4_096_000_000


@pytest.mark.parametrize("limit", ["max", str(1 << 62)])
def test_a_container_without_a_limit(tmp_path, limit):
    root = write(tmp_path, proc__meminfo=MEMINFO, sys__fs__cgroup__memory_dot_max=limit)
    assert available_bytes(root) == 4_096_000_000


def test_a_container_of_version_2_counts_its_file_cache_as_free(tmp_path):
    root = write(
        tmp_path,
        proc__meminfo=MEMINFO,
        sys__fs__cgroup__memory_dot_max="2000000000\n",
        sys__fs__cgroup__memory_dot_current="1500000000\n",
        sys__fs__cgroup__memory_dot_stat="anon 1100000000\ninactive_file 300000000\nactive_file 1\n",
    )
    assert available_bytes(root) == 800_000_000


def test_a_container_of_version_1(tmp_path):
    root = write(
        tmp_path,
        proc__meminfo=MEMINFO,
        sys__fs__cgroup__memory__memory_dot_limit_in_bytes="1000000000\n",
        sys__fs__cgroup__memory__memory_dot_usage_in_bytes="1200000000\n",
    )
    assert available_bytes(root) == 0


def test_an_unknown_kernel_limits_nothing(tmp_path):
    assert available_bytes(write(tmp_path, proc__meminfo="MemTotal: 5 kB\n")) == UNLIMITED


def test_this_machine():
    assert 0 < available_bytes() < UNLIMITED
