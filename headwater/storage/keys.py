"""API keys: shown once, kept as an argon2 hash, found by their public prefix."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from headwater.core.errors import NotSignedIn
from headwater.core.types import Role, Scope
from headwater.storage.database import Catalogue
from headwater.storage.names import clean_title
from headwater.storage.ownership import missing, new_id
from headwater.storage.tables import KeyRow, UserRow

REMEMBERED_KEYS = 1024
LAST_USED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What is shown of a key; the secret itself cannot be shown again."""

    id: str
    name: str
    prefix: str
    created: float
    last_used: float | None


class Keys:
    """Makes, recognises and revokes keys.

    argon2 takes some 50 ms, too long for every request, so keys verified once are remembered by
    their sha256. The row is still read each time: a revoked key ends with the next request.
    """

    def __init__(self, catalogue: Catalogue, hasher: PasswordHasher | None = None) -> None:
        self._catalogue = catalogue
        self._hasher = hasher or PasswordHasher()
        self._verified: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def create(self, scope: Scope, name: str) -> tuple[KeyInfo, str]:
        """Make a key for the scope's user and return it with its secret "hw_<prefix>_<random>"."""
        prefix = secrets.token_hex(6)
        secret = f"hw_{prefix}_{secrets.token_urlsafe(32)}"
        row = KeyRow(
            id=new_id(),
            user_id=scope.user_id,
            name=clean_title(name, "key"),
            prefix=prefix,
            secret_hash=self._hasher.hash(secret),
            created=self._catalogue.now(),
        )
        with self._catalogue.writing(durable=True) as session:
            session.add(row)
        return _info(row), secret

    def scope_of(self, secret: str) -> Scope:
        """Whose key this is. Raises NotSignedIn, with the same text for every reason."""
        refused = NotSignedIn("This API key is not valid.", "Check the key, or make a new one under Settings, Keys.")
        parts = secret.split("_", 2)
        if len(parts) != 3 or parts[0] != "hw" or len(secret) > 200:
            raise refused
        with self._catalogue.reading() as session:
            row = session.scalars(select(KeyRow).where(KeyRow.prefix == parts[1])).first()
            user = session.get(UserRow, row.user_id) if row is not None else None
        if row is None or user is None or user.disabled is not None or not self._matches(secret, row.secret_hash):
            raise refused
        self._note_use(row)
        return Scope(user.id, Role(user.role))

    def list(self, scope: Scope) -> list[KeyInfo]:
        """The scope's own keys, oldest first."""
        query = select(KeyRow).where(KeyRow.user_id == scope.user_id).order_by(KeyRow.created, KeyRow.id)
        with self._catalogue.reading() as session:
            return [_info(row) for row in session.scalars(query)]

    def revoke(self, scope: Scope, key_id: str) -> None:
        """End a key at once. Raises NotFound."""
        with self._catalogue.writing(durable=True) as session:
            row = session.get(KeyRow, key_id)
            if row is None or row.user_id != scope.user_id:
                raise missing("key", key_id)
            session.delete(row)

    def _matches(self, secret: str, secret_hash: str) -> bool:
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            # Bound to the row's hash, so that a remembered key is good for that very row only.
            if self._verified.get(digest) == secret_hash:
                self._verified.move_to_end(digest)
                return True
        try:
            self._hasher.verify(secret_hash, secret)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        with self._lock:
            self._verified[digest] = secret_hash
            while len(self._verified) > REMEMBERED_KEYS:
                self._verified.popitem(last=False)
        return True

    def _note_use(self, row: KeyRow) -> None:
        now = self._catalogue.now()
        if row.last_used is None or now - row.last_used >= LAST_USED_SECONDS:
            with self._catalogue.writing() as session:
                session.execute(update(KeyRow).where(KeyRow.id == row.id).values(last_used=now))


def _info(row: KeyRow) -> KeyInfo:
    return KeyInfo(row.id, row.name, row.prefix, row.created, row.last_used)
