"""The whole way, killed with -9 at random moments: benchmarks/kill does it twenty times, this one twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "kill" / "run.py"


@pytest.mark.real
def test_every_acknowledged_file_is_searchable_once_after_a_kill() -> None:
    command = [sys.executable, str(SCRIPT), "--rounds", "2", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert (result["ok"], result["failures"]) == (2, [])
