"""Plain chat without documents: the conversation goes to the model, older turns in short form.

Nothing is cut without a word: turns that no longer fit are replaced by a list of what was asked
and answered, and the person is told how many.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from headwater.chat.budget import fit
from headwater.chat.writer import ANSWER_TOKENS, leaving
from headwater.core.protocols import ChatModel
from headwater.core.sentences import sentences
from headwater.core.types import Answer, AnswerEvent, ChatOptions, FinishReason, Message, Usage

SYSTEM = "You are a helpful assistant. Answer shortly and correctly; say so when you do not know."
GIST_CHARACTERS = 120
MOST_GISTS = 12


async def converse(
    question: str, history: Sequence[Message], model: ChatModel, options: ChatOptions | None = None
) -> AsyncIterator[AnswerEvent]:
    """Yield the answer as the model writes it, then the whole (mode "chat").

    System messages of the history stay, in front. Leaving the iterator cancels the model.
    Raises ContextOverflow when the question alone does not fit, EngineFailed.
    """
    options = options or ChatOptions()
    clock = time.perf_counter()
    rules = [message for message in history if message.role == "system"] or [Message("system", SYSTEM)]
    turns = [message for message in history if message.role != "system"]
    last = Message("user", question)

    def build(kept: int) -> list[Message]:
        older, recent = turns[: len(turns) - kept], turns[len(turns) - kept :]
        return [*rules, *gist(older), *recent, last]

    fitted = await fit(model, build, len(turns), options.max_tokens or ANSWER_TOKENS)
    shortened = len(turns) - fitted.taken
    if shortened:
        yield AnswerEvent("status", status=f"the {shortened} oldest messages are passed on in short form")
    yield AnswerEvent("status", status="writing")
    text = ""
    first_text = 0.0
    usage: Usage | None = None
    finish: FinishReason = "stop"
    limited = replace(options, max_tokens=fitted.answer_tokens) if options.max_tokens else options
    async with leaving(model.stream(fitted.messages, limited)) as stream:
        async for delta in stream:
            usage = delta.usage or usage
            finish = delta.finish_reason or finish
            if delta.text:
                first_text = first_text or round(time.perf_counter() - clock, 4)
                text += delta.text
                yield AnswerEvent("text", text=delta.text)
    seconds = {"first_text": first_text, "total": round(time.perf_counter() - clock, 4)}
    answer = Answer(
        text, "chat", model=model.name, question=question, usage=usage, finish_reason=finish, seconds=seconds
    )
    yield AnswerEvent("done", answer=answer)


def gist(older: Sequence[Message]) -> list[Message]:
    """Return one message that says in short what the older turns were about; none for none.

    The first sentence of each of the last MOST_GISTS turns is kept; how many came before is said.
    """
    if not older:
        return []
    lines = [f"{'Asked' if message.role == 'user' else 'Answered'}: {_first(message.content)}" for message in older]
    left = len(lines) - MOST_GISTS
    head = "Earlier in this conversation" + (f" (after {left} messages before)" if left > 0 else "")
    return [Message("system", "\n".join([f"{head}:", *lines[-MOST_GISTS:]]))]


def _first(text: str) -> str:
    ranges = sentences(text)
    sentence = " ".join(text[ranges[0][0] : ranges[0][1]].split()) if ranges else ""
    if len(sentence) <= GIST_CHARACTERS:
        return sentence
    return sentence[:GIST_CHARACTERS].rsplit(" ", 1)[0] + " …"
