"""Answers that are being written: tasks of the server, so that they go on when the tab closes."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from headwater.core.errors import EngineFailed, NotFound
from headwater.core.types import Answer, AnswerEvent, Scope
from headwater.server.answer_log import AnswerLog
from headwater.server.errors import ErrorBody, describe_any
from headwater.server.messages import message_out
from headwater.server.shapes import CitationOut, HitOut
from headwater.storage.conversations import Conversations, MessageInfo

log = logging.getLogger("headwater.server")
KEPT_LOGS = 100
STOPPED_BY_SERVER = EngineFailed("The server stopped while this answer was being written", "Regenerate the answer.")


@dataclass(slots=True)
class Running:
    """An answer and what is known of it so far."""

    scope: Scope
    message: MessageInfo
    leave: Callable[[], None]
    log: AnswerLog = field(default_factory=AnswerLog)
    texts: list[str] = field(default_factory=list)
    hits: list[dict[str, Any]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    server_stops: bool = False
    saving: bool = False


class Answers:
    """Starts, follows and stops answers. Used on the event loop alone."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._running: dict[str, Running] = {}
        self._finished: OrderedDict[str, AnswerLog] = OrderedDict()

    def is_running(self, message_id: str) -> bool:
        """Whether the answer is being written now."""
        return message_id in self._running

    def log_of(self, message_id: str) -> AnswerLog | None:
        """The events of an answer that is being written or was lately; None for older ones."""
        running = self._running.get(message_id)
        return running.log if running else self._finished.get(message_id)

    def start(
        self, scope: Scope, message: MessageInfo, events: AsyncIterator[AnswerEvent], leave: Callable[[], None]
    ) -> None:
        """Write `events` into the stored `message`, and call `leave` when that is over."""
        running = Running(scope, message, leave)
        self._running[message.id] = running
        running.task = asyncio.create_task(self._write(running, events), name=f"answer {message.id}")

    async def stop(self, message_id: str) -> None:
        """Stop an answer and wait until what there is of it is saved. One that has ended stays as it is."""
        running = self._running.get(message_id)
        if running is None or running.task is None:
            return
        if not running.saving:
            running.saving = True
            running.task.cancel()
        await asyncio.wait({running.task})

    async def stop_conversation(self, conversation_id: str) -> None:
        """Stop all answers of a conversation."""
        for running in list(self._running.values()):
            if running.message.conversation_id == conversation_id:
                await self.stop(running.message.id)

    async def close(self) -> None:
        """Stop everything, saying in each message that the server stopped."""
        running = list(self._running.values())
        for each in running:
            each.server_stops = True
        await asyncio.gather(*(self.stop(each.message.id) for each in running))

    async def _write(self, running: Running, events: AsyncIterator[AnswerEvent]) -> None:
        try:
            kind, details, text = await self._read(running, events)
            # From here on nothing may cancel it: what was written is kept.
            running.saving = True
            await self._save(running, kind, details, text)
        finally:
            running.leave()
            self._running.pop(running.message.id, None)
            self._finished[running.message.id] = running.log
            while len(self._finished) > KEPT_LOGS:
                self._finished.popitem(last=False)

    async def _read(self, running: Running, events: AsyncIterator[AnswerEvent]) -> tuple[str, dict[str, Any], str]:
        """Follow the answer to its end, whatever that is; return the last event's kind and what to store."""
        try:
            async for event in events:
                if event.answer is not None:
                    return "done", details_of(event.answer), event.answer.text
                self._note(running, event)
            raise EngineFailed("The answer ended early", "Regenerate the answer.")
        except asyncio.CancelledError:
            if not running.server_stops:
                return "done", partial_details(running, {"finish_reason": "cancelled"}), "".join(running.texts)
            error: ErrorBody = describe_any(STOPPED_BY_SERVER)
        except Exception as caught:  # noqa: BLE001 - whatever went wrong belongs into the message
            error = describe_any(caught)
        finally:
            await _close(events)
        return "error", partial_details(running, {"error": error.model_dump()}), "".join(running.texts)

    def _note(self, running: Running, event: AnswerEvent) -> None:
        if event.status is not None:
            running.log.add("status", {"status": event.status})
        if event.hits is not None:
            running.hits = [HitOut.of(hit).model_dump() for hit in event.hits]
            running.log.add("hits", {"hits": running.hits})
        if event.text:
            running.texts.append(event.text)
            running.log.add("text", {"text": event.text})

    async def _save(self, running: Running, kind: str, details: dict[str, Any], text: str) -> None:
        """Store the finished message, then tell those who follow; never the other way round."""
        try:
            save = self._conversations.update_message
            saved = await run_in_threadpool(save, running.scope, running.message.id, text, details)
        except NotFound:
            log.info("the conversation of answer %s was deleted while it was written", running.message.id)
            running.log.finish(
                "error", {"error": describe_any(EngineFailed("This conversation was deleted")).model_dump()}
            )
        except Exception as error:  # noqa: BLE001 - those who follow must learn that it was not saved
            running.log.finish("error", {"error": describe_any(error).model_dump()})
        else:
            message = message_out(saved, running=False)
            data = {"error": details["error"]} if kind == "error" else message.model_dump()
            running.log.finish(kind, data)


def details_of(answer: Answer) -> dict[str, Any]:
    """What is stored of a finished answer beside its text."""
    return {
        "mode": answer.mode,
        "citations": [CitationOut.of(citation).model_dump() for citation in answer.citations],
        "hits": [HitOut.of(hit).model_dump() for hit in answer.hits],
        "model": answer.model,
        "question": answer.question,
        "seconds": dict(answer.seconds),
        "finish_reason": answer.finish_reason,
        "usage": asdict(answer.usage) if answer.usage else None,
    }


def partial_details(running: Running, ending: Mapping[str, object]) -> dict[str, Any]:
    """What is stored of an answer that did not come to its end."""
    return {"model": running.message.details.get("model"), "hits": running.hits, **ending}


async def _close(events: AsyncIterator[AnswerEvent]) -> None:
    aclose = getattr(events, "aclose", None)
    if aclose is not None:
        await aclose()
