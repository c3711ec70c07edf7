"""Deleting for good: rows, keyword rows and vectors in one transaction, then the bytes nobody refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from headwater.storage import keyword
from headwater.storage.database import Catalogue
from headwater.storage.files import GRACE_SECONDS, FileStore
from headwater.storage.tables import CollectionRow, DataSourceRow, DocumentRow, JobRow, PassageRow, VersionRow

_MOST_PARAMETERS = 10_000
_RUNNING = JobRow.state == "running"


@dataclass
class Erased:
    """What a transaction took out: the ids of passages and the hashes that may be unused now."""

    passage_ids: list[int] = field(default_factory=list)
    hashes: set[str] = field(default_factory=set)
    document_ids: list[str] = field(default_factory=list)


def erase_versions(session: Session, collection_id: str, version_ids: Sequence[str], erased: Erased) -> None:
    """Remove versions of documents of one collection with their pages, passages, vectors and keyword rows."""
    for some in _portions(version_ids):
        versions = VersionRow.id.in_(some)
        erased.hashes.update(session.scalars(select(VersionRow.sha256).where(versions)))
        passage_ids = list(session.scalars(select(PassageRow.id).where(PassageRow.version_id.in_(some))))
        keyword.remove(session, collection_id, np.array(passage_ids, np.int64))
        erased.passage_ids.extend(passage_ids)
        # Pages, passages and vectors go with their version, by foreign keys.
        session.execute(delete(VersionRow).where(versions))


def erase_documents(session: Session, collection_id: str, document_ids: Sequence[str], erased: Erased) -> None:
    """Remove documents of one collection and, with them, the members of archives among them."""
    doomed = list(document_ids)
    generation = doomed
    while generation:
        children = select(DocumentRow.id)
        generation = [
            child
            for some in _portions(generation)
            for child in session.scalars(children.where(DocumentRow.parent_id.in_(some)))
        ]
        doomed.extend(generation)
    for some in _portions(doomed):
        versions = session.scalars(select(VersionRow.id).where(VersionRow.document_id.in_(some))).all()
        erase_versions(session, collection_id, versions, erased)
        # Their names stand in the rows of jobs too. A running one finds its version gone.
        session.execute(delete(JobRow).where(JobRow.payload["document_id"].as_string().in_(some), ~_RUNNING))
    for some in _portions(doomed):
        session.execute(delete(DocumentRow).where(DocumentRow.id.in_(some)))
    erased.document_ids.extend(doomed)


def erase_collection(session: Session, collection_id: str, erased: Erased) -> None:
    """Remove a collection and everything in it, however much that is."""
    here = DocumentRow.collection_id == collection_id
    hashes = select(VersionRow.sha256).join(DocumentRow, DocumentRow.id == VersionRow.document_id).where(here)
    erased.hashes.update(session.scalars(hashes.distinct()))
    erased.passage_ids.extend(session.scalars(select(PassageRow.id).where(PassageRow.collection_id == collection_id)))
    erased.document_ids.extend(session.scalars(select(DocumentRow.id).where(here)))
    keyword.remove_collection(session, collection_id)
    of_collection = JobRow.payload["collection_id"].as_string() == collection_id
    of_document = JobRow.payload["document_id"].as_string().in_(select(DocumentRow.id).where(here))
    session.execute(delete(JobRow).where(or_(of_collection, of_document), ~_RUNNING))
    session.execute(delete(CollectionRow).where(CollectionRow.id == collection_id))


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts that fit into the parameters of one statement."""
    return (values[first : first + _MOST_PARAMETERS] for first in range(0, len(values), _MOST_PARAMETERS))


def finish_erasure(catalogue: Catalogue, files: FileStore, erased: Erased) -> None:
    """After the commit: delete the bytes that no version refers to and tell the vector index.

    The check and the unlinking happen under the write lock, so no new version can come between.
    A process that dies before this leaves an orphan, which the next sweep removes.
    """
    with catalogue.writing() as session:
        for sha256 in sorted(erased.hashes):
            if not _is_needed(session, sha256):
                files.delete(sha256)
    catalogue.announce_removed(erased.passage_ids)
    if erased.passage_ids or erased.hashes:
        catalogue.scrub()


def _is_needed(session: Session, sha256: str) -> bool:
    """Whether a version of a document or a source of a data set has these bytes."""
    uses = (select(row.id).where(row.sha256 == sha256).limit(1) for row in (VersionRow, DataSourceRow))
    return any(session.scalars(use).first() is not None for use in uses)


def sweep_files(catalogue: Catalogue, files: FileStore, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """Remove leftovers of dead uploads and bytes without a row; return the hashes removed. Run it at start."""
    with catalogue.writing() as session:
        keep = set(session.scalars(select(VersionRow.sha256).distinct()))
        keep |= set(session.scalars(select(DataSourceRow.sha256).distinct()))
        return files.sweep(keep, grace_seconds)
