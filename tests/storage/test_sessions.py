from __future__ import annotations

from typing import Any

import pytest

from headwater.core.errors import NotSignedIn
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.sessions import Sessions


@pytest.fixture
def sessions(catalogue: Catalogue) -> Sessions:
    return Sessions(catalogue)


def test_a_token_is_good_until_it_expires(sessions: Sessions, anna: Scope, clock: Any) -> None:
    token = sessions.start(anna.user_id, days=2)
    clock.now += 2 * 86_400 - 1
    assert sessions.scope_of(token) == anna
    clock.now += 1
    with pytest.raises(NotSignedIn, match="ended"):
        sessions.scope_of(token)


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "\udcff", "'; DROP TABLE sessions; --"])
def test_a_foreign_token_is_refused(sessions: Sessions, anna: Scope, token: str) -> None:
    sessions.start(anna.user_id, 1)
    with pytest.raises(NotSignedIn):
        sessions.scope_of(token)


def test_ending_one_or_all(sessions: Sessions, anna: Scope, boris: Scope) -> None:
    first, second, third = (sessions.start(anna.user_id, 1) for _ in range(3))
    other = sessions.start(boris.user_id, 1)
    sessions.end(first)
    with pytest.raises(NotSignedIn):
        sessions.scope_of(first)
    assert sessions.scope_of(second) == anna
    sessions.end_all(anna.user_id)
    for token in (second, third):
        with pytest.raises(NotSignedIn):
            sessions.scope_of(token)
    assert sessions.scope_of(other) == boris


def test_the_catalogue_holds_no_token_and_no_expired_row(
    sessions: Sessions, anna: Scope, catalogue: Catalogue, clock: Any
) -> None:
    token = sessions.start(anna.user_id, 1)
    with catalogue.engine.connect() as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM sessions").all())
    clock.now += 86_401
    sessions.start(anna.user_id, 1)
    with catalogue.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 1
