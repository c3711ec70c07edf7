"""A question to documents becomes a cited answer, a quote, or "not in your documents".

search -> paragraphs -> sentences with signals -> answerable? -> a model writes and each sentence
is checked, or the best sentences are quoted. Nothing is shown that no passage bears out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from headwater.chat.condense import rewritten, standalone
from headwater.chat.context import Surroundings, widen
from headwater.chat.evidence import gather
from headwater.chat.judge import means_with
from headwater.chat.quote import Choice, choose, citation
from headwater.chat.remembered import RememberedEmbedder
from headwater.chat.writer import Draft, Shown, write
from headwater.core.protocols import ChatModel, Embedder, Reader, Search
from headwater.core.types import Answer, AnswerEvent, AnswerMode, ChatOptions, Filters, Hit, Message, Scope

LIKELY = 3  # a written answer rests on one of this many likeliest sentences, else the quote is added
NOT_FOUND = "This is not in your documents."


def _none_writes(_: str) -> bool:
    return False


@dataclass(frozen=True)
class AnswerSettings:
    """How answers are made.

    `searched` hits are asked for and `read` paragraphs of them are read. `writes` says by name which
    models may write answers of their own; the others are only quoted for, because a base model
    that has not learnt to follow instructions adds time and nothing true.
    """

    searched: int = 16
    read: int = 8
    written_from: int = 5
    writes: Callable[[str], bool] = _none_writes


@dataclass
class _Run:
    """One answer in the making."""

    question: str
    hits: Sequence[Hit] = ()
    text: str = ""
    numbers: dict[int, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    draft: Draft = field(default_factory=Draft)
    borne: list[Shown] = field(default_factory=list)
    clock: float = field(default_factory=time.perf_counter)
    began: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        """Note the seconds since the last lap."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self.clock, 4)
        self.clock = now

    def show(self, sentence: str, hit: int) -> AnswerEvent:
        """Append a sentence with its mark."""
        if not self.text:
            self.seconds["first_text"] = round(time.perf_counter() - self.began, 4)
        number = self.numbers.setdefault(hit, len(self.numbers) + 1)
        piece = f"{' ' if self.text else ''}{sentence} [{number}]"
        self.text += piece
        return AnswerEvent("text", text=piece)

    def finish(self, mode: AnswerMode, model: str | None) -> AnswerEvent:
        """Return the event that ends the answer."""
        answer = Answer(
            text=self.text,
            mode=mode,
            citations=tuple(citation(number, self.hits[hit]) for hit, number in self.numbers.items()),
            hits=tuple(self.hits),
            model=model,
            question=self.question,
            usage=self.draft.usage,
            finish_reason=self.draft.finish_reason if mode == "answer" else "stop",
            seconds={**self.seconds, "total": round(time.perf_counter() - self.began, 4)},
        )
        return AnswerEvent("done", answer=answer)


class Answerer:
    """Answers questions from the documents a scope may see. Safe to use from many tasks at once."""

    def __init__(
        self,
        search: Search,
        around_hits: Surroundings | None = None,
        embedder: Embedder | None = None,
        reader: Reader | None = None,
        settings: AnswerSettings | None = None,
    ) -> None:
        self._search = search
        self._around_hits = around_hits or Surroundings()
        self._embedder = RememberedEmbedder(embedder) if embedder is not None else None
        self._reader = reader
        self._settings = settings or AnswerSettings()

    async def stream(
        self,
        question: str,
        history: Sequence[Message],
        scope: Scope,
        filters: Filters,
        model: ChatModel | None = None,
        options: ChatOptions | None = None,
    ) -> AsyncIterator[AnswerEvent]:
        """Yield what is done, the passages, the answer sentence by sentence, and the whole.

        Leaving the iterator cancels the model. Raises EngineFailed when the embedder, the reader or
        the model does, ContextOverflow when the question does not fit the model.
        """
        writer = model if model is not None and self._settings.writes(model.name) else None
        yield AnswerEvent("status", status="searching")
        asked = await rewritten(question, history, writer) if writer else standalone(question, history)
        run = _Run(asked)
        found = await asyncio.to_thread(self._find, asked, scope, filters)
        run.lap("search")
        yield AnswerEvent("status", status="reading")
        choice = await asyncio.to_thread(self._read, asked, found)
        run.hits = found
        run.lap("read")
        yield AnswerEvent("hits", hits=found)
        if not choice.answered:
            run.text = NOT_FOUND
            yield AnswerEvent("text", text=NOT_FOUND)
            yield run.finish("not_found", None)
            return
        if writer is not None:
            yield AnswerEvent("status", status="writing")
            async with aclosing(self._write(run, choice, writer, options or ChatOptions(temperature=0.0))) as events:
                async for event in events:
                    yield event
            run.lap("write")
        mode: AnswerMode = "answer" if run.text else "quote"
        if not _says_the_quote(run.borne, choice):
            for candidate in choice.quoted:
                yield run.show(" ".join(candidate.text.split()), candidate.hit)
        yield run.finish(mode, writer.name if writer and mode == "answer" else None)

    def _find(self, question: str, scope: Scope, filters: Filters) -> list[Hit]:
        hits = self._search(question, scope, filters, self._settings.searched)
        return widen(hits, self._around_hits, scope, self._settings.read)

    def _read(self, question: str, hits: Sequence[Hit]) -> Choice:
        embedder, reader = self._embedder, self._reader
        means = means_with(embedder.name if embedder else None, reader.name if reader else None)
        evidence = gather(question, hits, None if means == "words" else embedder, reader if means == "reader" else None)
        return choose(evidence, means)

    async def _write(
        self, run: _Run, choice: Choice, model: ChatModel, options: ChatOptions
    ) -> AsyncGenerator[AnswerEvent]:
        """Yield the checked sentences of the model, written from the hits with the likeliest sentences."""
        order = list(dict.fromkeys(candidate.hit for candidate in choice.ranked))[: self._settings.written_from]
        hits = [run.hits[place] for place in order]
        language = choice.evidence.question.language
        async with aclosing(write(run.question, hits, language, model, options, run.draft)) as sentences:
            async for shown in sentences:
                placed = replace(shown, hit=order[shown.hit])
                run.borne.append(placed)
                yield run.show(placed.text, placed.hit)


def _says_the_quote(borne: Sequence[Shown], choice: Choice) -> bool:
    """Whether a written sentence rests on one of the likeliest sentences, so that no quote is owed."""
    return any(
        shown.hit == likely.hit and shown.start <= likely.start < shown.end
        for shown in borne
        for likely in choice.ranked[:LIKELY]
    )
