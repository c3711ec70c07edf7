"""From OpenAI's requests to ours: messages, options, and clear refusals of what cannot be done."""

from __future__ import annotations

from typing import Any

from headwater.core.errors import BadInput
from headwater.core.types import ChatOptions, ChatRole, Message
from headwater.server.openai_shapes import (
    ChatMessageIn,
    ChatRequest,
    CompletionRequest,
    ResponseFormat,
    Sampling,
)

ROLES: dict[str, ChatRole] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
ANY_JSON_OBJECT: dict[str, object] = {"type": "object"}
DEFAULTS = ChatOptions()

# What would change the answer and cannot be honoured: the field, and the values that ask for nothing.
REFUSED: dict[str, tuple[Any, ...]] = {
    "logprobs": (None, False, 0),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "audio": (None,),
    "prediction": (None,),
    "web_search_options": (None,),
    "modalities": (None, [], ["text"]),
    "echo": (None, False),
    "suffix": (None, ""),
    "best_of": (None, 1),
}


def refuse_unsupported(body: Sampling) -> None:
    """Raise BadInput for a field that asks for what is not there."""
    if body.n not in (None, 1):
        raise BadInput(
            f"n is {body.n}: one reply is made for a request", "Leave n out and send the request again for more."
        )
    for field, neutral in REFUSED.items():
        value = getattr(body, field, None)
        if value not in neutral:
            raise BadInput(f"{field} is not supported here", f"Leave {field} out.")
    if body.stream_options is not None and not body.streams:
        raise BadInput("stream_options needs stream to be true", "Leave it out or set stream.")


def messages_of(body: ChatRequest) -> tuple[Message, ...]:
    """The conversation of a request. Raises BadInput naming the message that cannot be used."""
    return tuple(_message(number, given) for number, given in enumerate(body.messages))


def _message(number: int, given: ChatMessageIn) -> Message:
    where = f"messages.{number}"
    role = ROLES.get(given.role)
    if role is None:
        raise BadInput(f"{where}: the role {given.role[:40]!r} is not supported", f"Use one of: {', '.join(ROLES)}.")
    if given.tool_calls or given.function_call or given.audio:
        raise BadInput(f"{where}: calls of tools and audio are not supported", "Send the text of the message alone.")
    return Message(role, _text(where, given))


def _text(where: str, given: ChatMessageIn) -> str:
    if isinstance(given.content, str):
        return given.content
    if given.content is None:
        if given.role == "assistant":
            return given.refusal or ""
        raise BadInput(f"{where}.content is missing", "Send text.")
    texts = []
    for place, part in enumerate(given.content):
        if part.type != "text" or part.text is None:
            kind = "pictures" if "image" in part.type else f"parts of type {part.type[:40]!r}"
            raise BadInput(f"{where}.content.{place}: {kind} are not supported", "Send parts of type 'text' alone.")
        texts.append(part.text)
    return "\n".join(texts)


def chat_options(body: ChatRequest) -> ChatOptions:
    """How to sample for a chat request. Raises BadInput."""
    if body.max_tokens is not None and body.max_completion_tokens not in (None, body.max_tokens):
        raise BadInput("max_tokens and max_completion_tokens differ", "Send one of them.")
    return _options(body, body.max_completion_tokens or body.max_tokens, _schema(body.response_format))


def completion_options(body: CompletionRequest) -> ChatOptions:
    """How to sample for a plain completion; OpenAI's limit of 16 tokens holds when none is given."""
    return _options(body, body.max_tokens or 16, None)


def prompts_of(body: CompletionRequest) -> tuple[str, ...]:
    """The texts to continue. Raises BadInput for token ids."""
    return _texts("prompt", body.prompt)


def _texts(field: str, given: str | list[str] | list[int] | list[list[int]]) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    texts = tuple(each for each in given if isinstance(each, str))
    if len(texts) != len(given):
        raise BadInput(f"{field} holds token ids: they mean nothing to another model's tokenizer", "Send text.")
    if not texts:
        raise BadInput(f"{field} is an empty list", "Send at least one text.")
    return texts


def embedding_inputs(given: str | list[str] | list[int] | list[list[int]]) -> tuple[str, ...]:
    """The texts to embed. Raises BadInput for token ids, empty texts and over 2,048 texts."""
    texts = _texts("input", given)
    if len(texts) > 2048:
        raise BadInput(f"input holds {len(texts)} texts", "Send at most 2048 at once.")
    empty = next((number for number, text in enumerate(texts) if not text), None)
    if empty is not None:
        raise BadInput(f"input.{empty} is empty", "Send texts with at least one character.")
    return texts


def _options(body: Sampling, max_tokens: int | None, schema: dict[str, object] | None) -> ChatOptions:
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    return ChatOptions(
        max_tokens=max_tokens,
        temperature=DEFAULTS.temperature if body.temperature is None else body.temperature,
        top_p=DEFAULTS.top_p if body.top_p is None else body.top_p,
        seed=body.seed,
        stop=tuple(each for each in stop if each),
        frequency_penalty=body.frequency_penalty or 0.0,
        presence_penalty=body.presence_penalty or 0.0,
        json_schema=schema,
    )


def _schema(wanted: ResponseFormat | None) -> dict[str, object] | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return ANY_JSON_OBJECT
    if wanted.json_schema is None:
        raise BadInput("response_format.json_schema is missing", "Send the schema, or the type json_object.")
    return dict(wanted.json_schema.schema_)
