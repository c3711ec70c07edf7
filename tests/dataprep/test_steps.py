"""Every step on rows whose right answer is known by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.core.errors import BadInput, MissingExtra
from headwater.dataprep.recipe import parse_recipe
from headwater.dataprep.registry import STEPS
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.step import Services
from headwater.dataprep.steps.chop_conversation import chopped
from headwater.dataprep.steps.personal_data import iban, luhn
from headwater.records.reading import SourceSettings, read_records
from headwater.records.record import Record, Task, Turn
from headwater.records.writing import write_records


def do(
    tmp_path: Path, records: list[Record], step: str, options: dict[str, Any] | None = None, **more: Any
) -> tuple[list[Record], dict[str, Any]]:
    """Run one step; return what is left and the step's line of the report."""
    write_records(records, tmp_path / "in.parquet", "headwater")
    value = {
        "version": 1,
        "sources": [{"path": "in.parquet"}],
        "steps": [{step: options or {}}],
        "output": {"path": "out.parquet", "format": "headwater"},
        **more.get("recipe", {}),
    }
    report = prepare(parse_recipe(value, tmp_path), RunSettings(services=more.get("services", Services())))
    found = [
        r for r in read_records(tmp_path / "out.parquet", SourceSettings(format="headwater")) if isinstance(r, Record)
    ]
    return found, report.json["steps"][-1]


def text(*values: str) -> list[Record]:
    return [Record(Task.PRETRAINING, completion=value, id=str(n)) for n, value in enumerate(values)]


def chat(*turns: str, **more: Any) -> Record:
    roles = ("user", "assistant")
    made = tuple(Turn(roles[n % 2], content) for n, content in enumerate(turns))
    return Record(
        Task.CONVERSATION if len(turns) > 2 else Task.INSTRUCT, made, id=more.pop("id", turns[0][:20]), **more
    )


def left(tmp_path: Path, values: list[str], step: str, options: dict[str, Any] | None = None) -> list[str]:
    return [r.completion or "" for r in do(tmp_path, text(*values), step, options)[0]]


def test_every_step_of_the_table_is_there_and_is_tested() -> None:
    source = Path(__file__).read_text("utf-8") + (Path(__file__).parent / "test_run.py").read_text("utf-8")
    for name in STEPS:
        kind = STEPS[name]
        assert kind.name == name and kind.title and kind.__doc__
        assert all(field.description for field in kind.options_type.model_fields.values()), name
        assert f'"{name}"' in source, f"no test runs {name}"


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({}, "  cafÃ©\u00a0here \n\n\n\nend\u200b\x07 ", "café here\n\nend"),
        ({}, "def f():\n    return  1", "def f():\n    return  1"),
        ({"collapse_spaces": True}, "a   b\t\tc", "a b c"),
        ({"html": True}, "<p>One &amp; <b>two</b></p><script>x()</script> 3 < 4", "One &  two    3 < 4"),
        ({"web_addresses": "mask"}, "See https://a.example/x?y=1. Then www.b.example!", "See [URL]. Then [URL]!"),
        ({"web_addresses": "remove"}, "See https://a.example/x now", "See  now"),
        ({"emoji": "remove"}, "fine 👍🏽 then ☀️ yes", "fine  then  yes"),
        ({"punctuation": True}, "“so” – it’s…", '"so" - it\'s...'),
        ({"case": "lower"}, "ÄB Ç", "äb ç"),
        ({"stop_words": ["english"]}, "The cat is on the mat", "cat mat"),
        ({"unicode": False, "spaces": False, "special_characters": False}, " cafÃ© \u200b", " cafÃ© \u200b"),
    ],
)
def test_clean(tmp_path: Path, options: dict[str, Any], before: str, after: str) -> None:
    assert left(tmp_path, [before], "clean", options) == [after]


def test_clean_only_in_named_fields(tmp_path: Path) -> None:
    found, line = do(tmp_path, [chat("ASK Me", "TELL You")], "clean", {"case": "lower", "fields": ["answer"]})
    assert [turn.content for turn in found[0].messages] == ["ASK Me", "tell you"]
    assert line["changed"] == 1


