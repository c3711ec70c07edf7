from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from headwater.core.errors import BadInput, NotFound, NotSignedIn
from headwater.core.types import Scope
from headwater.storage import keys as module
from headwater.storage.database import Catalogue
from headwater.storage.keys import Keys


class CountingHasher(PasswordHasher):
    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture
def counting() -> CountingHasher:
    return CountingHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def keys(catalogue: Catalogue, counting: CountingHasher) -> Keys:
    return Keys(catalogue, counting)


def test_a_key_is_shown_once_and_kept_hashed(keys: Keys, anna: Scope, catalogue: Catalogue) -> None:
    info, secret = keys.create(anna, "laptop")
    assert secret.startswith(f"hw_{info.prefix}_")
    assert keys.scope_of(secret) == anna
    with catalogue.engine.connect() as connection:
        row = str(connection.exec_driver_sql("SELECT * FROM keys").all())
    assert secret.split("_", 2)[2] not in row
    assert "$argon2id$" in row
    assert [key.name for key in keys.list(anna)] == ["laptop"]


def test_a_known_key_is_not_hashed_again_and_revoking_is_immediate(
    keys: Keys, anna: Scope, counting: CountingHasher
) -> None:
    info, secret = keys.create(anna, "laptop")
    for _ in range(5):
        keys.scope_of(secret)
    assert counting.verified == 1
    keys.revoke(anna, info.id)
    with pytest.raises(NotSignedIn):
        keys.scope_of(secret)
    assert keys.list(anna) == []


def test_wrong_secrets_are_refused_alike(keys: Keys, anna: Scope) -> None:
    info, secret = keys.create(anna, "laptop")
    texts = set()
    wrong = ["", "hw_", "hw__", f"hw_{info.prefix}_wrong", "hw_ffffffffffff_x", secret + "x", secret[3:], "x" * 10_000]
    for given in [*wrong, f"hw_{info.prefix}_\udcff"]:
        with pytest.raises(NotSignedIn) as caught:
            keys.scope_of(given)
        texts.add((caught.value.message, caught.value.hint))
    assert len(texts) == 1
    assert keys.scope_of(secret) == anna


def test_another_row_under_the_prefix_does_not_inherit_trust(
    keys: Keys, anna: Scope, boris: Scope, catalogue: Catalogue
) -> None:
    info, secret = keys.create(anna, "laptop")
    keys.scope_of(secret)
    with catalogue.writing() as session:
        row = session.get_one(module.KeyRow, info.id)
        row.secret_hash, row.user_id = keys._hasher.hash("something else"), boris.user_id
    with pytest.raises(NotSignedIn):
        keys.scope_of(secret)


def test_keys_of_others_are_neither_seen_nor_revoked(keys: Keys, anna: Scope, boris: Scope) -> None:
    info, secret = keys.create(anna, "laptop")
    assert keys.list(boris) == []
    with pytest.raises(NotFound) as theirs:
        keys.revoke(boris, info.id)
    with pytest.raises(NotFound) as absent:
        keys.revoke(boris, "0" * 16)
    assert theirs.value.message.replace(info.id, "ID") == absent.value.message.replace("0" * 16, "ID")
    assert keys.scope_of(secret) == anna


def test_last_use_is_noted_once_a_minute(keys: Keys, anna: Scope, clock: Any) -> None:
    _, secret = keys.create(anna, "laptop")
    used = []
    for _ in range(4):
        keys.scope_of(secret)
        used.append(keys.list(anna)[0].last_used)
        clock.now += 25
    assert used == [1_000_000.0, 1_000_000.0, 1_000_000.0, 1_000_075.0]


def test_remembered_keys_are_bounded(
    keys: Keys, anna: Scope, counting: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED_KEYS", 2)
    secrets = [keys.create(anna, str(number))[1] for number in range(3)]
    for secret in [*secrets, secrets[0]]:
        keys.scope_of(secret)
    assert counting.verified == 4
    assert len(keys._verified) == 2


def test_a_key_needs_a_name(keys: Keys, anna: Scope) -> None:
    with pytest.raises(BadInput, match="no visible character"):
        keys.create(anna, " ")
