"""All engines of a workspace: started when used, unloaded when idle, kept within memory, ended together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from headwater.core.errors import BadInput, EngineFailed, UnknownName
from headwater.core.protocols import ChatModel, Embedder, Reader
from headwater.engines.backoff import Clock
from headwater.engines.child import mapped_bytes
from headwater.engines.cpu import Processor, read_processor
from headwater.engines.echo import EchoModel
from headwater.engines.encoder import OnnxEmbedder, PairEncoder
from headwater.engines.encoder_model import EncoderSpec
from headwater.engines.encoder_process import EncoderProcess
from headwater.engines.hashing import HashEmbedder
from headwater.engines.llama import LlamaModel
from headwater.engines.llama_process import LlamaProcess, LlamaSpec
from headwater.engines.reader import OnnxReader
from headwater.engines.remote import RemoteModel, RemoteSpec

ENCODER = "encoder"
LOOK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class AdaptedSpec:
    """An adapter asked for by its own name: its base, whose `adapters` hold one of that name."""

    name: str
    base: LlamaSpec


EngineSpec = LlamaSpec | EncoderSpec | RemoteSpec | AdaptedSpec
FindSpec = Callable[[str], EngineSpec]
Engine = LlamaProcess | EncoderProcess


@dataclass(frozen=True, slots=True)
class Limits:
    """What engines may take. `free_bytes` is asked before each start; `idle_seconds` 0 keeps engines."""

    threads: int
    idle_seconds: float
    free_bytes: Callable[[], int]


@dataclass(frozen=True, slots=True)
class LoadedEngine:
    """An engine process that runs now."""

    name: str
    kind: Literal["chat", "encoder"]
    pid: int
    needs_bytes: int
    idle_seconds: float


class Supervisor:
    """Hands out models by name and owns the processes behind them.

    `find` turns the name of an installed or remote model into what its engine needs, and raises for an
    unknown one. "echo" and "hash" are always there. "base+adapter" asks for an adapter of a base model.

    One process serves a base and its adapters. llama.cpp reads adapters only while it starts, so an adapter
    that came later is served by a new process: requests go there from then on, and the old one ends when
    it has answered those it has. Until somebody asks for the new adapter, the old process goes on serving.
    """

    def __init__(
        self, find: FindSpec, limits: Limits, clock: Clock = time.monotonic, processor: Processor | None = None
    ) -> None:
        self._find = find
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._closed = threading.Event()
        self._chats: dict[str, LlamaProcess] = {}
        self._leaving: list[LlamaProcess] = []
        self._encoder_needs: dict[str, int] = {}
        self._granted: set[str] = set()
        self._processor = processor or read_processor()
        threads = self._processor.threads(limits.threads)
        self._encoder = EncoderProcess(threads, clock, before_start=lambda: self._make_room(ENCODER))
        if limits.idle_seconds > 0:
            threading.Thread(target=self._watch, name="idle engines", daemon=True).start()

    def chat_model(self, name: str) -> ChatModel:
        """Return the chat model called `name`; nothing is loaded before it is asked."""
        if name == "echo":
            return EchoModel()
        base, _, adapter = name.partition("+")
        spec = self._find(base)
        if isinstance(spec, RemoteSpec):
            return RemoteModel(spec)
        if isinstance(spec, AdaptedSpec) and not adapter:
            return LlamaModel(self._chat_process(spec.base, spec.name), spec.name, known_as=name)
        if not isinstance(spec, LlamaSpec):
            raise BadInput(f"{name!r} does not chat", "Choose a chat model: headwater models list.")
        return LlamaModel(self._chat_process(spec, adapter or None), adapter or None)

    def embedder(self, name: str) -> Embedder:
        """Return the embedder called `name`; nothing is loaded before it is asked."""
        if name == "hash":
            return HashEmbedder()
        return OnnxEmbedder(self._encoder_spec(name, pairs=False), self._encoder)

    def pair_encoder(self, name: str) -> PairEncoder:
        """Return the model `name` that reads a question and a text together."""
        return PairEncoder(self._encoder_spec(name, pairs=True), self._encoder)

    def reader(self, name: str) -> Reader:
        """Return the model `name` that finds answers in texts."""
        return OnnxReader(self.pair_encoder(name))

    def loaded(self) -> list[LoadedEngine]:
        """The engine processes that run now."""
        found: list[LoadedEngine] = []
        for name, engine in self._engines().items():
            pid = engine.pid
            if pid is not None:
                kind: Literal["chat", "encoder"] = "encoder" if name == ENCODER else "chat"
                found.append(LoadedEngine(name, kind, pid, self._needs(name), engine.idle_seconds))
        return found

    def unload(self, name: str) -> None:
        """End the engine of a model; requests in work fail. An encoder shares its process with the others."""
        engines = self._engines()
        base = name.partition("+")[0]
        key = ENCODER if base in self._encoder_needs else base
        if key not in engines:
            raise UnknownName.among("loaded model", name, [engine.name for engine in self.loaded()])
        engines[key].stop()

    def unload_idle(self) -> list[str]:
        """End every engine that was idle for the time of the limits; return their names."""
        seconds = self._limits.idle_seconds
        return [name for name, engine in self._engines().items() if engine.stop_if_idle(seconds)]

    def close(self) -> None:
        """End all engines. Those handed out start no more."""
        self._closed.set()
        for engine in [*self._still_leaving(), *self._engines().values()]:
            engine.stop()

    def _chat_process(self, asked: LlamaSpec, adapter: str | None) -> LlamaProcess:
        spec = replace(asked, threads=self._processor.threads(asked.threads))
        with self._lock:
            process = self._chats.get(spec.name)
            if process is not None and (process.spec == spec or _serves(process, spec, adapter)):
                return process
            if process is not None and not _same_but_adapters(process.spec, spec):
                # Another context or template: the old process goes once it is idle.
                if not process.stop_if_idle() and process.pid is not None:
                    context = f"{process.spec.context_tokens} tokens of context"
                    raise EngineFailed(
                        f"{spec.name!r} is answering with other settings ({context})",
                        "Wait until it has answered, or unload it.",
                    )
                process = None
            fresh = LlamaProcess(spec, self._clock, before_start=lambda: self._make_room(spec.name))
            self._chats[spec.name] = fresh
            if process is not None:
                self._leaving.append(process)
        if process is not None:
            process.retire(fresh)
        return fresh

    def _still_leaving(self) -> list[LlamaProcess]:
        """Processes that answer their last requests."""
        with self._lock:
            self._leaving = [process for process in self._leaving if not process.gone]
            return list(self._leaving)

    def _encoder_spec(self, name: str, *, pairs: bool) -> EncoderSpec:
        spec = self._find(name)
        if not isinstance(spec, EncoderSpec) or spec.pairs != pairs:
            wanted = "reads pairs of texts" if pairs else "makes vectors of texts"
            raise BadInput(f"{name!r} is no model that {wanted}", "Choose another: headwater models list.")
        with self._lock:
            self._encoder_needs[name] = spec.needs_bytes
        return spec

    def _engines(self) -> dict[str, Engine]:
        with self._lock:
            return {**self._chats, ENCODER: self._encoder}

    def _needs(self, name: str) -> int:
        if name == ENCODER:
            return sum(self._encoder_needs.values())
        return self._chats[name].spec.needs_bytes

    def _make_room(self, name: str) -> None:
        """Called by an engine that is about to start: unload idle ones, longest unused first, until it fits."""
        if self._closed.is_set():
            raise EngineFailed(f"{name!r} was asked for while the workspace closes", "Start Headwater again.")
        needs = self._needs(name)
        with self._starting:
            engines = self._engines()
            others = sorted((engine.idle_seconds, other) for other, engine in engines.items() if other != name)
            while self._free_bytes(name) < needs and others:
                engines[others.pop()[1]].stop_if_idle()
            for process in self._still_leaving() if self._free_bytes(name) < needs else []:
                process.wait_until_stopped()
            free = self._free_bytes(name)
            if free < needs:
                raise EngineFailed(
                    f"{name!r} needs {needs / 1e9:.2f} GB of memory, {max(free, 0) / 1e9:.2f} GB is free"
                    " and no idle engine is left to unload",
                    "Take a smaller model, fewer context_tokens or less parallel, or end other programs.",
                )
            self._granted.add(name)

    def _free_bytes(self, name: str) -> int:
        """Memory for `name`: what is free, less what running engines map and starting ones will take.

        The kernel counts the mapped weights of a running engine as free, since it could drop them.
        """
        taken = sum(mapped_bytes(process.pid) for process in self._still_leaving() if process.pid is not None)
        for other, engine in self._engines().items():
            pid = engine.pid
            if pid is not None:
                taken += mapped_bytes(pid)
            elif other != name and engine.starting and other in self._granted:
                taken += self._needs(other)
        return self._limits.free_bytes() - taken

    def _watch(self) -> None:
        while not self._closed.wait(min(LOOK_SECONDS, self._limits.idle_seconds)):
            self.unload_idle()


def _same_but_adapters(one: LlamaSpec, other: LlamaSpec) -> bool:
    # What adapters take is part of `needs_bytes`.
    return replace(one, adapters=(), needs_bytes=0) == replace(other, adapters=(), needs_bytes=0)


def _serves(process: LlamaProcess, spec: LlamaSpec, adapter: str | None) -> bool:
    """Whether a running process answers for `adapter` of `spec` (None: the base) as a new one would."""
    if process.pid is None or not _same_but_adapters(process.spec, spec):
        return False
    wanted = [each for each in spec.adapters if each.name == adapter]
    return adapter is None or (bool(wanted) and wanted[0] in process.spec.adapters)
