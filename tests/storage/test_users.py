from __future__ import annotations

import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from headwater.core.errors import BadInput, Conflict, Forbidden, HeadwaterError, NotFound, NotSignedIn, TooMany
from headwater.core.types import Role, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.keys import Keys
from headwater.storage.sessions import Sessions
from headwater.storage.throttle import Throttle
from headwater.storage.users import Users

PASSWORD = "correct horse"


@pytest.fixture
def admin(users: Users) -> Scope:
    return users.redeem_setup_token(users.setup_token(), "Root", PASSWORD)


def test_the_first_admin_is_made_once_with_the_last_token(users: Users) -> None:
    assert not users.any_admin()
    first, last = users.setup_token(), users.setup_token()
    with pytest.raises(NotSignedIn, match="not valid"):
        users.redeem_setup_token(first, "anna", PASSWORD)
    scope = users.redeem_setup_token(last, "anna", PASSWORD)
    assert scope.role is Role.ADMIN
    assert users.any_admin()
    assert users.verify("anna", PASSWORD) == scope
    with pytest.raises(Conflict, match="set up already"):
        users.redeem_setup_token(last, "boris", PASSWORD)
    with pytest.raises(Conflict):
        users.setup_token()


def test_a_wrong_password_in_setup_does_not_spend_the_token(users: Users) -> None:
    token = users.setup_token()
    with pytest.raises(BadInput, match="3 characters"):
        users.redeem_setup_token(token, "anna", "abc")
    assert users.redeem_setup_token(token, "anna", PASSWORD)


