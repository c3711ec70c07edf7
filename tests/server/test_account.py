from __future__ import annotations

from typing import Any

from headwater.core.types import Role

PASSWORD = "correct horse"


def test_status_of_a_new_workspace(visit: Any) -> None:
    status = visit().get("/api/status").json()
    assert status["needs_setup"] is True
    assert status["signed_in"] is False
    assert status["user"] is None
    assert (status["chat_model"], status["embedder"], status["models_ready"]) == ("echo", "hash", True)
    assert "can be wrong" in status["disclaimer"]["text"]


def test_models_are_not_ready_before_they_are_pulled(visit: Any, house: Any) -> None:
    house.defaults["chat"] = "gemma-270m"
    status = visit().get("/api/status").json()
    assert (status["chat_model"], status["models_ready"]) == ("gemma-270m", False)


def test_set_up_works_once_and_signs_in(visit: Any, house: Any) -> None:
    client, token = visit(), house.users.setup_token()
    wrong = client.post("/api/setup", json={"token": "x", "name": "Ada", "password": PASSWORD})
    assert wrong.status_code == 401
    made = client.post("/api/setup", json={"token": token, "name": "Ada", "password": PASSWORD})
    assert made.status_code == 200
    assert made.json()["role"] == "admin"
    cookie = made.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
    status = client.get("/api/status").json()
    assert status["needs_setup"] is False and status["user"]["name"] == "Ada"
    again = visit().post("/api/setup", json={"token": token, "name": "Eve", "password": PASSWORD})
    assert again.status_code == 409


