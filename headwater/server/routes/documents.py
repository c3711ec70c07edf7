"""Documents: uploading, listing, retrying, downloading and deleting them."""

from __future__ import annotations

import mimetypes
import re
from typing import Any, BinaryIO

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from headwater.core.types import Scope
from headwater.documents.ingest import Accepted
from headwater.server.identity import SignedIn
from headwater.server.parts import Parts, parts_of, state_of
from headwater.server.security import DOWNLOAD_POLICY
from headwater.server.shapes import DocumentOut, Done, JobStarted, Out
from headwater.server.uploads import Uploads

router = APIRouter(prefix="/api", tags=["documents"])
UPLOAD_PATH = re.compile(r"/api/collections/[^/]+/documents|/api/data/sources")
MULTIPART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    }
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bytes as they were uploaded.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Uploaded(Out):
    """A file that was taken in. `job_id` is None when its bytes were here already."""

    document: DocumentOut
    job_id: str | None


class UploadError(Out):
    """A file that was not taken in."""

    name: str
    message: str
    hint: str | None


class UploadAnswer(Out):
    """What became of each file."""

    documents: list[Uploaded]
    errors: list[UploadError]


@router.get("/collections/{collection_id}/documents", operation_id="listDocuments")
def list_documents(request: Request, collection_id: str, scope: SignedIn) -> list[DocumentOut]:
    """The documents of a collection by name."""
    return [DocumentOut.model_validate(each) for each in parts_of(request).documents.list(scope, collection_id)]


@router.post(
    "/collections/{collection_id}/documents",
    status_code=202,
    operation_id="uploadDocuments",
    openapi_extra=MULTIPART,
)
async def upload_documents(request: Request, collection_id: str, scope: SignedIn) -> UploadAnswer:
    """Take in one or many files. Each is read in the background; a file that cannot be taken is named."""
    state = state_of(request)
    parts = state.parts
    await run_in_threadpool(parts.collections.get, scope, collection_id)
    most = parts.settings.max_file_mb * 1_000_000

    def store(name: str, stream: BinaryIO) -> Accepted:
        stored = parts.files.put(stream, most)
        return parts.ingest.add_file(scope, collection_id, name, stored, guessed_type(name))

    uploads = Uploads(store, most, state.uploads)
    await uploads.receive(request)
    return UploadAnswer(
        documents=[
            Uploaded(document=DocumentOut.model_validate(each.document), job_id=each.job.id if each.job else None)
            for each in uploads.taken
        ],
        errors=[UploadError(name=r.name, message=r.error.message, hint=r.error.hint) for r in uploads.refused],
    )


def guessed_type(name: str) -> str:
    """The media type by the name's ending. What the sender claims is not asked; reading the file decides."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


@router.get("/documents/{document_id}", operation_id="getDocument")
def get_document(request: Request, document_id: str, scope: SignedIn) -> DocumentOut:
    """One document."""
    return DocumentOut.model_validate(parts_of(request).documents.get(scope, document_id))


@router.delete("/documents/{document_id}", operation_id="deleteDocument")
def delete_document(request: Request, document_id: str, scope: SignedIn) -> Done:
    """Delete a document, what came out of it, its vectors and its file."""
    parts_of(request).documents.delete(scope, document_id)
    return Done()


@router.post("/documents/{document_id}/retry", status_code=202, operation_id="retryDocument")
def retry_document(request: Request, document_id: str, scope: SignedIn) -> JobStarted:
    """Read a failed document again."""
    job = parts_of(request).ingest.retry(scope, document_id).job
    assert job is not None, "a retry always queues a job"
    return JobStarted(job_id=job.id)


@router.get(
    "/documents/{document_id}/file", operation_id="downloadDocument", response_class=FileResponse, responses=FILE
)
def download_document(request: Request, document_id: str, scope: SignedIn) -> FileResponse:
    """The uploaded bytes, always as a download; for a member, the file that it came out of."""
    parts = parts_of(request)
    path, _ = parts.documents.file(scope, document_id)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=file_name(parts, scope, document_id),
        headers={"Content-Security-Policy": DOWNLOAD_POLICY, "Cache-Control": "private, no-cache"},
    )


def file_name(parts: Parts, scope: Scope, document_id: str) -> str:
    """The last part of the name of the file whose bytes are stored."""
    document = parts.documents.get(scope, document_id)
    while document.parent_id is not None:
        document = parts.documents.get(scope, document.parent_id)
    return document.name.rpartition("/")[2]
