"""Rows of a prepared data set: browsing, correcting, labelling; and its files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.background import BackgroundTask

from headwater.core.errors import BadInput
from headwater.core.types import Scope
from headwater.server.data_shapes import DroppedOut, FilesOut, RowChange, RowOut, RowsOut
from headwater.server.identity import SignedIn
from headwater.server.parts import Parts, parts_of
from headwater.server.security import DOWNLOAD_POLICY
from headwater.server.shapes import In

router = APIRouter(prefix="/api/datasets/{dataset_id}", tags=["data"])
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}
MOST_ROWS = 200


class RowsWanted(In):
    """Which rows of a part."""

    split: str = "train"
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MOST_ROWS)
    query: str = Field(default="", max_length=1000)
    only: Literal["all", "relevant", "not_relevant", "unlabelled", "edited"] = "all"


class DroppedWanted(In):
    """Which of the dropped rows: of one step (its place in the recipe) and reason, or all."""

    place: int | None = Field(default=None, ge=0)
    reason: str | None = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MOST_ROWS)


@router.get("/rows", operation_id="listRows")
def list_rows(request: Request, dataset_id: str, scope: SignedIn, asked: Annotated[RowsWanted, Query()]) -> RowsOut:
    """Some rows of a part, found by words or by what was said of them."""
    from headwater.studio.browsing import Wanted

    wanted = Wanted(asked.offset, asked.limit, asked.query, asked.only)
    return RowsOut.model_validate(parts_of(request).studio.rows(scope, dataset_id, asked.split, wanted))


@router.get("/rows/{number}", operation_id="getRow")
def get_row(request: Request, dataset_id: str, number: int, scope: SignedIn, split: str = "train") -> RowOut:
    """One row with its whole texts. Rows count from 0."""
    return RowOut.model_validate(parts_of(request).studio.row(scope, dataset_id, split, number))


@router.patch("/rows/{number}", operation_id="changeRow")
def change_row(
    request: Request, dataset_id: str, number: int, body: RowChange, scope: SignedIn, split: str = "train"
) -> RowOut:
    """Correct texts of a row or say whether it is relevant. Rows that are not are left out of the files."""
    parts = parts_of(request)
    parts.datasets.get(scope, dataset_id)
    if body.label is None and not body.texts:
        raise BadInput("Nothing to change was given", "Send label or texts.")
    texts = {change.place: change.text for change in body.texts} or None
    changed = parts.studio.change_row(scope, dataset_id, (split, number), body.label, texts)
    return RowOut.model_validate(changed)


@router.get("/dropped", operation_id="listDropped")
def list_dropped(
    request: Request, dataset_id: str, scope: SignedIn, asked: Annotated[DroppedWanted, Query()]
) -> DroppedOut:
    """Rows that the run left out, of one step (its place in the recipe) and reason, or all."""
    from headwater.studio.browsing import Wanted

    found = parts_of(request).studio.dropped(
        scope, dataset_id, (asked.place, asked.reason), Wanted(asked.offset, asked.limit)
    )
    return DroppedOut.model_validate(found)


@router.get("/files", operation_id="listDatasetFiles")
def list_files(request: Request, dataset_id: str, scope: SignedIn) -> FilesOut:
    """The files that can be downloaded."""
    return FilesOut(names=parts_of(request).studio.file_names(scope, dataset_id))


@router.get("/file", operation_id="downloadDatasetFile", response_class=FileResponse, responses=FILE)
def download_file(request: Request, dataset_id: str, scope: SignedIn, name: str = "train.parquet") -> FileResponse:
    """One of the data set's files."""
    path = parts_of(request).studio.file(scope, dataset_id, name)
    return _download(str(path), f"{_stem(parts_of(request), scope, dataset_id)}.{name}")


@router.get("/export", operation_id="exportDataset", response_class=FileResponse, responses=FILE)
def export(
    request: Request,
    dataset_id: str,
    scope: SignedIn,
    format: str = "messages",
    type: Literal["jsonl", "json", "csv", "tsv", "parquet", "txt"] = "jsonl",
    split: str = "train",
) -> FileResponse:
    """A part in any format that is written, as a file of any type."""
    parts = parts_of(request)
    path = parts.studio.export(scope, dataset_id, split, format, f".{type}")
    name = f"{_stem(parts, scope, dataset_id)}.{split}.{format}.{type}"
    return _download(str(path), name, BackgroundTask(path.unlink, missing_ok=True))


def _stem(parts: Parts, scope: Scope, dataset_id: str) -> str:
    return parts.datasets.get(scope, dataset_id).folder.name


def _download(path: str, name: str, after: BackgroundTask | None = None) -> FileResponse:
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=name,
        headers={"Content-Security-Policy": DOWNLOAD_POLICY, "Cache-Control": "private, no-cache"},
        background=after,
    )
