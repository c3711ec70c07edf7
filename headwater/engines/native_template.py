"""A model's own chat template, applied so that no message can spell its control tokens.

As a rule the rendered prompt is tokenised whole, the way the model was trained. Only when a message
contains the text of a control token is the template rendered around place marks, and the messages
are tokenised apart, as plain text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import httpx

from headwater.core.errors import BadInput
from headwater.core.types import Message
from headwater.engines.llama_http import ask, tokens


async def native_prompt(http: httpx.AsyncClient, messages: Sequence[Message]) -> tuple[int, ...]:
    """Return the prompt of `messages` as token ids. Raises BadInput where the template refuses them."""
    contents = "\n".join(message.content for message in messages)
    plain = await tokens(http, contents, control=False, start=False)
    if plain == await tokens(http, contents, control=True, start=False):
        return await tokens(http, await _render(http, messages), control=True, start=True)
    return await _guarded(http, messages)


async def _render(http: httpx.AsyncClient, messages: Sequence[Message]) -> str:
    body = {
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        # Models that can skip their reasoning do: what they think is not an answer.
        "chat_template_kwargs": {"enable_thinking": False},
    }
    return str((await ask(http, "/apply-template", body))["prompt"])


async def _guarded(http: httpx.AsyncClient, messages: Sequence[Message]) -> tuple[int, ...]:
    marks = [f"place{secrets.token_hex(8)}" for _ in messages]
    rendered = await _render(http, [Message(m.role, mark) for m, mark in zip(messages, marks, strict=True)])
    parts = re.split("|".join(marks), rendered)
    if re.findall("|".join(marks), rendered) != marks:
        raise BadInput(
            "A message contains a control token of the model, and its chat template does not keep messages whole",
            "Take the control token (such as <|im_end|> or <end_of_turn>) out of the message.",
        )
    ids = await tokens(http, parts[0], control=True, start=True)
    for message, part in zip(messages, parts[1:], strict=True):
        ids += await tokens(http, message.content.strip(), control=False, start=False)
        ids += await tokens(http, part, control=True, start=False)
    return ids
