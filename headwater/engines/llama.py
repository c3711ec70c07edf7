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
from typing import Any

import httpx

from headwater.core.errors import BadInput, ContextOverflow
from headwater.core.types import ChatOptions, Delta, Message
from headwater.engines.encodable import encodable, encodable_messages
from headwater.engines.llama_http import ask, connect, events, tokens
from headwater.engines.llama_process import Adapter, LlamaProcess, LlamaSpec
from headwater.engines.llama_writing import written
from headwater.engines.native_template import jinja_prompt, native_prompt
from headwater.engines.template import CHATML, CHATML_STOPS, STOPS, TemplateName, Trimmer, harmless, human_bot

# A request is only cancelled between steps or while it decodes, so long prompts go in by steps.
STEP_TOKENS = 512
NO_SEED = -1


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """The exact prompt of a request."""

    ids: tuple[int, ...]
    stop: tuple[str, ...] = ()


class LlamaModel:
    """A ChatModel: a base model, or a base model with one of its adapters.

    `known_as` is the name people ask for it by, "base" or "base+adapter" when not given.
    """

    def __init__(self, process: LlamaProcess, adapter: str | None = None, known_as: str | None = None) -> None:
        self._process = process
        self._adapter = None if adapter is None else _adapter(process.spec, adapter)
        self._name = known_as or (process.spec.name if adapter is None else f"{process.spec.name}+{adapter}")

    @property
    def name(self) -> str:
        """The name people ask for it by."""
        return self._name

    @property
    def context_tokens(self) -> int:
        """Prompt and completion together may hold this many tokens."""
        return self._process.spec.context_tokens

    @property
    def template(self) -> TemplateName:
        """How messages become a prompt."""
        return self._asked.template

    @property
    def _asked(self) -> Adapter | LlamaSpec:
        """Whose template and sampling count: the adapter's, or those of the model itself."""
        return self._process.spec if self._adapter is None else self._adapter

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Exact number of prompt tokens these messages become, template included."""
        async with self._server() as (http, _):
            return len((await self._prompt(http, messages)).ids)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield text as it is made. Raises BadInput, ContextOverflow, EngineFailed."""
        async with self._server() as (http, lora):
            prompt = await self._prompt(http, messages)
            trimmer = Trimmer()
            async with aclosing(self._continue(http, prompt, options, lora)) as pieces:
                async for piece in pieces:
                    text = trimmer.feed(piece.text)
                    if text or piece.finish_reason:
                        yield Delta(text, piece.finish_reason, piece.usage)

    async def complete(self, prompt: str, options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield what follows a text as it stands, without a template. Raises as `stream` does."""
        async with self._server() as (http, lora):
            ids = await tokens(http, encodable(prompt), control=False, start=True)
            async with aclosing(self._continue(http, PromptTokens(tuple(ids)), options, lora)) as pieces:
                async for piece in pieces:
                    yield piece

    async def greedy_tokens(self, prompt: Sequence[int], count: int) -> tuple[int, ...]:
        """The up to `count` most likely tokens after token ids, for comparing engines with each other.

        Not streamed: a stream leaves out the tokens of a character that is not whole.
        """
        async with self._server() as (http, lora):
            options = ChatOptions(max_tokens=count, temperature=0.0)
            body = {**self._body(PromptTokens(tuple(prompt)), options, count), **lora}
            reply = await ask(http, "/completion", {**body, "stream": False, "return_tokens": True})
            return tuple(int(token) for token in reply["tokens"])

    async def _continue(
        self, http: httpx.AsyncClient, prompt: PromptTokens, options: ChatOptions, lora: Mapping[str, Any]
    ) -> AsyncGenerator[Delta, None]:
        room = self.context_tokens - len(prompt.ids)
        if room < 1:
            raise ContextOverflow(
                f"The prompt has {len(prompt.ids)} tokens, {self.name!r} holds {self.context_tokens}",
                "Shorten the question, take fewer passages, or raise context_tokens.",
            )
        body = {**self._body(prompt, options, room), **lora}
        for end in range(STEP_TOKENS, len(prompt.ids) - STEP_TOKENS // 4, STEP_TOKENS):
            await _read_ahead(http, {**body, "prompt": list(prompt.ids[:end]), "n_predict": 0})
        sampling = self._asked.sampling
        if options.grammar is not None or options.json_schema is not None:
            sampling = None  # there the form itself repeats
        async with aclosing(written(http, body, sampling)) as deltas:
            async for delta in deltas:
                yield delta

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[tuple[httpx.AsyncClient, Mapping[str, Any]]]:
        """Yield a client, and the part of a request that chooses the adapter on that server."""
        with self._process.in_use() as process:
            lora = self._lora(process.spec)
            address = await asyncio.to_thread(process.address)
            try:
                async with connect(address) as http:
                    yield http, lora
            except httpx.TransportError as error:
                raise await asyncio.to_thread(process.failure, address, error) from error

    def _lora(self, spec: LlamaSpec) -> Mapping[str, Any]:
        if not spec.adapters:
            return {}
        # By name: a process that took over may have them in another order.
        chosen = None if self._adapter is None else _adapter(spec, self._adapter.name)
        return {
            "lora": [
                {"id": number, "scale": 1.0 if adapter is chosen else 0.0}
                for number, adapter in enumerate(spec.adapters)
            ]
        }

    async def _prompt(self, http: httpx.AsyncClient, messages: Sequence[Message]) -> PromptTokens:
        if not messages:
            raise BadInput("There is no message to answer", "Send at least one.")
        messages = encodable_messages(messages)
        speaks = self._asked
        if speaks.jinja is not None:
            return await _own_prompt(http, messages, speaks, speaks.jinja)
        if self.template == "native":
            return PromptTokens(await native_prompt(http, messages))
        if self.template == "chatml":
            return PromptTokens(await jinja_prompt(http, messages, CHATML), CHATML_STOPS)
        if self.template == "jinja":
            raise BadInput(f"{self.name!r} names a Jinja template and brings none", "Add the adapter again.")
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
        if options.grammar is not None:
            body["grammar"] = options.grammar
        if options.json_schema is not None:
            body["json_schema"] = dict(options.json_schema)
        return body


def _adapter(spec: LlamaSpec, name: str) -> Adapter:
    for adapter in spec.adapters:
        if adapter.name == name:
            return adapter
    names = ", ".join(adapter.name for adapter in spec.adapters)
    raise BadInput(f"{spec.name!r} has no adapter {name!r}", f"It has: {names or 'none'}.")


async def _own_prompt(
    http: httpx.AsyncClient, messages: Sequence[Message], trained: Adapter | LlamaSpec, template: str
) -> PromptTokens:
    """The prompt by the template that an adapter, or a whole model, was trained with."""
    stops = {"human_bot": STOPS, "chatml": CHATML_STOPS}.get(trained.template, ())
    if trained.template == "human_bot":  # its turn marks are plain text, so any message could spell them
        messages = [Message(message.role, harmless(message.content)) for message in messages]
    return PromptTokens(await jinja_prompt(http, messages, template), (*stops, *trained.stop))


async def _read_ahead(http: httpx.AsyncClient, body: Mapping[str, Any]) -> None:
    async with aclosing(events(http, body)) as stream:
        async for _ in stream:
            pass
