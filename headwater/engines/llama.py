"""Chat over a llama.cpp child: messages to token ids, tokens streamed back, leaving cancels.

Prompts go in as token ids. Text of people is tokenised with control tokens switched off, so a
message that spells `<end_of_turn>` cannot end a turn, and counts are exact because the counted
ids are the ones that are sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from headwater.core.errors import BadInput, ContextOverflow
from headwater.core.types import ChatOptions, Delta, FinishReason, Message, Usage
from headwater.engines.encodable import encodable, encodable_messages
from headwater.engines.llama_http import connect, events, tokens
from headwater.engines.llama_process import LlamaProcess
from headwater.engines.native_template import native_prompt
from headwater.engines.template import TemplateName, Trimmer, human_bot

# A request is only cancelled between steps or while it decodes, so long prompts go in by steps.
STEP_TOKENS = 512
NO_SEED = -1


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """The exact prompt of a request."""

    ids: tuple[int, ...]
    stop: tuple[str, ...] = ()


class LlamaModel:
    """A ChatModel: a base model, or a base model with one of its adapters."""

    def __init__(self, process: LlamaProcess, adapter: str | None = None) -> None:
        self._process = process
        self._spec = process.spec
        names = [known.name for known in self._spec.adapters]
        if adapter is not None and adapter not in names:
            raise BadInput(f"{self._spec.name!r} has no adapter {adapter!r}", f"It has: {', '.join(names) or 'none'}.")
        self._adapter = None if adapter is None else names.index(adapter)

    @property
    def name(self) -> str:
        """The name people ask for it by: "base" or "base+adapter"."""
        return (
            self._spec.name if self._adapter is None else f"{self._spec.name}+{self._spec.adapters[self._adapter].name}"
        )

    @property
    def context_tokens(self) -> int:
        """Prompt and completion together may hold this many tokens."""
        return self._spec.context_tokens

    @property
    def template(self) -> TemplateName:
        """How messages become a prompt."""
        return self._spec.template if self._adapter is None else self._spec.adapters[self._adapter].template

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Exact number of prompt tokens these messages become, template included."""
        async with self._server() as http:
            return len((await self._prompt(http, messages)).ids)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield text as it is made. Raises BadInput, ContextOverflow, EngineFailed."""
        async with self._server() as http:
            prompt = await self._prompt(http, messages)
            trimmer = Trimmer()
            async with aclosing(self._continue(http, prompt, options)) as pieces:
                async for piece in pieces:
                    text = trimmer.feed(piece.text)
                    if text or piece.finish_reason:
                        yield Delta(text, piece.finish_reason, piece.usage)

    async def complete(self, prompt: str, options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield what follows a text as it stands, without a template. Raises as `stream` does."""
        async with self._server() as http:
            ids = await tokens(http, encodable(prompt), control=False, start=True)
            async with aclosing(self._continue(http, PromptTokens(tuple(ids)), options)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _continue(
        self, http: httpx.AsyncClient, prompt: PromptTokens, options: ChatOptions
    ) -> AsyncGenerator[Delta, None]:
        room = self.context_tokens - len(prompt.ids)
        if room < 1:
            raise ContextOverflow(
                f"The prompt has {len(prompt.ids)} tokens, {self.name!r} holds {self.context_tokens}",
                "Shorten the question, take fewer passages, or raise context_tokens.",
            )
        body = self._body(prompt, options, room)
        for end in range(STEP_TOKENS, len(prompt.ids) - STEP_TOKENS // 4, STEP_TOKENS):
            await _read_ahead(http, {**body, "prompt": list(prompt.ids[:end]), "n_predict": 0})
        async with aclosing(events(http, body)) as stream:
            async for event in stream:
                if text := str(event.get("content", "")):
                    yield Delta(text=text)
                if event.get("stop"):
                    yield _last(event, len(prompt.ids))

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[httpx.AsyncClient]:
        with self._process.in_use():
            address = await asyncio.to_thread(self._process.address)
            try:
                async with connect(address) as http:
                    yield http
            except httpx.TransportError as error:
                raise await asyncio.to_thread(self._process.failure, address, error) from error

    async def _prompt(self, http: httpx.AsyncClient, messages: Sequence[Message]) -> PromptTokens:
        if not messages:
            raise BadInput("There is no message to answer", "Send at least one.")
        messages = encodable_messages(messages)
        if self.template == "native":
            return PromptTokens(await native_prompt(http, messages))
        prompt = human_bot(messages, examples=self.template == "human_bot_base")
        return PromptTokens(await tokens(http, prompt.text, control=False, start=True), prompt.stop)

    def _body(self, prompt: PromptTokens, options: ChatOptions, room: int) -> dict[str, Any]:
        limit = room if options.max_tokens is None else min(room, options.max_tokens)
        body: dict[str, Any] = {
            "prompt": list(prompt.ids),
            "n_predict": limit,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "seed": NO_SEED if options.seed is None else options.seed,
            "stop": [*prompt.stop, *map(encodable, options.stop)],
            "frequency_penalty": options.frequency_penalty,
            "presence_penalty": options.presence_penalty,
            "cache_prompt": True,
            "stream": True,
        }
        if self._spec.adapters:
            body["lora"] = [
                {"id": number, "scale": 1.0 if number == self._adapter else 0.0}
                for number in range(len(self._spec.adapters))
            ]
        if options.grammar is not None:
            body["grammar"] = options.grammar
        if options.json_schema is not None:
            body["json_schema"] = dict(options.json_schema)
        return body


async def _read_ahead(http: httpx.AsyncClient, body: Mapping[str, Any]) -> None:
    async with aclosing(events(http, body)) as stream:
        async for _ in stream:
            pass


def _last(event: Mapping[str, Any], prompt_tokens: int) -> Delta:
    kinds: Mapping[str, Literal["stop", "length"]] = {"limit": "length"}
    reason: FinishReason = kinds.get(str(event.get("stop_type")), "stop")
    return Delta(finish_reason=reason, usage=Usage(prompt_tokens, int(event.get("tokens_predicted", 0))))
