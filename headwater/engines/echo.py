"""A chat model without weights: it answers with the last message. For tests and demos."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence

from headwater.core.errors import ContextOverflow
from headwater.core.types import ChatOptions, Delta, FinishReason, Message, Usage

Reply = Callable[[Sequence[Message]], str]

_PIECE = re.compile(r"\s*\S+|\s+$")


def last_user_message(messages: Sequence[Message]) -> str:
    """Return the text of the last user message; empty when there is none."""
    return next((m.content for m in reversed(messages) if m.role == "user"), "")


class EchoModel:
    """Streams a reply word by word; a token is a word. `reply` may script what it says."""

    def __init__(self, reply: Reply = last_user_message, name: str = "echo", context_tokens: int = 4096) -> None:
        self._reply = reply
        self._name = name
        self._context_tokens = context_tokens
        self.cancelled = 0

    @property
    def name(self) -> str:
        """The name people ask for it by."""
        return self._name

    @property
    def context_tokens(self) -> int:
        """Prompt and completion together may hold this many words."""
        return self._context_tokens

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Words of the messages, and one for each role."""
        return sum(1 + len(m.content.split()) for m in messages)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield the reply. Obeys `stop` and `max_tokens`; counts an abandoned stream in `cancelled`."""
        prompt_tokens = await self.count_tokens(messages)
        room = self._context_tokens - prompt_tokens
        if room < 1:
            raise ContextOverflow(
                f"The messages have {prompt_tokens} tokens, {self._name!r} holds {self._context_tokens}",
                "Shorten the question or the conversation.",
            )
        limit = min(room, options.max_tokens) if options.max_tokens is not None else room
        pieces = _PIECE.findall(_until_stop(self._reply(messages), options.stop))
        reason: FinishReason = "length" if len(pieces) > limit else "stop"
        finished = False
        try:
            for piece in pieces[:limit]:
                yield Delta(text=piece)
            finished = True
            yield Delta(finish_reason=reason, usage=Usage(prompt_tokens, min(limit, len(pieces))))
        finally:
            self.cancelled += not finished


def _until_stop(text: str, stops: Sequence[str]) -> str:
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text
