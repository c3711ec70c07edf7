"""What a llama.cpp server writes after a prompt, kept out of circles without touching what it may quote.

llama.cpp's DRY sampler looks for repetition in the last tokens, prompt included, so an answer could not
quote its passage. Here the answer is written in pieces, each twice as far as the last, and a piece
is only compared with what was written before it. A piece goes on in the cache of the one before it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import httpx

from headwater.core.types import Delta, FinishReason, Sampling, Usage
from headwater.engines.llama_http import events, tokens

# No circle can be told from so few tokens.
FIRST_TOKENS = 32
# The list must not be empty. Its default (new line, colon, quote, star) spares lists, of which circles are made.
NO_BREAKER = "\u0001"


async def written(
    http: httpx.AsyncClient, body: Mapping[str, Any], sampling: Sampling | None
) -> AsyncGenerator[Delta, None]:
    """Yield the text as it is made; the last delta says why it ended and how much it was."""
    prompt, limit = list(body["prompt"]), int(body["n_predict"])
    ids: list[int] = []
    spent = 0
    while True:
        piece = _Piece(_length(len(ids), limit - spent, sampling))
        request = {**body, "prompt": [*prompt, *ids], "n_predict": piece.limit, "return_tokens": True}
        if sampling is not None and ids:
            request |= _dry(sampling, len(ids))
        async with aclosing(events(http, request)) as stream:
            async for event in stream:
                if text := piece.take(event):
                    yield Delta(text=text)
        spent += piece.predicted
        ended = piece.reason == "stop" or piece.predicted < piece.limit  # the context is full
        if not ended and spent < limit:
            kept = await piece.tokens(http)
            if not kept:  # all of it may yet begin a stop text: the rest is written in one go
                sampling = None
            ids += kept
            spent = max(spent, len(ids))
        if ended or spent >= limit:
            yield Delta(finish_reason=piece.reason, usage=Usage(len(prompt), min(spent, limit)))
            return


def _length(done: int, left: int, sampling: Sampling | None) -> int:
    """How many of the `left` tokens to write at once after `done` of them."""
    if sampling is None or done >= sampling.dry_penalty_last_n:
        return left
    return min(left, max(FIRST_TOKENS, done))


def _dry(sampling: Sampling, done: int) -> dict[str, Any]:
    return {
        **asdict(sampling),
        "dry_penalty_last_n": min(done, sampling.dry_penalty_last_n),
        "dry_sequence_breakers": [NO_BREAKER],
    }


@dataclass
class _Piece:
    """A piece of an answer of at most `limit` tokens, as it comes in."""

    limit: int
    text: str = ""
    ids: list[int] = field(default_factory=list)
    reason: FinishReason = "stop"
    predicted: int = 0

    def take(self, event: Mapping[str, Any]) -> str:
        """Note an event of the stream and return its text."""
        text = str(event.get("content", ""))
        self.text += text
        self.ids += event.get("tokens", ())
        if event.get("stop"):
            reasons: Mapping[str, Literal["stop", "length"]] = {"limit": "length"}
            self.reason = reasons.get(str(event.get("stop_type")), "stop")
            self.predicted = int(event.get("tokens_predicted", 0))
        return text

    async def tokens(self, http: httpx.AsyncClient) -> list[int]:
        """The tokens of the text that was sent.

        A stream leaves out the tokens of a character that is not whole and of what may begin a stop text. Then
        they are made from the text again; what was held back is written anew by the next piece.
        """
        if len(self.ids) == self.predicted:
            return self.ids
        return list(await tokens(http, self.text, control=False, start=False))