def test_personal_data_is_masked_only_when_it_is_valid(tmp_path: Path) -> None:
    given_text = (
        "Write to ann.b@example.co.uk or +49 30 901820, card 4111 1111 1111 1111, not 4111 1111 1111 1112; "
        "IBAN DE89 3704 0044 0532 0130 00, not DE88 3704 0044 0532 0130 00; host 8.8.8.8, not 10.0.0.1 or 1.2.3; "
        "SSN 219-09-9999, not 000-12-3456; key AKIAABCDEFGHIJKLMNOP; order 12345678"
    )
    masked = left(tmp_path, [given_text], "personal_data")[0]
    for kind in ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "SSN", "SECRET"):
        assert masked.count(f"[{kind}]") == 1, (kind, masked)
    for kept in ("4111 1111 1111 1112", "DE88 3704", "10.0.0.1", "1.2.3", "000-12-3456", "12345678"):
        assert kept in masked, masked
    found, line = do(tmp_path, text(given_text, "nothing here"), "personal_data", {"action": "drop"})
    assert [r.completion for r in found] == ["nothing here"]
    assert line["reasons"] == {"personal data": 1}
    assert len(left(tmp_path, [given_text], "personal_data", {"action": "find"})) == 1


def test_check_digits() -> None:
    assert luhn("5500 0000 0000 0004") and not luhn("5500 0000 0000 0005") and not luhn("0000 0000 0000 0000")
    assert iban("GB82 WEST 1234 5698 7654 32") and not iban("GB82 WEST 1234 5698 7654 33")


