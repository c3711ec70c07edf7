"""Follow-up questions become whole; questions that stand alone stay as they are."""

from __future__ import annotations

import pytest

from headwater.chat.condense import rewritten, standalone
from headwater.core.types import Message
from headwater.engines.echo import EchoModel


def talk(*turns: str) -> list[Message]:
    return [Message("user" if place % 2 == 0 else "assistant", text) for place, text in enumerate(turns)]


@pytest.mark.parametrize(
    ("history", "question", "whole"),
    [
        (talk("Who was Nikola Tesla?", "An inventor. [1]"), "When did he die?", "When did Nikola Tesla die?"),
        (
            talk("Who won Super Bowl 50?", "The Denver Broncos. [1]"),
            "Where was it played?",
            "Where was Super Bowl 50 played?",
        ),
        (
            talk("When did Germany join the European Union?", "In 1958. [1]"),
            "And Poland?",
            "When did Poland join the European Union?",
        ),
        (
            talk("What is the notice period in the rental contract?", "Three months [1]."),
            "Why?",
            "Why? (notice period, rental contract)",
        ),
        (talk("Wer war Martin Luther?", "Ein Mönch."), "Wann starb er?", "Wann starb er? (Martin Luther)"),
        (talk("¿Quién fue Nikola Tesla?", "Un inventor."), "¿Dónde nació?", "¿Dónde nació? (Nikola Tesla)"),
        (talk("谁发明了蒸汽机？", "瓦特"), "他什么时候出生的？", "他什么时候出生的？ (谁发明了蒸汽机)"),
        (talk("Кто такой Никола Тесла?", "Изобретатель"), "Когда он умер?", "Когда он умер? (Никола Тесла)"),
        (
            talk("Who was Nikola Tesla?", "An inventor.", "When did he die?", "In 1943."),
            "Where did he live?",
            "Where did Nikola Tesla live?",
        ),
    ],
)  # fmt: skip
def test_a_follow_up_takes_over_what_it_points_at(history: list[Message], question: str, whole: str) -> None:
    assert standalone(question, history) == whole


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Poland?",
        "How many vacation days do employees get each year?",
        "Which river flows through the old town of Leipzig?",
    ],
)
def test_a_whole_question_stays_as_it_is(question: str) -> None:
    assert standalone(question, talk("Who won Super Bowl 50?", "The Denver Broncos.")) == question
    assert standalone(question, []) == question


async def test_a_model_may_rewrite_but_not_invent() -> None:
    history = talk("Who was Nikola Tesla?", "An inventor. [1]")
    sane = EchoModel(lambda _: "When did Nikola Tesla die?")
    inventing = EchoModel(lambda _: "When did Nikola Tesla die in Belgrade?")
    dropping = EchoModel(lambda _: "Who was Nikola Tesla?")
    assert await rewritten("When did he die?", history, sane) == "When did Nikola Tesla die?"
    assert await rewritten("When did he die?", history, inventing) == "When did Nikola Tesla die?"
    assert await rewritten("Who paid for his lab?", history, dropping) == "Who paid for Nikola Tesla's lab?"
