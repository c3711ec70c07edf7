"""API keys: made and revoked by a person who signed in, never by another key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from headwater.server.identity import InPerson
from headwater.server.parts import parts_of
from headwater.server.shapes import Done, In, Out

router = APIRouter(prefix="/api/keys", tags=["keys"])


class KeyOut(Out):
    """What is shown of a key; its secret begins with hw_, then `prefix`."""

    id: str
    name: str
    prefix: str
    created: float
    last_used: float | None


class NewKey(In):
    """What the key is for."""

    name: Annotated[str, Field(max_length=200)]


class KeyMade(Out):
    """The key and its secret, which is shown this once."""

    key: KeyOut
    secret: str


@router.get("", operation_id="listKeys")
def list_keys(request: Request, scope: InPerson) -> list[KeyOut]:
    """Your own keys."""
    return [KeyOut.model_validate(key) for key in parts_of(request).keys.list(scope)]


@router.post("", status_code=201, operation_id="createKey")
def create_key(request: Request, body: NewKey, scope: InPerson) -> KeyMade:
    """Make a key that acts as you."""
    key, secret = parts_of(request).keys.create(scope, body.name)
    return KeyMade(key=KeyOut.model_validate(key), secret=secret)


@router.delete("/{key_id}", operation_id="revokeKey")
def revoke_key(request: Request, key_id: str, scope: InPerson) -> Done:
    """Revoke a key; its next request is refused."""
    parts_of(request).keys.revoke(scope, key_id)
    return Done()
