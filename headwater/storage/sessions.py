"""Sign-ins: a random token in a cookie, its sha256 in the catalogue."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete

from headwater.core.errors import NotSignedIn
from headwater.core.types import Role, Scope
from headwater.storage.database import Catalogue
from headwater.storage.tables import SessionRow, UserRow

DAY_SECONDS = 86_400


class Sessions:
    """Starts, recognises and ends sign-ins. Ending one takes effect with the next request."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def start(self, user_id: str, days: float) -> str:
        """Start a sign-in that lasts `days` and return its token, which is stored nowhere."""
        token = secrets.token_urlsafe(32)
        now = self._catalogue.now()
        with self._catalogue.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires <= now))
            session.add(
                SessionRow(token_hash=_digest(token), user_id=user_id, created=now, expires=now + days * DAY_SECONDS)
            )
        return token

    def scope_of(self, token: str) -> Scope:
        """Whose sign-in this is, with the role as it is now. Raises NotSignedIn."""
        with self._catalogue.reading() as session:
            row = session.get(SessionRow, _digest(token))
            user = session.get(UserRow, row.user_id) if row is not None else None
            if row is None or user is None or user.disabled is not None or row.expires <= self._catalogue.now():
                raise NotSignedIn("Your sign-in has ended.", "Sign in again.")
            return Scope(user.id, Role(user.role))

    def end(self, token: str) -> None:
        """End one sign-in."""
        with self._catalogue.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))

    def end_all(self, user_id: str) -> None:
        """End every sign-in of a user."""
        with self._catalogue.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
