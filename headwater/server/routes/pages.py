"""Pages of a document: their text, their picture, and where a passage stands on it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from headwater.core.errors import BadInput, UnreadableDocument
from headwater.core.types import Scope
from headwater.documents.pictures import has_pictures
from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.security import DOWNLOAD_POLICY
from headwater.server.shapes import In, Out
from headwater.storage.document_views import DocumentInfo, PageInfo

log = logging.getLogger("headwater.server")

router = APIRouter(prefix="/api/documents/{document_id}/pages", tags=["pages"])
Number = Annotated[int, Path(ge=1, le=10_000_000)]
Version = Annotated[
    str | None, Field(max_length=32, description="The version a citation names; the searchable one when left out.")
]
PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The page as a picture.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class PageSummaryOut(Out):
    """A page in the list."""

    number: int
    label: str | None
    characters: int


class PageListing(Out):
    """The pages of a document. `paged` is False where the format has no pages of its own."""

    paged: bool
    pages: list[PageSummaryOut]


class PageOut(Out):
    """A page. Passages and citations are ranges of `text`; width and height are those of the picture's page."""

    number: int
    label: str | None
    text: str
    has_picture: bool
    width: float | None
    height: float | None


class BoxOut(Out):
    """A rectangle as fractions of the page, origin top left."""

    left: float
    top: float
    width: float
    height: float


class CharacterRange(In):
    """A range of a page's text, and the version it was read from."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    version: Version = None


class Boxes(Out):
    """Where a character range stands on the page, line by line."""

    boxes: list[BoxOut]


@router.get("", operation_id="listPages")
def list_pages(request: Request, document_id: str, scope: SignedIn) -> PageListing:
    """Numbers, labels and lengths of the pages."""
    documents = parts_of(request).documents
    document = documents.get(scope, document_id)
    pages = documents.pages(scope, document_id)
    return PageListing(paged=document.paged, pages=[PageSummaryOut.model_validate(page) for page in pages])


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and where its picture can be drawn from; None where the page has none."""

    page: PageInfo
    document: DocumentInfo
    path: FilePath | None


def find(request: Request, scope: Scope, document_id: str, number: int, version: str | None) -> Found:
    """The page, if it is the caller's. A member has no file of its own and an old version's bytes are gone."""
    parts = parts_of(request)
    page = parts.documents.page(scope, document_id, number, version)
    path, document = parts.documents.file(scope, document_id)
    current = document.parent_id is None and page.version_id == document.version_id
    drawn = current and has_pictures(document.media_type)
    return Found(page, document, path if drawn else None)


@router.get("/{number}", operation_id="getPage")
def get_page(request: Request, document_id: str, number: Number, scope: SignedIn, version: Version = None) -> PageOut:
    """One page with its text."""
    found = find(request, scope, document_id, number, version)
    size = _size(request, found)
    return PageOut(
        number=found.page.number,
        label=found.page.label,
        text=found.page.text,
        has_picture=size is not None,
        width=size[0] if size else None,
        height=size[1] if size else None,
    )


def _size(request: Request, found: Found) -> tuple[float, float] | None:
    """The size of the page's picture; None where it cannot be drawn, for then its text is shown alone."""
    if found.path is None:
        return None
    try:
        return parts_of(request).pictures.size(found.path, found.page.number, found.document.name)
    except UnreadableDocument as error:
        log.info("no picture of page %d: %s", found.page.number, error.message)
        return None


@router.get("/{number}/picture", operation_id="getPagePicture", response_class=Response, responses=PNG)
def get_page_picture(
    request: Request,
    document_id: str,
    number: Number,
    scope: SignedIn,
    width: Annotated[int, Query(ge=64, le=4000)] = 1200,
    version: Version = None,
) -> Response:
    """The page as a PNG, for PDFs and pictures."""
    found = find(request, scope, document_id, number, version)
    if found.path is None:
        raise BadInput(f"Page {number} of {found.document.name!r} has no picture", "Read its text instead.")
    picture = parts_of(request).pictures.picture(found.path, number, width, found.document.name)
    # A version never changes, but it can be deleted: then its pictures must not outlive it for long.
    keep = "private, max-age=300" if version else "no-store"
    headers = {"Content-Security-Policy": DOWNLOAD_POLICY, "Cache-Control": keep}
    return Response(picture, media_type="image/png", headers=headers)


@router.get("/{number}/boxes", operation_id="getBoxes")
def get_boxes(
    request: Request,
    document_id: str,
    number: Number,
    wanted: Annotated[CharacterRange, Query()],
    scope: SignedIn,
) -> Boxes:
    """The rectangles of a character range of the page's text; none where the page has no picture."""
    found = find(request, scope, document_id, number, wanted.version)
    text, start, end = found.page.text, wanted.start, wanted.end
    if not start < end <= len(text):
        raise BadInput(
            f"The range {start} to {end} is not inside page {number}", f"The page has {len(text)} characters."
        )
    if found.path is None:
        return Boxes(boxes=[])
    boxes = parts_of(request).pictures.boxes(found.path, number, text, start, end, found.document.name)
    return Boxes(boxes=[BoxOut.model_validate(box) for box in boxes])
