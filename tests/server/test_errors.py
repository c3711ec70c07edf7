from __future__ import annotations

import logging
from typing import Any

import pytest

from headwater.core.errors import EngineFailed, StorageFull
from headwater.core.types import Scope
from headwater.server.errors import describe_any, sentence_of


def test_every_error_has_one_shape(visit: Any, ben: Scope) -> None:
    client = visit("ben")
    for answer, status, code in [
        (client.get("/api/no/such/thing"), 404, "not_found"),
        (client.get("/v1/no/such/thing"), 404, "not_found"),
        (client.put("/api/collections"), 405, "bad_input"),
        (client.post("/api/collections", json={}), 422, "invalid"),
        (client.post("/api/collections", content=b"{", headers={"content-type": "application/json"}), 422, "invalid"),
        (client.post("/api/collections", json={"name": "a", "nmae": "b"}), 422, "invalid"),
        (client.get("/api/documents/x"), 404, "not_found"),
        (client.get("/api/users"), 403, "forbidden"),
    ]:
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert error["code"] == code
        assert error["message"] and error["type"] and error["hint"]
        assert answer.headers["content-type"] == "application/json"


def test_validation_names_the_field_and_not_its_value(visit: Any) -> None:
    answer = visit().post("/api/login", json={"name": ["x"], "password": {"secret": "hunter2"}})
    message = answer.json()["error"]["message"]
    assert "name:" in message and "password:" in message
    assert "hunter2" not in answer.text


def test_many_validation_errors_are_counted() -> None:
    problems = [{"loc": ("body", f"f{n}"), "msg": "wrong"} for n in range(25)]
    assert sentence_of(problems).endswith("f19: wrong; and 5 more.")


def test_an_unexpected_error_tells_nothing_and_is_logged(
    visit: Any, house: Any, ben: Scope, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path and a password")

    monkeypatch.setattr(house.collections, "list", broken)
    with caplog.at_level(logging.ERROR):
        answer = visit("ben").get("/api/collections")
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert "secret" not in answer.text and "RuntimeError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    reference = error["message"].partition("reference ")[2].rstrip(").")
    assert len(reference) == 8
    assert any(reference in record.getMessage() and record.exc_info for record in caplog.records)


def test_known_errors_keep_their_words() -> None:
    full = describe_any(StorageFull("The disk is full.", "Free some space."))
    assert (full.type, full.code, full.message, full.hint) == (
        "server_error",
        "disk_full",
        "The disk is full.",
        "Free some space.",
    )
    assert describe_any(EngineFailed("died")).code == "engine"


def test_a_full_disk_is_507(visit: Any, house: Any, ben: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageFull("The disk is full: the catalogue could not be written.", "Free some space.")

    monkeypatch.setattr(house.collections, "create", full)
    answer = visit("ben").post("/api/collections", json={"name": "x"})
    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "disk_full"


def test_a_body_that_is_too_large(visit: Any, ben: Scope) -> None:
    answer = visit("ben").post("/api/collections", json={"name": "x" * (33 << 20)})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_rate_limit(visit: Any, house: Any, ben: Scope, clock: Any) -> None:
    client = visit("ben")
    from headwater.server.limits import RequestRate

    client.app.state.headwater.rate = RequestRate(3, clock, "Ask an admin.")
    assert [client.get("/api/jobs").status_code for _ in range(4)] == [200, 200, 200, 429]
    limited = client.get("/api/jobs")
    assert limited.headers["retry-after"] == "20"
    assert limited.json()["error"]["type"] == "rate_limit_error"
    assert limited.json()["error"]["hint"] == "Wait 20 s. Ask an admin."
    clock.now += 20
    assert client.get("/api/jobs").status_code == 200
