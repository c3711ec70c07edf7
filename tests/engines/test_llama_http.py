"""Streams and refusals of a llama.cpp server, from recorded answers."""

from __future__ import annotations

import json

import httpx
import pytest

from headwater.core.errors import BadInput, ContextOverflow, EngineFailed
from headwater.engines.llama_http import ask, events, refusal, tokens


def server(handler) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://engine")


def stream_of(*lines: str):
    return server(lambda _: httpx.Response(200, text="".join(f"{line}\n\n" for line in lines)))


async def collect(http: httpx.AsyncClient):
    async with http:
        return [event async for event in events(http, {"prompt": []})]


async def test_events_end_with_the_one_that_stops():
    found = await collect(
        stream_of(
            ": ping",
            'data: {"content":"a"}',
            'data: {"content":"","stop":true}',
            'data: {"content":"late"}',
            "data: [DONE]",
        )
    )
    assert [event["content"] for event in found] == ["a", ""]


async def test_a_stream_that_just_ends_is_a_failure():
    with pytest.raises(EngineFailed, match="without a last event"):
        await collect(stream_of('data: {"content":"a"}'))


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ('data: {"error":{"code":500,"message":"slot lost"}}', EngineFailed, "answered 500: slot lost"),
        ('error: {"error":{"code":400,"message":"bad grammar"}}', EngineFailed, "bad grammar"),
        ('data: {"error":{"code":400,"message":"bad grammar"}}', BadInput, "refused the request: bad grammar"),
    ],
)
async def test_errors_inside_a_stream(line, kind, message):
    with pytest.raises(kind, match=message):
        await collect(stream_of(line))


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, {"error": {"message": "grammar"}}, BadInput, "grammar"),
        (503, {"error": {"message": "Loading model"}}, EngineFailed, "answered 503: Loading model"),
        (401, {"error": {"message": "Invalid API Key"}}, EngineFailed, "answered 401"),
        (500, "plain text", EngineFailed, "answered 500: plain text"),
        (500, ["a", "list"], EngineFailed, "answered 500"),
        (
            400,
            {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 900, "n_ctx": 512, "message": "x"}},
            ContextOverflow,
            "The prompt has 900 tokens, the model holds 512",
        ),
    ],
)
async def test_refusals_become_our_errors(status, body, kind, message):
    text = body if isinstance(body, str) else json.dumps(body)
    error = refusal(status, text)
    assert type(error) is kind
    assert message in str(error)
    assert error.hint
    with pytest.raises(kind):
        await ask(server(lambda _: httpx.Response(status, text=text)), "/tokenize", {})


async def test_tokens_asks_with_the_right_switches():
    seen: list[dict] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"tokens": [1, 2]})

    async with server(answer) as http:
        assert await tokens(http, "x", control=False, start=True) == (1, 2)
    assert seen == [{"content": "x", "add_special": True, "parse_special": False}]