def test_profanity_counts_whole_words(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("grommet\nblast it\n", "utf-8")
    listed = {"words_file": "words.txt"}
    values = ["A Grommet, he said.", "The grommets of Grommetshire", "oh blast it all", "clean"]
    assert left(tmp_path, values, "profanity", listed) == ["A ***, he said.", values[1], "oh *** all", "clean"]
    assert left(tmp_path, values, "profanity", {**listed, "action": "drop"}) == [values[1], "clean"]
    drops = {**listed, "action": "drop", "allow": ["grommet"]}
    assert left(tmp_path, values, "profanity", drops) == [*values[:2], "clean"]
    assert left(tmp_path, ["Scunthorpe, Dickens and the cockpit"], "profanity", {"action": "drop"}) != []
    with pytest.raises(BadInput, match="word list"):
        left(tmp_path, values, "profanity", {"words_file": "none.txt"})


def test_our_own_word_list_finds_something(tmp_path: Path) -> None:
    import codecs

    coarse = codecs.decode("ohyyfuvg", "rot13")
    assert left(tmp_path, [f"What {coarse} is that?"], "profanity") == ["What *** is that?"]


def test_unhelpful(tmp_path: Path) -> None:
    answers = [
        "As an AI language model, I cannot feel.",
        "I’m sorry, but I can't help with that.",
        "I don't know.",
        "Language models are trained on text.",
        "He said: I don't know the way, so we asked.",
        "Paris.",
    ]
    found, line = do(tmp_path, [chat(f"q{n}?", a) for n, a in enumerate(answers)], "unhelpful")
    assert [r.answer for r in found] == answers[3:]
    assert line["reasons"] == {"unhelpful answer": 3}
    assert len(do(tmp_path, [chat("As an AI language model, who are you?", "Me.")], "unhelpful")[0]) == 1
    assert do(tmp_path, [chat("q?", "no COMMENT here")], "unhelpful", {"also": ["no comment"]})[0] == []


def test_personalise_on_whole_words_only(tmp_path: Path) -> None:
    options = {"names": {"h2oGPT": "Headwater", "Ann": "h2oGPT"}, "placeholders": {"name": "Brook"}}
    assert left(tmp_path, ["I am h2oGPT, not h2oGPTs. Ann and Anna. {{name}} {{other}}"], "personalise", options) == [
        "I am Headwater, not h2oGPTs. h2oGPT and Anna. Brook {{other}}"
    ]


def test_language(tmp_path: Path) -> None:
    values = [
        "This is a plain English sentence about the weather.",
        "Dies ist ein einfacher deutscher Satz über das Wetter.",
        "Ceci est une phrase française simple sur le temps.",
        "ok",
    ]
    found, line = do(tmp_path, text(*values), "language", {"allowed": ["en", "de"]})
    assert [r.language for r in found] == ["en", "de", None]
    assert line["reasons"] == {"another language": 1}


def test_length(tmp_path: Path) -> None:
    values = ["", "ab", "abcd", "ab cd ef"]
    assert left(tmp_path, values, "length", {"minimum": 2, "maximum": 4}) == ["ab", "abcd"]
    assert left(tmp_path, values, "length", {"unit": "words", "minimum": 2}) == ["ab cd ef"]
    rows = [chat("long question", "a", "b", "long answer"), chat("q", "fine answer")]
    found, line = do(tmp_path, rows, "length", {"fields": ["answer"], "each": True, "minimum": 5})
    assert [r.answer for r in found] == ["fine answer"]
    assert line["reasons"] == {"too short": 1}
    assert len(do(tmp_path, text("x"), "length", {"fields": ["answer"], "minimum": 5})[0]) == 1, "not concerned"


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {"[UNK]": 0, **{word: n for n, word in enumerate(["a", "b", "c", "d", "e", "f", "g", "h"], 1)}}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    return "tokenizer.json"


def test_length_in_tokens(tmp_path: Path, tokenizer: str) -> None:
    options = {"unit": "tokens", "maximum": 3, "tokenizer": tokenizer}
    assert left(tmp_path, ["a b c", "a b c d", "x,y"], "length", options) == ["a b c", "x,y"]
    with pytest.raises(BadInput, match="No file"):
        left(tmp_path, ["a"], "length", {**options, "tokenizer": "none.json"})


def test_fit(tmp_path: Path, tokenizer: str) -> None:
    rows = [chat("a b", "c d", context="e f g h a b"), chat("a b c d e f g h a b", "c", id="big")]
    base = {"tokenizer": tokenizer, "maximum": 8, "turn_tokens": 0}
    assert [r.id for r in do(tmp_path, rows, "fit", base)[0]] == []
    found, line = do(tmp_path, rows, "fit", {**base, "action": "cut_context"})
    assert [(r.context, r.answer) for r in found] == [("e f g h", "c d")]
    assert line["changed"] == 1
    assert line["reasons"] == {"does not fit the model's context": 1}
    assert len(do(tmp_path, rows, "fit", {**base, "action": "report"})[0]) == 2


def test_repetition(tmp_path: Path) -> None:
    good = "Every sentence here says something else, as sentences of a text that is worth reading usually do."
    assert left(tmp_path, [good, "spam and eggs " * 40, "ha" * 100], "repetition") == [good]


def test_symbols(tmp_path: Path) -> None:
    values = ["Plain words and 3 numbers.", "#### $$$$ ----", "12345 6789", "SHOUTING ALL DAY"]
    assert left(tmp_path, values, "symbols") == [values[0], values[2], values[3]]
    assert left(tmp_path, values, "symbols", {"maximum_digits": 0.5, "maximum_capitals": 0.5}) == [values[0]]
    lines = {"minimum_word_length": 3, "maximum_word_length": 6, "maximum_line_length": 20}
    assert left(tmp_path, ["a b c d", "some words", "words " * 9, "incomprehensibilities"], "symbols", lines) == [
        "some words"
    ]


def test_readability(tmp_path: Path) -> None:
    simple = "The cat sat on the mat. The dog ran to the cat. It was a hot day."
    hard = (
        "Notwithstanding the aforementioned considerations, institutional accountability necessitates "
        "comprehensive administrative reorganisation of intergovernmental responsibilities."
    )
    assert left(tmp_path, [simple, hard, "Too few words."], "readability", {"minimum_grade": 3}) == [
        hard,
        "Too few words.",
    ]
    assert left(tmp_path, [simple, hard], "readability", {"maximum_grade": 12}) == [simple]


def test_quality_orders_texts(tmp_path: Path) -> None:
    values = [
        "A good sentence that ends properly, with some detail in it.",
        "%%% $$ ## 88 @@ !! ^^ && ** ((",
        "buy now " * 60,
    ]
    write_records(text(*values), tmp_path / "in.parquet", "headwater")
    assert left(tmp_path, values, "quality", {"minimum": 0.6}) == values[:1]


def test_valid_question(tmp_path: Path) -> None:
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
    found, line = do(tmp_path, rows, "valid_question")
    assert [r.prompt for r in found] == [rows[0].prompt, rows[1].prompt, rows[4].prompt]
    assert line["reasons"] == {"not a question": 1, "the answer repeats the question": 1}
    grounded = [rows[0], chat("What is the capital?", "Lyon has bridges", context="Paris is the capital of France.")]
    kept, _ = do(tmp_path, grounded, "valid_question", {"minimum_grounding": 0.5})
    assert [r.answer for r in kept] == [rows[0].answer]
    with pytest.raises(MissingExtra, match="embed"):
        do(tmp_path, rows, "valid_question", {"minimum_embedding": 0.2})

    def embed(values: Any) -> Any:
        return np.array([[1.0, 0.0] if "capital" in v else [0.0, 1.0] for v in values], dtype=np.float32)

    kept, _ = do(
        tmp_path,
        rows[:1] + rows[3:4],
        "valid_question",
        {"minimum_embedding": 0.5, "maximum_echo": None},
        services=Services(embed=embed),
    )
    assert len(kept) == 2
    kept, _ = do(
        tmp_path,
        [chat("What is a capital?", "No idea at all")],
        "valid_question",
        {"minimum_embedding": 0.5},
        services=Services(embed=embed),
    )
    assert kept == []


def test_compression(tmp_path: Path) -> None:
    rows = [Record(Task.SUMMARISATION, context="word " * 100, completion="word " * n, id=str(n)) for n in (0, 10, 90)]
    found, line = do(tmp_path, [*rows, *text("no summary")], "compression")
    assert [r.id for r in found][:1] == ["10"]
    assert len(found) == 2
    assert line["reasons"] == {"summary too short": 1, "summary too long": 1}


@pytest.mark.parametrize("measure", ["bleu", "chrf", "meteor", "rouge_1", "rouge_2", "rouge_l", "edit", "covered"])
def test_similarity(tmp_path: Path, measure: str) -> None:
    rows = [
        Record(Task.PREFERENCE, (Turn("user", "q"),), chosen="the cat sat on the mat today", rejected=r, id=r)
        for r in ("the cat sat on the mat today", "quantum physics explains nothing whatsoever")
    ]
    options = {"of": "answer", "to": "rejected", "measure": measure, "maximum": 0.9}
    assert [r.id for r in do(tmp_path, rows, "similarity", options)[0]] == [rows[1].id]
    assert [r.id for r in do(tmp_path, rows, "similarity", {**options, "maximum": None, "minimum": 0.5})[0]] == [
        rows[0].id
    ]


def test_reward(tmp_path: Path) -> None:
    rows = [chat("q1", "good"), chat("q2", "bad"), *text("no pair")]

    def reward(pairs: Any) -> list[float]:
        return [0.9 if answer == "good" else 0.1 for _, answer in pairs]

    found, line = do(tmp_path, rows, "reward", {"minimum": 0.5}, services=Services(reward=reward))
    assert [(r.answer, r.score) for r in found] == [("good", 0.9), ("no pair", None)]
    assert line["reasons"] == {"low reward": 1}
    with pytest.raises(MissingExtra, match="reward"):
        do(tmp_path, rows, "reward")
    scored = [chat("q", "a", score=0.2, id="x"), chat("q", "a", score=0.8, id="y")]
    assert [r.id for r in do(tmp_path, scored, "reward", {"source": "column", "minimum": 0.5})[0]] == ["y"]


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ({"maximum": 24}, "One two. Three four."),
        ({"maximum": 3, "unit": "words"}, "One two."),
        ({"maximum": 13, "at": "word"}, "One two."),
        ({"maximum": 15, "at": "word"}, "One two. Three"),
        ({"maximum": 6, "at": "exact"}, "One tw"),
        ({"maximum": 9, "cut": "beginning"}, "Five six."),
        ({"maximum": 7, "cut": "beginning", "at": "word"}, "six."),
    ],
)
def test_truncate(tmp_path: Path, options: dict[str, Any], after: str) -> None:
    row = chat("q", "The answer stays as it is, always.", context="One two. Three four. Five six.")
    found, _ = do(tmp_path, [row], "truncate", options)
    assert (found[0].context, found[0].answer) == (after, row.answer)


