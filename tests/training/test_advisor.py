"""Plans and previews in a process of their own: errors come back whole, answers are remembered, nothing hangs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, EngineFailed
from headwater.training.load_config import check_config
from headwater.training.planning.advisor import Advisor

SLOW = "import sys, time\nfor line in sys.stdin: time.sleep(60)\n"
DEAD = "import sys\nsys.stdin.readline()\nsys.exit(9)\n"


@pytest.fixture
def question(sums: Path, tmp_path: Path) -> dict[str, Any]:
    config = check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": str(sums)}], "max_length": 256}})
    return {"config": config.model_dump(mode="json"), "base": None, "remembered": str(tmp_path)}


@pytest.fixture
def previewer() -> Iterator[Advisor]:
    advisor = Advisor("preview")
    yield advisor
    advisor.close()


def test_a_preview_comes_from_another_process_and_is_remembered(previewer: Advisor, question: dict[str, Any]) -> None:
    assert previewer.known("k") is None
    found = previewer.ask(question, "k")
    assert found["kept"] == 48
    assert any(token["learned"] for token in found["rows"][0]["tokens"])
    assert previewer.known("k") == found
    assert previewer.known("k", oldest_seconds=-1) is None
    process = previewer._process
    data = question["config"]["data"]
    wrong = {**data, "train": [{**data["train"][0], "mapping": {"question": "nothing"}}]}
    with pytest.raises(BadInput, match="no column 'nothing'"):
        previewer.ask({**question, "config": {**question["config"], "data": wrong}})
    assert previewer._process is process, "an error does not end it"
    assert process is not None
    process.kill()
    process.wait()
    assert previewer.ask(question)["kept"] == 48, "one that died between questions is started again"


def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, seconds: float) -> Advisor:
    (tmp_path / "stand_in.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Advisor("plan", seconds, module="stand_in")


def test_one_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    advisor = made(tmp_path, monkeypatch, SLOW, 0.2)
    with pytest.raises(EngineFailed, match="took longer"):
        advisor.ask({})
    assert advisor._process is None


def test_one_that_dies_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineFailed, match="ended"):
        made(tmp_path, monkeypatch, DEAD, 20).ask({})


def test_the_server_side_loads_no_torch() -> None:
    script = "import sys, headwater.training.runs, headwater.training.planning.advisor; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
