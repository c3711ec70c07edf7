"""What tests of steps share: records made by hand, one step run on them, a tokenizer of eight words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.dataprep.recipe import parse_recipe
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.step import Services
from headwater.records.reading import SourceSettings, read_records
from headwater.records.record import Record, Task, Turn
from headwater.records.writing import write_records


@pytest.fixture
def text() -> Callable[..., list[Record]]:
    """Plain texts as records."""

    def made(*values: str) -> list[Record]:
        return [Record(Task.PRETRAINING, completion=value, id=str(n)) for n, value in enumerate(values)]

    return made


@pytest.fixture
def chat() -> Callable[..., Record]:
    """A chat of these turns, user first."""

    def made(*turns: str, **more: Any) -> Record:
        roles = ("user", "assistant")
        contents = tuple(Turn(roles[n % 2], content) for n, content in enumerate(turns))
        task = Task.CONVERSATION if len(turns) > 2 else Task.INSTRUCT
        return Record(task, contents, id=more.pop("id", turns[0][:20]), **more)

    return made


@pytest.fixture
def do(tmp_path: Path) -> Callable[..., tuple[list[Record], dict[str, Any]]]:
    """Run one step; return what is left and the step's line of the report."""

    def run(
        records: list[Record], step: str, options: dict[str, Any] | None = None, services: Services | None = None
    ) -> tuple[list[Record], dict[str, Any]]:
        write_records(records, tmp_path / "in.parquet", "headwater")
        value = {
            "version": 1,
            "sources": [{"path": "in.parquet"}],
            "steps": [{step: options or {}}],
            "output": {"path": "out.parquet", "format": "headwater"},
        }
        report = prepare(parse_recipe(value, tmp_path), RunSettings(services=services or Services()))
        rows = read_records(tmp_path / "out.parquet", SourceSettings(format="headwater"))
        return [row for row in rows if isinstance(row, Record)], report.json["steps"][-1]

    return run


@pytest.fixture
def left(
    do: Callable[..., tuple[list[Record], dict[str, Any]]], text: Callable[..., list[Record]]
) -> Callable[..., list[str]]:
    """Run one step on plain texts; return those that are left."""

    def run(values: list[str], step: str, options: dict[str, Any] | None = None) -> list[str]:
        return [record.completion or "" for record in do(text(*values), step, options)[0]]

    return run


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {"[UNK]": 0, **{word: n for n, word in enumerate(["a", "b", "c", "d", "e", "f", "g", "h"], 1)}}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    return "tokenizer.json"
