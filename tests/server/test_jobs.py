from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from headwater.core.progress import Progress
from headwater.core.types import Scope
from headwater.server import sse


def events(response: httpx.Response) -> Iterator[tuple[int | None, str, Any]]:
    found: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            yield None, "comment", None
        elif line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            yield int(found["id"]) if "id" in found else None, found["event"], json.loads(found["data"])
            found = {}


@pytest.fixture
def client(live: Any, ben_key: str) -> Iterator[httpx.Client]:
    with live.client(ben_key) as made:
        yield made


def test_jobs_are_listed_and_cancelled(visit: Any, house: Any, ben: Scope) -> None:
    job = house.jobs.add(ben, "someday", "a thing", {"secret": "payload"})
    client = visit("ben")
    (listed,) = client.get("/api/jobs").json()
    assert listed | {"created": 0} == {
        "id": job.id,
        "kind": "someday",
        "subject": "a thing",
        "state": "queued",
        "progress": None,
        "error": None,
        "hint": None,
        "created": 0,
        "started": None,
        "ended": None,
        "result": None,
    }
    assert client.post(f"/api/jobs/{job.id}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/jobs/{job.id}/cancel").status_code == 409


def test_the_feed_begins_with_the_state_and_follows_changes(client: httpx.Client, house: Any, ben: Scope) -> None:
    shelf = house.collections.create(ben, "shelf")
    known = house.add_text(ben, shelf.id, "known.txt", "known")
    house.work()
    with client.stream("GET", "/api/events") as response:
        stream = events(response)
        first = [next(stream) for _ in range(len(house.jobs.list(ben)) + 1)]
        assert [kind for _, kind, _ in first] == ["job"] * (len(first) - 1) + ["document"]
        assert first[-1][2]["id"] == known and first[-1][2]["state"] == "searchable"
        assert [number for number, _, _ in first[:-1]] == [None] * (len(first) - 1)
        last = first[-1][0]
        assert isinstance(last, int)
        files = [("file", ("new.txt", b"fresh", "text/plain"))]
        client.post(f"/api/collections/{shelf.id}/documents", files=files)
        seen = []
        while not any(kind == "job" and data["state"] == "done" for _, kind, data in seen):
            seen.append(next(stream))
    ids = [number for number, _, _ in seen]
    assert ids == sorted(ids) and ids[0] > last  # type: ignore[operator]
    states = [data["state"] for _, kind, data in seen if kind == "document" and data["name"] == "new.txt"]
    assert states[0] in ("queued", "parsing") and states[-1] == "searchable"
    with client.stream("GET", "/api/events", headers={"Last-Event-ID": str(ids[0])}) as response:
        stream = events(response)
        assert [next(stream) for _ in seen[1:]] == seen[1:], "what came after is told again, and nothing before"


def test_the_feed_is_each_persons_own(client: httpx.Client, live: Any, house: Any, ada: Scope, ada_key: str) -> None:
    house.jobs.add(ada, "someday", "adas secret", {})
    with client.stream("GET", "/api/events") as mine:
        stream = events(mine)
        house.feed.publish(ada.user_id, "job", house.jobs.list(ada)[0])
        me = next(user for user in house.users.list(ada) if user.name == "ben")
        job = house.jobs.add(Scope(me.id), "someday", "bens own", {})
        house.feed.publish(me.id, "job", job)
        assert next(stream)[2]["subject"] == "bens own"


def test_progress_is_told(client: httpx.Client, house: Any, ben: Scope) -> None:
    from dataclasses import replace

    job = house.jobs.add(ben, "someday", "thing", {})
    with client.stream("GET", "/api/events") as response:
        stream = events(response)
        assert next(stream)[2]["progress"] is None
        house.feed.publish(ben.user_id, "job", replace(job, progress=Progress(3, 10, "pages", "reading")))
        assert next(stream)[2]["progress"] == {"done": 3, "total": 10, "unit": "pages", "stage": "reading"}


def test_an_id_of_before_a_restart_gets_the_state(client: httpx.Client, house: Any, ben: Scope) -> None:
    job = house.jobs.add(ben, "someday", "thing", {})
    for stale in ("1", "99999999999999999"):
        with client.stream("GET", "/api/events", headers={"Last-Event-ID": stale}) as response:
            assert next(events(response))[2]["id"] == job.id
    assert client.get("/api/events", headers={"Last-Event-ID": "x"}).status_code == 400


def test_a_stream_ends_with_the_right_to_it(
    live: Any, house: Any, ada: Scope, ben: Scope, ben_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.05)
    ended = threading.Event()

    def read() -> None:
        with live.client(ben_key) as client, client.stream("GET", "/api/events") as response:
            for _, kind, _ in events(response):
                if kind == "comment":
                    beating.set()
        ended.set()

    beating = threading.Event()
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert beating.wait(10), "a silent stream is kept alive"
    assert not ended.is_set()
    house.users.disable(ada, ben.user_id)
    assert ended.wait(10), "a disabled user hears nothing more"
    reader.join(10)


def test_a_stream_that_is_left_no_longer_listens(client: httpx.Client, house: Any, ben: Scope) -> None:
    job = house.jobs.add(ben, "someday", "thing", {})
    with client.stream("GET", "/api/events") as response:
        stream = events(response)
        next(stream)
        assert len(house.feed._owners[ben.user_id].listeners) == 1
    left = threading.Event()
    for _ in range(100):
        if not house.feed._owners[ben.user_id].listeners:
            left.set()
            break
        house.feed.publish(ben.user_id, "job", job)
        left.wait(0.05)
    assert left.is_set()
