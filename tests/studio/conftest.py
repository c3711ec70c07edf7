"""A studio over real storage, two people, and rows that every step has something to do with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from headwater.core.errors import UnknownName
from headwater.core.progress import Progress
from headwater.core.types import Role, Scope
from headwater.dataprep.step import Services
from headwater.storage.data_sources import DataSources
from headwater.storage.database import Catalogue
from headwater.storage.datasets import Datasets
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.users import Users
from headwater.studio.studio import Studio, StudioParts

SUBJECTS = ("reset my password", "change the address", "export invoices", "invite a colleague", "delete a backup")
MAPPING = {"question": "ticket", "answer": "reply"}


class Work:
    """A job that nobody stops."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []

    def report(self, progress: Progress) -> None:
        self.heard.append(progress)

    def check(self) -> None:
        pass


@dataclass
class Room:
    """A studio with what it stands on."""

    studio: Studio
    datasets: Datasets
    sources: DataSources
    files: FileStore
    jobs: JobRows
    users: Users
    anna: Scope
    ben: Scope
    folder: Path

    def upload(self, scope: Scope, name: str, text: str) -> str:
        """Upload a file; returns its id."""
        return self.studio.add_source(scope, name, self.files.put(text.encode(), 10**7)).id

    def run(self, scope: Scope, dataset_id: str) -> JobInfo:
        """Prepare a data set in this thread."""
        job = self.studio.start(scope, dataset_id)
        self.jobs.finish(job.id, self.studio.prepare(job, Work()))
        return job


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    catalogue = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.db'}")
    files = FileStore(tmp_path / "files")
    users = Users(catalogue, files, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    boss = Scope("boss", Role.ADMIN)
    anna, ben = (Scope(users.create(boss, name, "a long password", Role.USER).id) for name in ("anna", "ben"))
    sources, datasets, jobs = (
        DataSources(catalogue, files),
        Datasets(catalogue, tmp_path / "datasets"),
        JobRows(catalogue),
    )

    def tokenizer(name: str) -> Path:
        raise UnknownName.among("model with a tokenizer", name, [])

    studio = Studio(
        StudioParts(sources, datasets, files, jobs, tokenizer, list, Services, lambda path: path.read_text("utf-8"))
    )
    yield Room(studio, datasets, sources, files, jobs, users, anna, ben, tmp_path)
    catalogue.close()


def support_rows(count: int = 120) -> str:
    """A CSV with short answers, marks only, mail addresses, odd spaces and copies."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["ticket", "reply"])
    for number in range(count):
        subject = SUBJECTS[number % len(SUBJECTS)]
        answer = f"Open the settings, choose entry {number} and press the button to {subject}." + " Thanks." * (
            number % 7
        )
        if number % 9 == 0:
            answer = "ok"
        elif number % 10 == 0:
            answer = "!!! ### $$$ @@@ *** ((( ))) 12345 " * 4
        elif number % 11 == 0:
            answer += f" Write to user{number}@example.com."
        table.writerow([f"How can I {subject} in workspace {number}?", answer + "  " * (number % 3)])
    table.writerow(["How can I change the address in workspace 1?", "Open the settings, choose entry 1 and press the "
                    "button to change the address. Thanks."])  # fmt: skip
    return out.getvalue()


@pytest.fixture
def recipe() -> dict[str, Any]:
    return {
        "version": 1,
        "task": "instruct",
        "seed": 3,
        "sources": [{"path": "support.csv", "mapping": MAPPING}],
        "steps": [
            "clean",
            "personal_data",
            "exact_duplicates",
            {"length": {"fields": ["answer"], "minimum": 10, "each": True}},
            {"quality": {"minimum": 0.75}},
            "require",
        ],
        "output": {"path": "out", "format": "messages"},
    }
