"""Searching documents without asking a language model."""

from __future__ import annotations

from time import perf_counter
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from headwater.core.types import Filters
from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.shapes import HitOut, In, Out

router = APIRouter(prefix="/api/search", tags=["search"])
Ids = Annotated[list[str], Field(default_factory=list, max_length=1000)]


class SearchRequest(In):
    """What to look for, and where; without a limit, in everything you have."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)]
    collection_ids: Ids
    document_ids: Ids
    limit: Annotated[int, Field(ge=1, le=1000)] = 10


class SearchAnswer(Out):
    """The passages that were found, best first."""

    hits: list[HitOut]
    seconds: float


@router.post("", operation_id="search")
def search(request: Request, body: SearchRequest, scope: SignedIn) -> SearchAnswer:
    """Find passages by words and by meaning."""
    parts = parts_of(request)
    began = perf_counter()
    for document_id in body.document_ids:
        parts.documents.get(scope, document_id)
    wanted = Filters(collection_ids=tuple(body.collection_ids), document_ids=tuple(body.document_ids))
    filters = (
        Filters(parts.passages.collection_ids(scope, wanted), wanted.document_ids) if body.collection_ids else wanted
    )
    hits = parts.search(body.query, scope, filters, body.limit)
    return SearchAnswer(hits=[HitOut.of(hit) for hit in hits], seconds=perf_counter() - began)
