"""Engines by name, idle unloading, the memory plan, and the end of all."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from headwater.core.errors import BadInput, EngineFailed, UnknownName
from headwater.core.types import ChatOptions, Message
from headwater.engines.cpu import Processor
from headwater.engines.echo import EchoModel
from headwater.engines.hashing import HashEmbedder
from headwater.engines.llama_process import Adapter, LlamaSpec
from headwater.engines.remote import RemoteModel, RemoteSpec
from headwater.engines.supervisor import ENCODER, AdaptedSpec, Limits, Supervisor

HELLO = [Message("user", "hello")]


class Bench:
    """A supervisor over the tiny models with a clock and a memory gauge that tests turn."""

    def __init__(self, tiny_encoder, tiny_reader, tiny_gguf, tiny_adapter) -> None:
        self.now = 0.0
        self.free = 10_000_000_000
        self.leaving = lambda: 0
        chat = LlamaSpec("one", tiny_gguf, "human_bot", 256, needs_bytes=4_000_000_000)
        self.specs = {
            "one": chat,
            "two": replace(chat, name="two", adapters=(Adapter("loud", tiny_adapter),)),
            "vectors": replace(tiny_encoder, needs_bytes=1_000_000_000),
            "reader": tiny_reader,
            "far": RemoteSpec("far", "http://far.example/v1", "m", 100),
        }
        processor = Processor("test", 1, avx2=True, avx512=False, vnni=False)
        limits = Limits(threads=4, idle_seconds=0, free_bytes=self.measure)
        self.supervisor = Supervisor(self.find, limits, clock=lambda: self.now, processor=processor)

    def find(self, name):
        if name not in self.specs:
            raise UnknownName.among("model", name, self.specs)
        return self.specs[name]

    def measure(self) -> int:
        """Free memory: what a machine of `free` bytes has left beside the engines that run."""
        return self.free - sum(engine.needs_bytes for engine in self.supervisor.loaded()) - self.leaving()

    def names(self) -> list[str]:
        return sorted(engine.name for engine in self.supervisor.loaded())


@pytest.fixture
def bench(tiny_encoder, tiny_reader, tiny_gguf, tiny_adapter, monkeypatch):
    # What real processes map is small beside the made-up sizes, and would blur them.
    monkeypatch.setattr("headwater.engines.supervisor.mapped_bytes", lambda _: 0)
    bench = Bench(tiny_encoder, tiny_reader, tiny_gguf, tiny_adapter)
    yield bench
    bench.supervisor.close()


async def ask(model) -> str:
    return "".join([delta.text async for delta in model.stream(HELLO, ChatOptions(temperature=0, max_tokens=4))])


def test_models_without_weights_are_always_there(bench):
    assert isinstance(bench.supervisor.chat_model("echo"), EchoModel)
    assert isinstance(bench.supervisor.embedder("hash"), HashEmbedder)
    assert isinstance(bench.supervisor.chat_model("far"), RemoteModel)
    assert bench.supervisor.loaded() == []


def test_names_are_checked_before_anything_starts(bench):
    with pytest.raises(UnknownName, match=r"No model 'on'\. Did you mean 'one'"):
        bench.supervisor.chat_model("on")
    with pytest.raises(BadInput, match="'vectors' does not chat"):
        bench.supervisor.chat_model("vectors")
    with pytest.raises(BadInput, match="'one' is no model that makes vectors"):
        bench.supervisor.embedder("one")
    with pytest.raises(BadInput, match="'reader' is no model that makes vectors"):
        bench.supervisor.embedder("reader")
    with pytest.raises(BadInput, match="'vectors' is no model that reads pairs"):
        bench.supervisor.pair_encoder("vectors")
    with pytest.raises(BadInput, match="'two' has no adapter 'soft'"):
        bench.supervisor.chat_model("two+soft")
    assert bench.supervisor.loaded() == []


def test_encoders_share_one_process(bench):
    bench.supervisor.embedder("vectors").embed(["river"])
    bench.supervisor.reader("reader").read("river", ["the river"])
    (engine,) = bench.supervisor.loaded()
    assert (engine.name, engine.kind, engine.needs_bytes) == (ENCODER, "encoder", 1_000_000_000)
    bench.supervisor.unload("reader")
    assert bench.supervisor.loaded() == []


def test_unloading_what_is_not_loaded(bench):
    with pytest.raises(UnknownName, match="No loaded model 'one'"):
        bench.supervisor.unload("one")


@pytest.mark.real
class TestChat:
    """With real llama.cpp children of the tiny Llama."""

    async def test_an_engine_starts_when_it_is_asked(self, bench):
        model = bench.supervisor.chat_model("two+loud")
        assert (model.name, bench.names()) == ("two+loud", [])
        await ask(model)
        (engine,) = bench.supervisor.loaded()
        assert (engine.name, engine.kind) == ("two", "chat")
        os.kill(engine.pid, 0)
        await ask(bench.supervisor.chat_model("two"))
        assert bench.supervisor.loaded()[0].pid == engine.pid
        bench.supervisor.unload("two+loud")
        assert bench.names() == []

    async def test_threads_are_those_of_the_processor(self, bench):
        bench.specs["one"] = replace(bench.specs["one"], threads=16)
        bench.supervisor.chat_model("one")
        assert bench.supervisor._chats["one"].spec.threads == 1

    async def test_idle_engines_are_unloaded_and_come_back(self, bench):
        bench.supervisor._limits = replace(bench.supervisor._limits, idle_seconds=60)
        model = bench.supervisor.chat_model("one")
        first = await ask(model)
        bench.supervisor.embedder("vectors").embed(["river"])
        bench.now = 50.0
        bench.supervisor.embedder("vectors").embed(["river"])
        bench.now = 70.0
        assert bench.supervisor.unload_idle() == ["one"]
        assert bench.names() == [ENCODER]
        assert await ask(model) == first

    async def test_what_does_not_fit_takes_the_place_of_the_longest_idle(self, bench):
        bench.free = 9_000_000_000
        await ask(bench.supervisor.chat_model("one"))
        bench.now = 1.0
        bench.supervisor.embedder("vectors").embed(["river"])
        bench.now = 2.0
        await ask(bench.supervisor.chat_model("two"))  # 4 + 1 + 4 fit
        assert bench.names() == [ENCODER, "one", "two"]
        bench.supervisor.unload("two")
        bench.free = 8_000_000_000
        await ask(bench.supervisor.chat_model("two"))
        assert bench.names() == [ENCODER, "two"]

    async def test_what_is_in_use_is_not_evicted(self, bench):
        bench.free = 5_000_000_000
        stream = bench.supervisor.chat_model("one").stream(
            HELLO, ChatOptions(max_tokens=200, grammar='root ::= "a"{190}')
        )
        await anext(stream)
        with pytest.raises(
            EngineFailed, match=r"'two' needs 4\.00 GB of memory, 1\.00 GB is free and no idle engine is left"
        ):
            await ask(bench.supervisor.chat_model("two"))
        assert bench.names() == ["one"]
        await stream.aclose()
        await ask(bench.supervisor.chat_model("two"))
        assert bench.names() == ["two"]

    async def test_an_engine_about_to_start_holds_its_memory(self, bench):
        bench.free = 7_000_000_000
        supervisor = bench.supervisor
        supervisor.chat_model("one")
        supervisor.chat_model("two")
        one = supervisor._chats["one"]
        one.starting = True
        supervisor._make_room("one")  # granted, not running yet
        with pytest.raises(EngineFailed, match=r"'two' needs 4\.00 GB of memory, 3\.00 GB is free"):
            supervisor._make_room("two")
        one.starting = False  # it did not come up
        supervisor._make_room("two")

    async def test_other_settings_replace_an_idle_engine(self, bench):
        await ask(bench.supervisor.chat_model("one"))
        bench.specs["one"] = replace(bench.specs["one"], context_tokens=512)
        stream = bench.supervisor.chat_model("one").stream(
            HELLO, ChatOptions(max_tokens=200, grammar='root ::= "a"{190}')
        )
        assert bench.names() == []
        await anext(stream)
        bench.specs["one"] = replace(bench.specs["one"], context_tokens=1024)
        with pytest.raises(EngineFailed, match=r"answering with other settings \(512 tokens of context\)"):
            bench.supervisor.chat_model("one")
        await stream.aclose()
        assert bench.supervisor.chat_model("one").context_tokens == 1024

    async def test_an_adapter_has_a_name_of_its_own(self, bench):
        bench.specs["loud"] = AdaptedSpec("loud", bench.specs["two"])
        model = bench.supervisor.chat_model("loud")
        assert (model.name, bench.supervisor.chat_model("two+loud").name) == ("loud", "two+loud")
        assert await ask(model) == await ask(bench.supervisor.chat_model("two+loud"))
        assert bench.names() == ["two"]

    async def test_a_new_adapter_is_served_while_the_old_process_finishes(self, bench, tiny_adapter):
        """The stream that runs is not cut, nobody waits, and the old process is gone afterwards."""
        supervisor, grammar = bench.supervisor, 'root ::= "a"{190}'
        old = supervisor.chat_model("two+loud")
        stream = old.stream(HELLO, ChatOptions(max_tokens=200, grammar=grammar))
        got = (await anext(stream)).text
        first = supervisor.loaded()[0].pid
        longer = (*bench.specs["two"].adapters, Adapter("late", tiny_adapter, version="2"))
        bench.specs["two"] = replace(bench.specs["two"], adapters=longer[::-1])
        # What the running process can serve it goes on serving.
        await ask(supervisor.chat_model("two"))
        await ask(supervisor.chat_model("two+loud"))
        assert supervisor.loaded()[0].pid == first
        late = supervisor.chat_model("two+late")
        assert await ask(late)
        assert supervisor.loaded()[0].pid != first
        os.kill(first, 0)  # it still answers the stream
        text = await ask(old)  # a model handed out before asks the new process, by the name of its adapter
        assert text == await ask(supervisor.chat_model("two+loud")) == await ask(late)
        got += "".join([delta.text async for delta in stream])
        assert got == "a" * 190
        for _ in range(1000):
            if not supervisor._still_leaving():
                break
            await asyncio.sleep(0.01)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)

    async def test_an_idle_process_makes_way_at_once(self, bench, tiny_adapter):
        await ask(bench.supervisor.chat_model("two"))
        first = bench.supervisor.loaded()[0].pid
        renewed = (Adapter("loud", tiny_adapter, version="trained again"),)
        bench.specs["two"] = replace(bench.specs["two"], adapters=renewed)
        model = bench.supervisor.chat_model("two+loud")
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        await ask(model)

    async def test_where_memory_is_short_the_new_process_waits_for_the_old(self, bench, tiny_adapter):
        supervisor = bench.supervisor
        stream = supervisor.chat_model("two").stream(HELLO, ChatOptions(max_tokens=200, grammar='root ::= "a"{60}'))
        got = (await anext(stream)).text
        first = supervisor.loaded()[0].pid
        bench.leaving = lambda: sum(4_000_000_000 for _ in supervisor._still_leaving())
        bench.free = 5_000_000_000
        bench.specs["two"] = replace(bench.specs["two"], adapters=(Adapter("late", tiny_adapter),))
        waiting = asyncio.create_task(ask(supervisor.chat_model("two+late")))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert got + "".join([delta.text async for delta in stream]) == "a" * 60
        assert await waiting
        assert supervisor.loaded()[0].pid != first

    async def test_closing_ends_what_is_leaving(self, bench, tiny_adapter):
        supervisor = bench.supervisor
        stream = supervisor.chat_model("two").stream(HELLO, ChatOptions(max_tokens=200, grammar='root ::= "a"{190}'))
        await anext(stream)
        first = supervisor.loaded()[0].pid
        bench.specs["two"] = replace(bench.specs["two"], adapters=(Adapter("late", tiny_adapter),))
        await ask(supervisor.chat_model("two+late"))
        supervisor.close()
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        await stream.aclose()

    async def test_closing_ends_everything_for_good(self, bench):
        model = bench.supervisor.chat_model("one")
        await ask(model)
        pids = [engine.pid for engine in bench.supervisor.loaded()]
        bench.supervisor.close()
        assert bench.supervisor.loaded() == []
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        with pytest.raises(EngineFailed, match="while the workspace closes"):
            await ask(model)
