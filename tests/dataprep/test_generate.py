from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.core.errors import EngineFailed
from headwater.core.types import ChatOptions, Message
from headwater.dataprep.generate.align import AlignSettings, align
from headwater.dataprep.generate.asking import Asker, Budget, OutOfBudget, Request
from headwater.dataprep.generate.evolve import EvolveSettings, evolve, refusal
from headwater.dataprep.generate.grounded import GroundedSettings, SourceText, from_documents, located, passages
from headwater.records.record import Record, Task, Turn
from tests.scripted import Scripted

TEXT = (
    "The Aare rises in the Bernese Alps. It is 288 kilometres long. It joins the Rhine near Koblenz. "
    "Its largest lake is Lake Thun. The river powers more than forty plants. Many people swim in it in summer."
)


def ask(text: str) -> Request:
    return Request((Message("user", text),))


def test_nothing_is_asked_twice_even_by_another_run(tmp_path: Path) -> None:
    model = Scripted(str.upper)
    with Asker(model, tmp_path / "cache.db") as asker:
        assert asker.ask_all([ask("a"), ask("b")]) == ["A", "B"]
        assert asker.ask(ask("a")) == "A"
        assert (asker.spent.requests, asker.spent.cached, asker.spent.tokens) == (2, 1, 20)
    with Asker(model, tmp_path / "cache.db") as asker:
        assert asker.ask(ask("b")) == "B"
        assert asker.ask(Request((Message("user", "b"),), ChatOptions(seed=1))) == "B"
        assert (asker.spent.requests, asker.spent.cached) == (1, 1), "another seed is another request"
    assert model.calls == 3


def test_the_budget_stops_and_keeps_what_is_done(tmp_path: Path) -> None:
    few = Asker(Scripted(str.upper), tmp_path / "c.db", Budget(requests=2), at_once=1)
    with few as asker:
        answers = asker.ask_all([ask("a"), ask("b"), ask("c")])
        assert answers[:2] == ["A", "B"]
        assert isinstance(answers[2], OutOfBudget)
        assert "2 requests" in answers[2].message
    with Asker(Scripted(str.upper), tmp_path / "c.db", Budget(tokens=5), at_once=1) as asker:
        assert asker.ask_all([ask("a"), ask("b")]) == ["A", "B"]
        assert asker.ask(ask("c")) == "C"
        with pytest.raises(OutOfBudget, match="5 tokens"):
            asker.ask(ask("d"))


def test_a_dead_engine_is_an_error_and_answers_before_it_stay(tmp_path: Path) -> None:
    def reply(text: str) -> str:
        if text == "b":
            raise EngineFailed("gone")
        return text

    with Asker(Scripted(reply), tmp_path / "c.db", at_once=1) as asker, pytest.raises(EngineFailed):
        asker.ask_all([ask("a"), ask("b"), ask("c")])
    model = Scripted(str)
    with Asker(model, tmp_path / "c.db") as asker:
        assert asker.ask(ask("a")) == "a"
    assert model.calls == 0


def test_questions_are_tied_to_the_range_they_were_made_from(tmp_path: Path) -> None:
    pairs = [
        {
            "question": "How long is the Aare?",
            "answer": "The Aare is 288 kilometres long.",
            "quote": "It is 288 kilometres long.",
        },
        {
            "question": "Where does it join the Rhine?",
            "answer": "It joins the Rhine near Koblenz.",
            "quote": "It joins the  Rhine near Koblenz",
        },
        {
            "question": "Who built it?",
            "answer": "The river powers forty plants.",
            "quote": "built by the Romans in antiquity",
        },
        {"question": "What is it?", "answer": "A submarine volcano under Antarctica.", "quote": "The Aare rises"},
        {"question": "Rivers are wet.", "answer": "The Aare rises in the Alps.", "quote": "The Aare rises"},
        {"question": "Aare how long is the?", "answer": "288 kilometres long", "quote": "288 kilometres"},
    ]
    document = "Preface, not part of it. " + TEXT
    with Asker(Scripted(lambda _: "Here: " + json.dumps({"pairs": pairs})), tmp_path / "c.db") as asker:
        made = from_documents(asker, [SourceText("aare.txt", document)], GroundedSettings())
    assert [r.prompt for r in made.records] == ["How long is the Aare?", "Where does it join the Rhine?"]
    for record in made.records:
        assert document[record.meta["start"] : record.meta["end"]] == record.meta["quote"]
    assert made.refused == {
        "the quote is not in the passage": 1,
        "the answer is not in the passage": 1,
        "not a question": 1,
        "asked before": 1,
    }
    with Asker(Scripted(lambda _: "no json"), tmp_path / "d.db") as asker:
        assert from_documents(asker, [SourceText("a", TEXT)], GroundedSettings()).refused == {
            "not the JSON asked for": 1
        }


