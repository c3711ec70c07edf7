"""Plain chat: streaming, a budget in tokens, older turns in short form."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from headwater.chat.conversation import MOST_GISTS, converse, gist
from headwater.core.errors import ContextOverflow
from headwater.core.types import ChatOptions, Message
from headwater.engines.echo import EchoModel

HISTORY = [
    Message(
        "user" if n % 2 == 0 else "assistant", f"Turn {n} has a first sentence. " + "More words follow it here. " * 6
    )
    for n in range(20)
]


async def test_streams_what_the_model_writes() -> None:
    events = [event async for event in converse("Hello there", (), EchoModel())]
    assert "".join(event.text or "" for event in events) == "Hello there"
    answer = events[-1].answer
    assert answer is not None
    assert (answer.text, answer.mode, answer.model, answer.grounded) == ("Hello there", "chat", "echo", False)


async def test_older_turns_are_passed_on_in_short_form() -> None:
    seen: list[Sequence[Message]] = []
    model = EchoModel(lambda messages: seen.append(messages) or "fine", context_tokens=500)  # type: ignore[func-returns-value]
    events = [event async for event in converse("And now?", HISTORY, model, ChatOptions(max_tokens=50))]
    (messages,) = seen
    assert await model.count_tokens(messages) + 50 <= 500
    assert messages[-2].content == HISTORY[-1].content
    short = next(message for message in messages if "Earlier in this conversation" in message.content)
    assert "has a first sentence." in short.content
    assert "More words" not in short.content
    assert any("oldest messages" in (event.status or "") for event in events)


async def test_a_short_conversation_goes_whole() -> None:
    seen: list[Sequence[Message]] = []
    model = EchoModel(lambda messages: seen.append(messages) or "fine")  # type: ignore[func-returns-value]
    history = [Message("system", "Be brief."), *HISTORY[:4]]
    events = [event async for event in converse("Next?", history, model)]
    assert [message.content for message in seen[0]] == ["Be brief.", *(m.content for m in HISTORY[:4]), "Next?"]
    assert not any("oldest" in (event.status or "") for event in events)


async def test_a_question_longer_than_the_context_is_refused() -> None:
    with pytest.raises(ContextOverflow, match="500"):
        async for _ in converse("word " * 600, HISTORY, EchoModel(context_tokens=500)):
            pass


async def test_leaving_stops_the_model() -> None:
    model = EchoModel(lambda _: "one two three four five")
    stream = converse("Go", (), model)
    async for event in stream:
        if event.kind == "text":
            break
    await stream.aclose()  # type: ignore[attr-defined]
    assert model.cancelled == 1


def test_the_gist_says_how_much_came_before() -> None:
    assert gist([]) == []
    (message,) = gist(HISTORY)
    assert f"after {len(HISTORY) - MOST_GISTS} messages before" in message.content
    assert message.content.count("\n") == MOST_GISTS
