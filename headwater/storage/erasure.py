"""Deleting for good: rows, keyword rows and vectors in one transaction, then the bytes nobody refers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from headwater.storage import keyword
from headwater.storage.database import Catalogue
from headwater.storage.files import GRACE_SECONDS, FileStore
from headwater.storage.tables import CollectionRow, DocumentRow, JobRow, PassageRow, VersionRow


@dataclass
class Erased:
    """What a transaction took out: the ids of passages and the hashes that may be unused now."""

    passage_ids: list[int] = field(default_factory=list)
    hashes: set[str] = field(default_factory=set)
    document_ids: list[str] = field(default_factory=list)


def erase_versions(session: Session, collection_id: str, version_ids: Sequence[str], erased: Erased) -> None:
    """Remove versions of documents of one collection with their pages, passages, vectors and keyword rows."""
    if not version_ids:
        return
    versions = VersionRow.id.in_(version_ids)
    erased.hashes.update(session.scalars(select(VersionRow.sha256).where(versions)))
    passage_ids = list(session.scalars(select(PassageRow.id).where(PassageRow.version_id.in_(version_ids))))
    keyword.remove(session, collection_id, np.array(passage_ids, np.int64))
    erased.passage_ids.extend(passage_ids)
    # Pages, passages and vectors go with their version, by foreign keys.
    session.execute(delete(VersionRow).where(versions))


def erase_documents(session: Session, collection_id: str, document_ids: Sequence[str], erased: Erased) -> None:
    """Remove documents of one collection and, with them, the members of archives among them."""
    doomed = list(document_ids)
    generation: Sequence[str] = doomed
    while generation:
        generation = session.scalars(select(DocumentRow.id).where(DocumentRow.parent_id.in_(generation))).all()
        doomed.extend(generation)
    versions = session.scalars(select(VersionRow.id).where(VersionRow.document_id.in_(doomed))).all()
    erase_versions(session, collection_id, versions, erased)
    session.execute(delete(DocumentRow).where(DocumentRow.id.in_(doomed)))
    # Their names stand in the rows of jobs too. A running one finds its version gone.
    of_doomed = JobRow.payload["document_id"].as_string().in_(doomed)
    session.execute(delete(JobRow).where(of_doomed, JobRow.state != "running"))
    erased.document_ids.extend(doomed)


def erase_collection(session: Session, collection_id: str, erased: Erased) -> None:
    """Remove a collection and everything in it."""
    documents = session.scalars(select(DocumentRow.id).where(DocumentRow.collection_id == collection_id)).all()
    keyword.remove_collection(session, collection_id)
    erase_documents(session, collection_id, documents, erased)
    session.execute(delete(CollectionRow).where(CollectionRow.id == collection_id))


def finish_erasure(catalogue: Catalogue, files: FileStore, erased: Erased) -> None:
    """After the commit: delete the bytes that no version refers to and tell the vector index.

    The check and the unlinking happen under the write lock, so no new version can come between.
    A process that dies before this leaves an orphan, which the next sweep removes.
    """
    with catalogue.writing() as session:
        for sha256 in sorted(erased.hashes):
            if session.scalars(select(VersionRow.id).where(VersionRow.sha256 == sha256).limit(1)).first() is None:
                files.delete(sha256)
    catalogue.announce_removed(erased.passage_ids)
    if erased.passage_ids or erased.hashes:
        catalogue.scrub()


def sweep_files(catalogue: Catalogue, files: FileStore, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """Remove leftovers of dead uploads and bytes without a row; return the hashes removed. Run it at start."""
    with catalogue.writing() as session:
        keep: Iterable[str] = session.scalars(select(VersionRow.sha256).distinct())
        return files.sweep(set(keep), grace_seconds)
