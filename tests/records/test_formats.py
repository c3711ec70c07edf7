from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.core.errors import BadInput, UnknownName
from headwater.records.detect import FORMATS, NESTED, READ_ONLY, WRITABLE, detect, format_named
from headwater.records.formats.format import aspects_of
from headwater.records.reading import SourceSettings, read_records
from headwater.records.record import Record, RowError, Source, Task, Turn
from headwater.records.writing import write_records

TURNS = (Turn("user", "How are you?"), Turn("assistant", "Well. And you?"))
MORE = (*TURNS, Turn("user", "Fine,\nthanks."), Turn("assistant", 'He said "so", \\ and left.'))
RECORDS = [
    Record(Task.INSTRUCT, TURNS, id="a"),
    Record(Task.INSTRUCT, TURNS, system="Be kind.", id="b", score=0.5, language="en", meta={"kept": [1, 2]}),
    Record(Task.CONVERSATION, MORE, id="c"),
    Record(Task.CONVERSATION, MORE, system="Be brief.", context="Passage.", id="d"),
    Record(Task.QUESTION_ANSWERING, TURNS, context="A passage.", id="e"),
    Record(Task.SUMMARISATION, context="A long article.", completion="Short.", id="f"),
    Record(Task.PRETRAINING, completion="Running text.", id="g"),
    Record(Task.PREFERENCE, TURNS[:1], chosen="Good", rejected="Bad", id="h"),
    Record(Task.PREFERENCE, (*MORE[:3],), system="S", chosen="Good", rejected="Bad", id="i"),
    Record(Task.PREFERENCE, TURNS[:1], completion="Good", label=True, id="j"),
    Record(
        Task.PRETRAINING,
        completion="",
        meta={"input_ids": [1, 2], "attention_mask": [1, 1], "labels": [-100, 2]},
        id="k",
    ),
]
CONTENT = ("messages", "system", "context", "completion", "chosen", "rejected", "label")


def content(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in CONTENT}


def back(path: Path, name: str) -> list[Record]:
    found = list(read_records(path, SourceSettings(format=name)))
    assert all(isinstance(row, Record) for row in found), found
    return [row for row in found if isinstance(row, Record)]


def test_the_table_and_the_classes_agree() -> None:
    for name in FORMATS:
        assert format_named(name).name == name
        assert format_named(name).title
        assert format_named(name).tasks
    with pytest.raises(UnknownName, match="alpaca"):
        format_named("alpacca")


@pytest.mark.parametrize(
    ("name", "suffix"), list(itertools.product(WRITABLE, [".jsonl", ".json", ".parquet", ".csv", ".tsv"]))
)
def test_round_trip_is_equal_or_a_named_loss(tmp_path: Path, name: str, suffix: str) -> None:
    if name in NESTED and suffix in (".csv", ".tsv"):
        with pytest.raises(BadInput, match="table"):
            write_records(RECORDS, tmp_path / f"out{suffix}", name)
        return
    chosen = format_named(name)
    held: list[Record] = []
    for record in RECORDS:
        try:
            chosen.write_many(record)
        except RowError:
            continue
        held.append(record)
    assert held, "a writable format must hold something"
    written = write_records(RECORDS, tmp_path / f"out{suffix}", name)
    assert written.records == len(held)
    assert len(written.refused) == len(RECORDS) - len(held)
    again = back(tmp_path / f"out{suffix}", name)
    assert len(again) == len(held)
    for before, after in zip(held, again, strict=True):
        lost = set(chosen.losses(before))
        if lost & {"context", "system"} or "text" in lost or before.task is Task.SUMMARISATION:
            continue  # merged into the prompt: named, counted below
        assert content(after) == content(before), (name, before.id, lost)
        for aspect in ("id", "score", "language", "meta"):
            if aspect not in lost and aspect in aspects_of(before):
                assert getattr(after, aspect) == getattr(before, aspect), (name, aspect)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(WRITABLE, WRITABLE)))
def test_every_pair_of_formats_is_equal_or_names_its_loss(first: str, second: str) -> None:
    one, two = format_named(first), format_named(second)
    for record in RECORDS:
        try:
            middle = (
                one.read_all([(n, row) for n, row in enumerate(one.write_many(record), 1)])[0][1]
                if (one.whole_file)
                else one.read(one.write(record))[0]
            )
            rows = two.write_many(middle)
        except RowError as error:
            assert str(error)
            continue
        after = two.read_all(list(enumerate(rows, 1)))[0][1] if two.whole_file else two.read(rows[0])[0]
        if content(after) != content(middle):
            assert two.losses(middle) or middle.task is Task.SUMMARISATION, (first, second, middle)


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=3),
    st.none() | texts,
    st.sampled_from(["messages", "sharegpt", "alpaca", "llm_studio", "headwater"]),
)
def test_any_text_survives(pairs: list[tuple[str, str]], system: str | None, name: str) -> None:
    turns = tuple(turn for q, a in pairs for turn in (Turn("user", q), Turn("assistant", a)))
    record = Record(Task.CONVERSATION if len(pairs) > 1 else Task.INSTRUCT, turns, system=system, id="x")
    chosen = format_named(name)
    rows = chosen.write_many(record)
    after = chosen.read_all(list(enumerate(rows, 1)))[0][1] if chosen.whole_file else chosen.read(rows[0])[0]
    assert content(after) == content(record)


def test_a_detected_format_is_the_one_that_wrote_it() -> None:
    for name in WRITABLE:
        chosen = format_named(name)
        rows = []
        for record in RECORDS:
            try:
                rows += chosen.write_many(replace(record, source=Source("f", 1)))
            except RowError:
                continue
        assert detect(rows).format == name, name


