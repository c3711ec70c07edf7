"""Generated files are up to date: the reference pages and openapi.json."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_reference_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_openapi_json_is_fresh() -> None:
    from headwater.server.openapi import openapi_text

    assert (ROOT / "web/openapi.json").read_text("utf-8") == openapi_text(), "run: make types"


def test_readme_commands_exist() -> None:
    targets = (ROOT / "Makefile").read_text("utf-8")
    for line in (ROOT / "README.md").read_text("utf-8").splitlines():
        if line.startswith("make "):
            assert f"\n{line.split()[1]}:" in targets, line
