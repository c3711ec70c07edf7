"""What becomes of a finished run: beside its base, or merged and whole; and one that cannot be served says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, Cancelled
from headwater.core.settings import Settings
from headwater.core.types import ChatOptions, Message
from headwater.training import child
from headwater.training.exports import is_current, target_of
from headwater.training.run_folder import RunFolder
from headwater.training.serving import Unwatched, serve_result
from headwater.workspace import Workspace

NewRun = Callable[..., RunFolder]
WHOLE: dict[str, dict[str, Any]] = {
    "full": {"adapter.type": "full"},
    "dora": {"adapter.dora": True},
    "pissa": {"adapter.init": "pissa"},
}
SHORT = {"train.max_steps": 2, "eval.samples": 0}


@pytest.fixture
def house(tmp_path: Path) -> Any:
    opened = Workspace.open(Settings(data_dir=tmp_path, threads=1))
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", list(WHOLE))
def test_what_no_adapter_can_hold_is_served_whole(new_run: NewRun, house: Workspace, kind: str) -> None:
    folder = new_run(kind, **SHORT, **WHOLE[kind])
    assert child.main([str(folder.path)]) == 0
    assert house.training.serve(folder) == kind
    model = house.models.get(kind)
    assert (model.manifest.format, model.manifest.template) == ("gguf", "human_bot")
    spec: Any = house.supervisor._find(kind)
    assert spec.path == model.main_file
    assert spec.jinja == (folder.path / ("model" if kind == "full" else "adapter") / "template.jinja").read_text(
        "utf-8"
    )
    assert any("It can be asked as" in line["text"] for line in folder.lines("events.jsonl"))


@pytest.mark.real
def test_a_whole_model_answers_as_it_learned(new_run: NewRun, house: Workspace, tmp_path: Path) -> None:
    rows = tmp_path / "few.jsonl"
    rows.write_text('{"prompt": "Red?", "completion": "Yes, red."}\n{"prompt": "Blue?", "completion": "No, sir."}\n')
    folder = new_run("heart", **{
        "data.train": [{"path": str(rows)}], "data.valid": 0.0, "adapter.type": "full", "train.epochs": 120,
        "train.tokens_per_step": 1000, "train.lr": 0.005, "eval.samples": 0,
    })  # fmt: skip
    assert child.main([str(folder.path)]) == 0
    assert house.training.serve(folder) == "heart"
    model = house.chat_model("heart")
    assert model is not None

    async def ask(question: str) -> str:
        options = ChatOptions(temperature=0.0, max_tokens=30)
        return "".join([delta.text async for delta in model.stream([Message("user", question)], options)])

    assert asyncio.run(ask("Red?")) == "Yes, red."
    assert asyncio.run(ask("Blue?")) == "No, sir."


def test_a_plain_adapter_of_a_path_is_served_whole(new_run: NewRun, tmp_path: Path) -> None:
    folder = new_run("path", **SHORT)
    assert child.main([str(folder.path)]) == 0
    asked: list[tuple[str, Path | None]] = []

    def install(source: Path, name: str, base: str, whole: Path | None) -> str | None:
        asked.append((source.name, whole))
        return name if whole is not None else None

    assert serve_result(folder, None, install, Unwatched()) == "path"
    target = target_of(folder, "gguf")
    assert asked == [("adapter", None), ("adapter", target)]
    assert is_current(folder, target)
    (folder.path / "adapter").touch()
    assert not is_current(folder, target), "a run that went on has another result"


def test_why_it_is_not_served_is_told_and_a_stop_is_a_stop(new_run: NewRun) -> None:
    folder = new_run("odd")
    (folder.path / "model").mkdir()

    def refuse(*_: Any) -> str:
        raise BadInput("No room", "Make some.")

    class Stopped(Unwatched):
        def check(self) -> None:
            raise Cancelled("stopped")

    assert serve_result(folder, None, refuse, Unwatched()) is None
    assert "Not served" in [line["text"] for line in folder.lines("events.jsonl")][-1]
    with pytest.raises(Cancelled):
        serve_result(folder, None, refuse, Stopped())


@pytest.mark.parametrize("place", ["adapter", "model"])
def test_a_reward_model_is_no_chat_model(new_run: NewRun, place: str) -> None:
    folder = new_run("marks")
    (folder.path / place).mkdir()
    (folder.path / place / "headwater.json").write_text('{"base": "tiny", "task": "reward"}')

    def refuse(*_: Any) -> str:
        raise AssertionError("it must not be installed")

    assert serve_result(folder, None, refuse, Unwatched()) is None
    assert "scores answers" in [line["text"] for line in folder.lines("events.jsonl")][-1]
