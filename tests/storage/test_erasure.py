from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headwater.core.types import Extraction, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.conversations import Conversations
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobRows
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewPassage

SECRET = "Xylophonesecret"


def traces(folder: Path, needle: str) -> list[str]:
    """Files below the folder that still hold the word in any case, the database's own included."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and needle.lower().encode() in path.read_bytes().lower():
            found.append(path.name)
    return found


@pytest.fixture
def secret_document(
    catalogue: Catalogue, files: FileStore, documents: Documents, collections: Collections, anna: Scope
) -> tuple[str, str]:
    collection_id = collections.create(anna, "Papers").id
    ids = []
    for name, text in ((f"{SECRET}.txt", f"The {SECRET} is here. " * 50), ("other.txt", "Nothing to hide. " * 50)):
        added = documents.add_version(anna, collection_id, name, files.put(text.encode(), 10_000), "text/plain")
        job = JobRows(catalogue).add(anna, "ingest", name, {"document_id": added.document_id})
        JobRows(catalogue).claim("w", ["ingest"], job.id)
        passage = NewPassage(1, 0, len(text), text, text.lower(), (f"On {SECRET}",) if SECRET in text else ())
        documents.publish(anna, added.version_id, Extraction((Page(1, text, name),)), [passage])
        JobRows(catalogue).finish(job.id, {"document_id": added.document_id})
        ids.append(added.document_id)
    passages = Passages(catalogue)
    batch = [found.id for found in passages.without_vectors(anna, "mini", collection_id, 10)]
    passages.add_vectors(anna, "mini", batch, np.ones((2, 4), np.float32))
    return collection_id, ids[0]


def test_nothing_of_a_deleted_document_stays_on_the_disk(
    secret_document: tuple[str, str], documents: Documents, anna: Scope, tmp_path: Path
) -> None:
    assert traces(tmp_path, SECRET)
    documents.delete(anna, secret_document[1])
    assert traces(tmp_path, SECRET) == []
    assert traces(tmp_path, "Nothing to hide")


def test_nothing_of_a_deleted_collection_stays_on_the_disk(
    secret_document: tuple[str, str], collections: Collections, anna: Scope, tmp_path: Path
) -> None:
    collections.delete(anna, secret_document[0])
    assert traces(tmp_path, SECRET) == []
    assert traces(tmp_path, "Nothing to hide") == []


def test_nothing_of_a_deleted_conversation_stays_on_the_disk(catalogue: Catalogue, anna: Scope, tmp_path: Path) -> None:
    conversations = Conversations(catalogue)
    conversation = conversations.create(anna, f"About {SECRET}")
    conversations.add_message(anna, conversation.id, None, "user", f"What is {SECRET}?")
    assert traces(tmp_path, SECRET)
    conversations.delete(anna, conversation.id)
    assert traces(tmp_path, SECRET) == []


def test_deleting_does_not_wait_for_a_reader(
    secret_document: tuple[str, str], catalogue: Catalogue, documents: Documents, anna: Scope
) -> None:
    with catalogue.reading() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM passages").scalar_one()
        documents.delete(anna, secret_document[1])
    assert len(documents.list(anna, secret_document[0])) == 1
