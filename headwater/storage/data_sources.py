"""Files of rows, uploaded, fetched or made, for training data. Their bytes lie in the file store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from headwater.core.errors import Conflict
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.erasure import Erased, finish_erasure
from headwater.storage.files import FileStore, StoredFile
from headwater.storage.names import clean_name, numbered
from headwater.storage.ownership import missing, new_id
from headwater.storage.tables import DatasetRow, DataSourceRow


@dataclass(frozen=True, slots=True)
class DataSourceInfo:
    """A file of rows. `name` is unique among its owner's; recipes call the file by it. `size` in bytes.

    `origin` is the address, query or model it came from; empty for an upload.
    """

    id: str
    name: str
    sha256: str
    size: int
    created: float
    origin: str = ""


class DataSources:
    """Keeps, finds and deletes a user's own files of rows."""

    def __init__(self, catalogue: Catalogue, files: FileStore) -> None:
        self._catalogue = catalogue
        self._files = files

    def add(self, scope: Scope, name: str, stored: StoredFile, origin: str = "") -> DataSourceInfo:
        """Keep a stored file under its name, or "name (2)" when another file has it. The same bytes are kept once."""
        wanted = clean_name(name).rpartition("/")[2]
        with self._catalogue.writing(durable=True) as session:
            known = {row.name: row for row in session.scalars(_of(scope))}
            row = next((r for r in known.values() if r.sha256 == stored.sha256 and r.name == wanted), None)
            if row is None:
                free = next(name for number in count(1) if (name := numbered(wanted, number)) not in known)
                row = DataSourceRow(
                    id=new_id(),
                    owner_id=scope.user_id,
                    name=free,
                    sha256=stored.sha256,
                    size=stored.size,
                    created=self._catalogue.now(),
                    origin=origin,
                )
                session.add(row)
            info = _info(row)
        self._files.settle(stored.sha256)
        return info

    def list(self, scope: Scope) -> list[DataSourceInfo]:
        """The scope's own files, newest first."""
        with self._catalogue.reading() as session:
            order = (DataSourceRow.created.desc(), DataSourceRow.id)
            return [_info(row) for row in session.scalars(_of(scope).order_by(*order))]

    def get(self, scope: Scope, source_id: str) -> DataSourceInfo:
        """One file. Raises NotFound."""
        with self._catalogue.reading() as session:
            return _info(_owned(session, scope, source_id))

    def named(self, scope: Scope, names: Sequence[str]) -> dict[str, DataSourceInfo]:
        """The scope's files among these names; names of no file are left out."""
        with self._catalogue.reading() as session:
            found = session.scalars(_of(scope).where(DataSourceRow.name.in_(list(names))))
            return {row.name: _info(row) for row in found}

    def path(self, scope: Scope, source_id: str) -> Path:
        """Where the bytes are. Raises NotFound."""
        return self._files.path(self.get(scope, source_id).sha256)

    def delete(self, scope: Scope, source_id: str, is_used: Callable[[DatasetRow, str], bool]) -> None:
        """Delete a file. Raises NotFound, Conflict while the recipe of a data set names it."""
        erased = Erased()
        with self._catalogue.writing(durable=True) as session:
            row = _owned(session, scope, source_id)
            users = session.scalars(select(DatasetRow).where(DatasetRow.owner_id == scope.user_id))
            holding = [dataset.name for dataset in users if is_used(dataset, row.name)]
            if holding:
                raise Conflict(
                    f"{row.name!r} is used by the data set {holding[0]!r}.", "Take it out of that data set first."
                )
            erased.hashes.add(row.sha256)
            session.execute(delete(DataSourceRow).where(DataSourceRow.id == row.id))
        finish_erasure(self._catalogue, self._files, erased)


def _of(scope: Scope) -> Select[DataSourceRow]:
    return select(DataSourceRow).where(DataSourceRow.owner_id == scope.user_id)


def _owned(session: Session, scope: Scope, source_id: str) -> DataSourceRow:
    row = session.get(DataSourceRow, source_id)
    if row is None or row.owner_id != scope.user_id:
        raise missing("file", source_id)
    return row


def _info(row: DataSourceRow) -> DataSourceInfo:
    return DataSourceInfo(row.id, row.name, row.sha256, row.size, row.created, row.origin)