def test_sign_in_and_out(visit: Any, ada: Any) -> None:
    client = visit()
    wrong = client.post("/api/login", json={"name": "ada", "password": "wrong password"})
    unknown = client.post("/api/login", json={"name": "nobody", "password": "wrong password"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert client.post("/api/login", json={"name": "ada", "password": PASSWORD}).status_code == 200
    assert client.get("/api/collections").status_code == 200
    token = client.cookies["headwater_session"]
    assert client.post("/api/logout").status_code == 200
    assert "headwater_session" not in client.cookies
    client.cookies["headwater_session"] = token
    assert client.get("/api/collections").status_code == 401, "the session itself has ended, not only the cookie"


def test_a_planted_session_does_not_survive_sign_in(visit: Any, ada: Any, ben: Any, house: Any) -> None:
    planted = house.sessions.start(ben.user_id, 1)
    client = visit()
    client.cookies["headwater_session"] = planted
    client.post("/api/login", json={"name": "ada", "password": PASSWORD})
    other = visit()
    other.cookies["headwater_session"] = planted
    assert other.get("/api/collections").status_code == 401


def test_guessing_is_slowed_down(visit: Any, ada: Any) -> None:
    client = visit()
    codes = [client.post("/api/login", json={"name": "ada", "password": f"guess {n}"}).status_code for n in range(7)]
    assert codes[:5] == [401] * 5
    assert codes[-1] == 429


def test_an_address_that_tries_many_names_is_slowed_down(visit: Any, ada: Any, clock: Any) -> None:
    client = visit()
    codes = {client.post("/api/login", json={"name": f"n{n}", "password": "guess"}).status_code for n in range(60)}
    assert codes == {401}
    limited = client.post("/api/login", json={"name": "ada", "password": PASSWORD})
    assert limited.status_code == 429 and limited.headers["retry-after"] == "1"
    clock.now += 1
    assert client.post("/api/login", json={"name": "ada", "password": PASSWORD}).status_code == 200


def test_changing_the_password_ends_the_other_sessions(visit: Any, ada: Any) -> None:
    here, there = visit("ada"), visit("ada")
    wrong = here.post("/api/password", json={"old": "not this", "new": "another horse"})
    assert wrong.status_code == 401
    assert here.post("/api/password", json={"old": PASSWORD, "new": "another horse"}).status_code == 200
    assert here.get("/api/collections").status_code == 200
    assert there.get("/api/collections").status_code == 401
    assert there.post("/api/login", json={"name": "ada", "password": "another horse"}).status_code == 200


def test_a_disabled_user_is_out_at_once(visit: Any, house: Any, ada: Any, ben: Any, ben_key: str) -> None:
    admin, user, program = visit("ada"), visit("ben"), visit(key=ben_key)
    assert user.get("/api/jobs").status_code == program.get("/api/jobs").status_code == 200
    assert admin.patch(f"/api/users/{ben.user_id}", json={"disabled": True}).json()["disabled"] is True
    assert user.get("/api/jobs").status_code == program.get("/api/jobs").status_code == 401
    assert visit().post("/api/login", json={"name": "ben", "password": PASSWORD}).status_code == 401
    assert admin.patch(f"/api/users/{ben.user_id}", json={"disabled": False}).json()["disabled"] is False
    assert program.get("/api/jobs").status_code == 200


def test_a_revoked_key_is_out_at_once(visit: Any, ada: Any) -> None:
    owner = visit("ada")
    made = owner.post("/api/keys", json={"name": "script"}).json()
    program = visit(key=made["secret"])
    assert program.get("/v1/models").status_code == 200
    listed = owner.get("/api/keys").json()
    assert [key["name"] for key in listed] == ["script"]
    assert "secret" not in listed[0] and made["secret"] not in str(listed)
    assert owner.delete(f"/api/keys/{made['key']['id']}").status_code == 200
    assert program.get("/v1/models").status_code == 401


def test_a_bad_key_is_not_excused_by_a_good_cookie(visit: Any, ada: Any) -> None:
    client = visit("ada")
    for header in ("Basic YTpi", "Bearer", "Bearer hw_no_such", "hw_direct", "Bearer hw_a_b_c"):
        answer = client.get("/api/collections", headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.json()["error"]["type"] == "authentication_error"


def test_a_key_cannot_guard_the_account(visit: Any, ada: Any, ada_key: str) -> None:
    program = visit(key=ada_key)
    for method, path, body in [
        ("GET", "/api/keys", None),
        ("POST", "/api/keys", {"name": "more"}),
        ("POST", "/api/password", {"old": PASSWORD, "new": "another horse"}),
        ("GET", "/api/users", None),
        ("POST", "/api/users", {"name": "eve", "password": PASSWORD}),
    ]:
        assert program.request(method, path, json=body).status_code == 403, (method, path)


def test_the_disclaimer_is_accepted_once_for_each_person(visit: Any, ada: Any, ben: Any) -> None:
    client = visit("ada")
    assert client.get("/api/status").json()["disclaimer"]["accepted"] is False
    assert client.post("/api/disclaimer/accept").json()["disclaimer_accepted"] is True
    assert client.get("/api/status").json()["disclaimer"]["accepted"] is True
    assert visit("ben").get("/api/status").json()["disclaimer"]["accepted"] is False


def test_users_are_managed_by_admins(visit: Any, ada: Any, house: Any) -> None:
    admin = visit("ada")
    made = admin.post("/api/users", json={"name": "cyd", "password": PASSWORD, "role": "user"})
    assert made.status_code == 201
    cyd = made.json()["id"]
    assert visit("cyd").get("/api/users").status_code == 403
    assert admin.patch(f"/api/users/{cyd}", json={"role": "admin"}).json()["role"] == "admin"
    assert visit("cyd").get("/api/users").status_code == 200
    assert admin.patch(f"/api/users/{cyd}", json={}).status_code == 400
    session = visit("cyd")
    assert admin.patch(f"/api/users/{cyd}", json={"password": "brand new one"}).status_code == 200
    assert session.get("/api/users").status_code == 401
    assert admin.delete(f"/api/users/{cyd}").status_code == 200
    assert [user["name"] for user in admin.get("/api/users").json()] == ["ada"]
    last = admin.delete(f"/api/users/{ada.user_id}")
    assert last.status_code == 409 and "only admin" in last.json()["error"]["message"]


def test_reserved_and_confusable_names(visit: Any, ada: Any) -> None:
    admin = visit("ada")
    for name in ("local", "LOCAL", "ａｄａ", "ADA", "\u202eada", "", "   "):
        answer = admin.post("/api/users", json={"name": name, "password": PASSWORD})
        assert answer.status_code in (400, 409), (name, answer.text)
    assert admin.post("/api/users", json={"name": "x", "password": "short"}).status_code == 400


def test_settings_show_no_secret() -> None:
    from headwater.core.settings import Endpoint
    from headwater.server.routes.settings import shown

    endpoint = Endpoint(name="big", url="https://me:pw@host.example/v1?token=t", model="m", key="sk-secret")
    assert shown("endpoints", (endpoint,)) == "big: https://host.example/v1"
    assert shown("database_url", "postgresql://me:pw@host/db") == "postgresql://me:***@host/db"


def test_settings_say_where_they_come_from(visit: Any, ada: Any, ben: Any) -> None:
    listed = {each["name"]: each for each in visit("ada").get("/api/settings").json()}
    assert listed["max_file_mb"]["value"] == 1
    assert listed["max_file_mb"]["default"] == 200
    assert listed["max_file_mb"]["source"] == "default", "set by code here, not by file, environment or flag"
    assert visit("ben").get("/api/settings").status_code == 403


def test_roles(house: Any) -> None:
    assert house.person("dora", Role.ADMIN).is_admin
