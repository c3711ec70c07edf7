"""A chat model writes the answer; only sentences that the passages bear out get through."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from headwater.chat.budget import fit
from headwater.chat.prompt import NOTHING, grounded
from headwater.chat.support import Passages
from headwater.chat.words import Language
from headwater.core.protocols import ChatModel
from headwater.core.sentences import sentences
from headwater.core.types import ChatOptions, Delta, FinishReason, Hit, Usage

T = TypeVar("T")
MARK = re.compile(r"\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")
ANSWER_TOKENS = 300
MOST_REFUSED = 3  # sentences in a row without support after which the model is stopped


@dataclass(frozen=True)
class Shown:
    """A checked sentence: `hit` is the index of the hit that bears it out, at `start`..`end` of its text."""

    text: str
    hit: int
    start: int
    end: int


@dataclass
class Draft:
    """What came of one writing besides the sentences shown, filled while it goes on."""

    refused: list[str] = field(default_factory=list)
    usage: Usage | None = None
    finish_reason: FinishReason = "stop"


@asynccontextmanager
async def leaving(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close the iterator on the way out, which cancels the work behind it."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


async def write(
    question: str, hits: Sequence[Hit], language: Language, model: ChatModel, options: ChatOptions, draft: Draft
) -> AsyncGenerator[Shown]:
    """Yield each sentence once it is complete and borne out by one of the hits.

    As many hits go into the prompt as the context holds, in the order given. What is dropped goes
    to `draft.refused`. Raises ContextOverflow, EngineFailed.
    """
    room = options.max_tokens or ANSWER_TOKENS
    fitted = await fit(model, lambda count: grounded(question, hits[:count]), len(hits), room, least=1)
    passages = Passages([hit.passage.text for hit in hits[: fitted.taken]], language)
    limited = replace(options, max_tokens=fitted.answer_tokens)
    said: set[str] = set()
    refused_in_a_row = 0
    async with (
        leaving(model.stream(fitted.messages, limited)) as stream,
        aclosing(_sentences(stream, draft)) as written,
    ):
        async for sentence in written:
            if sentence.upper().startswith(NOTHING) or refused_in_a_row == MOST_REFUSED:
                return
            key = sentence.casefold()
            verdict = passages.check(sentence)
            if not verdict.supported or verdict.passage is None:
                draft.refused.append(sentence)
                refused_in_a_row += 1
            elif key not in said:
                refused_in_a_row = 0
                said.add(key)
                yield Shown(sentence, verdict.passage, verdict.start, verdict.end)


async def _sentences(stream: AsyncIterator[Delta], draft: Draft) -> AsyncGenerator[str]:
    """Yield whole sentences of a stream, without the marks the model set. A cut-off last one is dropped."""
    text = ""
    done = 0
    async for delta in stream:
        text += delta.text
        draft.usage = delta.usage or draft.usage
        draft.finish_reason = delta.finish_reason or draft.finish_reason
        if not delta.text:
            continue
        ranges = sentences(text[done:])
        for start, end in ranges[:-1]:
            yield _plain(text[done + start : done + end])
        if len(ranges) > 1:
            done += ranges[-1][0]
    for start, end in sentences(text[done:]):
        if draft.finish_reason != "length":
            yield _plain(text[done + start : done + end])


def _plain(sentence: str) -> str:
    return " ".join(MARK.sub("", sentence).split())
