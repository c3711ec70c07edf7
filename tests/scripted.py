"""A chat model for tests: it says what a function makes of the last message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from headwater.core.types import ChatOptions, Delta, Message, Usage


class Scripted:
    """A chat model that answers by a function of the last message, and counts."""

    name, context_tokens = "scripted", 4096

    def __init__(self, reply: Callable[[str], str]) -> None:
        self.reply, self.calls = reply, 0

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return 1

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        self.calls += 1
        text = self.reply(messages[-1].content)
        yield Delta(text=text[:3])
        yield Delta(text=text[3:], finish_reason="stop", usage=Usage(1, 10))
