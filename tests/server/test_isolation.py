"""Every route of the schema, asked by nobody, by the wrong person and in the wrong role.

The tables below name each operation, so a new route fails here until someone says who may use it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from headwater.core.types import Scope
from headwater.server.app import bare_app
from headwater.training.devices.launch import new_run
from headwater.training.load_config import check_config

PUBLIC = {"getHealth", "getStatus", "setUp", "signIn", "signOut"}
ADMIN_ONLY = {
    "listUsers",
    "createUser",
    "changeUser",
    "deleteUser",
    "listSettings",
    "pullModel",
    "makeDefaultModel",
    "unloadModel",
    "removeModel",
}
IN_PERSON = {
    "listUsers",
    "createUser",
    "changeUser",
    "deleteUser",
    "listKeys",
    "createKey",
    "revokeKey",
    "changePassword",
}
BODIES: dict[str, Any] = {
    "setUp": {"token": "t", "name": "n", "password": "p"},
    "signIn": {"name": "n", "password": "p"},
    "changePassword": {"old": "wrong one", "new": "wrong too"},
    "createUser": {"name": "eve", "password": "long enough"},
    "changeUser": {"role": "user"},
    "createKey": {"name": "k"},
    "createCollection": {"name": "c"},
    "renameCollection": {"name": "stolen"},
    "search": {"query": "secret"},
    "createConversation": {"title": "c"},
    "changeConversation": {"title": "stolen"},
    "ask": {"content": "what is the secret?"},
    "rateMessage": {"rating": 1},
    "pullModel": {},
    "createChatCompletion": {"messages": [{"role": "user", "content": "hi"}]},
    "createCompletion": {"prompt": "hi"},
    "createEmbedding": {"input": "hi"},
    "lookAtSource": {},
    "createDataset": {"name": "d"},
    "changeDataset": {"name": "stolen"},
    "previewDataset": {"recipe": {"sources": [{"path": "secret.jsonl"}], "output": {}}},
    "countDataset": {"recipe": {"sources": [{"path": "secret.jsonl"}], "output": {}}},
    "countThresholds": {"moved": []},
    "fetchSource": {"address": "ftp://nowhere"},
    "generateSource": {"kind": "questions", "source_id": "0123456789abcdef"},
    "takeRecipe": {"yaml": "sources: [{path: secret.jsonl}]"},
    "changeRow": {"label": "not_relevant"},
    "checkTraining": {"yaml": "data: {train: [{path: 'file:secret.jsonl'}]}"},
    "planTraining": {"config": {"data": {"train": [{"path": "file:secret.jsonl"}]}}},
    "previewTraining": {"config": {"data": {"train": [{"path": "file:secret.jsonl"}]}}},
    "createRuns": {"config": {"data": {"train": [{"path": "dataset:adas rows"}]}}},
    "exportRun": {"form": "gguf"},
}
QUERIES = {"getBoxes": "?start=0&end=1"}
OWNED = (
    "collection_id",
    "document_id",
    "conversation_id",
    "message_id",
    "job_id",
    "key_id",
    "source_id",
    "dataset_id",
    "run_name",
)
UPLOADS = {"uploadDocuments", "uploadSources"}
MADE_UP = "0123456789abcdef"


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str

    def url(self, values: dict[str, str]) -> str:
        return self.path.format(**values) + QUERIES.get(self.id, "")

    @property
    def owned(self) -> bool:
        return any(f"{{{name}}}" in self.path for name in OWNED)


@cache
def operations() -> list[Operation]:
    paths = bare_app().openapi()["paths"]
    return [
        Operation(spec["operationId"], method.upper(), path)
        for path, kinds in paths.items()
        for method, spec in kinds.items()
    ]


def ask(client: Any, operation: Operation, values: dict[str, str]) -> Any:
    if operation.id in UPLOADS:
        return client.post(operation.url(values), files=[("file", ("a.txt", b"hello", "text/plain"))])
    return client.request(operation.method, operation.url(values), json=BODIES.get(operation.id))


@pytest.fixture
def adas(house: Any, ada: Scope) -> dict[str, str]:
    """Ids of one of everything that belongs to ada."""
    collection = house.collections.create(ada, "adas papers")
    document = house.add_text(ada, collection.id, "secret.txt", "The secret number is 4711.")
    house.work()
    conversation = house.conversations.create(ada, "adas talk", [collection.id])
    question = house.conversations.add_message(ada, conversation.id, None, "user", "What is the secret?")
    answer = house.conversations.add_message(ada, conversation.id, question.id, "assistant", "It is 4711.")
    rows = house.files.put(b'{"text": "The secret is 4711."}\n{"text": "It stays secret."}', 1000)
    source = house.studio.add_source(ada, "secret.jsonl", rows)
    dataset = house.studio.create(ada, "adas rows", {"sources": [{"path": "secret.jsonl"}], "output": {"path": "out"}})
    house.studio.start(ada, dataset.id)
    house.work()
    house.training_runs.add(ada, "adas-run")
    new_run(check_config({"name": "adas-run", "data": {"train": [{"path": "secret"}]}}), house.settings.runs_dir)
    return {
        "run_name": "adas-run",
        "source_id": source.id,
        "dataset_id": dataset.id,
        "collection_id": collection.id,
        "document_id": document,
        "version_id": house.documents.get(ada, document).version_id,
        "conversation_id": conversation.id,
        "message_id": answer.id,
        "job_id": house.jobs.list(ada)[0].id,
        "key_id": house.keys.create(ada, "adas key")[0].id,
        "user_id": ada.user_id,
        "number": "1",
        "name": "gemma-270m",
        "model_id": "echo",
    }


def invented(values: dict[str, str]) -> dict[str, str]:
    return values | dict.fromkeys((*OWNED, "user_id", "version_id"), MADE_UP)


def test_operation_ids_are_short_unique_and_known() -> None:
    found = [operation.id for operation in operations()]
    assert len(found) == len(set(found))
    assert all(each.isalpha() and len(each) < 24 for each in found)
    assert PUBLIC | ADMIN_ONLY | IN_PERSON | set(BODIES) | set(QUERIES) <= set(found)


def test_nobody_gets_anything(visit: Any, adas: dict[str, str], house: Any) -> None:
    client = visit()
    for operation in operations():
        answer = ask(client, operation, adas)
        if operation.id in PUBLIC:
            assert answer.status_code != 404, operation
        else:
            assert answer.status_code == 401, (operation, answer.text)
            assert set(answer.json()["error"]) >= {"type", "message", "code", "hint"}
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("by", ["session", "key"])
def test_the_wrong_person_learns_nothing(
    visit: Any, house: Any, ada: Scope, ben: Scope, ben_key: str, adas: dict[str, str], by: str
) -> None:
    """404 for what is somebody else's, with the very body that an invented id gets."""
    client = visit("ben") if by == "session" else visit(key=ben_key)
    before = everything(house, ada)
    asked = 0
    for operation in operations():
        if not operation.owned or (by == "key" and operation.id in IN_PERSON):
            continue
        theirs, nothing = ask(client, operation, adas), ask(client, operation, invented(adas))
        assert theirs.status_code == nothing.status_code == 404, (operation, theirs.text)
        real = next(adas[name] for name in OWNED if f"{{{name}}}" in operation.path)
        assert theirs.text.replace(real, MADE_UP) == nothing.text, operation
        assert dict(theirs.headers) | {"content-length": ""} == dict(nothing.headers) | {"content-length": ""}
        asked += 1
    assert asked >= 20
    assert everything(house, ada) == before


