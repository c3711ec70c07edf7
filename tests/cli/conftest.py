"""What tests of commands share: a command as people type it, in the folder that the test file lays out as `home`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(home: Path) -> Run:
    """Call `headwater` with these words; its exit code must be `expect`."""

    def call(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from headwater.cli.main import run; run()", *arguments]
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HEADWATER_DATA_DIR": str(home / "data")}
        environment |= {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, timeout=300)
        assert done.returncode == expect, done.stderr
        return done

    return call
