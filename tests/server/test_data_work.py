"""Rows that come from elsewhere or from a chat model, over HTTP: who may, what arrives, what is refused."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from headwater.core.types import Scope
from tests.scripted import Scripted

FETCH, GENERATE, FILES = "/api/data/fetch", "/api/data/generate", "/api/data/sources"
ROWS = b"".join(
    json.dumps({"instruction": f"do {n}", "input": "", "output": f"done {n}"}).encode() + b"\n" for n in range(9)
)
RIVER = (
    "The Aare rises in the Bernese Alps. It is 288 kilometres long. It joins the Rhine near Koblenz. "
    "Its largest lake is Lake Thun. The river powers more than forty plants. Many people swim in it in summer."
)


class Elsewhere(BaseHTTPRequestHandler):
    """Gives the rows to everybody."""

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        self._head()
        self.wfile.write(ROWS)

    def _head(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200 if self.path == "/rows.jsonl" else 404)
        self.send_header("Content-Length", str(len(ROWS)))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def web() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def admin(visit: Any, ada: Scope) -> Any:
    return visit("ada")


@pytest.fixture
def user(visit: Any, ben: Scope) -> Any:
    return visit("ben")


def worked(client: Any, house: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Start a job and do it; returns it as it ended."""
    started = client.post(path, json=body)
    assert started.status_code == 202, started.text
    house.work()
    found: dict[str, Any] = client.get(f"/api/jobs/{started.json()['job_id']}").json()
    return found


def test_an_admin_brings_a_file_from_an_address(admin: Any, house: Any, web: Any) -> None:
    address = f"http://127.0.0.1:{web.server_address[1]}/rows.jsonl"
    job = worked(admin, house, FETCH, {"address": address})
    assert job["state"] == "done", job
    assert job["result"]["name"] == "rows.jsonl" and job["result"]["size"] == len(ROWS)
    source = admin.get(FILES).json()[0]
    assert source["id"] == job["result"]["source_id"]
    assert source["origin"] == address
    assert admin.post(f"{FILES}/{source['id']}/look", json={}).json()["format"] == "alpaca"
    assert not list((house.datasets.root / ".desk").glob("fetch-*"))


