"""A remote model against an OpenAI-shaped server made of recorded answers."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from headwater.core.errors import BadInput, ContextOverflow, EngineFailed
from headwater.core.protocols import ChatModel
from headwater.core.types import ChatOptions, Message, Usage
from headwater.engines.remote import RemoteModel, RemoteSpec

SPEC = RemoteSpec("far", "http://far.example/v1/", "org/model", 4096, key="sk-secret")
HELLO = [Message("system", "S"), Message("user", "hello \ud800")]


class Server:
    """Answers with `lines` as a stream, or with `status` and `body`; keeps what it was asked."""

    def __init__(self, *lines: str, status: int = 200, body: object = None, counts: bool = False) -> None:
        self.lines, self.status, self.body, self.counts = lines, status, body, counts
        self.asked: list[tuple[str, dict, str | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), json.loads(request.content), request.headers.get("Authorization")))
        if request.url.path == "/tokenize":
            return httpx.Response(200, json={"count": 17}) if self.counts else httpx.Response(404, text="no such route")
        if self.body is not None:
            return httpx.Response(self.status, json=self.body)
        return httpx.Response(self.status, text="".join(f"{line}\n\n" for line in self.lines))

    def model(self) -> ChatModel:
        return RemoteModel(SPEC, httpx.MockTransport(self))


def chunk(text=None, finish=None, usage=None) -> str:
    choices = [{"delta": {"content": text}, "finish_reason": finish}] if usage is None else []
    return "data: " + json.dumps({"choices": choices, "usage": usage})


async def collect(model, options=None):
    return [delta async for delta in model.stream(HELLO, options or ChatOptions())]


async def test_a_stream_with_usage():
    server = Server(
        'data: {"choices":[{"delta":{"role":"assistant"}}]}', ": comment", chunk("Hel"), chunk("lo"),
        chunk("", "length"),
        chunk(usage={"prompt_tokens": 5, "completion_tokens": 2}), "data: [DONE]",
    )  # fmt: skip
    deltas = await collect(server.model(), ChatOptions(max_tokens=2, seed=3, stop=("x",), presence_penalty=0.5))
    assert [delta.text for delta in deltas] == ["Hel", "lo", ""]
    assert (deltas[-1].finish_reason, deltas[-1].usage) == ("length", Usage(5, 2))
    url, body, authorization = server.asked[0]
    assert url == "http://far.example/v1/chat/completions"
    assert authorization == "Bearer sk-secret"
    assert body["messages"] == [{"role": "system", "content": "S"}, {"role": "user", "content": "hello ?"}]
    assert (body["model"], body["stream"], body["max_tokens"], body["seed"], body["stop"]) == (
        "org/model",
        True,
        2,
        3,
        ["x"],
    )
    assert body["presence_penalty"] == 0.5
    assert "frequency_penalty" not in body


async def test_schemas_pass_grammars_do_not():
    server = Server(chunk("{}"), "data: [DONE]")
    await collect(server.model(), ChatOptions(json_schema={"type": "object"}))
    assert server.asked[0][1]["response_format"]["json_schema"]["schema"] == {"type": "object"}
    with pytest.raises(BadInput, match="takes no GBNF grammar"):
        await collect(server.model(), ChatOptions(grammar="root ::= x"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (401, {"error": {"message": "bad key"}}, EngineFailed, r"refused the key \(HTTP 401\)"),
        (
            400,
            {"error": {"message": "This model's maximum context length is 4096"}},
            ContextOverflow,
            "maximum context length",
        ),
        (404, {"error": {"message": "no such model"}}, BadInput, "no such model"),
        (500, {"error": "oops"}, EngineFailed, "answered 500: oops"),
        (502, ["gateway"], EngineFailed, "answered 502"),
    ],
)
async def test_refusals(status, body, kind, message):
    with pytest.raises(kind, match=message) as failure:
        await collect(Server(status=status, body=body).model())
    assert "sk-secret" not in str(failure.value)
    assert "sk-secret" not in repr(SPEC)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((chunk("a"),), r"ended its stream without \[DONE\]"),
        (("data: not json",), "not JSON: not json"),
        (('data: {"error":{"code":500,"message":"gone"}}',), "answered 500: gone"),
    ],
)
async def test_broken_streams(lines, message):
    with pytest.raises(EngineFailed, match=message):
        await collect(Server(*lines).model())


async def test_a_server_that_is_not_there():
    with pytest.raises(EngineFailed, match=r"'far' at http://127\.0\.0\.1:9/v1 broke off: ConnectError"):
        await collect(RemoteModel(RemoteSpec("far", "http://127.0.0.1:9/v1", "m", 100)))


async def test_tokens_are_counted_by_the_server_or_estimated_from_above():
    server = Server(counts=True)
    assert await server.model().count_tokens(HELLO) == 17
    assert server.asked[0][0] == "http://far.example/tokenize"
    silent = Server()
    model = silent.model()
    assert await model.count_tokens(HELLO) == await model.count_tokens(HELLO) == (8 + 1) + (8 + 3)
    assert len(silent.asked) == 1  # it is asked once whether it counts


async def test_leaving_closes_the_connection():
    """Over a real socket: the server sees the end of the connection when the client leaves."""
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + (chunk("a") + "\n\n").encode())
        await writer.drain()
        while await reader.read(1000):
            pass
        closed.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stream = RemoteModel(RemoteSpec("near", f"http://127.0.0.1:{port}/v1", "m", 100)).stream(HELLO, ChatOptions())
    assert (await anext(stream)).text == "a"
    await stream.aclose()
    await asyncio.wait_for(closed.wait(), 10)
    server.close()
    await server.wait_closed()
