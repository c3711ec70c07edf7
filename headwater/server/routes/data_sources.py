"""Files of rows: uploading, looking into and deleting them; and what recipes can be made of."""

from __future__ import annotations

from typing import BinaryIO

from fastapi import APIRouter, Request

from headwater.server.data_shapes import CatalogueOut, LookIn, LookOut, SourceOut
from headwater.server.data_work_shapes import FetchIn, GenerateIn
from headwater.server.identity import SignedIn
from headwater.server.model_names import resolved
from headwater.server.parts import parts_of, state_of
from headwater.server.routes.documents import MULTIPART, UploadError
from headwater.server.shapes import Done, JobStarted, Out
from headwater.server.uploads import Uploads
from headwater.storage.data_sources import DataSourceInfo

router = APIRouter(prefix="/api/data", tags=["data"])


class SourceAnswer(Out):
    """What became of each file."""

    sources: list[SourceOut]
    errors: list[UploadError]


@router.get("/catalogue", operation_id="getDataCatalogue")
def get_catalogue(request: Request, scope: SignedIn) -> CatalogueOut:
    """Steps with their schemas, tasks with the steps to begin with, formats, models whose tokens can be counted."""
    return CatalogueOut.model_validate(parts_of(request).studio.catalogue())


@router.get("/sources", operation_id="listSources")
def list_sources(request: Request, scope: SignedIn) -> list[SourceOut]:
    """Your files of rows, newest first."""
    return [SourceOut.model_validate(source) for source in parts_of(request).data_sources.list(scope)]


@router.post("/sources", status_code=201, operation_id="uploadSources", openapi_extra=MULTIPART)
async def upload_sources(request: Request, scope: SignedIn) -> SourceAnswer:
    """Keep one or many files of rows; a file that cannot be kept is named. Recipes call a file by its name."""
    state = state_of(request)
    parts = state.parts
    most = parts.settings.max_file_mb * 1_000_000

    def store(name: str, stream: BinaryIO) -> DataSourceInfo:
        return parts.studio.add_source(scope, name, parts.files.put(stream, most))

    uploads = Uploads(store, most, state.uploads)
    await uploads.receive(request)
    return SourceAnswer(
        sources=[SourceOut.model_validate(source) for source in uploads.taken],
        errors=[UploadError(name=r.name, message=r.error.message, hint=r.error.hint) for r in uploads.refused],
    )


@router.post("/sources/{source_id}/look", operation_id="lookAtSource")
def look_at_source(request: Request, source_id: str, body: LookIn, scope: SignedIn) -> LookOut:
    """Say what the first rows of a file hold: format, columns, samples, bad rows."""
    from headwater.studio.looking import Reading

    reading = Reading(body.format, body.mapping, body.text_unit)
    return LookOut.model_validate(parts_of(request).studio.look(scope, source_id, reading))


@router.post("/fetch", status_code=202, operation_id="fetchSource")
def fetch_source(request: Request, body: FetchIn, scope: SignedIn) -> JobStarted:
    """Bring rows from elsewhere, as a job whose result names the new source. Only what you name is asked for.

    Web addresses of the open internet are for everybody; what is read with the server's own rights is for admins.
    """
    from headwater.studio.fetching import Elsewhere

    wanted = Elsewhere(body.address.strip(), body.sql, body.query, body.name)
    return JobStarted(job_id=parts_of(request).studio.fetch(scope, wanted).id)


@router.post("/generate", status_code=202, operation_id="generateSource")
def generate_source(request: Request, body: GenerateIn, scope: SignedIn) -> JobStarted:
    """Make rows with a chat model, as a job whose result names the new source and says what was refused and why."""
    from headwater.studio.generating import Order

    parts = parts_of(request)
    order = Order(**{**body.model_dump(), "model": resolved(parts, scope, "chat", body.model)})
    return JobStarted(job_id=parts.studio.generate(scope, order).id)


@router.delete("/sources/{source_id}", operation_id="deleteSource")
def delete_source(request: Request, source_id: str, scope: SignedIn) -> Done:
    """Delete a file that no data set uses."""
    parts_of(request).studio.delete_source(scope, source_id)
    return Done()