def test_truncate_in_tokens(tmp_path: Path, tokenizer: str) -> None:
    options = {"fields": ["completion"], "maximum": 3, "unit": "tokens", "tokenizer": tokenizer, "at": "exact"}
    assert left(tmp_path, ["a b c d e", "a b"], "truncate", options) == ["a b c", "a b"]


def test_keep_best_prefers_what_the_question_asks(tmp_path: Path) -> None:
    context = (
        "Bread is baked in ovens. The glacier moves two metres a year. Violins are made of spruce. Moths fly at night."
    )
    found, _ = do(
        tmp_path,
        [chat("How fast does the glacier move a year?", "Two metres.", context=context)],
        "keep_best",
        {"maximum": 45, "question_weight": 5},
    )
    assert found[0].context == "The glacier moves two metres a year."


def test_boundaries(tmp_path: Path) -> None:
    options = {"start": "<s> ", "end": " </s>"}
    assert left(tmp_path, ["one", "<s> two </s>"], "boundaries", options) == ["<s> one </s>", "<s> two </s>"]


def test_exact_duplicates(tmp_path: Path) -> None:
    rows = [
        chat("a b", "c", id="1"),
        chat("a  b", "c", id="2"),
        chat("a", "b c", id="3"),
        chat("A b", "c", id="4"),
        chat("a b", "d", id="5"),
    ]
    assert [r.id for r in do(tmp_path, rows, "exact_duplicates")[0]] == ["1", "3", "4", "5"]
    assert [r.id for r in do(tmp_path, rows, "exact_duplicates", {"ignore_case": True})[0]] == ["1", "3", "5"]
    assert [r.id for r in do(tmp_path, rows, "exact_duplicates", {"fields": ["question"]})[0]] == ["1", "3", "4"]


