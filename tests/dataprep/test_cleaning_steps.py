"""Steps that rewrite texts, on rows whose right answer is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput
from headwater.dataprep.steps.personal_data import iban, luhn
from headwater.records.record import Record


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
def test_clean(left: Callable[..., list[str]], options: dict[str, Any], before: str, after: str) -> None:
    assert left([before], "clean", options) == [after]


def test_clean_only_in_named_fields(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    found, line = do([chat("ASK Me", "TELL You")], "clean", {"case": "lower", "fields": ["answer"]})
    assert [turn.content for turn in found[0].messages] == ["ASK Me", "tell you"]
    assert line["changed"] == 1


def test_personal_data_is_masked_only_when_it_is_valid(
    do: Callable[..., Any], left: Callable[..., list[str]], text: Callable[..., list[Record]]
) -> None:
    given_text = (
        "Write to ann.b@example.co.uk or +49 30 901820, card 4111 1111 1111 1111, not 4111 1111 1111 1112; "
        "IBAN DE89 3704 0044 0532 0130 00, not DE88 3704 0044 0532 0130 00; host 8.8.8.8, not 10.0.0.1 or 1.2.3; "
        "SSN 219-09-9999, not 000-12-3456; key AKIAABCDEFGHIJKLMNOP; order 12345678"
    )
    masked = left([given_text], "personal_data")[0]
    for kind in ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "SSN", "SECRET"):
        assert masked.count(f"[{kind}]") == 1, (kind, masked)
    for kept in ("4111 1111 1111 1112", "DE88 3704", "10.0.0.1", "1.2.3", "000-12-3456", "12345678"):
        assert kept in masked, masked
    found, line = do(text(given_text, "nothing here"), "personal_data", {"action": "drop"})
    assert [r.completion for r in found] == ["nothing here"]
    assert line["reasons"] == {"personal data": 1}
    assert len(left([given_text], "personal_data", {"action": "find"})) == 1


def test_check_digits() -> None:
    assert luhn("5500 0000 0000 0004") and not luhn("5500 0000 0000 0005") and not luhn("0000 0000 0000 0000")
    assert iban("GB82 WEST 1234 5698 7654 32") and not iban("GB82 WEST 1234 5698 7654 33")


def test_profanity_counts_whole_words(tmp_path: Path, left: Callable[..., list[str]]) -> None:
    (tmp_path / "words.txt").write_text("grommet\nblast it\n", "utf-8")
    listed = {"words_file": "words.txt"}
    values = ["A Grommet, he said.", "The grommets of Grommetshire", "oh blast it all", "clean"]
    assert left(values, "profanity", listed) == ["A ***, he said.", values[1], "oh *** all", "clean"]
    assert left(values, "profanity", {**listed, "action": "drop"}) == [values[1], "clean"]
    drops = {**listed, "action": "drop", "allow": ["grommet"]}
    assert left(values, "profanity", drops) == [*values[:2], "clean"]
    assert left(["Scunthorpe, Dickens and the cockpit"], "profanity", {"action": "drop"}) != []
    with pytest.raises(BadInput, match="word list"):
        left(values, "profanity", {"words_file": "none.txt"})


def test_our_own_word_list_finds_something(left: Callable[..., list[str]]) -> None:
    import codecs

    coarse = codecs.decode("ohyyfuvg", "rot13")
    assert left([f"What {coarse} is that?"], "profanity") == ["What *** is that?"]


def test_unhelpful(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    answers = [
        "As an AI language model, I cannot feel.",
        "I’m sorry, but I can't help with that.",
        "I don't know.",
        "Language models are trained on text.",
        "He said: I don't know the way, so we asked.",
        "Paris.",
    ]
    found, line = do([chat(f"q{n}?", a) for n, a in enumerate(answers)], "unhelpful")
    assert [r.answer for r in found] == answers[3:]
    assert line["reasons"] == {"unhelpful answer": 3}
    assert len(do([chat("As an AI language model, who are you?", "Me.")], "unhelpful")[0]) == 1
    assert do([chat("q?", "no COMMENT here")], "unhelpful", {"also": ["no comment"]})[0] == []


def test_personalise_on_whole_words_only(left: Callable[..., list[str]]) -> None:
    options = {"names": {"h2oGPT": "Headwater", "Ann": "h2oGPT"}, "placeholders": {"name": "Brook"}}
    assert left(["I am h2oGPT, not h2oGPTs. Ann and Anna. {{name}} {{other}}"], "personalise", options) == [
        "I am Headwater, not h2oGPTs. h2oGPT and Anna. Brook {{other}}"
    ]


def test_language(do: Callable[..., Any], text: Callable[..., list[Record]]) -> None:
    values = [
        "This is a plain English sentence about the weather.",
        "Dies ist ein einfacher deutscher Satz über das Wetter.",
        "Ceci est une phrase française simple sur le temps.",
        "ok",
    ]
    found, line = do(text(*values), "language", {"allowed": ["en", "de"]})
    assert [r.language for r in found] == ["en", "de", None]
    assert line["reasons"] == {"another language": 1}


def test_boundaries(left: Callable[..., list[str]]) -> None:
    options = {"start": "<s> ", "end": " </s>"}
    assert left(["one", "<s> two </s>"], "boundaries", options) == ["<s> one </s>", "<s> two </s>"]


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
def test_truncate(do: Callable[..., Any], chat: Callable[..., Record], options: dict[str, Any], after: str) -> None:
    row = chat("q", "The answer stays as it is, always.", context="One two. Three four. Five six.")
    found, _ = do([row], "truncate", options)
    assert (found[0].context, found[0].answer) == (after, row.answer)


def test_truncate_in_tokens(left: Callable[..., list[str]], tokenizer: str) -> None:
    options = {"fields": ["completion"], "maximum": 3, "unit": "tokens", "tokenizer": tokenizer, "at": "exact"}
    assert left(["a b c d e", "a b"], "truncate", options) == ["a b c", "a b"]


def test_keep_best_prefers_what_the_question_asks(do: Callable[..., Any], chat: Callable[..., Record]) -> None:
    context = (
        "Bread is baked in ovens. The glacier moves two metres a year. Violins are made of spruce. Moths fly at night."
    )
    found, _ = do(
        [chat("How fast does the glacier move a year?", "Two metres.", context=context)],
        "keep_best",
        {"maximum": 45, "question_weight": 5},
    )
    assert found[0].context == "The glacier moves two metres a year."