def everything(house: Any, scope: Scope) -> str:
    """All that a person has, as text."""
    collections = house.collections.list(scope)
    conversations = [house.conversations.get(scope, each.id) for each in house.conversations.list(scope)]
    documents = [house.documents.list(scope, each.id) for each in collections]
    data = (house.data_sources.list(scope), house.datasets.list(scope))
    return repr((collections, documents, conversations, data, house.jobs.list(scope), house.keys.list(scope)))


def test_ids_inside_bodies_are_checked_too(visit: Any, house: Any, ben: Scope, adas: dict[str, str]) -> None:
    client = visit("ben")
    own = client.post("/api/collections", json={"name": "bens"}).json()["id"]
    mine = client.post("/api/conversations", json={"collection_ids": [own]}).json()["id"]
    document = house.add_text(ben, own, "own.txt", "Mine.")

    def attempts(ids: dict[str, str]) -> list[tuple[str, str, Any]]:
        collection, name = ids["collection_id"], "adas papers" if ids is adas else "no such papers"
        chat = {"messages": [{"role": "user", "content": "secret?"}]}
        return [
            ("POST", "/api/search", {"query": "secret", "collection_ids": [collection]}),
            ("POST", "/api/search", {"query": "secret", "document_ids": [ids["document_id"]]}),
            ("POST", "/api/search", {"query": "secret", "collection_ids": [own], "document_ids": [ids["document_id"]]}),
            ("POST", "/api/conversations", {"collection_ids": [own, collection]}),
            ("PATCH", f"/api/conversations/{mine}", {"collection_ids": [collection]}),
            ("PATCH", f"/api/conversations/{mine}", {"leaf_id": ids["message_id"]}),
            ("POST", f"/api/conversations/{mine}/messages", {"content": "hi", "parent_id": ids["message_id"]}),
            ("POST", "/v1/chat/completions", {**chat, "headwater": {"collections": [collection]}}),
            ("POST", "/v1/chat/completions", {**chat, "headwater": {"collections": [name]}}),
            ("GET", f"/api/documents/{document}/pages/1?version={ids['version_id']}", None),
            ("GET", f"/api/documents/{document}/pages/1/picture?version={ids['version_id']}", None),
            ("GET", f"/api/documents/{document}/pages/1/boxes?start=0&end=1&version={ids['version_id']}", None),
        ]

    for real, fake in zip(attempts(adas), attempts(invented(adas)), strict=True):
        theirs, nothing = (client.request(method, path, json=body) for method, path, body in (real, fake))
        assert theirs.status_code == nothing.status_code == 404, (real, theirs.text)
        wanted = json.dumps(real).replace("adas papers", "no such papers")
        for key in (*OWNED, "version_id"):
            wanted = wanted.replace(adas[key], MADE_UP)
        same = theirs.text.replace("adas papers", "no such papers")
        for key in (*OWNED, "version_id"):
            same = same.replace(adas[key], MADE_UP)
        assert same == nothing.text, real
        assert "4711" not in theirs.text and "secret.txt" not in theirs.text


