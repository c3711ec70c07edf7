"""EchoModel obeys the contract of a chat model."""

from __future__ import annotations

import pytest

from headwater.core.errors import ContextOverflow
from headwater.core.protocols import ChatModel
from headwater.core.types import ChatOptions, Message, Usage
from headwater.engines.echo import EchoModel

QUESTION = [Message("system", "be brief"), Message("user", "one two  three\nfour")]


async def collect(model: ChatModel, options: ChatOptions | None = None):
    return [delta async for delta in model.stream(QUESTION, options or ChatOptions())]


async def test_echoes_exactly_with_usage():
    deltas = await collect(EchoModel())
    assert "".join(delta.text for delta in deltas) == "one two  three\nfour"
    assert len(deltas) > 3
    assert (deltas[-1].finish_reason, deltas[-1].usage) == ("stop", Usage(8, 4))


async def test_stop_and_length():
    assert "".join(d.text for d in await collect(EchoModel(), ChatOptions(stop=("three", "two")))) == "one "
    deltas = await collect(EchoModel(), ChatOptions(max_tokens=2))
    assert ("".join(d.text for d in deltas), deltas[-1].finish_reason) == ("one two", "length")


async def test_a_scripted_reply():
    model = EchoModel(lambda messages: f"{len(messages)} messages [1]", name="script")
    assert "".join(d.text for d in await collect(model)) == "2 messages [1]"
    assert model.name == "script"


async def test_too_long_says_the_numbers():
    with pytest.raises(ContextOverflow, match="The messages have 8 tokens, 'echo' holds 6"):
        await collect(EchoModel(context_tokens=6))


async def test_leaving_is_counted():
    model = EchoModel()
    stream = model.stream(QUESTION, ChatOptions())
    await anext(stream)
    await stream.aclose()
    assert model.cancelled == 1
    await collect(model)
    assert model.cancelled == 1