def test_nothing_fits() -> None:
    with pytest.raises(BadInput, match=r"no known format"):
        detect([{"colour": "red"}])


def test_read_only_formats_are_not_written(tmp_path: Path) -> None:
    for name in READ_ONLY:
        with pytest.raises(BadInput, match="only read"):
            write_records([], tmp_path / "x.jsonl", name)


# --- one format's own traps ---------------------------------------------------------------------


def test_chat_text_with_a_closing_mark() -> None:
    record = format_named("h2ogpt").read(
        {"input": "<human>: Hi <bot>: Hello.\n<human>: More\n<bot>: No.\n<human>:", "prompt_type": "plain"}
    )[0]
    assert [turn.content for turn in record.messages] == ["Hi", "Hello.", "More", "No."]
    assert format_named("h2ogpt").write(record)["input"].endswith("\n<human>:")


def test_chat_text_that_holds_the_mark_is_refused() -> None:
    turns = (Turn("user", "say <bot>: x"), *MORE[1:])
    with pytest.raises(RowError, match="mark"):
        format_named("h2ogpt").write(Record(Task.CONVERSATION, turns))


def test_implied_prompts() -> None:
    dpo = format_named("dpo")
    lists = dpo.read(
        {
            "chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],
            "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}],
        }
    )[0]
    texts_ = dpo.read({"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: q\n\nAssistant: b"})[0]
    assert lists.messages == texts_.messages == (Turn("user", "q"),)
    assert (lists.chosen, texts_.rejected) == ("a", "b")


def test_studio_chains_and_their_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,parent_id,instruction,output\n1,,q1,a1\n2,1,q2,a2\n3,9,q3,a3\n4,5,q4,a4\n5,4,q5,a5\n6,,q6,a6\n", "utf-8"
    )
    found = list(read_records(path))
    records = [row for row in found if isinstance(row, Record)]
    assert [[t.content for t in r.messages] for r in records] == [["q1", "a1", "q2", "a2"], ["q6", "a6"]]
    reasons = {row.number: row.reason for row in found if not isinstance(row, Record)}
    assert "parent '9' is not in the file" in reasons[3]


def test_studio_csv_counts_the_words_read_as_missing(tmp_path: Path) -> None:
    records = [
        Record(Task.INSTRUCT, (Turn("user", "Is it?"), Turn("assistant", word)), id=word)
        for word in ("NA", "None", "ok\r\nthen")
    ]
    written = write_records(records, tmp_path / "a.csv", "llm_studio")
    assert written.losses["output 'NA' is read as missing by pandas"] == 1
    assert sum(written.losses.values()) >= 2
    assert b"\r\n" not in (tmp_path / "a.csv").read_bytes().split(b"\n")[0] + b"\n"
    assert [r.answer for r in back(tmp_path / "a.csv", "llm_studio")] == ["NA", "None", "ok\r\nthen"]
    assert not write_records(records, tmp_path / "a.parquet", "llm_studio").losses[
        "output 'NA' is read as missing by pandas"
    ]


def test_validators_name_the_row() -> None:
    turns = (Turn("user", "q"), Turn("assistant", "a"), Turn("user", "open"))
    messages = format_named("messages")
    assert messages.problems(messages.write(Record(Task.CONVERSATION, turns)))
    share = format_named("sharegpt")
    wrong = (Turn("assistant", "first"), Turn("user", "then"))
    assert share.problems(share.write(Record(Task.CONVERSATION, wrong)))
    dpo = format_named("dpo")
    assert dpo.problems(dpo.write(Record(Task.PREFERENCE, TURNS[:1], chosen="x", rejected="x")))
    tokens = format_named("tokenized")
    assert tokens.problems({"input_ids": [1], "attention_mask": [1], "labels": [-100]})


def test_a_tool_call_survives_in_messages() -> None:
    row = {
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f"}}]},
            {"role": "tool", "content": "7", "tool_call_id": "1"},
            {"role": "assistant", "content": "7"},
        ],
        "tools": [{"name": "f"}],
    }
    messages = format_named("messages")
    again = messages.write(messages.read(row)[0])
    assert again["tools"] == row["tools"]
    assert again["messages"][1]["tool_calls"] == row["messages"][1]["tool_calls"]
    assert again["messages"][2]["tool_call_id"] == "1"


def test_trees_follow_the_best_rank_and_pair_the_others() -> None:
    def node(name: str, role: str, rank: int | None = None, replies: list[object] | None = None) -> dict[str, object]:
        return {"message_id": name, "text": name, "role": role, "rank": rank, "lang": "en", "replies": replies or []}

    tree = node(
        "q",
        "prompter",
        replies=[
            node("worse", "assistant", 1),
            node("best", "assistant", 0, [node("q2", "prompter", replies=[node("a2", "assistant")])]),
        ],
    )
    record = format_named("oasst").read({"message_tree_id": "t", "prompt": tree})[0]
    assert [turn.content for turn in record.messages] == ["q", "best", "q2", "a2"]
    assert record.origin == "t"
    pair = format_named("oasst_pairs").read({"message_tree_id": "t", "prompt": tree})[0]
    assert (pair.chosen, pair.rejected) == ("best", "worse")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from headwater.core.errors import StorageFull
    from headwater.records.writing import LinesSink

    def refuse(self: LinesSink, row: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LinesSink, "add", refuse)
    with pytest.raises(StorageFull):
        write_records(RECORDS[:1], tmp_path / "a.jsonl", "messages")
    assert not list(tmp_path.iterdir())
