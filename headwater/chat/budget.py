"""What fits into a model's context, counted in its own tokens; what does not fit is said, not cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headwater.core.errors import ContextOverflow
from headwater.core.protocols import ChatModel
from headwater.core.types import Message

LEAST_ANSWER = 64  # tokens below which an answer is not worth starting


@dataclass(frozen=True)
class Fitted:
    """Messages that fit, how many of the offered things they hold, and room left for the answer."""

    messages: tuple[Message, ...]
    taken: int
    prompt_tokens: int
    answer_tokens: int


async def fit(
    model: ChatModel, build: Callable[[int], Sequence[Message]], most: int, answer_tokens: int, least: int = 0
) -> Fitted:
    """Take as many things as fit beside an answer of `answer_tokens`, at most `most`.

    `build(n)` gives the messages with the first n things. The answer's room shrinks to
    LEAST_ANSWER before fewer than `least` things are refused. Raises ContextOverflow.
    """
    low, high = least, most
    best: tuple[int, Sequence[Message], int] | None = None
    while low <= high:
        middle = high if best is None and high == most else (low + high) // 2
        messages = build(middle)
        used = await model.count_tokens(messages)
        if used + answer_tokens <= model.context_tokens:
            best, low = (middle, messages, used), middle + 1
        else:
            high = middle - 1
    if best is None:
        messages = build(least)
        used = await model.count_tokens(messages)
        if used + LEAST_ANSWER > model.context_tokens:
            raise ContextOverflow(
                f"The question needs {used} tokens and leaves no room for an answer: {model.name} holds "
                f"{model.context_tokens} tokens in all.",
                "Ask a shorter question, start a new conversation, or choose a model with a longer context.",
            )
        best = (least, messages, used)
    taken, messages, used = best
    return Fitted(tuple(messages), taken, used, min(answer_tokens, model.context_tokens - used))
