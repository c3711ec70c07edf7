"""Rows of every format become turns; what cannot be learned is refused with its reason; trees stay together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput
from headwater.training.config import SourceEntry
from headwater.training.load_config import check_config
from headwater.training.rows.conversations import read_rows, set_aside

CHAT = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


def written(path: Path, rows: list[Any]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "row",
    [
        {"messages": CHAT},
        {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]},
        {"instruction": "Q", "input": "", "output": "A"},
        {"prompt": "Q", "completion": "A"},
        {"input": "<human>: Q\n<bot>:", "output": "A", "prompt_type": "human_bot"},
    ],
    ids=["messages", "sharegpt", "alpaca", "prompt-completion", "h2ogpt"],
)
def test_every_format_gives_the_same_turns(tmp_path: Path, row: dict[str, Any]) -> None:
    rows = read_rows([SourceEntry(path=written(tmp_path / "r.jsonl", [row]))], "sft", 1)
    turns = rows.conversations[0].turns
    assert [(turn["role"], turn["content"].strip()) for turn in turns] == [("user", "Q"), ("assistant", "A")]


def test_csv_with_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("frage,antwort\nQ,A\n", "utf-8")
    entry = SourceEntry(path=str(path), mapping={"question": "frage", "answer": "antwort"})
    assert [turn["content"] for turn in read_rows([entry], "sft", 1).conversations[0].turns] == ["Q", "A"]


def test_a_wrong_column_suggests_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("question,answr\nQ,A\n", "utf-8")
    with pytest.raises(BadInput, match="answr"):
        read_rows([SourceEntry(path=str(path), mapping={"question": "question", "answer": "answer"})], "sft", 1)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([CHAT[0]], "no answer to learn"),
        ([CHAT[1]], "begins with assistant"),
        ([CHAT[0], {"role": "assistant", "content": " "}], "empty answer"),
        ([CHAT[0], CHAT[0], CHAT[1]], "two user messages in a row"),
        ([CHAT[0], {"role": "system", "content": "S"}, CHAT[1]], "system message after the first place"),
        ([{"role": "robot", "content": "x"}], "unknown role"),
    ],
)
def test_rows_that_cannot_be_learned_are_named_with_their_reason(
    tmp_path: Path, messages: list[Any], reason: str
) -> None:
    path = written(tmp_path / "r.jsonl", [{"messages": CHAT}, {"messages": messages}])
    rows = read_rows([SourceEntry(path=path)], "sft", 1)
    assert len(rows.conversations) == 1
    (told,) = rows.refused
    assert reason in told
    assert rows.examples[told] == ["r.jsonl:2"]


def test_nothing_left_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no answer to learn"):
        read_rows([SourceEntry(path=written(tmp_path / "r.jsonl", [{"messages": [CHAT[0]]}]))], "sft", 1)
    with pytest.raises(BadInput, match="no file"):
        read_rows([SourceEntry(path=str(tmp_path / "none.jsonl"))], "sft", 1)


def test_cyclic_parents_are_refused_row_by_row(tmp_path: Path) -> None:
    good = [{"id": "1", "parent_id": None, "instruction": "Q", "output": "A"}]
    loop = [
        {"id": "2", "parent_id": "3", "instruction": "Q2", "output": "A2"},
        {"id": "3", "parent_id": "2", "instruction": "Q3", "output": "A3"},
    ]
    path = written(tmp_path / "r.jsonl", good + loop)
    rows = read_rows([SourceEntry(path=path, format="llm_studio")], "sft", 1)
    assert [row.row for row in rows.conversations] == ["1"]
    assert sum(rows.refused.values()) == 2
    assert any("does not end" in reason for reason in rows.refused)


def test_weights_take_a_part_or_twice(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", [{"prompt": f"Q{n}", "completion": "A"} for n in range(10)])
    counts = [len(read_rows([SourceEntry(path=path, weight=w)], "sft", 1).conversations) for w in (0.5, 1, 2.3)]
    assert counts == [5, 10, 23]
    again = [read_rows([SourceEntry(path=path, weight=0.5)], "sft", 1).conversations for _ in range(2)]
    assert again[0] == again[1]


def test_plain_text_is_for_pre_training(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    written(path, [{"text": "Once upon a time."}])
    rows = read_rows([SourceEntry(path=str(path))], "pretrain", 1)
    assert rows.conversations[0].text == "Once upon a time."
    with pytest.raises(BadInput, match="plain text"):
        read_rows([SourceEntry(path=str(path))], "sft", 1)


def test_validation_rows_are_set_aside_once_and_not_trained(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", [{"prompt": f"Q{n}", "completion": "A"} for n in range(40)])
    config = check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": path, "weight": 2}], "valid": 0.1}})
    train, valid, _ = set_aside(read_rows(config.data.train, "sft", 1), config)
    assert len(valid) == 4
    assert len(train) == 72
    assert not {row.row for row in train} & {row.row for row in valid}
