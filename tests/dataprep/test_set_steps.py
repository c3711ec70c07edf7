"""Steps that look at the whole set, or at other sets, on rows whose right answer is known by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headwater.records.record import Record, Task


def test_exact_duplicates(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    rows = [
        chat("a b", "c", id="1"),
        chat("a  b", "c", id="2"),
        chat("a", "b c", id="3"),
        chat("A b", "c", id="4"),
        chat("a b", "d", id="5"),
    ]
    assert [r.id for r in do(rows, "exact_duplicates")[0]] == ["1", "3", "4", "5"]
    assert [r.id for r in do(rows, "exact_duplicates", {"ignore_case": True})[0]] == ["1", "3", "5"]
    assert [r.id for r in do(rows, "exact_duplicates", {"fields": ["question"]})[0]] == ["1", "3", "4"]


def test_short_texts_are_no_near_duplicates_of_each_other(left: Callable[..., list[str]]) -> None:
    values = ["Paris", "42", "No", "Thanks a lot!", "Yes", "paris", "Thanks  a lot!", "", ""]
    assert left(values, "near_duplicates") == ["Paris", "42", "No", "Thanks a lot!", "Yes", "", ""]


def test_near_duplicates_keep_the_best(do: Callable[..., Any]) -> None:
    base = "the quick brown fox jumps over the lazy dog and runs far away into the deep green forest at night"
    rows = [
        Record(Task.PRETRAINING, completion=value, id=str(n), score=score)
        for n, (value, score) in enumerate(
            [(base, 0.1), (base + " again", 0.9), (base + " once again", 0.5), ("something else entirely " * 3, None)]
        )
    ]
    for keep, kept in (("first", "0"), ("longest", "2"), ("best", "1")):
        assert [r.id for r in do(rows, "near_duplicates", {"keep": keep})[0]] == sorted([kept, "3"])


def test_decontaminate(tmp_path: Path, left: Callable[..., list[str]]) -> None:
    question = "which of the following planets of the solar system has the largest number of known moons today"
    (tmp_path / "eval.jsonl").write_text(
        json.dumps({"query": question, "choices": ["a", "b"], "gold": 0}) + "\n", "utf-8"
    )
    values = [f"Intro. {question.title()} and so on", "planets of the solar system have moons", question]
    assert left(values, "decontaminate", {"against": ["eval.jsonl"]}) == values[1:2]


def test_mix_sample_shuffle_agree_with_the_seed(do: Callable[..., Any], text: Callable[..., list[Record]]) -> None:
    rows = text(*(f"text {n}" for n in range(200)))
    small = {r.id for r in do(rows, "sample", {"rows": 20})[0]}
    large = {r.id for r in do(rows, "sample", {"rows": 50})[0]}
    assert small < large and len(small) == 20
    share = len(do(rows, "sample", {"share": 0.5})[0])
    assert 70 < share < 130
    order = [r.id for r in do(rows, "shuffle")[0]]
    assert sorted(order) == sorted(r.id for r in rows) and order != [r.id for r in rows]
    assert len(do(rows, "mix", {"weights": {"in.parquet": 0.25}})[0]) == 50
