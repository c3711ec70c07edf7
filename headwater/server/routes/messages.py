"""Messages: asking, following the answer as it is written, stopping, regenerating and rating."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from headwater.core.errors import BadInput
from headwater.core.types import ChatOptions, Filters, Message, Scope
from headwater.server.answer_log import AnswerLog
from headwater.server.identity import SignedIn, still_allowed
from headwater.server.limits import Place
from headwater.server.messages import PENDING, history_of, is_pending, message_out
from headwater.server.model_names import answering_name, resolved
from headwater.server.parts import Parts, ServerState, parts_of, state_of
from headwater.server.routes.conversations import UNTITLED
from headwater.server.shapes import In, MessageOut, Out
from headwater.server.sse import Ending, Event, EventStream, last_event_id, to_json
from headwater.storage.conversations import ConversationInfo, MessageInfo

router = APIRouter(prefix="/api", tags=["messages"])
TITLE_CHARACTERS = 60
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            'Events with ids from 1: status {"status"}, hits {"hits": [HitOut]}, text {"text"}, and at the end '
            'done MessageOut or error {"error": ErrorBody}. Last-Event-ID resumes.'
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class AnswerOptions(In):
    """How the answer is sampled."""

    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    seed: Annotated[int | None, Field(ge=-(2**63), lt=2**63)] = None


class Question(In):
    """What is asked, under the answer before it; null begins. An edit has the parent of what it replaces."""

    content: Annotated[str, Field(min_length=1, max_length=1_000_000)]
    parent_id: str | None = None
    options: AnswerOptions = AnswerOptions()


class Asked(Out):
    """The question as stored, and its answer, which is being written."""

    user: MessageOut
    answer: MessageOut


class Regenerated(Out):
    """Another answer to the same question, which is being written."""

    answer: MessageOut


class Rating(In):
    """1 good, -1 bad, null not rated."""

    rating: Literal[1, -1] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer that can be begun: everything it needs was found and is the caller's own."""

    conversation: ConversationInfo
    question: str
    history: tuple[Message, ...]
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Begin:
    """Under which stored question an answer begins, how it is sampled, and the place it takes."""

    question_id: str
    options: AnswerOptions
    place: Place


@router.post("/conversations/{conversation_id}/messages", status_code=202, operation_id="ask")
async def ask(request: Request, conversation_id: str, body: Question, scope: SignedIn) -> Asked:
    """Ask. The answer is written in the server, whether or not anyone follows it."""
    state = state_of(request)
    plan = await run_in_threadpool(_plan_question, state.parts, scope, conversation_id, body)
    with state.places.place(scope.user_id) as place:
        user = await run_in_threadpool(_store_question, state.parts, scope, plan)
        answer = await _begin(state, scope, plan, Begin(user.id, body.options, place))
    return Asked(user=message_out(user, running=False), answer=answer)


@router.post("/messages/{message_id}/regenerate", status_code=202, operation_id="regenerate")
async def regenerate(
    request: Request, message_id: str, scope: SignedIn, options: AnswerOptions | None = None
) -> Regenerated:
    """Answer the same question once more, beside the answer that is there."""
    state = state_of(request)
    plan = await run_in_threadpool(_plan_again, state.parts, scope, message_id)
    assert plan.parent_id is not None, "an answer has a question"
    with state.places.place(scope.user_id) as place:
        answer = await _begin(state, scope, plan, Begin(plan.parent_id, options or AnswerOptions(), place))
    return Regenerated(answer=answer)


def _plan_question(parts: Parts, scope: Scope, conversation_id: str, body: Question) -> Plan:
    conversation = parts.conversations.get(scope, conversation_id)
    if not body.content.strip():
        raise BadInput("The question is empty", "Write something to ask.")
    _check_asked(parts, scope, conversation)
    branch = parts.conversations.branch(scope, conversation_id, body.parent_id) if body.parent_id else []
    if branch and branch[-1].role != "assistant":
        raise BadInput("The parent of a question is an answer or nothing", "Send the id of an answer, or null.")
    return Plan(conversation, body.content, history_of(branch), body.parent_id)


def _plan_again(parts: Parts, scope: Scope, message_id: str) -> Plan:
    answer = parts.conversations.message(scope, message_id)
    if answer.role != "assistant" or answer.parent_id is None:
        raise BadInput("Only an answer can be regenerated", "Send the id of an answer.")
    conversation = parts.conversations.get(scope, answer.conversation_id)
    _check_asked(parts, scope, conversation)
    branch = parts.conversations.branch(scope, conversation.id, answer.parent_id)
    return Plan(conversation, branch[-1].content, history_of(branch[:-1]), answer.parent_id)


