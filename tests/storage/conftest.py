"""A catalogue, a file store and two people who must never see each other's things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from argon2 import PasswordHasher

from headwater.core.types import Role, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.tables import UserRow
from headwater.storage.users import Users


class Clock:
    """Time that a test moves on."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalogue, migrated once; each test gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "catalogue.db"
    Catalogue.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def catalogue(tmp_path: Path, migrated: Path, clock: Clock) -> Iterator[Catalogue]:
    copyfile(migrated, tmp_path / "catalogue.db")
    opened = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.db'}", clock)
    yield opened
    opened.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def users(catalogue: Catalogue, files: FileStore, hasher: PasswordHasher) -> Users:
    return Users(catalogue, files, hasher=hasher)


def add_user(catalogue: Catalogue, name: str, role: Role = Role.USER) -> Scope:
    with catalogue.writing() as session:
        session.add(UserRow(id=f"id-{name}", name=name, role=role.value, created=0.0))
    return Scope(f"id-{name}", role)


@pytest.fixture
def anna(catalogue: Catalogue) -> Scope:
    return add_user(catalogue, "anna")


@pytest.fixture
def boris(catalogue: Catalogue) -> Scope:
    return add_user(catalogue, "boris")


@pytest.fixture
def collections(catalogue: Catalogue, files: FileStore) -> Collections:
    return Collections(catalogue, files)


@pytest.fixture
def documents(catalogue: Catalogue, files: FileStore) -> Documents:
    return Documents(catalogue, files)


@pytest.fixture
def passages(catalogue: Catalogue) -> Passages:
    return Passages(catalogue)
