"""Conversations: what is asked of which documents, as trees of messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from headwater.core.errors import BadInput
from headwater.core.types import Scope
from headwater.server.identity import SignedIn
from headwater.server.messages import is_pending, message_out
from headwater.server.model_names import answering_name
from headwater.server.parts import ServerState, parts_of, state_of
from headwater.server.shapes import Done, In, MessageOut, Out
from headwater.storage.conversations import ConversationInfo

router = APIRouter(prefix="/api/conversations", tags=["conversations"])
UNTITLED = "New conversation"
Title = Annotated[str, Field(max_length=1000)]
Ids = Annotated[list[str], Field(max_length=1000)]
NoIds = Annotated[Ids, Field(default_factory=list)]
ModelName = Annotated[str, Field(min_length=1, max_length=300)]


class ConversationOut(Out):
    """A conversation. Without collections the model answers from itself alone."""

    id: str
    title: str
    collection_ids: list[str]
    model: str | None
    created: float
    updated: float
    leaf_id: str | None


class ConversationDetail(ConversationOut):
    """A conversation with its whole tree of messages, in order of creation."""

    messages: list[MessageOut]


class NewConversation(In):
    """A conversation to begin. Its title comes from the first question when none is given."""

    title: Title | None = None
    collection_ids: NoIds
    model: ModelName | None = None


class ConversationChange(In):
    """What to change; what is left out stays. A model of null is the default model."""

    title: Title | None = None
    collection_ids: Ids | None = None
    model: ModelName | None = None
    leaf_id: str | None = None


@router.get("", operation_id="listConversations")
def list_conversations(
    request: Request, scope: SignedIn, query: Annotated[str | None, Query(max_length=1000)] = None
) -> list[ConversationOut]:
    """Your conversations, last used first; `query` looks into titles and messages."""
    return [ConversationOut.model_validate(each) for each in parts_of(request).conversations.list(scope, query)]


@router.post("", status_code=201, operation_id="createConversation")
def create_conversation(request: Request, body: NewConversation, scope: SignedIn) -> ConversationOut:
    """Begin a conversation."""
    parts = parts_of(request)
    if body.model is not None:
        answering_name(parts, scope, body.model)
    made = parts.conversations.create(scope, body.title or UNTITLED, body.collection_ids, body.model)
    return ConversationOut.model_validate(made)


@router.get("/{conversation_id}", operation_id="getConversation")
def get_conversation(request: Request, conversation_id: str, scope: SignedIn) -> ConversationDetail:
    """A conversation with all its messages."""
    return detail(state_of(request), scope, conversation_id)


def detail(state: ServerState, scope: Scope, conversation_id: str) -> ConversationDetail:
    """Read a conversation; an answer that ends in between is read again, so none is called interrupted wrongly."""
    conversation = state.parts.conversations.get(scope, conversation_id)
    if any(is_pending(each) and not state.answers.is_running(each.id) for each in conversation.messages):
        conversation = state.parts.conversations.get(scope, conversation_id)
    shown = [message_out(each, state.answers.is_running(each.id)) for each in conversation.messages]
    return ConversationDetail(**ConversationOut.model_validate(conversation).model_dump(), messages=shown)


@router.patch("/{conversation_id}", operation_id="changeConversation")
def change_conversation(
    request: Request, conversation_id: str, body: ConversationChange, scope: SignedIn
) -> ConversationOut:
    """Rename it, ask other documents or another model, or look at another branch."""
    parts = parts_of(request)
    given = body.model_fields_set
    if not given:
        raise BadInput("Nothing to change was given", "Send title, collection_ids, model or leaf_id.")
    before = parts.conversations.get(scope, conversation_id)
    if body.model is not None:
        answering_name(parts, scope, body.model)
    if {"collection_ids", "model"} & given:
        parts.conversations.set_scope(scope, conversation_id, *_asked(before, body))
    if "leaf_id" in given:
        parts.conversations.set_leaf(scope, conversation_id, body.leaf_id)
    if body.title is not None:
        parts.conversations.rename(scope, conversation_id, body.title)
    return ConversationOut.model_validate(parts.conversations.get(scope, conversation_id))


def _asked(before: ConversationInfo, body: ConversationChange) -> tuple[list[str], str | None]:
    collection_ids = before.collection_ids if body.collection_ids is None else body.collection_ids
    model = body.model if "model" in body.model_fields_set else before.model
    return list(collection_ids), model


@router.delete("/{conversation_id}", operation_id="deleteConversation")
async def delete_conversation(request: Request, conversation_id: str, scope: SignedIn) -> Done:
    """Delete a conversation with all messages; answers that are being written are stopped."""
    state = state_of(request)
    await run_in_threadpool(state.parts.conversations.get, scope, conversation_id)
    await state.answers.stop_conversation(conversation_id)
    await run_in_threadpool(state.parts.conversations.delete, scope, conversation_id)
    return Done()