def test_others_reach_nothing_inside(user: Any, house: Any, web: Any) -> None:
    port = web.server_address[1]
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"):
        job = worked(user, house, FETCH, {"address": f"http://{host}:{port}/rows.jsonl"})
        assert job["state"] == "failed" and "own network" in job["error"], (host, job)
    assert web.asked == [] and user.get(FILES).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"address": "s3://bucket/rows.jsonl"}, {"address": "hf://datasets/o/n/rows.jsonl"}, {"address": "env:HOME"},
        {"address": "/etc/hostname"}, {"sql": "sqlite:////etc/x.db", "query": "select 1"},
    ],
)  # fmt: skip
def test_what_needs_the_rights_of_the_machine_is_for_admins(user: Any, body: dict[str, Any]) -> None:
    answer = user.post(FETCH, json=body)
    assert answer.status_code == 403 and "own rights" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"address": ""}, "No address"), ({"address": "rows.jsonl"}, "whole path"),
        ({"sql": "sqlite:////x.db"}, "query"),
        ({"address": "https://me:hush@host/rows.jsonl"}, "secret stands in the address"),
        ({"sql": "postgresql://me:hush@host/x", "query": "select 1"}, "password stands"),
        ({"sql": "sqlite:///x.db", "query": "select 1"}, "whole path"),
        ({"address": "ftp://host/x"}, "no address of this kind"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_said_at_once(admin: Any, body: dict[str, Any], told: str) -> None:
    answer = admin.post(FETCH, json=body)
    assert answer.status_code == 400 and told in answer.json()["error"]["message"], answer.text
    assert "hush" not in answer.text


def test_an_admin_asks_a_data_base_and_reads_a_path(
    admin: Any, house: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = tmp_path_factory.mktemp("elsewhere") / "shop.db"
    with sqlite3.connect(shop) as base:
        base.execute("create table t (q text, a text)")
        base.executemany("insert into t values (?, ?)", [(f"Where {n}?", f"Here {n}.") for n in range(10)])
    base.close()
    asked = {"sql": f"sqlite:///{shop}", "query": "select q as question, a as answer from t order by q"}
    job = worked(admin, house, FETCH, {**asked, "name": "tickets.jsonl"})
    assert job["state"] == "done" and job["result"]["name"] == "tickets.jsonl"
    look = admin.post(f"{FILES}/{job['result']['source_id']}/look", json={}).json()
    assert look["rows"] == 10
    (shop.parent / "more.jsonl").write_bytes(ROWS)
    assert worked(admin, house, FETCH, {"address": str(shop.parent / "more.jsonl")})["result"]["name"] == "more.jsonl"
    gone = worked(admin, house, FETCH, {"address": str(shop.parent / "less.jsonl")})
    assert gone["state"] == "failed" and "No file" in gone["error"]
    written = worked(admin, house, FETCH, {"sql": f"sqlite:///{shop}", "query": "delete from t"})
    assert written["state"] == "failed"
    assert sqlite3.connect(shop).execute("select count(*) from t").fetchone() == (10,)


def test_the_workspace_itself_is_closed_to_admins_too(admin: Any, house: Any) -> None:
    inside = house.settings.data_dir / "catalogue.db"
    for body in ({"address": str(inside)}, {"sql": f"sqlite:///{inside}", "query": "select * from users"}):
        job = worked(admin, house, FETCH, body)
        assert job["state"] == "failed" and "other people's things" in job["error"], job


def test_files_over_the_limit_are_refused(admin: Any, house: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    large = tmp_path_factory.mktemp("elsewhere") / "large.jsonl"
    large.write_bytes(b"x" * 1_000_001)
    job = worked(admin, house, FETCH, {"address": str(large)})
    assert job["state"] == "failed" and "1 MB" in job["error"]


def pairs(_: str) -> str:
    long = ("How long is the Aare?", "The Aare is 288 kilometres long.", "It is 288 kilometres long.")
    moon = ("Who owns the moon?", "Nobody owns the moon.", "The moon is free.")
    return json.dumps(
        {"pairs": [dict(zip(("question", "answer", "quote"), each, strict=True)) for each in (long, moon)]}
    )


@pytest.fixture
def river(house: Any, ada: Scope) -> str:
    collection = house.collections.create(ada, "Rivers").id
    house.add_text(ada, collection, "aare.txt", RIVER)
    return str(collection)


def test_questions_about_a_collection_become_a_source(admin: Any, house: Any, river: str) -> None:
    model = script(house, pairs)
    order = {"kind": "questions", "collection_id": river, "model": "scripted", "rows": 10}
    job = worked(admin, house, GENERATE, order)
    assert job["state"] == "done", job
    result = job["result"]
    assert (result["name"], result["records"]) == ("Questions about Rivers.jsonl", 1)
    assert result["refused"] == {"the quote is not in the passage": 1}
    assert [source["origin"] for source in admin.get(FILES).json()] == ["made by scripted"]
    row = json.loads(house.data_sources.path(Scope(job_owner(house, job)), result["source_id"]).read_text())
    meta = json.loads(row["meta"])
    start, end = meta["start"], meta["end"]
    assert RIVER[start:end] == "It is 288 kilometres long.", "grounded by a range of the document"
    look = admin.post(f"{FILES}/{result['source_id']}/look", json={}).json()
    assert look["tasks"] == {"question_answering": 1}
    again = worked(admin, house, GENERATE, {**order, "rows": 11})
    assert again["result"]["from_cache"] == model.calls == 1, "nothing is asked twice"


def script(house: Any, reply: Callable[[str], str]) -> Scripted:
    """Install a model that answers by a function."""
    house.install("scripted")
    house.supervisor.models["scripted"] = Scripted(reply)
    return house.supervisor.models["scripted"]  # type: ignore[no-any-return]


def job_owner(house: Any, job: dict[str, Any]) -> str:
    return str(house.jobs.last_state(job["id"]).owner_id)


def test_answers_to_an_uploaded_file_are_made_better(admin: Any, house: Any) -> None:
    def reply(text: str) -> str:
        if "Does the answer keep the principle" in text:
            return "NO. It is too short."
        return "A whole new answer that says much more about it."

    script(house, reply)
    sent = admin.post(FILES, files=[("file", ("tasks.jsonl", ROWS))]).json()["sources"][0]
    job = worked(admin, house, GENERATE, {"kind": "align", "source_id": sent["id"], "model": "scripted", "rows": 3})
    assert job["result"]["records"] == 3, job
    look = admin.post(f"{FILES}/{job['result']['source_id']}/look", json={}).json()
    assert look["tasks"] == {"preference": 3}


def test_a_budget_that_is_used_up_is_said(admin: Any, house: Any, river: str) -> None:
    script(house, lambda _: "no JSON")
    job = worked(admin, house, GENERATE, {"kind": "questions", "collection_id": river, "model": "scripted"})
    assert job["state"] == "failed" and "not the JSON asked for" in job["error"]


def test_orders_that_cannot_be_carried_out_are_refused(admin: Any, house: Any, river: str, user: Any) -> None:
    sent = admin.post(FILES, files=[("file", ("tasks.jsonl", ROWS))]).json()["sources"][0]
    assert admin.post(GENERATE, json={"kind": "questions"}).status_code == 400
    assert admin.post(GENERATE, json={"kind": "evolve", "collection_id": river}).status_code == 400
    assert admin.post(GENERATE, json={"kind": "poems", "collection_id": river}).status_code == 422
    assert admin.post(GENERATE, json={"kind": "questions", "collection_id": river, "model": "gone"}).status_code == 404
    for path in ("/etc/hostname", "hf:org/name", "./model.gguf"):
        order = {"kind": "questions", "collection_id": river, "model": path}
        assert admin.post(GENERATE, json=order).status_code == 404, "only installed models can be named"
    for body in ({"collection_id": river}, {"source_id": sent["id"]}):
        assert user.post(GENERATE, json={"kind": "questions", **body}).status_code == 404, "another person's"
    rows = worked(admin, house, GENERATE, {"kind": "questions", "source_id": sent["id"]})
    assert rows["state"] == "failed" and "holds rows" in rows["error"]