def test_what_was_answered_before_the_budget_ended_is_used(tmp_path: Path) -> None:
    pair = {
        "question": "How long is the Aare?",
        "answer": "The Aare is 288 kilometres long.",
        "quote": "288 kilometres",
    }
    reply = Scripted(lambda _: json.dumps({"pairs": [pair]}))
    with Asker(reply, tmp_path / "c.db", Budget(requests=1), at_once=1) as asker:
        made = from_documents(asker, [SourceText("a", TEXT), SourceText("b", TEXT + " More.")], GroundedSettings())
    assert [r.origin for r in made.records] == ["a"]
    assert made.stopped is not None
    assert "1 requests" in made.stopped


def test_summaries_must_be_shorter_and_from_the_passage(tmp_path: Path) -> None:
    for reply, count in (
        ("The Aare rises in the Alps and joins the Rhine.", 1),
        (TEXT, 0),
        ("Bananas grow in plantations.", 0),
        ("", 0),
    ):
        with Asker(Scripted(lambda _, reply=reply: reply), tmp_path / f"{len(reply)}.db") as asker:
            made = from_documents(asker, [SourceText("a", TEXT)], GroundedSettings(kind="summaries"))
        assert len(made.records) == count
        assert sum(made.refused.values()) == 1 - count


def test_passages_lie_where_they_say() -> None:
    source = SourceText("a", TEXT * 5, offset=7)
    pieces = list(passages(source, 150))
    assert len(pieces) > 3
    for piece in pieces:
        assert source.text[piece.offset - 7 : piece.offset - 7 + len(piece.text)] == piece.text


def test_a_slip_of_copying_is_aligned() -> None:
    assert located("It is 288 kilometres long.", TEXT) == (36, 62)
    found = located("It is 288 kilometers long", TEXT)
    assert found is not None
    assert "288" in TEXT[found[0] : found[1]]
    assert located("Completely different words altogether", TEXT) is None
    assert located("", TEXT) is None


SEEDS = [
    Record(Task.INSTRUCT, (Turn("user", f"Describe the {name} in a few words."), Turn("assistant", "x")), id=name)
    for name in ("sea", "moon", "desert")
]


def test_evolved_instructions_tell_their_lineage(tmp_path: Path) -> None:
    count = iter(range(1000))

    def reply(text: str) -> str:
        if "Reply with the instruction alone" in text:
            n = next(count)
            return f"Sure, here is one:\nExplain how number {n * 7919} relates to {n * 104729}, and list causes of {n}."
        return "A long and useful answer about it."

    settings = EvolveSettings(rows=5, seed=4)
    with Asker(Scripted(reply), tmp_path / "c.db") as asker:
        made = evolve(asker, SEEDS, settings)
    assert len(made.records) == 5
    for record in made.records:
        assert record.origin in ("sea", "moon", "desert")
        assert 1 <= len(record.meta["mutations"]) <= 3
        assert 0 <= record.meta["difficulty"] <= 1
        assert record.prompt.startswith("Explain how number")
    with Asker(Scripted(reply), tmp_path / "c.db") as asker:
        again = evolve(asker, SEEDS, settings)
        assert asker.spent.requests == 0, "a second run finds every answer in the cache"
    assert again.records == made.records


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("#New Prompt#: describe the sea in detail, please", "leaked its instructions"),
        ("I'm sorry, but I can't help with that request today.", "the model refused"),
        ("Describe it.", "too short or too long"),
        ("Describe " + "the very large and deep sea " * 20, "grew too much"),
        ("Describe the sea in a few words!", "not changed"),
        ("The sea is large and blue and deep and salty.", "neither question nor request"),
        ("Describe the sea as seen by a diver at night, in one sentence.", None),
    ],
)
def test_refusals(text: str, reason: str | None) -> None:
    assert refusal(text, "Describe the sea in a few words.", EvolveSettings()) == reason


def test_a_model_that_only_repeats_ends_with_a_reason(tmp_path: Path) -> None:
    with Asker(Scripted(lambda text: text.rsplit("\n", 1)[-1]), tmp_path / "c.db") as asker:
        made = evolve(asker, SEEDS, EvolveSettings(rows=2, tries_a_row=3))
    assert made.records == []
    assert made.stopped == "6 tries gave 0 of 2 records"
    assert sum(made.refused.values()) == 6


def test_alignment_gives_pairs_with_the_critique(tmp_path: Path) -> None:
    def reply(text: str) -> str:
        if "Principle:" in text:
            return (
                "NO. It insults the reader." if "stupid" in text.split("Principle:")[0] and "insult" in text else "YES"
            )
        return "Press the button, then wait."

    rude = Record(
        Task.INSTRUCT, (Turn("user", "How does it start?"), Turn("assistant", "Press it, stupid.")), id="1", system="s"
    )
    kind = Record(Task.INSTRUCT, (Turn("user", "How does it stop?"), Turn("assistant", "Let go.")), id="2")
    with Asker(Scripted(reply), tmp_path / "c.db") as asker:
        made = align(asker, [rude, kind], AlignSettings())
    assert [(r.chosen, r.rejected, r.system) for r in made.records] == [
        ("Press the button, then wait.", "Press it, stupid.", "s")
    ]
    assert made.records[0].messages == rude.messages[:1]
    assert made.records[0].meta["critiques"][0]["critique"] == "It insults the reader."
    assert made.refused == {"nothing to revise": 1}
