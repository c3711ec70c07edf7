"""What stands in for slow or strange parts of a server: clocks, readers, models without weights, engines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from headwater.core.errors import UnknownName, UnreadableDocument
from headwater.core.progress import Report, silent
from headwater.core.types import (
    Box,
    ChatOptions,
    Delta,
    Extraction,
    Message,
    Page,
)
from headwater.engines.echo import EchoModel
from headwater.engines.hashing import HashEmbedder
from headwater.engines.supervisor import LoadedEngine

PASSWORD = "correct horse"
PNG = b"\x89PNG\r\n\x1a\n" + b"not really"


class Clock:
    """Time that a test moves on."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Ticking(Clock):
    """Time in which no two things happen at once."""

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class PlainText:
    """Reads UTF-8 files, a form feed between pages; anything else is unreadable."""

    def extract(
        self, path: Path, name: str | None = None, *, report: Report = silent, check: Callable[[], None] = lambda: None
    ) -> Extraction:
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableDocument(f"{name} is not text.", "Send a text file.") from error
        pages = tuple(Page(number, part) for number, part in enumerate(text.split("\f"), 1))
        return Extraction(pages, paged=len(pages) > 1, media_type="text/plain")


class Continuing(EchoModel):
    """An EchoModel that also goes on with plain text."""

    async def complete(self, prompt: str, options: ChatOptions) -> AsyncIterator[Delta]:
        async for delta in self.stream([Message("user", f"{prompt} and so on")], options):
            yield delta


class Endless:
    """Says one word and then nothing for ever, until it is left."""

    name = "endless"
    context_tokens = 4096

    def __init__(self) -> None:
        self.began = threading.Event()
        self.left = threading.Event()

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return len(messages)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        try:
            yield Delta("word ")
            self.began.set()
            await asyncio.Event().wait()
        finally:
            self.left.set()


class Broken:
    """Fails as an engine may: before the first word, or after one."""

    context_tokens = 4096

    def __init__(self, name: str, error: Exception, after: int) -> None:
        self.name = name
        self._error = error
        self._after = after

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return len(messages)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        for _ in range(self._after):
            yield Delta("word ")
        raise self._error


class Recording(EchoModel):
    """Keeps the options it was asked with."""

    def __init__(self) -> None:
        super().__init__(name="recording")
        self.asked: list[tuple[tuple[Message, ...], ChatOptions]] = []

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        self.asked.append((tuple(messages), options))
        async for delta in super().stream(messages, options):
            yield delta


class Engines:
    """Models by name, none of which has a process."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {"echo": Continuing(), "endless": Endless(), "recording": Recording()}
        self.unloaded: list[str] = []

    def chat_model(self, name: str) -> Any:
        if name not in self.models:
            raise UnknownName.among("model", name, self.models)
        return self.models[name]

    def embedder(self, name: str) -> HashEmbedder:
        return HashEmbedder(64)

    def loaded(self) -> list[LoadedEngine]:
        return [LoadedEngine("tiny", "chat", 1, 0, 0.0)] if not self.unloaded else []

    def unload(self, name: str) -> None:
        self.unloaded.append(name)


class Viewer:
    """Pictures of pages without drawing any."""

    def size(self, path: Path, page_number: int, name: str | None = None) -> tuple[float, float] | None:
        return 600.0, 800.0

    def picture(self, path: Path, page_number: int, width: int, name: str | None = None) -> bytes:
        return PNG + str(width).encode()

    def boxes(
        self, path: Path, page_number: int, page_text: str, start: int, end: int, name: str | None = None
    ) -> list[Box]:
        return [Box(start / len(page_text), 0.0, (end - start) / len(page_text), 0.1)]
