"""A row of every format that trainers use is told by its fields and read as what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.records.detect import FORMATS, detect, format_named
from headwater.records.reading import read_records
from headwater.records.record import Record, RowError, Task, Turn

ASKED, ANSWERED = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
OTHER = {"role": "assistant", "content": "b"}
SHARED = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
PARTS = [{"type": "text", "value": "q"}]
CHAT = [("user", "q"), ("assistant", "a")]

# row, its format, its task, its messages, what else it must hold
ROWS: dict[str, tuple[dict[str, Any], str, Task, list[tuple[str, str]], dict[str, Any]]] = {
    "alpaca with history": (
        {"instruction": "r", "input": "c", "output": "b", "system": "s", "history": [["q", "a"]]},
        "alpaca", Task.CONVERSATION, [*CHAT, ("user", "r"), ("assistant", "b")], {"system": "s", "context": "c"},
    ),
    "alpaca preference": (
        {"instruction": "q", "input": "c", "chosen": "a", "rejected": "b"},
        "alpaca_preference", Task.PREFERENCE, CHAT[:1], {"context": "c", "chosen": "a", "rejected": "b"},
    ),
    "stack exchange": (
        {"question": "q", "response_j": "a", "response_k": "b"},
        "alpaca_preference", Task.PREFERENCE, CHAT[:1], {"chosen": "a", "rejected": "b"},
    ),
    "text": ({"text": "x"}, "text", Task.PRETRAINING, [], {"completion": "x"}),
    "sharegpt with a function call": (
        {"conversations": [SHARED[0], {"from": "function_call", "value": "{}"}, {"from": "observation", "value": "o"},
                           SHARED[1]], "system": "s"},
        "sharegpt", Task.CONVERSATION, [("user", "q"), ("assistant", "{}"), ("tool", "o"), ("assistant", "a")],
        {"system": "s"},
    ),
    "sharegpt preference": (
        {"conversations": SHARED[:1], "chosen": SHARED[1], "rejected": {"from": "gpt", "value": "b"}},
        "sharegpt_preference", Task.PREFERENCE, CHAT[:1], {"chosen": "a", "rejected": "b"},
    ),
    "kto by tag": (
        {"conversations": SHARED, "kto_tag": True}, "kto", Task.PREFERENCE, CHAT[:1], {"completion": "a", "label": True}
    ),
    "kto by label": (
        {"messages": [ASKED, ANSWERED], "label": False}, "kto", Task.PREFERENCE, CHAT[:1],
        {"completion": "a", "label": False},
    ),
    "unpaired": (
        {"prompt": "q", "completion": "a", "label": True}, "kto", Task.PREFERENCE, CHAT[:1],
        {"completion": "a", "label": True},
    ),
    "llama-factory v1": (
        {"messages": [{"role": "user", "content": PARTS, "loss_weight": 0.0}, ANSWERED]},
        "messages", Task.INSTRUCT, CHAT, {},
    ),
    "llama-factory v1 pairs": (
        {"chosen_messages": [{"role": "user", "content": PARTS}, ANSWERED],
         "rejected_messages": [{"role": "user", "content": PARTS}, OTHER]},
        "message_pairs", Task.PREFERENCE, CHAT[:1], {"chosen": "a", "rejected": "b"},
    ),
    "openai": (
        {"messages": [{"role": "system", "content": "s"}, ASKED, ANSWERED]}, "messages", Task.INSTRUCT, CHAT,
        {"system": "s"},
    ),
    "prompt and response": ({"prompt": "q", "response": "a"}, "prompt_completion", Task.INSTRUCT, CHAT, {}),
    "prompt and completion as messages": (
        {"prompt": [ASKED], "completion": [ANSWERED]}, "prompt_completion", Task.INSTRUCT, CHAT, {}
    ),
    "dpo": (
        {"prompt": "q", "chosen": "a", "rejected": "b"}, "dpo", Task.PREFERENCE, CHAT[:1],
        {"chosen": "a", "rejected": "b"},
    ),
    "dpo, prompt implied": (
        {"chosen": [ASKED, ANSWERED], "rejected": [ASKED, OTHER]}, "dpo", Task.PREFERENCE, CHAT[:1],
        {"chosen": "a", "rejected": "b"},
    ),
    "dpo, transcripts": (
        {"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: q\n\nAssistant: b"}, "dpo",
        Task.PREFERENCE, CHAT[:1], {"chosen": "a", "rejected": "b"},
    ),
    "labelled steps": (
        {"prompt": "q", "completions": ["one", "two"], "labels": [True, False]}, "stepwise", Task.PREFERENCE, CHAT[:1],
        {"completion": "one\ntwo", "label": False},
    ),
    "h2ogpt": (
        {"instruction": "q", "output": "a", "prompt_type": "human_bot", "source": "x"}, "h2ogpt", Task.INSTRUCT, CHAT,
        {},
    ),
    "h2ogpt chat": (
        {"input": "<human>: q\n<bot>: a\n<human>:", "prompt_type": "plain"}, "h2ogpt", Task.INSTRUCT, CHAT, {}
    ),
    "h2ogpt summary": (
        {"input": "long", "output": "short", "prompt_type": "summarize"}, "h2ogpt", Task.SUMMARISATION, [],
        {"context": "long", "completion": "short"},
    ),
    "h2ogpt summary as text": (
        {"output": "## Main Text\n\nlong\n\ntext\n\n## Summary\n\nshort", "prompt_type": "plain"}, "h2ogpt",
        Task.SUMMARISATION, [], {"context": "long\n\ntext", "completion": "short"},
    ),
    "studio preference": (
        {"instruction": "q", "chosen_response": "a", "rejected_response": "b", "id": "1", "parent_id": ""},
        "llm_studio_dpo", Task.PREFERENCE, CHAT[:1], {"chosen": "a", "rejected": "b"},
    ),
    "studio class": ({"instruction": "q", "label": "a"}, "llm_studio_labels", Task.INSTRUCT, CHAT, {}),
    "studio number": (
        {"instruction": "q", "label": 0.5}, "llm_studio_labels", Task.INSTRUCT, [("user", "q"), ("assistant", "0.5")],
        {},
    ),
    "tokens": (
        {"input_ids": [1, 2], "attention_mask": [1, 1], "labels": [-100, 2]}, "tokenized", Task.PRETRAINING, [], {}
    ),
    "question with context": (
        {"context": "c", "question": "q", "answer": "a"}, "question_answer", Task.QUESTION_ANSWERING, CHAT,
        {"context": "c"},
    ),
    "axolotl": (
        {"INSTRUCTION": "q", "RESPONSE": "a"}, "question_answer", Task.QUESTION_ANSWERING, CHAT, {}
    ),
    "article": (
        {"article": "long", "summary": "short"}, "summary", Task.SUMMARISATION, [],
        {"context": "long", "completion": "short"},
    ),
    "squad, one question": (
        {"id": "1", "title": "t", "context": "c", "question": "q", "answers": {"text": ["a"], "answer_start": [0]}},
        "squad", Task.QUESTION_ANSWERING, CHAT, {"context": "c", "origin": "t"},
    ),
    "choices": (
        {"query": "q", "choices": ["b", "a"], "gold": 1}, "evaluation", Task.QUESTION_ANSWERING, CHAT, {}
    ),
    "continuation": ({"context": "q", "continuation": "a"}, "evaluation", Task.QUESTION_ANSWERING, CHAT, {}),
    "aliases": (
        {"context": "q", "answer": "a", "aliases": ["a", "x"]}, "evaluation", Task.QUESTION_ANSWERING, CHAT,
        {"meta": {"aliases": ["a", "x"]}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_is_told_and_read(tmp_path: Path, kind: str) -> None:
    row, name, task, messages, more = ROWS[kind]
    assert detect([row]).format == name
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    (record,) = read_records(tmp_path / "a.jsonl")
    assert isinstance(record, Record), record
    if kind != "llama-factory v1":  # whose weights make it a conversation
        assert record.task is task
    assert [(turn.role, turn.content) for turn in record.messages] == messages
    for field, value in more.items():
        assert getattr(record, field) == value


def test_weights_of_messages_are_kept() -> None:
    row = {"messages": [{"role": "user", "content": PARTS, "loss_weight": 0.0}, ANSWERED]}
    record = format_named("messages").read(row)[0]
    assert format_named("messages").write(record)["messages"][0] == {**ASKED, "loss_weight": 0.0}


def test_labelled_steps_and_their_faults() -> None:
    steps = format_named("stepwise")
    row = {"prompt": "q", "completions": ["one", "two"], "labels": [True, False]}
    record = steps.read(row)[0]
    assert steps.write(record) == row
    assert steps.problems(row) == []
    assert "a step is empty" in steps.problems({**row, "completions": ["one", " "]})
    whole = Record(Task.PREFERENCE, (Turn("user", "q"),), completion="a", label=True)
    assert steps.write(whole) == {"prompt": "q", "completions": ["a"], "labels": [True]}
    for wrong in ({"labels": [True]}, {"completions": [1, 2]}, {"labels": ["yes", "no"]}, {"completions": []}):
        with pytest.raises(RowError, match="completions"):
            steps.read({**row, **wrong})
    changed = Record(Task.PREFERENCE, (Turn("user", "q"),), completion="three", label=True, meta=record.meta)
    with pytest.raises(RowError, match="changed"):
        steps.write(changed)


def test_pairs_of_dialogues_and_their_faults() -> None:
    pairs = FORMATS["message_pairs"]()
    row = {"chosen_messages": [ASKED, ANSWERED], "rejected_messages": [ASKED, OTHER]}
    assert pairs.write(pairs.read(row)[0]) == row
    assert pairs.problems(row) == []
    assert "the two answers are the same" in pairs.problems({**row, "rejected_messages": [ASKED, ANSWERED]})
    with pytest.raises(RowError, match="more than their last"):
        pairs.read({**row, "rejected_messages": [OTHER, ANSWERED]})


def test_a_label_is_one_line() -> None:
    labels = format_named("llm_studio_labels")
    turns = (Turn("user", "q"), Turn("assistant", "two\nlines"))
    with pytest.raises(RowError, match="several lines"):
        labels.write(Record(Task.INSTRUCT, turns))
    assert labels.problems({"instruction": "q", "label": " "}) != []


def test_text_that_looks_like_a_summary_is_no_plain_text() -> None:
    text = "## Main Text\n\nlong\n\n## Summary\n\nshort"
    with pytest.raises(RowError, match="read back"):
        format_named("h2ogpt").write(Record(Task.PRETRAINING, completion=text))
