"""A queue of jobs with one owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.jobs import JobRows
from headwater.storage.tables import UserRow


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.db'}")
    yield opened
    opened.close()


@pytest.fixture
def rows(catalogue: Catalogue) -> JobRows:
    return JobRows(catalogue)


@pytest.fixture
def anna(catalogue: Catalogue) -> Scope:
    with catalogue.writing() as session:
        session.add(UserRow(id="anna", name="anna", role="user", created=0.0))
    return Scope("anna")
