"""HTTP with a llama.cpp server: requests, tokenising, event streams, and its errors as ours."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx

from headwater.core.errors import BadInput, ContextOverflow, EngineFailed
from headwater.engines.llama_process import Address

READ_SECONDS = 600.0


def connect(address: Address) -> httpx.AsyncClient:
    """Open a client for the server at `address`."""
    # The server closes a connection after a stream without saying so: one connection, one request.
    return httpx.AsyncClient(
        base_url=address.url,
        headers={"Authorization": f"Bearer {address.key}"},
        timeout=httpx.Timeout(10.0, read=READ_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=False,
    )


async def tokens(http: httpx.AsyncClient, text: str, *, control: bool, start: bool) -> tuple[int, ...]:
    """Tokenise; `control` lets text spell control tokens, `start` adds the token that opens a prompt."""
    body = {"content": text, "add_special": start, "parse_special": control}
    return tuple((await ask(http, "/tokenize", body))["tokens"])


async def ask(http: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """POST and return the JSON reply. Raises what the server complains of."""
    return _reply(await http.post(path, json=body))


async def look(http: httpx.AsyncClient, path: str) -> Mapping[str, Any]:
    """GET and return the JSON reply. Raises what the server complains of."""
    return _reply(await http.get(path))


def _reply(response: httpx.Response) -> Mapping[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise refusal(response.status_code, response.text)
    reply: Mapping[str, Any] = response.json()
    return reply


async def events(http: httpx.AsyncClient, body: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
    """POST /completion and yield the events of its stream; the last one has "stop"."""
    async with http.stream("POST", "/completion", json=body) as response:
        if response.status_code != httpx.codes.OK:
            raise refusal(response.status_code, (await response.aread()).decode("utf-8", "replace"))
        async for line in response.aiter_lines():
            kind, _, content = line.partition(": ")
            if kind == "error":
                raise refusal(httpx.codes.INTERNAL_SERVER_ERROR, content)
            if kind != "data" or not content.startswith("{"):
                continue
            event = json.loads(content)
            if "error" in event:
                raise refusal(int(event["error"].get("code", 500)), content)
            yield event
            if event.get("stop"):
                return
    raise EngineFailed("The engine ended its stream without a last event", "Ask again.")


def refusal(status: int, text: str) -> Exception:
    """Turn an error of the server into ours: 4xx is about the request, the rest about the engine."""
    try:
        error = json.loads(text).get("error", {})
    except (json.JSONDecodeError, AttributeError):
        error = {}
    message = str(error.get("message", text))[:500] if isinstance(error, dict) else text[:500]
    if isinstance(error, dict) and error.get("type") == "exceed_context_size_error":
        numbers = f"{error.get('n_prompt_tokens')} tokens, the model holds {error.get('n_ctx')}"
        return ContextOverflow(f"The prompt has {numbers}", "Shorten the question or raise context_tokens.")
    if 400 <= status < 500 and status not in (401, 408, 429):
        return BadInput(f"The engine refused the request: {message}", "Check grammar, json_schema and options.")
    return EngineFailed(f"The engine answered {status}: {message}", "Ask again.")
