"""A chat template applied so that no message can spell the control tokens of the model.

As a rule the rendered prompt is tokenised whole, the way the model was trained. Only when a message
contains the text of a control token is the template rendered around place marks, and the messages
are tokenised apart, as plain text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence

import httpx

from headwater.core.errors import BadInput
from headwater.core.types import Message
from headwater.engines.jinja_template import render
from headwater.engines.llama_http import ask, look, tokens

Render = Callable[[Sequence[Message]], Awaitable[str]]


async def native_prompt(http: httpx.AsyncClient, messages: Sequence[Message]) -> tuple[int, ...]:
    """Return the prompt of `messages` by the model's own template. Raises BadInput where that refuses them."""

    async def rendered(asked: Sequence[Message]) -> str:
        body = {
            "messages": [{"role": message.role, "content": message.content} for message in asked],
            # Models that can skip their reasoning do: what they think is not an answer.
            "chat_template_kwargs": {"enable_thinking": False},
        }
        return str((await ask(http, "/apply-template", body))["prompt"])

    return await _prompt(http, messages, rendered, "")


async def jinja_prompt(http: httpx.AsyncClient, messages: Sequence[Message], template: str) -> tuple[int, ...]:
    """Return the prompt of `messages` by a template of ours. Raises BadInput where that refuses them."""
    properties = await look(http, "/props")
    start, end = str(properties.get("bos_token", "")), str(properties.get("eos_token", ""))

    async def rendered(asked: Sequence[Message]) -> str:
        return render(template, asked, start, end)

    return await _prompt(http, messages, rendered, start)


async def _prompt(
    http: httpx.AsyncClient, messages: Sequence[Message], rendered: Render, start_token: str
) -> tuple[int, ...]:
    contents = "\n".join(message.content for message in messages)
    plain = await tokens(http, contents, control=False, start=False)
    if plain == await tokens(http, contents, control=True, start=False):
        text = await rendered(messages)
        # A template that writes the start token itself must not get a second one.
        return await tokens(http, text, control=True, start=not _begins(text, start_token))
    return await _guarded(http, messages, rendered, start_token)


def _begins(text: str, start_token: str) -> bool:
    return bool(start_token) and text.startswith(start_token)


async def _guarded(
    http: httpx.AsyncClient, messages: Sequence[Message], rendered: Render, start_token: str
) -> tuple[int, ...]:
    marks = [f"place{secrets.token_hex(8)}" for _ in messages]
    text = await rendered([Message(m.role, mark) for m, mark in zip(messages, marks, strict=True)])
    parts = re.split("|".join(marks), text)
    if re.findall("|".join(marks), text) != marks:
        raise BadInput(
            "A message contains a control token of the model, and its chat template does not keep messages whole",
            "Take the control token (such as <|im_end|> or <end_of_turn>) out of the message.",
        )
    ids = await tokens(http, parts[0], control=True, start=not _begins(text, start_token))
    for message, part in zip(messages, parts[1:], strict=True):
        ids += await tokens(http, message.content.strip(), control=False, start=False)
        ids += await tokens(http, part, control=True, start=False)
    return ids
