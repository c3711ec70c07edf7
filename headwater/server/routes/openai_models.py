"""GET /v1/models: the names that requests may use."""

from __future__ import annotations

from fastapi import APIRouter, Request

from headwater.core.errors import UnknownName
from headwater.core.types import Scope
from headwater.server.identity import SignedIn
from headwater.server.model_names import usable
from headwater.server.openai_shapes import ModelCard, ModelList
from headwater.server.parts import parts_of

router = APIRouter(prefix="/v1/models", tags=["openai"])


@router.get("", operation_id="listServedModels")
def list_served_models(request: Request, scope: SignedIn) -> ModelList:
    """The models that are installed and can be asked."""
    return ModelList(data=cards(request, scope))


@router.get("/{model_id:path}", operation_id="getServedModel")
def get_served_model(request: Request, model_id: str, scope: SignedIn) -> ModelCard:
    """One of them."""
    found = {card.id: card for card in cards(request, scope)}
    if model_id not in found:
        raise UnknownName.among("model", model_id[:200], found)
    return found[model_id]


def cards(request: Request, scope: Scope) -> list[ModelCard]:
    """One card for each usable model, by name."""
    return [
        ModelCard(id=each.name, created=each.created, owned_by="headwater") for each in usable(parts_of(request), scope)
    ]
