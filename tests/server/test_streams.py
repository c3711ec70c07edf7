"""The pieces that streams, limits and uploads are made of, each by itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core.errors import Cancelled, EngineFailed
from headwater.server.answer_log import AnswerLog
from headwater.server.errors import RateLimited
from headwater.server.limits import AnswersAtOnce, RequestRate
from headwater.server.multipart import Begin, Block, End, PartReader
from headwater.server.openai_replies import Begun, Piece
from headwater.server.sse import Ending, Event, KeptAlive
from headwater.server.uploads import WAITING_BYTES, Pipe


class Source:
    """Events that a test lets through one by one; knows whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            while (piece := await self.queue.get()) is not None:
                yield piece
        finally:
            self.closed = True


async def test_a_silent_stream_is_kept_alive_and_ends_with_its_events() -> None:
    source = Source()
    stream = KeptAlive(source(), Ending(asyncio.Event()), every=0.01)
    assert await anext(stream) == b": ping\n\n"
    source.queue.put_nowait(b"one")
    assert await anext(stream) == b"one"
    source.queue.put_nowait(None)
    assert [piece async for piece in stream if piece != b": ping\n\n"] == []
    await stream.aclose()
    assert source.closed


async def test_a_stream_ends_when_the_server_does() -> None:
    source, closing = Source(), asyncio.Event()
    stream = KeptAlive(source(), Ending(closing, b"good-bye"), every=100)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    closing.set()
    assert await waiting == b"good-bye"
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    await stream.aclose()
    assert source.closed


async def test_a_stream_that_never_began_is_closed_too() -> None:
    source = Source()
    stream = KeptAlive(source(), Ending(asyncio.Event()), every=100)
    await stream.aclose()
    assert source.queue.empty()


async def test_a_reader_who_may_no_longer_read() -> None:
    allowed = True

    async def ask() -> bool:
        return allowed

    source = Source()
    stream = KeptAlive(source(), Ending(asyncio.Event(), allowed=ask), every=0.01)
    assert await anext(stream) == b": ping\n\n"
    allowed = False
    assert [piece async for piece in stream] == []
    await stream.aclose()


@given(st.text(), st.text(alphabet="abc", min_size=1))
def test_events_stay_one_event(text: str, kind: str) -> None:
    import json

    encoded = Event(7, kind, json.dumps({"text": text}, ensure_ascii=False)).encode().decode()
    assert encoded.endswith("\n\n") and encoded.count("\n\n") == 1
    lines = dict(line.partition(": ")[::2] for line in encoded.strip("\n").split("\n"))
    assert (lines["event"], lines["id"]) == (kind, "7")
    assert json.loads(lines["data"]) == {"text": text}


async def test_two_follow_one_log_from_different_places() -> None:
    log = AnswerLog()
    log.add("text", {"text": "a"})

    async def read(after: int) -> list[tuple[int | None, str]]:
        return [(event.id, event.kind) async for event in log.follow(after)]

    both = asyncio.gather(read(0), read(1))
    await asyncio.sleep(0)
    log.add("text", {"text": "b"})
    await asyncio.sleep(0)
    log.finish("done", {})
    assert await both == [[(1, "text"), (2, "text"), (3, "done")], [(2, "text"), (3, "done")]]


def test_a_bucket_refills() -> None:
    now = [0.0]
    rate = RequestRate(60, lambda: now[0])
    for _ in range(60):
        rate.take("ben")
    with pytest.raises(RateLimited) as limited:
        rate.take("ben")
    assert limited.value.seconds == 1
    rate.take("ada")
    now[0] += 1
    rate.take("ben")
    with pytest.raises(RateLimited):
        rate.take("ben")
    now[0] += 10_000
    for _ in range(60):
        rate.take("ben")
    with pytest.raises(RateLimited):
        rate.take("ben")


def test_places_are_given_back_once() -> None:
    places = AnswersAtOnce(1)
    with places.place("ben"), pytest.raises(RateLimited), places.place("ben"):
        pass
    with places.place("ben") as place:
        leave = place.keep()
    with pytest.raises(RateLimited):
        places.enter("ben")
    leave()
    with pytest.raises(ZeroDivisionError), places.place("ben"):
        raise ZeroDivisionError
    places.enter("ben")


async def pieces(*texts: str, error: Exception | None = None) -> AsyncGenerator[Piece, None]:
    for text in texts:
        yield Piece(text)
    if error is not None:
        raise error


async def test_a_reply_is_begun_with_its_first_piece() -> None:
    begun = Begun(pieces("a", "b"))
    await begun.begin()
    assert [piece.text async for piece in begun] == ["a", "b"]
    with pytest.raises(EngineFailed):
        await Begun(pieces(error=EngineFailed("died"))).begin()


async def test_a_slow_reply_is_begun_all_the_same_and_can_be_left() -> None:
    left = []

    async def slow() -> AsyncGenerator[Piece, None]:
        try:
            await asyncio.Event().wait()
            yield Piece()
        finally:
            left.append(True)

    begun = Begun(slow())
    await begun.begin(seconds=0.01)
    waiting = asyncio.ensure_future(anext(begun))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await begun.aclose()
    assert left == [True]


def form(files: list[tuple[str, bytes]]) -> bytes:
    parts = [
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), content)
        for name, content in files
    ]
    return b"".join(parts) + b"--B--\r\n"


NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=300)), min_size=1, max_size=4), st.integers(1, 64))
def test_a_form_is_read_the_same_however_it_is_cut(files: list[tuple[str, bytes]], step: int) -> None:
    reader = PartReader()
    parser = reader.parser(b"B")
    body, parts = form(files), []
    for start in range(0, len(body), step):
        parser.write(body[start : start + step])
        parts += reader.take()
    parser.finalize()
    found: list[tuple[str, bytes]] = []
    for part in parts:
        if isinstance(part, Begin):
            found.append((part.name, b""))
        elif isinstance(part, Block):
            found[-1] = (found[-1][0], found[-1][1] + part.data)
        else:
            assert isinstance(part, End)
    assert found == files and reader.complete


async def in_thread(function: Any, *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)


async def test_a_pipe_hands_bytes_to_a_thread_and_waits_for_room() -> None:
    pipe, got = Pipe(), []

    def read() -> None:
        assert go.wait(10)
        while block := pipe.read(100_000):
            got.append(block)

    go = threading.Event()
    reading = asyncio.ensure_future(in_thread(read))
    await pipe.feed(b"x" * WAITING_BYTES)
    more = asyncio.ensure_future(pipe.feed(b"y"))
    await asyncio.sleep(0)
    assert not more.done(), "no more than this waits in memory"
    go.set()
    await more
    pipe.end()
    await reading
    assert b"".join(got) == b"x" * WAITING_BYTES + b"y"
    assert max(map(len, got)) <= 100_000


async def test_a_pipe_that_is_abandoned_or_left() -> None:
    pipe = Pipe()
    reading = asyncio.ensure_future(in_thread(pipe.read))
    pipe.abandon()
    with pytest.raises(Cancelled):
        await reading
    other = Pipe()
    await other.feed(b"x" * WAITING_BYTES)
    waiting = asyncio.ensure_future(other.feed(b"late"))
    await asyncio.sleep(0)
    other.leave()
    await waiting
    assert other.dropped == 4
