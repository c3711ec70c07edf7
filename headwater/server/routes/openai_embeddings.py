"""POST /v1/embeddings: texts become vectors."""

from __future__ import annotations

import base64

import numpy as np
from fastapi import APIRouter, Request

from headwater.core.errors import BadInput
from headwater.core.protocols import Embedder, Vectors
from headwater.server.identity import SignedIn
from headwater.server.model_names import embedder
from headwater.server.openai_requests import embedding_inputs
from headwater.server.openai_shapes import EmbeddingList, EmbeddingOut, EmbeddingRequest, EmbeddingUsage
from headwater.server.parts import CountsTokens, state_of

router = APIRouter(prefix="/v1", tags=["openai"])


@router.post("/embeddings", operation_id="createEmbedding")
def create_embedding(request: Request, body: EmbeddingRequest, scope: SignedIn) -> EmbeddingList:
    """Make one unit vector of each text. Texts longer than the model reads are cut."""
    state = state_of(request)
    texts = embedding_inputs(body.input)
    with state.places.place(scope.user_id):
        name, model = embedder(state.parts, scope, body.model)
        if body.dimensions not in (None, model.dimensions):
            raise BadInput(
                f"{name!r} makes vectors of {model.dimensions} numbers, not {body.dimensions}", "Leave dimensions out."
            )
        vectors = model.embed(texts, "passage")
        tokens = counted(model, texts)
    rows = [EmbeddingOut(index=n, embedding=written(row, body.encoding_format)) for n, row in enumerate(vectors)]
    return EmbeddingList(data=rows, model=name, usage=EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens))


def written(vector: Vectors, encoding: str) -> list[float] | str:
    """A vector as numbers, or as little-endian float32 in base64, a third of the size."""
    if encoding == "base64":
        return base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode("ascii")
    numbers: list[float] = vector.tolist()
    return numbers


def counted(model: Embedder, texts: tuple[str, ...]) -> int:
    """Tokens of the texts; 0 from an embedder that does not count."""
    return model.count_tokens(texts) if isinstance(model, CountsTokens) else 0
