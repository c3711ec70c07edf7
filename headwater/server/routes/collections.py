"""Collections: documents that are searched together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.shapes import Done, In, Out

router = APIRouter(prefix="/api/collections", tags=["collections"])


class CollectionOut(Out):
    """A collection. `embedded` of its `passage_count` passages have vectors."""

    id: str
    name: str
    created: float
    document_count: int
    passage_count: int
    embedded: int


class CollectionName(In):
    """The name of a collection."""

    name: Annotated[str, Field(max_length=1000)]


@router.get("", operation_id="listCollections")
def list_collections(request: Request, scope: SignedIn) -> list[CollectionOut]:
    """Your collections by name."""
    return [CollectionOut.model_validate(each) for each in parts_of(request).collections.list(scope)]


@router.post("", status_code=201, operation_id="createCollection")
def create_collection(request: Request, body: CollectionName, scope: SignedIn) -> CollectionOut:
    """Make an empty collection."""
    return CollectionOut.model_validate(parts_of(request).collections.create(scope, body.name))


@router.get("/{collection_id}", operation_id="getCollection")
def get_collection(request: Request, collection_id: str, scope: SignedIn) -> CollectionOut:
    """One collection."""
    return CollectionOut.model_validate(parts_of(request).collections.get(scope, collection_id))


@router.patch("/{collection_id}", operation_id="renameCollection")
def rename_collection(request: Request, collection_id: str, body: CollectionName, scope: SignedIn) -> CollectionOut:
    """Give another name."""
    return CollectionOut.model_validate(parts_of(request).collections.rename(scope, collection_id, body.name))


@router.delete("/{collection_id}", operation_id="deleteCollection")
def delete_collection(request: Request, collection_id: str, scope: SignedIn) -> Done:
    """Delete a collection with its documents, their vectors and files."""
    parts_of(request).collections.delete(scope, collection_id)
    return Done()
