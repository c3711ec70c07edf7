"""POST /v1/completions: a model goes on with a text as it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from headwater.core.types import ChatOptions, Usage
from headwater.server.identity import SignedIn
from headwater.server.model_names import continuing_model
from headwater.server.openai_replies import Head, Piece, new_head, pieces_of_model, unless_gone, usage_out
from headwater.server.openai_requests import completion_options, prompts_of, refuse_unsupported
from headwater.server.openai_shapes import CompletionRequest, TextChoice, TextCompletion
from headwater.server.openai_streams import STREAM_RESPONSE, Holder, Reply, stream
from headwater.server.parts import Continues, state_of

router = APIRouter(prefix="/v1", tags=["openai"])


@router.post("/completions", operation_id="createCompletion", response_model=TextCompletion, responses=STREAM_RESPONSE)
async def create_completion(request: Request, body: CompletionRequest, scope: SignedIn) -> Response:
    """Continue one text or several, without a chat template. A client that leaves stops the work."""
    refuse_unsupported(body)
    state = state_of(request)
    prompts, options = prompts_of(body), completion_options(body)
    with state.places.place(scope.user_id) as place:
        name, model = await run_in_threadpool(continuing_model, state.parts, scope, body.model)
        head, pieces = new_head("cmpl", name), continued(model, prompts, options)
        if body.streams:
            return await stream(request, body, Reply(head, pieces, cut), Holder(scope, place))
        return JSONResponse(await unless_gone(request, collected(head, pieces)))


async def continued(model: Continues, prompts: Sequence[str], options: ChatOptions) -> AsyncGenerator[Piece, None]:
    """The pieces of all texts, one text after the other; the last piece of the last one has the sum of the counts."""
    total = Usage(0, 0)
    for index, prompt in enumerate(prompts):
        async for piece in pieces_of_model(model.complete(prompt, options)):
            if piece.usage is not None:
                total = Usage(
                    total.prompt_tokens + piece.usage.prompt_tokens,
                    total.completion_tokens + piece.usage.completion_tokens,
                )
            yield Piece(piece.text, index, piece.finish_reason, total if piece.usage else None)


async def collected(head: Head, pieces: AsyncGenerator[Piece, None]) -> dict[str, Any]:
    """All texts as a text_completion object."""
    texts: dict[int, list[str]] = {}
    reasons: dict[int, Literal["stop", "length"] | None] = {}
    usage: Usage | None = None
    try:
        async for piece in pieces:
            texts.setdefault(piece.index, []).append(piece.text)
            reasons[piece.index], usage = piece.finish_reason, piece.usage
    finally:
        await pieces.aclose()
    choices = [TextChoice(index=n, text="".join(texts[n]), finish_reason=reasons[n]) for n in sorted(texts)]
    found = TextCompletion(id=head.id, created=head.created, model=head.model, choices=choices, usage=usage_out(usage))
    return found.model_dump()


def cut(head: Head, piece: Piece) -> dict[str, Any]:
    """A piece as a text_completion object."""
    choice = {"index": piece.index, "text": piece.text, "logprobs": None, "finish_reason": piece.finish_reason}
    return {
        "id": head.id,
        "object": "text_completion",
        "created": head.created,
        "model": head.model,
        "choices": [choice],
    }