def test_odd_forms_of_an_id_find_nothing(visit: Any, ada: Scope, ben: Scope, adas: dict[str, str]) -> None:
    client, real = visit("ben"), adas["collection_id"]
    for form in ("file-{id}", "../{id}", "%2e%2e%2f{id}", "{id}/../{id}", "{id}%00", " {id}", "{id}A"):
        answer = client.get(f"/api/collections/{form.format(id=real)}/documents")
        assert answer.status_code == 404, (form, answer.text)
        assert "secret.txt" not in answer.text


def test_an_empty_search_stays_inside_its_owner(visit: Any, ben: Scope, adas: dict[str, str]) -> None:
    client = visit("ben")
    for limit in (1, 1000):
        assert client.post("/api/search", json={"query": "secret number", "limit": limit}).json()["hits"] == []
    assert client.post("/api/search", json={"query": "secret", "limit": 10**6}).status_code == 422
    answer = client.post(
        "/v1/chat/completions",
        json={"messages": [{"role": "user", "content": "the secret?"}], "headwater": {"collections": []}},
    ).json()
    assert answer["headwater"]["mode"] == "not_found" and "4711" not in json.dumps(answer)


def test_roles(
    visit: Any, house: Any, ada: Scope, ben: Scope, ada_key: str, ben_key: str, adas: dict[str, str]
) -> None:
    """Admin routes refuse users; the account's guards refuse keys, whoever owns them."""
    user, user_key, admin_key = visit("ben"), visit(key=ben_key), visit(key=ada_key)
    for operation in operations():
        if operation.id in ADMIN_ONLY:
            assert ask(user, operation, adas).status_code == 403, operation
            assert ask(user_key, operation, adas).status_code == 403, operation
        if operation.id in IN_PERSON:
            assert ask(user_key, operation, adas).status_code == 403, operation
            assert ask(admin_key, operation, adas).status_code == 403, operation
    admin = visit("ada")
    assert admin.get("/api/users").status_code == 200
    assert admin.get("/api/settings").status_code == 200
    assert admin_key.get("/api/settings").status_code == 200, "a setting can be read by an admin's program"


def test_an_admin_does_not_read_what_is_not_theirs(visit: Any, house: Any, ada: Scope, ben: Scope) -> None:
    collection = house.collections.create(ben, "bens diary")
    house.add_text(ben, collection.id, "diary.txt", "Dear diary.")
    admin = visit("ada")
    assert admin.get(f"/api/collections/{collection.id}/documents").status_code == 404
    assert admin.get("/api/collections").json() == []


def test_what_changes_something_needs_proof_of_origin(
    visit: Any, ada: Scope, ada_key: str, adas: dict[str, str]
) -> None:
    """Every state-changing route refuses a cookie without the header, or sent from another site."""
    client = visit("ada")
    program = visit(key=ada_key)
    checked = 0
    for operation in operations():
        if operation.method == "GET":
            continue
        del client.headers["X-Headwater"]
        bare = ask(client, operation, invented(adas))
        client.headers["X-Headwater"] = "1"
        client.headers["Sec-Fetch-Site"] = "cross-site"
        foreign = ask(client, operation, invented(adas))
        del client.headers["Sec-Fetch-Site"]
        assert bare.status_code == foreign.status_code == 403, operation
        assert "X-Headwater" in bare.json()["error"]["hint"]
        checked += 1
    assert checked >= 25
    assert client.get("/api/status").json()["signed_in"] is True
    del program.headers["X-Headwater"]
    assert program.post("/api/collections", json={"name": "by key"}).status_code == 201
