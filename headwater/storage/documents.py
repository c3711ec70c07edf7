"""Documents and their versions: taken in, made searchable in one step, read, retried and deleted.

A version is searchable or not at all. While a new one is being read the old one goes on being
searched; a document has at most these two.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headwater.core.errors import Conflict, HeadwaterError, NotFound, UnreadableDocument
from headwater.core.types import Extraction, Scope
from headwater.storage.database import Catalogue
from headwater.storage.document_views import (
    DocumentInfo,
    PageInfo,
    PageSummary,
    document_infos,
    latest_version,
)
from headwater.storage.erasure import Erased, erase_documents, erase_versions, finish_erasure, sweep_files
from headwater.storage.files import GRACE_SECONDS, FileStore, StoredFile
from headwater.storage.names import clean_name
from headwater.storage.ownership import missing, new_id, owned_collection, owned_document, owned_version
from headwater.storage.publishing import (
    NewMember,
    NewPassage,
    Published,
    document_named,
    free_name,
    publish_version,
)
from headwater.storage.tables import CollectionRow, DocumentRow, PageRow, VersionRow

PENDING = ("queued", "parsing")


class AddedVersion(NamedTuple):
    """What `add_version` answers. `is_new` False: these bytes are searchable or on their way already."""

    document_id: str
    version_id: str
    is_new: bool


class PendingVersion(NamedTuple):
    """A version that is accepted and not read yet."""

    owner: Scope
    collection_id: str
    document_id: str
    version_id: str
    name: str


class Documents:
    """The documents of a user's own collections."""

    def __init__(self, catalogue: Catalogue, files: FileStore) -> None:
        self._catalogue = catalogue
        self._files = files

    # --- taking in ---------------------------------------------------------------------------

    def add_version(
        self,
        scope: Scope,
        collection_id: str,
        name: str,
        stored: StoredFile,
        media_type: str,
        parent_id: str | None = None,
    ) -> AddedVersion:
        """Accept a stored file under a name. When this returns, a power cut does not lose it.

        The last one wins: a version that was still waiting under this name is given up. Raises
        NotFound, Conflict when the bytes were deleted by someone in this very moment.
        """
        erased, accepted = Erased(), False
        try:
            with self._catalogue.writing(durable=True) as session:
                owned_collection(session, scope, collection_id)
                if parent_id is not None and owned_document(session, scope, parent_id).collection_id != collection_id:
                    raise missing("document", parent_id)
                document = document_named(session, collection_id, clean_name(name), parent_id)
                if document is None:
                    document = self._new_document(session, collection_id, name, parent_id)
                added = self._accept(session, document, stored, media_type, erased)
                if not self._files.has(stored.sha256):
                    raise Conflict(f"The bytes of {document.name!r} were deleted meanwhile.", "Upload the file again.")
            accepted = True
        finally:
            self._files.settle(stored.sha256)
            if not accepted:
                # What was refused must not stay on the disk, unless another document has the same bytes.
                erased.hashes.add(stored.sha256)
                finish_erasure(self._catalogue, self._files, erased)
        if erased.hashes:
            finish_erasure(self._catalogue, self._files, erased)
        return added

    def _new_document(self, session: Session, collection_id: str, name: str, parent_id: str | None) -> DocumentRow:
        document = DocumentRow(
            id=new_id(),
            collection_id=collection_id,
            name=free_name(session, collection_id, clean_name(name)),
            parent_id=parent_id,
            created=self._catalogue.now(),
        )
        session.add(document)
        session.flush()
        return document

    def _accept(
        self, session: Session, document: DocumentRow, stored: StoredFile, media_type: str, erased: Erased
    ) -> AddedVersion:
        versions = session.scalars(select(VersionRow).where(VersionRow.document_id == document.id)).all()
        alive = [version for version in versions if version.id == document.version_id or version.state in PENDING]
        same = [version for version in alive if version.sha256 == stored.sha256]
        # The newest upload counts, so what waits with other bytes is given up even when these bytes are known.
        kept = {document.version_id, *(version.id for version in same)}
        stale = [version.id for version in versions if version.id not in kept]
        erase_versions(session, document.collection_id, stale, erased)
        if same:
            return AddedVersion(document.id, same[0].id, False)
        version = VersionRow(
            id=new_id(),
            document_id=document.id,
            sha256=stored.sha256,
            size=stored.size,
            media_type=media_type,
            state="queued",
            warnings=[],
            created=self._catalogue.now(),
        )
        session.add(version)
        return AddedVersion(document.id, version.id, True)

    def pending(self) -> list[PendingVersion]:
        """Everything accepted and not read yet, of all users: for the worker that takes work up after a restart."""
        query = (
            select(VersionRow, DocumentRow, CollectionRow)
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .join(CollectionRow, CollectionRow.id == DocumentRow.collection_id)
            .where(VersionRow.state.in_(PENDING))
            .order_by(VersionRow.created, VersionRow.id)
        )
        with self._catalogue.reading() as session:
            return [
                PendingVersion(Scope(collection.owner_id), collection.id, document.id, version.id, document.name)
                for version, document, collection in session.execute(query)
            ]

    def sweep(self, grace_seconds: float = GRACE_SECONDS) -> list[str]:
        """Remove bytes that dead uploads left and that no document refers to; return their hashes. Run it at start."""
        return sweep_files(self._catalogue, self._files, grace_seconds)

    # --- reading in: states of a version -----------------------------------------------------

    def begin(self, scope: Scope, version_id: str) -> tuple[Path, DocumentInfo]:
        """Mark a version as being read and return its file. Raises NotFound when a newer upload replaced it."""
        with self._catalogue.writing() as session:
            version, document = owned_version(session, scope, version_id)
            if version.state in ("queued", "failed"):
                version.state, version.error, version.hint = "parsing", None, None
            session.flush()
            info = document_infos(session, DocumentRow.id == document.id)[0]
        if not self._files.has(version.sha256):
            raise UnreadableDocument(f"The stored bytes of {document.name!r} are missing.", "Upload the file again.")
        return self._files.path(version.sha256), info

    def fail(self, scope: Scope, version_id: str, error: HeadwaterError) -> None:
        """Record why a version cannot be read. A searchable version is left as it is. Raises NotFound."""
        with self._catalogue.writing() as session:
            version, _ = owned_version(session, scope, version_id)
            if version.state != "searchable":
                version.state, version.error, version.hint = "failed", error.message, error.hint

    def has_version(self, scope: Scope, version_id: str) -> bool:
        """Whether a version is still there: neither deleted nor replaced."""
        with self._catalogue.reading() as session:
            try:
                owned_version(session, scope, version_id)
            except NotFound:
                return False
            return True

    def publish(
        self,
        scope: Scope,
        version_id: str,
        extraction: Extraction,
        passages: Sequence[NewPassage],
        members: Sequence[NewMember] = (),
    ) -> Published:
        """Make a version searchable: its pages, passages and keyword rows appear and the old ones go, at once.

        Members become documents of their own, in the same transaction. Publishing what is
        published already changes nothing. Raises NotFound when a newer upload replaced the version.
        """
        erased = Erased()
        # Durable, because the bytes of the version before are deleted after it.
        with self._catalogue.writing(durable=True) as session:
            version, document = owned_version(session, scope, version_id)
            content = NewMember(document.name, extraction, tuple(passages), None, tuple(members))
            published = publish_version(session, document, version, content, erased, self._catalogue.now())
        if erased.hashes:
            finish_erasure(self._catalogue, self._files, erased)
        return published

    def retry(self, scope: Scope, document_id: str) -> AddedVersion:
        """Queue a failed version again. Raises NotFound, Conflict when there is nothing to retry."""
        with self._catalogue.writing(durable=True) as session:
            document = owned_document(session, scope, document_id)
            version = latest_version(session, document)
            if document.parent_id is not None:
                raise Conflict(f"{document.name!r} came out of another file.", "Retry the file that contains it.")
            if version is None or version.state != "failed":
                state = "empty" if version is None else version.state
                raise Conflict(f"{document.name!r} is {state}, not failed.", "Only a failed document can be retried.")
            version.state, version.error, version.hint = "queued", None, None
            return AddedVersion(document.id, version.id, True)

    # --- showing -----------------------------------------------------------------------------

    def get(self, scope: Scope, document_id: str) -> DocumentInfo:
        """One document. Raises NotFound."""
        with self._catalogue.reading() as session:
            document = owned_document(session, scope, document_id)
            return document_infos(session, DocumentRow.id == document.id)[0]

    def by_name(self, scope: Scope, collection_id: str, name: str) -> DocumentInfo:
        """The document with this name. Raises NotFound."""
        named = (DocumentRow.collection_id == collection_id, DocumentRow.name == clean_name(name))
        with self._catalogue.reading() as session:
            owned_collection(session, scope, collection_id)
            found = document_infos(session, *named)
        if not found:
            raise missing("document", name)
        return found[0]

    def file(self, scope: Scope, document_id: str) -> tuple[Path, DocumentInfo]:
        """The stored bytes of a document (of the whole archive for a member). Raises NotFound."""
        with self._catalogue.reading() as session:
            document = owned_document(session, scope, document_id)
            info = document_infos(session, DocumentRow.id == document.id)[0]
            current = session.get(VersionRow, document.version_id) if document.version_id else None
            version = current or latest_version(session, document)
        if version is None:
            raise missing("document", document_id)
        return self._files.path(version.sha256), info

    def page(self, scope: Scope, document_id: str, number: int, version_id: str | None = None) -> PageInfo:
        """One page of the searchable version, or of `version_id` if that still exists. Raises NotFound."""
        with self._catalogue.reading() as session:
            document = owned_document(session, scope, document_id)
            row = session.get(PageRow, (version_id or document.version_id or "", number))
            version = session.get(VersionRow, row.version_id) if row is not None else None
            if row is None or version is None or version.document_id != document.id:
                raise missing("page", str(number))
            return PageInfo(row.number, row.label, row.text, row.version_id, version.paged)

    def pages(self, scope: Scope, document_id: str) -> list[PageSummary]:
        """Numbers, labels and lengths of the searchable version's pages. Raises NotFound."""
        with self._catalogue.reading() as session:
            document = owned_document(session, scope, document_id)
            query = select(PageRow.number, PageRow.label, func.length(PageRow.text))
            rows = session.execute(query.where(PageRow.version_id == document.version_id).order_by(PageRow.number))
            return [PageSummary(*row) for row in rows]

    # --- deleting ----------------------------------------------------------------------------

    def delete(self, scope: Scope, document_id: str) -> None:
        """Delete a document, its members, passages, vectors, and the bytes nobody else has. Raises NotFound."""
        erased = Erased()
        with self._catalogue.writing(durable=True) as session:
            document = owned_document(session, scope, document_id)
            erase_documents(session, document.collection_id, [document.id], erased)
        finish_erasure(self._catalogue, self._files, erased)

    def list(self, scope: Scope, collection_id: str) -> list[DocumentInfo]:
        """The documents of a collection by name. Raises NotFound."""
        with self._catalogue.reading() as session:
            owned_collection(session, scope, collection_id)
            return document_infos(session, DocumentRow.collection_id == collection_id)
