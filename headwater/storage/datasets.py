"""Data sets: a name, the recipe it is made by, and a folder with what came out."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from headwater.core.errors import Conflict
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.names import clean_title
from headwater.storage.ownership import missing, new_id
from headwater.storage.tables import DatasetRow

FOLDER_CHARACTERS = 80
UNNAMED_FOLDER = "dataset"
# Where sources lie under their names while a recipe is used; what a dead process left there goes after a week.
DESK = ".desk"
DESK_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A data set. state: draft, preparing, ready, failed. `folder` holds its files once it was prepared.

    `changed`: the recipe is not the one that the files were made by.
    """

    id: str
    name: str
    folder: Path
    recipe: Mapping[str, Any]
    state: str
    job_id: str | None
    summary: Mapping[str, Any] | None
    prepared: float | None
    changed: bool
    error: str | None
    hint: str | None
    created: float
    updated: float


class Datasets:
    """Makes, finds, changes and deletes a user's own data sets. `root` is the folder of their folders."""

    def __init__(self, catalogue: Catalogue, root: Path) -> None:
        self._catalogue = catalogue
        self.root = root

    def create(self, scope: Scope, name: str, recipe: Mapping[str, Any]) -> DatasetInfo:
        """Begin a data set with a recipe that may still be incomplete. Raises BadInput, Conflict."""
        name = clean_title(name, "data set")
        now = self._catalogue.now()
        with self._catalogue.writing(durable=True) as session:
            _require_free(session, scope, name)
            row = DatasetRow(
                id=new_id(), owner_id=scope.user_id, name=name, folder=_free_folder(session, name),
                recipe=dict(recipe), state="draft", created=now, updated=now,
            )  # fmt: skip
            session.add(row)
            return self._info(row)

    def get(self, scope: Scope, dataset_id: str) -> DatasetInfo:
        """One data set. Raises NotFound."""
        with self._catalogue.reading() as session:
            return self._info(_owned(session, scope, dataset_id))

    def by_name(self, scope: Scope, name: str) -> DatasetInfo:
        """The data set with this name. Raises NotFound."""
        wanted = clean_title(name, "data set")
        with self._catalogue.reading() as session:
            query = select(DatasetRow).where(DatasetRow.owner_id == scope.user_id, DatasetRow.name == wanted)
            row = session.scalars(query).first()
            if row is None:
                raise missing("data set", name)
            return self._info(row)

    def list(self, scope: Scope) -> list[DatasetInfo]:
        """The scope's own data sets, the last changed first."""
        with self._catalogue.reading() as session:
            query = select(DatasetRow).where(DatasetRow.owner_id == scope.user_id)
            return [self._info(row) for row in session.scalars(query.order_by(DatasetRow.updated.desc()))]

    def rename(self, scope: Scope, dataset_id: str, name: str) -> DatasetInfo:
        """Give another name; the folder keeps its own. Raises NotFound, BadInput, Conflict."""
        name = clean_title(name, "data set")
        with self._catalogue.writing() as session:
            row = _owned(session, scope, dataset_id)
            if row.name != name:
                _require_free(session, scope, name)
                row.name, row.updated = name, self._catalogue.now()
            return self._info(row)

    def save_recipe(self, scope: Scope, dataset_id: str, recipe: Mapping[str, Any]) -> DatasetInfo:
        """Keep a recipe, complete or not. Raises NotFound."""
        with self._catalogue.writing() as session:
            row = _owned(session, scope, dataset_id)
            row.recipe, row.updated = dict(recipe), self._catalogue.now()
            return self._info(row)

    def begin(self, scope: Scope, dataset_id: str, job_id: str) -> DatasetInfo:
        """Note the job that prepares it. Raises NotFound, Conflict while another one does."""
        with self._catalogue.writing() as session:
            row = _owned(session, scope, dataset_id)
            if row.job_id == job_id:
                return self._info(row)  # the job was quicker than the one who asked for it
            if row.state == "preparing":
                raise Conflict(f"{row.name!r} is being prepared already.", "Wait for it, or cancel it.")
            row.state, row.job_id, row.error, row.hint = "preparing", job_id, None, None
            row.updated = self._catalogue.now()
            return self._info(row)

    def finish(
        self, scope: Scope, dataset_id: str, recipe: Mapping[str, Any], summary: Mapping[str, Any]
    ) -> DatasetInfo:
        """Note that the files of the folder are those of this recipe, with the counts of the run."""
        with self._catalogue.writing(durable=True) as session:
            row = _owned(session, scope, dataset_id)
            row.state, row.error, row.hint = "ready", None, None
            row.summary, row.prepared_recipe = dict(summary), dict(recipe)
            row.prepared = row.updated = self._catalogue.now()
            return self._info(row)

    def note_counts(self, scope: Scope, dataset_id: str, counts: Mapping[str, Any]) -> DatasetInfo:
        """Change some counts of the summary, after rows were edited by hand."""
        with self._catalogue.writing() as session:
            row = _owned(session, scope, dataset_id)
            row.summary = {**(row.summary or {}), **counts}
            return self._info(row)

    def give_up(self, scope: Scope, dataset_id: str, job_id: str, error: str | None, hint: str | None) -> None:
        """Note that the job ended without a result; what an earlier run made stays."""
        with self._catalogue.writing() as session:
            row = session.get(DatasetRow, dataset_id)
            if row is None or row.owner_id != scope.user_id or row.job_id != job_id or row.state != "preparing":
                return
            row.state = "failed" if error else ("ready" if row.prepared else "draft")
            row.error, row.hint, row.updated = error, hint, self._catalogue.now()

    def delete(self, scope: Scope, dataset_id: str) -> None:
        """Delete a data set with its files. Raises NotFound, Conflict while it is being prepared."""
        with self._catalogue.writing(durable=True) as session:
            row = _owned(session, scope, dataset_id)
            if row.state == "preparing":
                raise Conflict(f"{row.name!r} is being prepared.", "Cancel that job first.")
            folder = row.folder
            session.execute(delete(DatasetRow).where(DatasetRow.id == row.id))
        self._remove(folder)

    def sweep(self) -> tuple[str, ...]:
        """Remove folders that no data set has any more, such as those of a deleted user; return their names."""
        with self._catalogue.writing() as session:
            kept = set(session.scalars(select(DatasetRow.folder)))
            present = [path for path in sorted(self.root.glob("*")) if path.is_dir()] if self.root.is_dir() else []
            gone = tuple(path.name for path in present if _owner_of(path.name) not in kept and path.name != DESK)
            for name in gone:
                shutil.rmtree(self.root / name, ignore_errors=True)
        for left in (self.root / DESK).glob("*"):
            if self._catalogue.now() - left.stat().st_mtime > DESK_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        return gone

    def _remove(self, folder: str) -> None:
        for path in self.root.glob("*") if self.root.is_dir() else ():
            if _owner_of(path.name) == folder:
                shutil.rmtree(path, ignore_errors=True)

    def _info(self, row: DatasetRow) -> DatasetInfo:
        changed = row.prepared is not None and row.recipe != row.prepared_recipe
        return DatasetInfo(
            row.id, row.name, self.root / row.folder, row.recipe, row.state, row.job_id, row.summary, row.prepared,
            changed, row.error, row.hint, row.created, row.updated,
        )  # fmt: skip


def _owner_of(name: str) -> str:
    """The folder that a working folder beside it belongs to: ".new-faq" and "..new-faq.work" are of "faq"."""
    if not name.startswith("."):
        return name
    return name.lstrip(".").removesuffix(".work").partition("-")[2]


def _free_folder(session: Session, name: str) -> str:
    """A folder name that a shell needs not quote, made of the name of the data set."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:FOLDER_CHARACTERS].strip("-") or UNNAMED_FOLDER
    taken = set(session.scalars(select(DatasetRow.folder)))
    return next(free for number in count(1) if (free := stem if number == 1 else f"{stem}-{number}") not in taken)


def _require_free(session: Session, scope: Scope, name: str) -> None:
    taken = select(DatasetRow.id).where(DatasetRow.owner_id == scope.user_id, DatasetRow.name == name)
    if session.scalars(taken).first() is not None:
        raise Conflict(f"You have a data set named {name!r} already.", "Choose another name.")


def _owned(session: Session, scope: Scope, dataset_id: str) -> DatasetRow:
    row = session.get(DatasetRow, dataset_id)
    if row is None or row.owner_id != scope.user_id:
        raise missing("data set", dataset_id)
    return row
