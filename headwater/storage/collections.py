"""Collections: documents that are searched together. Each belongs to one user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from headwater.core.errors import Conflict, NotFound
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.erasure import Erased, erase_collection, finish_erasure
from headwater.storage.files import FileStore
from headwater.storage.names import clean_title
from headwater.storage.ownership import missing, new_id, owned_collection
from headwater.storage.tables import CollectionRow, DocumentRow, VersionRow


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A collection and its counts: searchable passages, and how many of them have vectors."""

    id: str
    name: str
    created: float
    document_count: int
    passage_count: int
    embedded: int


class Collections:
    """Makes, finds, renames and deletes a user's own collections."""

    def __init__(self, catalogue: Catalogue, files: FileStore) -> None:
        self._catalogue = catalogue
        self._files = files

    def create(self, scope: Scope, name: str) -> CollectionInfo:
        """Make an empty collection. Raises BadInput, Conflict when the name is taken."""
        name = clean_title(name, "collection")
        row = CollectionRow(id=new_id(), owner_id=scope.user_id, name=name, created=self._catalogue.now())
        with self._catalogue.writing(durable=True) as session:
            _require_free(session, scope, name)
            session.add(row)
        return CollectionInfo(row.id, row.name, row.created, 0, 0, 0)

    def get(self, scope: Scope, collection_id: str) -> CollectionInfo:
        """One collection. Raises NotFound."""
        with self._catalogue.reading() as session:
            row = session.execute(_counted(scope).where(CollectionRow.id == collection_id)).first()
        if row is None:
            raise missing("collection", collection_id)
        return _info(row)

    def by_name(self, scope: Scope, name: str) -> CollectionInfo:
        """The collection with this name. Raises NotFound."""
        with self._catalogue.reading() as session:
            row = session.execute(_counted(scope).where(CollectionRow.name == clean_title(name, "collection"))).first()
        if row is None:
            raise missing("collection", name)
        return _info(row)

    def resolve(self, scope: Scope, ids_or_names: Sequence[str]) -> tuple[str, ...]:
        """Ids of collections that are given by id or by name. Raises NotFound for the first unknown one."""
        return tuple(self._resolve(scope, given) for given in ids_or_names)

    def _resolve(self, scope: Scope, given: str) -> str:
        try:
            return self.get(scope, given).id
        except NotFound:
            return self.by_name(scope, given).id

    def list(self, scope: Scope) -> list[CollectionInfo]:
        """The scope's own collections by name."""
        with self._catalogue.reading() as session:
            rows = session.execute(_counted(scope).order_by(CollectionRow.name, CollectionRow.id)).all()
        return [_info(row) for row in rows]

    def rename(self, scope: Scope, collection_id: str, name: str) -> CollectionInfo:
        """Give another name. Raises NotFound, BadInput, Conflict."""
        name = clean_title(name, "collection")
        with self._catalogue.writing() as session:
            row = owned_collection(session, scope, collection_id)
            if row.name != name:
                _require_free(session, scope, name)
                row.name = name
        return self.get(scope, collection_id)

    def delete(self, scope: Scope, collection_id: str) -> None:
        """Delete the collection with its documents, their passages, vectors and files. Raises NotFound."""
        erased = Erased()
        with self._catalogue.writing(durable=True) as session:
            erase_collection(session, owned_collection(session, scope, collection_id).id, erased)
        finish_erasure(self._catalogue, self._files, erased)


def _counted(scope: Scope) -> Select[str, str, float, int, int, int]:
    return (
        select(
            CollectionRow.id,
            CollectionRow.name,
            CollectionRow.created,
            func.count(DocumentRow.id),
            func.coalesce(func.sum(VersionRow.passage_count), 0),
            func.coalesce(func.sum(VersionRow.embedded), 0),
        )
        .outerjoin(DocumentRow, DocumentRow.collection_id == CollectionRow.id)
        .outerjoin(VersionRow, VersionRow.id == DocumentRow.version_id)
        .where(CollectionRow.owner_id == scope.user_id)
        .group_by(CollectionRow.id, CollectionRow.name, CollectionRow.created)
    )


def _info(row: Row[str, str, float, int, int, int]) -> CollectionInfo:
    return CollectionInfo(*row)


def _require_free(session: Session, scope: Scope, name: str) -> None:
    taken = select(CollectionRow.id).where(CollectionRow.owner_id == scope.user_id, CollectionRow.name == name)
    if session.scalars(taken).first() is not None:
        raise Conflict(f"You have a collection named {name!r} already.", "Choose another name.")
