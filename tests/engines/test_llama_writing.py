from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from headwater.core.types import Delta, Sampling
from headwater.engines.llama_writing import FIRST_TOKENS, NO_BREAKER, written

AGAINST_CIRCLES = Sampling(dry_multiplier=0.8, dry_penalty_last_n=100)
PROMPT = (7, 8, 9)
FIRST_ID = 1000


class Server:
    """Stands in for llama.cpp: writes `text` on, one token a character, ids counted from FIRST_ID by place.

    `unsent` are the places of characters whose tokens a stream leaves out; their text is held back too when
    nothing comes after it. After `room` characters its context is full.
    """

    def __init__(self, text: str, unsent: Sequence[int] = (), room: int = 10_000) -> None:
        self.text = text
        self.room = room
        self.unsent = frozenset(unsent)
        self.asked: list[dict[str, Any]] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://engine")

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path == "/tokenize":
            first = self.text.index(body["content"])
            return httpx.Response(200, json={"tokens": [FIRST_ID + first + n for n in range(len(body["content"]))]})
        self.asked.append(body)
        return httpx.Response(200, text="".join(f"data: {json.dumps(event)}\n\n" for event in self.events(body)))

    def events(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        done = len(body["prompt"]) - len(PROMPT)
        end = min(done + body["n_predict"], len(self.text), self.room)
        held = ""
        for place in range(done, end):
            held += self.text[place]
            if place not in self.unsent:
                yield {"content": held, "tokens": [FIRST_ID + place], "stop": False}
                held = ""
        kind = "limit" if end < len(self.text) or end - done == body["n_predict"] else "eos"
        yield {"content": "", "tokens": [], "stop": True, "stop_type": kind, "tokens_predicted": end - done}


async def write(server: Server, limit: int, sampling: Sampling | None = AGAINST_CIRCLES) -> list[Delta]:
    body = {"prompt": list(PROMPT), "n_predict": limit, "stream": True}
    async with server.client() as http:
        return [delta async for delta in written(http, body, sampling)]


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


def letters(count: int) -> str:
    return "".join(chr(0x4E00 + number) for number in range(count))


async def test_each_piece_is_compared_with_what_was_written_before_it() -> None:
    server = Server(letters(300))
    deltas = await write(server, limit=300)
    assert text_of(deltas) == server.text
    assert [asked["n_predict"] for asked in server.asked] == [32, 32, 64, 172]
    assert [asked.get("dry_penalty_last_n") for asked in server.asked] == [None, 32, 64, 100]
    assert server.asked[-1]["prompt"] == [*PROMPT, *range(FIRST_ID, FIRST_ID + 128)]
    assert server.asked[-1]["dry_sequence_breakers"] == [NO_BREAKER]
    assert deltas[-1].finish_reason == "length"
    assert deltas[-1].usage is not None
    assert (deltas[-1].usage.prompt_tokens, deltas[-1].usage.completion_tokens) == (3, 300)


async def test_an_answer_that_ends_early_is_asked_for_once() -> None:
    server = Server(letters(FIRST_TOKENS - 1))
    deltas = await write(server, limit=300)
    assert text_of(deltas) == server.text
    assert len(server.asked) == 1
    assert deltas[-1].finish_reason == "stop"


async def test_without_sampling_there_is_one_piece() -> None:
    server = Server(letters(200))
    assert text_of(await write(server, limit=150, sampling=None)) == server.text[:150]
    assert [asked["n_predict"] for asked in server.asked] == [150]
    assert "dry_multiplier" not in server.asked[0]


@pytest.mark.parametrize("sampling", [None, AGAINST_CIRCLES])
async def test_a_full_context_ends_the_answer(sampling: Sampling | None) -> None:
    server = Server(letters(200), room=40)
    deltas = await write(server, limit=150, sampling=sampling)
    assert text_of(deltas) == server.text[:40]
    assert len(server.asked) == (1 if sampling is None else 2)
    assert deltas[-1].finish_reason == "length"


@pytest.mark.parametrize("unsent", [(3,), (FIRST_TOKENS - 1,), (FIRST_TOKENS - 2, FIRST_TOKENS - 1), (70,)])
async def test_tokens_that_the_stream_left_out_are_neither_lost_nor_written_twice(unsent: tuple[int, ...]) -> None:
    server = Server(letters(120), unsent)
    assert text_of(await write(server, limit=200)) == server.text


async def test_a_piece_that_is_all_held_back_is_written_in_one_go() -> None:
    server = Server(letters(120), unsent=range(FIRST_TOKENS + 8))
    deltas = await write(server, limit=200)
    assert text_of(deltas) == server.text
    assert len(server.asked) == 2


async def test_the_limit_holds_when_text_becomes_more_tokens_than_it_was() -> None:
    server = Server(letters(400))
    split = server.answer

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/tokenize":
            return httpx.Response(200, json={"tokens": [5] * 3 * FIRST_TOKENS})
        return split(request)

    server.unsent = frozenset((3,))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://engine") as http:
        body = {"prompt": list(PROMPT), "n_predict": 2 * FIRST_TOKENS}
        deltas = [delta async for delta in written(http, body, AGAINST_CIRCLES)]
    assert deltas[-1].finish_reason == "length"
    assert len(server.asked) == 1