def _check_asked(parts: Parts, scope: Scope, conversation: ConversationInfo) -> None:
    """Fail before anything is stored when a collection or the model is gone."""
    parts.passages.collection_ids(scope, Filters(conversation.collection_ids))
    if conversation.collection_ids:
        answering_name(parts, scope, conversation.model)
    else:
        resolved(parts, scope, "chat", conversation.model)


def _store_question(parts: Parts, scope: Scope, plan: Plan) -> MessageInfo:
    stored = parts.conversations.add_message(scope, plan.conversation.id, plan.parent_id, "user", plan.question)
    if not plan.conversation.messages and plan.conversation.title == UNTITLED:
        parts.conversations.rename(scope, plan.conversation.id, title_from(plan.question))
    return stored


def title_from(question: str) -> str:
    """A title for a conversation: the beginning of its first question, cut between words."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[:TITLE_CHARACTERS].rpartition(" ")[0]
    return (cut if len(cut) > TITLE_CHARACTERS // 2 else line[:TITLE_CHARACTERS]).rstrip(" ,.;:") + "…"


async def _begin(state: ServerState, scope: Scope, plan: Plan, begin: Begin) -> MessageOut:
    """Store the empty answer and start writing it."""
    conversation = plan.conversation
    filters = Filters(collection_ids=conversation.collection_ids) if conversation.collection_ids else None
    asked = (plan.question, plan.history, scope, filters, conversation.model, sampling(begin.options))
    events = await run_in_threadpool(state.parts.reply, *asked)
    details = {**PENDING, "model": conversation.model}
    add = state.parts.conversations.add_message
    answer = await run_in_threadpool(add, scope, conversation.id, begin.question_id, "assistant", "", details)
    shown = message_out(answer, running=True)
    state.answers.start(scope, answer, events, begin.place.keep())
    return shown


def sampling(options: AnswerOptions) -> ChatOptions:
    """The options as engines take them."""
    temperature = ChatOptions().temperature if options.temperature is None else options.temperature
    return ChatOptions(max_tokens=options.max_tokens, temperature=temperature, seed=options.seed)


@router.get(
    "/messages/{message_id}/events",
    operation_id="followAnswer",
    response_class=EventStream,
    status_code=200,
    responses=STREAM,
)
async def follow_answer(request: Request, message_id: str, scope: SignedIn) -> EventStream:
    """Follow an answer from its first event, or from behind Last-Event-ID. One that is finished says so at once."""
    state, after = state_of(request), last_event_id(request)
    message = await run_in_threadpool(state.parts.conversations.message, scope, message_id)
    if message.role != "assistant":
        raise BadInput("Only an answer has events", "Send the id of an answer.")
    kept = state.answers.log_of(message_id)
    if kept is None and is_pending(message):
        message = await run_in_threadpool(state.parts.conversations.message, scope, message_id)
    events = _live(kept, after) if kept is not None else _stored(message, after)
    return EventStream(events, Ending(state.closing, allowed=still_allowed(request, scope)))


async def _live(kept: AnswerLog, after: int) -> AsyncGenerator[bytes, None]:
    async for event in kept.follow(after):
        yield event.encode()


async def _stored(message: MessageInfo, after: int) -> AsyncGenerator[bytes, None]:
    """The end of an answer whose events are no longer kept; it holds all that they said."""
    shown = message_out(message, running=False)
    if shown.error is not None:
        yield Event(after + 1, "error", to_json({"error": shown.error.model_dump()})).encode()
    else:
        yield Event(after + 1, "done", to_json(shown.model_dump())).encode()


@router.post("/messages/{message_id}/stop", operation_id="stopAnswer")
async def stop_answer(request: Request, message_id: str, scope: SignedIn) -> MessageOut:
    """Stop an answer; what was written of it is kept. It is no error when it has ended already."""
    state = state_of(request)
    await run_in_threadpool(state.parts.conversations.message, scope, message_id)
    await state.answers.stop(message_id)
    message = await run_in_threadpool(state.parts.conversations.message, scope, message_id)
    return message_out(message, state.answers.is_running(message_id))


@router.patch("/messages/{message_id}", operation_id="rateMessage")
def rate_message(request: Request, message_id: str, body: Rating, scope: SignedIn) -> MessageOut:
    """Rate an answer."""
    state = state_of(request)
    if state.parts.conversations.message(scope, message_id).role != "assistant":
        raise BadInput("Only an answer can be rated", "Send the id of an answer.")
    return message_out(
        parts_of(request).conversations.rate(scope, message_id, body.rating), state.answers.is_running(message_id)
    )
