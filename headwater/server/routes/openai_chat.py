"""POST /v1/chat/completions, as OpenAI has it, and from documents with the field `headwater`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from headwater.core.errors import BadInput
from headwater.core.types import Filters, Scope
from headwater.server.identity import SignedIn
from headwater.server.model_names import answering_name, chat_model
from headwater.server.openai_replies import (
    Head,
    Piece,
    Whole,
    new_head,
    pieces_of_answer,
    pieces_of_model,
    unless_gone,
    whole,
)
from headwater.server.openai_requests import chat_options, messages_of, refuse_unsupported
from headwater.server.openai_shapes import ChatChoice, ChatCompletion, ChatRequest, DocumentsOption, ReplyMessage
from headwater.server.openai_streams import STREAM_RESPONSE, Holder, Reply, stream
from headwater.server.parts import Parts, state_of

router = APIRouter(prefix="/v1", tags=["openai"])


@router.post(
    "/chat/completions",
    operation_id="createChatCompletion",
    response_model=ChatCompletion,
    responses=STREAM_RESPONSE,
)
async def create_chat_completion(request: Request, body: ChatRequest, scope: SignedIn) -> Response:
    """Reply to a conversation. A client that leaves stops the work."""
    refuse_unsupported(body)
    state = state_of(request)
    with state.places.place(scope.user_id) as place:
        if body.headwater is None:
            head, pieces = await _from_model(state.parts, scope, body)
        else:
            head, pieces = await _from_documents(state.parts, scope, body, body.headwater)
        if body.streams:
            opening = chunk(head, {"role": "assistant", "content": ""}, None)
            return await stream(request, body, Reply(head, pieces, cut, opening), Holder(scope, place))
        return JSONResponse(completion(head, await unless_gone(request, whole(pieces))))


async def _from_model(parts: Parts, scope: Scope, body: ChatRequest) -> tuple[Head, AsyncGenerator[Piece, None]]:
    messages, options = messages_of(body), chat_options(body)
    model = await run_in_threadpool(chat_model, parts, scope, body.model)
    return new_head("chatcmpl", model.name), pieces_of_model(model.stream(messages, options))


async def _from_documents(
    parts: Parts, scope: Scope, body: ChatRequest, wanted: DocumentsOption
) -> tuple[Head, AsyncGenerator[Piece, None]]:
    """Answer the last message from documents, with the others as its history."""
    messages, options = messages_of(body), chat_options(body)
    if messages[-1].role != "user":
        raise BadInput(f"The last message is from {messages[-1].role!r}", "The question must be the last message.")
    if options.json_schema is not None:
        raise BadInput("response_format does not go together with documents", "Leave one of them out.")
    name = await run_in_threadpool(answering_name, parts, scope, body.model)
    collection_ids = await run_in_threadpool(parts.collections.resolve, scope, wanted.collections)
    asked = (messages[-1].content, messages[:-1], scope, Filters(collection_ids), name, options)
    events = await run_in_threadpool(parts.reply, *asked)
    return new_head("chatcmpl", name), pieces_of_answer(events)


def completion(head: Head, reply: Whole) -> dict[str, Any]:
    """The reply as a chat.completion object; `headwater` is there when documents were asked."""
    found = ChatCompletion(
        id=head.id,
        created=head.created,
        model=head.model,
        choices=[ChatChoice(message=ReplyMessage(content=reply.text), finish_reason=reply.finish_reason)],
        usage=reply.usage,
        headwater=reply.documents,
    )
    return found.model_dump(exclude=None if reply.documents else {"headwater"})


def cut(head: Head, piece: Piece) -> dict[str, Any]:
    """A piece as a chat.completion.chunk object."""
    found = chunk(head, {"content": piece.text} if piece.text else {}, piece.finish_reason)
    if piece.documents is not None:
        found["headwater"] = piece.documents.model_dump()
    return found


def chunk(head: Head, delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    """A chat.completion.chunk object."""
    return {
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "system_fingerprint": None,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
    }
