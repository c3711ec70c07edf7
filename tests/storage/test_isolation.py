"""Nobody reaches what is not theirs, and there is no way round asking with a scope."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from headwater.core.errors import NotFound
from headwater.core.types import Extraction, Filters, Page, Role, Scope
from headwater.storage.collections import Collections
from headwater.storage.conversations import Conversations
from headwater.storage.data_sources import DataSources
from headwater.storage.database import Catalogue
from headwater.storage.datasets import Datasets
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobRows
from headwater.storage.keys import Keys
from headwater.storage.ownership import new_id
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage
from headwater.storage.runs import Runs
from headwater.storage.users import Users

# Methods without a scope: those that find out who asks, and those of the worker and the vector index.
UNSCOPED = {
    "Users": {"verify", "local_owner", "any_admin", "setup_token", "redeem_setup_token"},
    "Keys": {"scope_of"},
    "Documents": {"pending", "sweep"},
    "Datasets": {"sweep"},
    "Passages": {"vectors", "vector_ids", "collections_without_vectors"},
    "JobRows": {
        "enlist",
        "claim",
        "is_running",
        "last_state",
        "progress",
        "finish",
        "fail",
        "put_back",
        "requeue_orphans",
        "versions_at_work",
        "last_ended",
        "forget_ended",
    },
}
REPOSITORIES = [Users, Keys, Collections, Documents, Passages, Conversations, DataSources, Datasets, Runs, JobRows]


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda repository: repository.__name__)
def test_every_method_takes_a_scope(repository: type) -> None:
    unscoped = set()
    for name, method in inspect.getmembers(repository, inspect.isfunction):
        if not name.startswith("_") and "scope" not in inspect.signature(method).parameters:
            unscoped.add(name)
    assert unscoped == UNSCOPED.get(repository.__name__, set())


class Things:
    """One of everything that Anna owns."""

    def __init__(self, catalogue: Catalogue, files: FileStore, anna: Scope) -> None:
        self.collections, self.documents = Collections(catalogue, files), Documents(catalogue, files)
        self.passages, self.conversations = Passages(catalogue), Conversations(catalogue)
        self.jobs, self.keys, self.files = JobRows(catalogue), Keys(catalogue), files
        self.data_sources = DataSources(catalogue, files)
        self.datasets = Datasets(catalogue, files.root.parent / "datasets")
        self.runs = Runs(catalogue)
        self.run = self.runs.add(anna, "annas-run").name
        self.collection = self.collections.create(anna, "Papers").id
        added = self.add(anna, self.collection, "a.txt")
        self.document, self.version = added.document_id, added.version_id
        self.documents.publish(
            anna, self.version, Extraction((Page(1, "water"),)), [NewPassage(1, 0, 5, "water", "water")]
        )
        self.passage = self.passages.of_document(anna, self.document)[0]
        self.conversation = self.conversations.create(anna, "Talk").id
        self.message = self.conversations.add_message(anna, self.conversation, None, "user", "Hi").id
        self.source = self.data_sources.add(anna, "rows.csv", files.put(b"a,b", 100)).id
        self.dataset = self.datasets.create(anna, "Set", {}).id
        self.job = self.jobs.add(anna, "ingest", "a.txt", {}).id

    def add(self, scope: Scope, collection_id: str, name: str) -> Any:
        stored = self.files.put(name.encode(), 100)
        return self.documents.add_version(scope, collection_id, name, stored, "text/plain")


@pytest.fixture
def things(catalogue: Catalogue, files: FileStore, anna: Scope) -> Things:
    return Things(catalogue, files, anna)


Attempt = Callable[[Things, Scope, str], object]
NOTHING = Extraction(())

ATTEMPTS: dict[str, tuple[str, Attempt]] = {
    "collections.get": ("collection", lambda t, s, i: t.collections.get(s, i)),
    "collections.rename": ("collection", lambda t, s, i: t.collections.rename(s, i, "Mine")),
    "collections.delete": ("collection", lambda t, s, i: t.collections.delete(s, i)),
    "collections.resolve": ("collection", lambda t, s, i: t.collections.resolve(s, [i])),
    "documents.add_version": ("collection", lambda t, s, i: t.add(s, i, "b.txt")),
    "documents.list": ("collection", lambda t, s, i: t.documents.list(s, i)),
    "documents.by_name": ("collection", lambda t, s, i: t.documents.by_name(s, i, "a.txt")),
    "documents.begin": ("version", lambda t, s, i: t.documents.begin(s, i)),
    "documents.fail": ("version", lambda t, s, i: t.documents.fail(s, i, NotFound("x"))),
    "documents.publish": ("version", lambda t, s, i: t.documents.publish(s, i, NOTHING, [])),
    "documents.get": ("document", lambda t, s, i: t.documents.get(s, i)),
    "documents.retry": ("document", lambda t, s, i: t.documents.retry(s, i)),
    "documents.file": ("document", lambda t, s, i: t.documents.file(s, i)),
    "documents.page": ("document", lambda t, s, i: t.documents.page(s, i, 1)),
    "documents.page of a version": ("document", lambda t, s, i: t.documents.page(s, i, 1, t.version)),
    "documents.pages": ("document", lambda t, s, i: t.documents.pages(s, i)),
    "documents.delete": ("document", lambda t, s, i: t.documents.delete(s, i)),
    "passages.collection_ids": ("collection", lambda t, s, i: t.passages.collection_ids(s, Filters((i,)))),
    "passages.keyword": ("collection", lambda t, s, i: t.passages.keyword(s, ["water"], Filters((i,)), 5)),
    "passages.matches": ("collection", lambda t, s, i: t.passages.matches(s, [i], [("water",)])),
    "passages.ids_within": ("collection", lambda t, s, i: t.passages.ids_within(s, Filters((i,), ("d",)))),
    "passages.collection_name": ("collection", lambda t, s, i: t.passages.collection_name(s, i)),
    "conversations.create": ("collection", lambda t, s, i: t.conversations.create(s, "Talk", [i])),
    "conversations.get": ("conversation", lambda t, s, i: t.conversations.get(s, i)),
    "conversations.rename": ("conversation", lambda t, s, i: t.conversations.rename(s, i, "Mine")),
    "conversations.set_scope": ("conversation", lambda t, s, i: t.conversations.set_scope(s, i, [], None)),
    "conversations.set_leaf": ("conversation", lambda t, s, i: t.conversations.set_leaf(s, i, None)),
    "conversations.branch": ("conversation", lambda t, s, i: t.conversations.branch(s, i, t.message)),
    "conversations.add_message": ("conversation", lambda t, s, i: t.conversations.add_message(s, i, None, "user", "x")),
    "conversations.delete": ("conversation", lambda t, s, i: t.conversations.delete(s, i)),
    "conversations.message": ("message", lambda t, s, i: t.conversations.message(s, i)),
    "conversations.update_message": ("message", lambda t, s, i: t.conversations.update_message(s, i, "x", {})),
    "conversations.rate": ("message", lambda t, s, i: t.conversations.rate(s, i, 1)),
    "data_sources.get": ("source", lambda t, s, i: t.data_sources.get(s, i)),
    "data_sources.path": ("source", lambda t, s, i: t.data_sources.path(s, i)),
    "data_sources.delete": ("source", lambda t, s, i: t.data_sources.delete(s, i, lambda *_: False)),
    "datasets.get": ("dataset", lambda t, s, i: t.datasets.get(s, i)),
    "datasets.rename": ("dataset", lambda t, s, i: t.datasets.rename(s, i, "Mine")),
    "datasets.save_recipe": ("dataset", lambda t, s, i: t.datasets.save_recipe(s, i, {})),
    "datasets.begin": ("dataset", lambda t, s, i: t.datasets.begin(s, i, "job")),
    "datasets.finish": ("dataset", lambda t, s, i: t.datasets.finish(s, i, {}, {})),
    "datasets.note_counts": ("dataset", lambda t, s, i: t.datasets.note_counts(s, i, {})),
    "datasets.delete": ("dataset", lambda t, s, i: t.datasets.delete(s, i)),
    "runs.get": ("run", lambda t, s, i: t.runs.get(s, i)),
    "runs.delete": ("run", lambda t, s, i: t.runs.delete(s, i)),
    "jobs.get": ("job", lambda t, s, i: t.jobs.get(s, i)),
    "jobs.cancel": ("job", lambda t, s, i: t.jobs.cancel(s, i)),
}


def snapshot(catalogue: Catalogue) -> dict[str, list[Any]]:
    with catalogue.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return {table: list(connection.exec_driver_sql(f"SELECT * FROM {table}")) for table in tables}


@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.parametrize("role", Role)
def test_things_of_others_look_absent_and_stay_as_they_are(
    things: Things, catalogue: Catalogue, boris: Scope, name: str, role: Role
) -> None:
    """Someone else, an admin too, gets word for word what an unknown id gets, and changes nothing."""
    noun, attempt = ATTEMPTS[name]
    real, unknown = getattr(things, noun), new_id()
    before = snapshot(catalogue)
    texts = set()
    for identifier in (real, unknown):
        with pytest.raises(NotFound) as caught:
            attempt(things, Scope(boris.user_id, role), identifier)
        texts.add((caught.value.message.replace(identifier, "ID"), caught.value.hint))
    assert len(texts) == 1
    assert snapshot(catalogue) == before


def test_searches_and_lists_of_others_are_empty(things: Things, boris: Scope) -> None:
    passage = things.passage
    assert not things.documents.has_version(boris, things.version)
    assert things.documents.has_version(Scope("id-anna"), things.version)
    assert things.passages.by_ids(boris, [passage.id]) == {}
    assert things.passages.neighbours(passage, boris) == []
    assert things.passages.runs(boris, [things.collection]).tolist() == []
    assert things.passages.runs(Scope("id-anna"), [things.collection]).tolist() == [[passage.id, passage.id]]
    assert things.passages.excerpts(boris, [(passage, 5)]) == {}
    assert things.passages.excerpts(Scope("id-anna"), [(passage, 3)]) == {passage.id: "wat"}
    assert things.passages.of_document(boris, things.document) == []
    assert things.passages.keyword(boris, ["water"], Filters(), 10) == []
    assert things.passages.keyword(boris, ["water"], Filters(document_ids=(things.document,)), 10) == []
    assert things.passages.ids_of(boris, [things.collection]).tolist() == []
    assert things.passages.without_vectors(boris, "mini", things.collection, 10) == []
    assert things.passages.count_without_vectors(boris, "mini", things.collection) == 0
    assert things.passages.add_vectors(boris, "mini", [passage.id], np.ones((1, 3), np.float32)) == []
    assert things.collections.list(boris) == things.conversations.list(boris) == things.jobs.list(boris) == []
    assert things.conversations.list(boris, "Hi") == []
    assert things.data_sources.list(boris) == things.datasets.list(boris) == []
    assert things.data_sources.named(boris, ["rows.csv"]) == {}
    things.datasets.give_up(boris, things.dataset, "job", "it failed", None)
    assert things.datasets.get(Scope("id-anna"), things.dataset).error is None
    with pytest.raises(NotFound):
        things.datasets.by_name(boris, "Set")
    assert things.runs.list(boris) == []
    assert things.runs.note(boris, things.run, state="done") is None
    assert things.runs.get(Scope("id-anna"), things.run).state == "preparing"


def test_every_scoped_look_up_by_id_is_tried(things: Things) -> None:
    """A new repository method must get its line in ATTEMPTS."""
    by_id = {
        "collection_id",
        "document_id",
        "version_id",
        "conversation_id",
        "message_id",
        "job_id",
        "source_id",
        "dataset_id",
        "run_name",
    }
    tried = {name.split(" ")[0] for name in ATTEMPTS}
    empty_instead = {
        "documents.has_version",
        "passages.of_document",
        "passages.without_vectors",
        "passages.count_without_vectors",
        "datasets.give_up",
        "runs.note",
    }
    nouns = (
        ("collections", Collections),
        ("documents", Documents),
        ("passages", Passages),
        ("conversations", Conversations),
        ("data_sources", DataSources),
        ("datasets", Datasets),
        ("runs", Runs),
        ("jobs", JobRows),
    )
    for noun, repository in nouns:
        for name, method in inspect.getmembers(repository, inspect.isfunction):
            parameters = set(inspect.signature(method).parameters)
            if not name.startswith("_") and "scope" in parameters and parameters & by_id:
                assert f"{noun}.{name}" in tried | empty_instead
