"""Steps that measure a row and keep or drop it, on rows whose right answer is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headwater.core.errors import BadInput, MissingExtra
from headwater.dataprep.step import Services
from headwater.records.record import Record, Task, Turn


def test_length(
    do: Callable[..., Any],
    left: Callable[..., list[str]],
    text: Callable[..., list[Record]],
    chat: Callable[..., Record],
) -> None:
    values = ["", "ab", "abcd", "ab cd ef"]
    assert left(values, "length", {"minimum": 2, "maximum": 4}) == ["ab", "abcd"]
    assert left(values, "length", {"unit": "words", "minimum": 2}) == ["ab cd ef"]
    rows = [chat("long question", "a", "b", "long answer"), chat("q", "fine answer")]
    found, line = do(rows, "length", {"fields": ["answer"], "each": True, "minimum": 5})
    assert [r.answer for r in found] == ["fine answer"]
    assert line["reasons"] == {"too short": 1}
    assert len(do(text("x"), "length", {"fields": ["answer"], "minimum": 5})[0]) == 1, "not concerned"


def test_length_in_tokens(left: Callable[..., list[str]], tokenizer: str) -> None:
    options = {"unit": "tokens", "maximum": 3, "tokenizer": tokenizer}
    assert left(["a b c", "a b c d", "x,y"], "length", options) == ["a b c", "x,y"]
    with pytest.raises(BadInput, match="No file"):
        left(["a"], "length", {**options, "tokenizer": "none.json"})


def test_fit(do: Callable[..., Any], chat: Callable[..., Record], tokenizer: str) -> None:
    rows = [chat("a b", "c d", context="e f g h a b"), chat("a b c d e f g h a b", "c", id="big")]
    base = {"tokenizer": tokenizer, "maximum": 8, "turn_tokens": 0}
    assert [r.id for r in do(rows, "fit", base)[0]] == []
    found, line = do(rows, "fit", {**base, "action": "cut_context"})
    assert [(r.context, r.answer) for r in found] == [("e f g h", "c d")]
    assert line["changed"] == 1
    assert line["reasons"] == {"does not fit the model's context": 1}
    assert len(do(rows, "fit", {**base, "action": "report"})[0]) == 2


def test_repetition(left: Callable[..., list[str]]) -> None:
    good = "Every sentence here says something else, as sentences of a text that is worth reading usually do."
    assert left([good, "spam and eggs " * 40, "ha" * 100], "repetition") == [good]


def test_symbols(left: Callable[..., list[str]]) -> None:
    values = ["Plain words and 3 numbers.", "#### $$$$ ----", "12345 6789", "SHOUTING ALL DAY"]
    assert left(values, "symbols") == [values[0], values[2], values[3]]
    assert left(values, "symbols", {"maximum_digits": 0.5, "maximum_capitals": 0.5}) == [values[0]]
    lines = {"minimum_word_length": 3, "maximum_word_length": 6, "maximum_line_length": 20}
    assert left(["a b c d", "some words", "words " * 9, "incomprehensibilities"], "symbols", lines) == ["some words"]


def test_readability(left: Callable[..., list[str]]) -> None:
    simple = "The cat sat on the mat. The dog ran to the cat. It was a hot day."
    hard = (
        "Notwithstanding the aforementioned considerations, institutional accountability necessitates "
        "comprehensive administrative reorganisation of intergovernmental responsibilities."
    )
    assert left([simple, hard, "Too few words."], "readability", {"minimum_grade": 3}) == [
        hard,
        "Too few words.",
    ]
    assert left([simple, hard], "readability", {"maximum_grade": 12}) == [simple]


def test_quality_orders_texts(
    tmp_path: Path, left: Callable[..., list[str]], text: Callable[..., list[Record]]
) -> None:
    values = [
        "A good sentence that ends properly, with some detail in it.",
        "%%% $$ ## 88 @@ !! ^^ && ** ((",
        "buy now " * 60,
    ]
    assert left(values, "quality", {"minimum": 0.6}) == values[:1]


def test_valid_question(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    rows = [
        chat(
            "What is the capital of France?",
            "Paris is the capital of France.",
            context="Paris is the capital of France.",
        ),
        chat("Describe a river", "It is a stream of water that flows to the sea."),
        chat("the weather was fine", "Yes it was."),
        chat("Is it so?", "Is it so?"),
        chat("¿Dónde está?", "Aquí."),
    ]
    found, line = do(rows, "valid_question")
    assert [r.prompt for r in found] == [rows[0].prompt, rows[1].prompt, rows[4].prompt]
    assert line["reasons"] == {"not a question": 1, "the answer repeats the question": 1}
    grounded = [rows[0], chat("What is the capital?", "Lyon has bridges", context="Paris is the capital of France.")]
    kept, _ = do(grounded, "valid_question", {"minimum_grounding": 0.5})
    assert [r.answer for r in kept] == [rows[0].answer]
    with pytest.raises(MissingExtra, match="embed"):
        do(rows, "valid_question", {"minimum_embedding": 0.2})

    def embed(values: Any) -> Any:
        return np.array([[1.0, 0.0] if "capital" in v else [0.0, 1.0] for v in values], dtype=np.float32)

    kept, _ = do(
        rows[:1] + rows[3:4],
        "valid_question",
        {"minimum_embedding": 0.5, "maximum_echo": None},
        services=Services(embed=embed),
    )
    assert len(kept) == 2
    kept, _ = do(
        [chat("What is a capital?", "No idea at all")],
        "valid_question",
        {"minimum_embedding": 0.5},
        services=Services(embed=embed),
    )
    assert kept == []


def test_compression(do: Callable[..., Any], text: Callable[..., list[Record]]) -> None:
    rows = [Record(Task.SUMMARISATION, context="word " * 100, completion="word " * n, id=str(n)) for n in (0, 10, 90)]
    found, line = do([*rows, *text("no summary")], "compression")
    assert [r.id for r in found][:1] == ["10"]
    assert len(found) == 2
    assert line["reasons"] == {"summary too short": 1, "summary too long": 1}


@pytest.mark.parametrize("measure", ["bleu", "chrf", "meteor", "rouge_1", "rouge_2", "rouge_l", "edit", "covered"])
def test_similarity(do: Callable[..., Any], measure: str) -> None:
    rows = [
        Record(Task.PREFERENCE, (Turn("user", "q"),), chosen="the cat sat on the mat today", rejected=r, id=r)
        for r in ("the cat sat on the mat today", "quantum physics explains nothing whatsoever")
    ]
    options = {"of": "answer", "to": "rejected", "measure": measure, "maximum": 0.9}
    assert [r.id for r in do(rows, "similarity", options)[0]] == [rows[1].id]
    assert [r.id for r in do(rows, "similarity", {**options, "maximum": None, "minimum": 0.5})[0]] == [rows[0].id]


def test_reward(do: Callable[..., Any], text: Callable[..., list[Record]], chat: Callable[..., Record]) -> None:
    rows = [chat("q1", "good"), chat("q2", "bad"), *text("no pair")]

    def reward(pairs: Any) -> list[float]:
        return [0.9 if answer == "good" else 0.1 for _, answer in pairs]

    found, line = do(rows, "reward", {"minimum": 0.5}, services=Services(reward=reward))
    assert [(r.answer, r.score) for r in found] == [("good", 0.9), ("no pair", None)]
    assert line["reasons"] == {"low reward": 1}
    with pytest.raises(MissingExtra, match="reward"):
        do(rows, "reward")
    scored = [chat("q", "a", score=0.2, id="x"), chat("q", "a", score=0.8, id="y")]
    assert [r.id for r in do(scored, "reward", {"source": "column", "minimum": 0.5})[0]] == ["y"]
