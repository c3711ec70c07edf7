"""Chat over any OpenAI-compatible server: vLLM, transformers serve, a cloud, another Headwater."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from headwater.core.errors import BadInput, ContextOverflow, EngineFailed
from headwater.core.types import ChatOptions, Delta, FinishReason, Message, Usage
from headwater.engines.encodable import encodable_messages

READ_SECONDS = 600.0
# Where a server counts no tokens: fewer bytes a token than any common tokenizer averages, and the roles.
BYTES_PER_TOKEN = 3
TOKENS_PER_MESSAGE = 8


@dataclass(frozen=True, slots=True)
class RemoteSpec:
    """A model behind a URL that ends in /v1. `key` is sent as a bearer token and shown nowhere."""

    name: str
    url: str
    model: str
    context_tokens: int
    key: str | None = field(default=None, repr=False)


class RemoteModel:
    """A ChatModel on another server. `transport` replaces the network in tests."""

    def __init__(self, spec: RemoteSpec, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._spec = spec
        self._transport = transport
        self._counts = True

    @property
    def name(self) -> str:
        """The name people ask for it by."""
        return self._spec.name

    @property
    def context_tokens(self) -> int:
        """Prompt and completion together may hold this many tokens."""
        return self._spec.context_tokens

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the prompt: exact where the server has vLLM's /tokenize, else an upper estimate."""
        if self._counts:
            root = self._spec.url.rstrip("/").removesuffix("/v1")
            body = {"model": self._spec.model, "messages": _plain(messages), "add_generation_prompt": True}
            async with self._client() as http:
                response = await http.post(f"{root}/tokenize", json=body)
            reply = (
                response.json() if response.is_success and "json" in response.headers.get("content-type", "") else {}
            )
            if isinstance(reply, dict) and isinstance(reply.get("count"), int):
                return int(reply["count"])
            self._counts = False
        return sum(
            TOKENS_PER_MESSAGE + -(-len(m.content.encode("utf-8", "replace")) // BYTES_PER_TOKEN) for m in messages
        )

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield text as it comes. Leaving closes the connection, on which servers cancel."""
        finish: FinishReason = "stop"
        usage: Usage | None = None
        async with (
            self._client() as http,
            http.stream("POST", self._url("chat/completions"), json=self._body(messages, options)) as r,
        ):
            if not r.is_success:
                raise _refusal(self._spec, r.status_code, (await r.aread()).decode("utf-8", "replace"))
            async for event in _events(self._spec, r):
                usage = _usage(event) or usage
                for choice in event.get("choices", [])[:1]:
                    text = (choice.get("delta") or {}).get("content")
                    if text:
                        yield Delta(text=text)
                    if choice.get("finish_reason"):
                        finish = "length" if choice["finish_reason"] == "length" else "stop"
        yield Delta(finish_reason=finish, usage=usage)

    def _url(self, path: str) -> str:
        return f"{self._spec.url.rstrip('/')}/{path}"

    def _body(self, messages: Sequence[Message], options: ChatOptions) -> dict[str, Any]:
        if options.grammar is not None:
            raise BadInput(f"{self.name!r} is a remote model, which takes no GBNF grammar", "Use json_schema instead.")
        body: dict[str, Any] = {
            "model": self._spec.model,
            "messages": _plain(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": options.temperature,
            "top_p": options.top_p,
        }
        optional: Mapping[str, Any] = {
            "max_tokens": options.max_tokens,
            "seed": options.seed,
            "stop": list(options.stop) or None,
            "frequency_penalty": options.frequency_penalty or None,
            "presence_penalty": options.presence_penalty or None,
        }
        body.update({name: value for name, value in optional.items() if value is not None})
        if options.json_schema is not None:
            schema = {"name": "answer", "schema": dict(options.json_schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Authorization": f"Bearer {self._spec.key}"} if self._spec.key else {}
        timeout = httpx.Timeout(30.0, read=READ_SECONDS)
        try:
            async with httpx.AsyncClient(headers=headers, timeout=timeout, transport=self._transport) as http:
                yield http
        except httpx.HTTPError as error:
            raise EngineFailed(
                f"{self.name!r} at {self._spec.url} broke off: {type(error).__name__} {error}",
                "Check that the server runs.",
            ) from error


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in encodable_messages(messages)]


async def _events(spec: RemoteSpec, response: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    async for line in response.aiter_lines():
        content = line.removeprefix("data:").strip()
        if not line.startswith("data:") or not content:
            continue
        if content == "[DONE]":
            return
        try:
            event = json.loads(content)
        except json.JSONDecodeError as error:
            raise EngineFailed(
                f"{spec.name!r} sent an event that is not JSON: {content[:200]}", "Check the URL."
            ) from error
        if "error" in event:
            raise _refusal(spec, int(event["error"].get("code") or 500), content)
        yield event
    raise EngineFailed(f"{spec.name!r} ended its stream without [DONE]", "Ask again.")


def _usage(event: Mapping[str, Any]) -> Usage | None:
    usage = event.get("usage")
    return Usage(int(usage["prompt_tokens"]), int(usage["completion_tokens"])) if usage else None


def _refusal(spec: RemoteSpec, status: int, text: str) -> Exception:
    try:
        error = json.loads(text).get("error", text)
    except (json.JSONDecodeError, AttributeError):
        error = text
    message = str(error.get("message", error) if isinstance(error, dict) else error)[:500]
    if status in (401, 403):
        return EngineFailed(f"{spec.name!r} at {spec.url} refused the key (HTTP {status})", "Set another key.")
    if "context length" in message or "context_size" in text or "context_length" in text:
        return ContextOverflow(f"{spec.name!r} says: {message}", "Shorten the question or the conversation.")
    if 400 <= status < 500:
        return BadInput(f"{spec.name!r} refused the request: {message}", "Check model name and options.")
    return EngineFailed(f"{spec.name!r} at {spec.url} answered {status}: {message}", "Try again later.")
