"""Steps on the shape of conversations, on rows whose right answer is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dataprep.steps.chop_conversation import chopped
from headwater.records.record import Record, Task, Turn


def test_repair_conversation(do: Callable[..., Any]) -> None:
    turns = [
        ("assistant", "hello"),
        ("user", "a"),
        ("user", "b"),
        ("assistant", " "),
        ("assistant", "c"),
        ("user", "open"),
    ]
    record = Record(Task.CONVERSATION, tuple(Turn(*turn) for turn in turns), id="1")
    found, line = do([record, Record(Task.CONVERSATION, (Turn("user", "alone"),), id="2")], "repair_conversation")
    assert [(t.role, t.content) for t in found[0].messages] == [("user", "a\n\nb"), ("assistant", "c")]
    assert line["reasons"] == {"no question with an answer": 1}
    pair = Record(Task.PREFERENCE, (Turn("user", "q"),), chosen="a", rejected="b", id="3")
    assert do([pair], "repair_conversation")[0][0].messages == pair.messages


def test_chop_conversation(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    found, line = do([chat("1", "2", "3", "4", "5", "6", id="x", system="s")], "chop_conversation", {"pairs": 2})
    assert [[t.content for t in r.messages] for r in found] == [["1", "2", "3", "4"], ["5", "6"]]
    assert {r.origin for r in found} == {"x"} and {r.system for r in found} == {"s"}
    assert line["added"] == 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool"]), st.text(max_size=9)), max_size=12),
    st.integers(1, 4),
    st.integers(1, 30),
)
def test_pieces_together_are_the_conversation(turns: list[tuple[str, str]], pairs: int, characters: int) -> None:
    whole = tuple(Turn(*turn) for turn in turns)
    pieces = chopped(whole, pairs, characters)
    assert tuple(turn for piece in pieces for turn in piece) == whole
    assert all(sum(t.role == "user" for t in piece) <= pairs for piece in pieces)


def test_require(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    rows = [chat("q", "a"), Record(Task.INSTRUCT, (Turn("user", "q"), Turn("assistant", " ")), id="empty")]
    found, line = do(rows, "require")
    assert [r.id for r in found] == ["q"]
    assert line["reasons"] == {"no answer": 1}
    assert do(rows[:1], "require", {"task": "summarisation"})[1]["reasons"] == {"no text to summarise": 1}