def test_parallel_set_ups_make_one_admin(users: Users) -> None:
    token, made, refused = users.setup_token(), [], []

    def redeem(name: str) -> None:
        try:
            made.append(users.redeem_setup_token(token, name, PASSWORD))
        except HeadwaterError as error:
            refused.append(error)

    threads = [threading.Thread(target=redeem, args=(f"user{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(refused) == 4


def test_setting_up_makes_the_local_owner_the_first_admin(users: Users) -> None:
    local = users.local_owner()
    first = users.redeem_setup_token(users.setup_token(), "keeper", "correct horse")
    assert first == local == users.local_owner()
    assert users.verify("keeper", "correct horse") == local
    assert [user.name for user in users.list(local)] == ["keeper"]


def test_the_command_line_acts_for_who_set_up_even_when_it_comes_later(users: Users) -> None:
    first = users.redeem_setup_token(users.setup_token(), "keeper", "correct horse")
    assert users.local_owner() == first


def test_the_local_owner_is_one_admin_who_cannot_sign_in(users: Users) -> None:
    assert users.local_owner() == users.local_owner()
    assert users.local_owner().is_admin
    assert not users.any_admin()
    with pytest.raises(NotSignedIn):
        users.verify("local", "")


@pytest.mark.parametrize("name", ["local", "LOCAL", " local "])
def test_nobody_can_take_the_local_name(users: Users, admin: Scope, name: str) -> None:
    with pytest.raises(Conflict, match="command line"):
        users.create(admin, name, PASSWORD)


def test_signing_in_ignores_capitals_of_the_name_only(users: Users, admin: Scope) -> None:
    assert users.verify("root", PASSWORD) == admin == users.verify(" ROOT ", PASSWORD)
    with pytest.raises(NotSignedIn):
        users.verify("root", PASSWORD.upper())


def test_unknown_name_and_wrong_password_read_the_same(users: Users, admin: Scope) -> None:
    texts = set()
    for name in ("root", "nobody"):
        with pytest.raises(NotSignedIn) as caught:
            users.verify(name, "wrong password")
        texts.add((caught.value.message, caught.value.hint))
    assert len(texts) == 1


def test_passwords_are_stored_as_argon2_and_bounded(users: Users, admin: Scope, catalogue: Catalogue) -> None:
    with catalogue.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT password_hash FROM users WHERE name = 'Root'").scalar_one()
    assert stored.startswith("$argon2id$")
    for password in ("short", "x" * 1001):
        with pytest.raises(BadInput, match=f"{len(password)} characters"):
            users.create(admin, "boris", password)
    users.create(admin, "boris", "密码密码密码密码")
    assert users.verify("boris", "密码密码密码密码")


def test_names_are_unique_whatever_their_capitals(users: Users, admin: Scope) -> None:
    users.create(admin, "Straße", PASSWORD)
    with pytest.raises(Conflict, match="already"):
        users.create(admin, "STRASSE", PASSWORD)


def test_only_admins_manage(users: Users, admin: Scope) -> None:
    boris = users.create(admin, "boris", PASSWORD)
    scope = Scope(boris.id, Role.USER)
    for action in (
        lambda: users.create(scope, "eve", PASSWORD),
        lambda: users.list(scope),
        lambda: users.set_password(scope, admin.user_id, PASSWORD),
        lambda: users.set_role(scope, boris.id, Role.ADMIN),
        lambda: users.disable(scope, admin.user_id),
        lambda: users.enable(scope, boris.id),
        lambda: users.delete(scope, admin.user_id),
    ):
        with pytest.raises(Forbidden, match="Only an admin"):
            action()
    assert [user.name for user in users.list(admin)] == ["Root", "boris"]
    assert users.get(scope).name == users.by_name(scope, "BORIS").name == "boris"
    assert users.by_name(admin, "boris") == boris
    for stranger in ("Root", "nobody"):
        with pytest.raises(NotFound):
            users.by_name(scope, stranger)
    with pytest.raises(NotFound):
        users.get(scope, admin.user_id)


def test_a_new_password_ends_all_sign_ins(users: Users, admin: Scope, catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue)
    tokens = [sessions.start(admin.user_id, 1) for _ in range(2)]
    with pytest.raises(NotSignedIn, match="old password"):
        users.change_password(admin, "wrong password", "brand new one")
    assert sessions.scope_of(tokens[0]) == admin
    users.change_password(admin, PASSWORD, "brand new one")
    for token in tokens:
        with pytest.raises(NotSignedIn):
            sessions.scope_of(token)
    assert users.verify("root", "brand new one") == admin


def test_disabling_ends_sign_ins_and_keys_at_once(
    users: Users, admin: Scope, catalogue: Catalogue, hasher: PasswordHasher
) -> None:
    boris = users.create(admin, "boris", PASSWORD)
    scope = Scope(boris.id)
    sessions, keys = Sessions(catalogue), Keys(catalogue, hasher)
    token, (_, secret) = sessions.start(boris.id, 1), keys.create(scope, "laptop")
    assert sessions.scope_of(token) == keys.scope_of(secret) == scope
    assert users.disable(admin, boris.id).disabled
    for attempt in (
        lambda: sessions.scope_of(token),
        lambda: keys.scope_of(secret),
        lambda: users.verify("boris", PASSWORD),
    ):
        with pytest.raises(NotSignedIn):
            attempt()
    assert not users.enable(admin, boris.id).disabled
    assert users.verify("boris", PASSWORD) == scope
    with pytest.raises(NotSignedIn):
        sessions.scope_of(token)


def test_the_last_admin_stays(users: Users, admin: Scope) -> None:
    users.local_owner()  # an admin too, but one who cannot sign in
    for action in (
        lambda: users.disable(admin, admin.user_id),
        lambda: users.delete(admin, admin.user_id),
        lambda: users.set_role(admin, admin.user_id, Role.USER),
    ):
        with pytest.raises(Conflict, match="only admin"):
            action()
    boris = users.create(admin, "boris", PASSWORD, Role.ADMIN)
    assert users.set_role(admin, admin.user_id, Role.USER).role is Role.USER
    assert boris.role is Role.ADMIN


def test_a_role_is_read_anew_for_each_request(users: Users, admin: Scope, catalogue: Catalogue) -> None:
    boris = users.create(admin, "boris", PASSWORD)
    token = Sessions(catalogue).start(boris.id, 1)
    users.set_role(admin, boris.id, Role.ADMIN)
    assert Sessions(catalogue).scope_of(token).is_admin


def test_deleting_a_user_takes_everything_along(
    users: Users, admin: Scope, catalogue: Catalogue, files: FileStore
) -> None:
    boris = Scope(users.create(admin, "boris", PASSWORD).id)
    collection = Collections(catalogue, files).create(boris, "Papers")
    stored = files.put(b"secret bytes", 100)
    Documents(catalogue, files).add_version(boris, collection.id, "a.txt", stored, "text/plain")
    users.delete(admin, boris.user_id)
    assert not files.has(stored.sha256)
    with catalogue.engine.connect() as connection:
        for table in ("collections", "documents", "versions"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0
    with pytest.raises(NotFound):
        users.get(admin, boris.user_id)


def test_the_local_owner_is_neither_deleted_nor_given_a_password(users: Users) -> None:
    local = users.local_owner()
    users.create(local, "second", PASSWORD, Role.ADMIN)
    admin = users.verify("second", PASSWORD)
    with pytest.raises(Forbidden, match="cannot be deleted"):
        users.delete(admin, local.user_id)
    with pytest.raises(Forbidden, match="no password"):
        users.set_password(admin, local.user_id, PASSWORD)


def test_the_disclaimer_is_accepted_once(users: Users, admin: Scope) -> None:
    assert not users.get(admin).disclaimer_accepted
    assert users.accept_disclaimer(admin).disclaimer_accepted
    assert users.get(admin).disclaimer_accepted


def test_guessing_is_slowed_down_and_a_success_forgives(
    catalogue: Catalogue, files: FileStore, hasher: PasswordHasher, clock: Any
) -> None:
    users = Users(catalogue, files, Throttle(clock), hasher)
    users.redeem_setup_token(users.setup_token(), "anna", PASSWORD)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            users.verify("anna", "wrong guess")
    with pytest.raises(TooMany, match="Too many failed tries"):
        users.verify("ANNA", PASSWORD)
    clock.now += 31
    assert users.verify("anna", PASSWORD)
    with pytest.raises(NotSignedIn):
        users.verify("anna", "wrong guess")
    assert users.verify("anna", PASSWORD)


def test_stronger_hashing_is_taken_up_at_the_next_sign_in(
    users: Users, admin: Scope, catalogue: Catalogue, files: FileStore
) -> None:
    stronger = Users(catalogue, files, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    stronger.verify("root", PASSWORD)
    with catalogue.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT password_hash FROM users WHERE name = 'Root'").scalar_one()
    assert "m=16,t=2" in stored
    assert users.verify("root", PASSWORD) == admin
