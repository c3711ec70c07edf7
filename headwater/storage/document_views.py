"""What is shown of a document: its newest version's state beside the version that is searched."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from headwater.storage.tables import DocumentRow, VersionRow


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as people see it.

    `state` (queued, parsing, searchable, failed), `error`, `hint`, `size` and `media_type` are of the newest
    version; the counts and `warnings` of the searchable one, `version_id`, which may be an older
    one that is still searched while or although the newest, `pending_version_id`, is not.
    """

    id: str
    collection_id: str
    name: str
    state: str
    error: str | None
    hint: str | None
    warnings: tuple[str, ...]
    paged: bool
    page_count: int
    passage_count: int
    embedded: int
    size: int
    media_type: str
    sha256: str
    created: float
    version_id: str | None
    pending_version_id: str | None
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page with its text; passages of the same version are ranges of it."""

    number: int
    label: str | None
    text: str
    version_id: str
    paged: bool


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A page in a list of pages."""

    number: int
    label: str | None
    characters: int


def document_infos(session: Session, *conditions: ColumnElement[bool]) -> list[DocumentInfo]:
    """The documents that meet the conditions, by name."""
    current, pending = aliased(VersionRow), aliased(VersionRow)
    is_pending = and_(
        pending.document_id == DocumentRow.id,
        or_(DocumentRow.version_id.is_(None), pending.id != DocumentRow.version_id),
    )
    query = (
        select(DocumentRow, current, pending)
        .outerjoin(current, current.id == DocumentRow.version_id)
        .outerjoin(pending, is_pending)
        .where(*conditions)
        .order_by(DocumentRow.name, DocumentRow.id)
    )
    return [_info(document, now, next_) for document, now, next_ in session.execute(query)]


def latest_version(session: Session, document: DocumentRow) -> VersionRow | None:
    """The version that is not searchable yet, or else the one that is."""
    query = select(VersionRow).where(VersionRow.document_id == document.id)
    versions = session.scalars(query).all()
    waiting = [version for version in versions if version.id != document.version_id]
    return waiting[0] if waiting else next(iter(versions), None)


def _info(document: DocumentRow, current: VersionRow | None, pending: VersionRow | None) -> DocumentInfo:
    newest = pending or current
    if newest is None:
        raise RuntimeError(f"document {document.id} has no version")
    return DocumentInfo(
        id=document.id,
        collection_id=document.collection_id,
        name=document.name,
        state=newest.state,
        error=newest.error,
        hint=newest.hint,
        warnings=tuple(current.warnings) if current else (),
        paged=bool(current and current.paged),
        page_count=current.page_count if current else 0,
        passage_count=current.passage_count if current else 0,
        embedded=current.embedded if current else 0,
        size=newest.size,
        media_type=newest.media_type,
        sha256=newest.sha256,
        created=document.created,
        version_id=current.id if current else None,
        pending_version_id=pending.id if pending else None,
        parent_id=document.parent_id,
    )