def test_short_texts_are_no_near_duplicates_of_each_other(tmp_path: Path) -> None:
    values = ["Paris", "42", "No", "Thanks a lot!", "Yes", "paris", "Thanks  a lot!", "", ""]
    assert left(tmp_path, values, "near_duplicates") == ["Paris", "42", "No", "Thanks a lot!", "Yes", "", ""]


def test_near_duplicates_keep_the_best(tmp_path: Path) -> None:
    base = "the quick brown fox jumps over the lazy dog and runs far away into the deep green forest at night"
    rows = [
        Record(Task.PRETRAINING, completion=value, id=str(n), score=score)
        for n, (value, score) in enumerate(
            [(base, 0.1), (base + " again", 0.9), (base + " once again", 0.5), ("something else entirely " * 3, None)]
        )
    ]
    for keep, kept in (("first", "0"), ("longest", "2"), ("best", "1")):
        assert [r.id for r in do(tmp_path, rows, "near_duplicates", {"keep": keep})[0]] == sorted([kept, "3"])


def test_decontaminate(tmp_path: Path) -> None:
    question = "which of the following planets of the solar system has the largest number of known moons today"
    (tmp_path / "eval.jsonl").write_text(
        json.dumps({"query": question, "choices": ["a", "b"], "gold": 0}) + "\n", "utf-8"
    )
    values = [f"Intro. {question.title()} and so on", "planets of the solar system have moons", question]
    assert left(tmp_path, values, "decontaminate", {"against": ["eval.jsonl"]}) == values[1:2]


def test_repair_conversation(tmp_path: Path) -> None:
    turns = [
        ("assistant", "hello"),
        ("user", "a"),
        ("user", "b"),
        ("assistant", " "),
        ("assistant", "c"),
        ("user", "open"),
    ]
    record = Record(Task.CONVERSATION, tuple(Turn(*turn) for turn in turns), id="1")
    found, line = do(
        tmp_path, [record, Record(Task.CONVERSATION, (Turn("user", "alone"),), id="2")], "repair_conversation"
    )
    assert [(t.role, t.content) for t in found[0].messages] == [("user", "a\n\nb"), ("assistant", "c")]
    assert line["reasons"] == {"no question with an answer": 1}
    pair = Record(Task.PREFERENCE, (Turn("user", "q"),), chosen="a", rejected="b", id="3")
    assert do(tmp_path, [pair], "repair_conversation")[0][0].messages == pair.messages


def test_chop_conversation(tmp_path: Path) -> None:
    found, line = do(
        tmp_path, [chat("1", "2", "3", "4", "5", "6", id="x", system="s")], "chop_conversation", {"pairs": 2}
    )
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


def test_require(tmp_path: Path) -> None:
    rows = [chat("q", "a"), Record(Task.INSTRUCT, (Turn("user", "q"), Turn("assistant", " ")), id="empty")]
    found, line = do(tmp_path, rows, "require")
    assert [r.id for r in found] == ["q"]
    assert line["reasons"] == {"no answer": 1}
    assert do(tmp_path, rows[:1], "require", {"task": "summarisation"})[1]["reasons"] == {"no text to summarise": 1}


def test_mix_sample_shuffle_agree_with_the_seed(tmp_path: Path) -> None:
    rows = text(*(f"text {n}" for n in range(200)))
    small = {r.id for r in do(tmp_path, rows, "sample", {"rows": 20})[0]}
    large = {r.id for r in do(tmp_path, rows, "sample", {"rows": 50})[0]}
    assert small < large and len(small) == 20
    share = len(do(tmp_path, rows, "sample", {"share": 0.5})[0])
    assert 70 < share < 130
    order = [r.id for r in do(tmp_path, rows, "shuffle")[0]]
    assert sorted(order) == sorted(r.id for r in rows) and order != [r.id for r in rows]
    assert len(do(tmp_path, rows, "mix", {"weights": {"in.parquet": 0.25}})[0]) == 50
