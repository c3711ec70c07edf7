"""Users: who may sign in, the first admin, and the local owner that the command line acts as."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from headwater.core.errors import BadInput, Conflict, Forbidden, NotSignedIn
from headwater.core.types import Role, Scope
from headwater.storage.database import Catalogue
from headwater.storage.erasure import Erased, erase_collection, finish_erasure
from headwater.storage.files import FileStore
from headwater.storage.names import clean_title
from headwater.storage.ownership import missing, new_id, require_admin
from headwater.storage.tables import CollectionRow, DataSourceRow, SessionRow, SettingRow, UserRow
from headwater.storage.throttle import Throttle

LOCAL_NAME = "local"
NAME_CHARACTERS = 64
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
_TOKEN_FACT = "setup_token"
_OWNER_FACT = "owner"


@dataclass(frozen=True, slots=True)
class UserInfo:
    """A user as people see it."""

    id: str
    name: str
    role: Role
    disclaimer_accepted: bool
    disabled: bool
    created: float


class Users:
    """Makes, recognises and removes users. `throttle` slows down guessing of passwords."""

    def __init__(
        self,
        catalogue: Catalogue,
        files: FileStore,
        throttle: Throttle | None = None,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._files = files
        self._throttle = throttle or Throttle()
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash(secrets.token_hex(16))

    # --- signing in --------------------------------------------------------------------------

    def verify(self, name: str, password: str) -> Scope:
        """Whose name and password these are.

        Raises NotSignedIn with one text for an unknown name and a wrong password, TooMany after
        repeated failures under one name.
        """
        key = _folded(name)[:200]
        self._throttle.attempt(key)
        with self._catalogue.reading() as session:
            user = _by_name(session, name)
        known_hash = user.password_hash if user is not None else None
        # An unknown name takes as long as a wrong password, so names cannot be found out by the clock.
        matches = self._matches(known_hash or self._decoy, password)
        if user is None or known_hash is None or not matches:
            raise NotSignedIn("The name or the password is wrong.", "Check both; an admin can set a new password.")
        self._throttle.succeed(key)
        if user.disabled is not None:
            raise NotSignedIn(f"The user {user.name!r} is disabled.", "Ask an admin to enable it again.")
        if self._hasher.check_needs_rehash(known_hash):
            self._store_password(user.id, password)
        return Scope(user.id, Role(user.role))

    def local_owner(self) -> Scope:
        """The scope of the command line: whoever set this workspace up.

        Before that it is the user "local", an admin who cannot sign in, made when first needed. Setting up
        makes that user the first admin, so what was made on the command line is there in the web app too.
        """
        with self._catalogue.reading() as session:
            user = _owner(session)
        if user is None:
            with self._catalogue.writing() as session:
                user = _owner(session)
                if user is None:
                    user = self._row(LOCAL_NAME, None, Role.ADMIN)
                    session.add(user)
        return Scope(user.id, Role(user.role))

    # --- the first admin ---------------------------------------------------------------------

    def any_admin(self) -> bool:
        """Whether someone can sign in and manage the workspace; the local owner cannot sign in."""
        with self._catalogue.reading() as session:
            return _admin_count(session) > 0

    def setup_token(self) -> str:
        """A new one-time token that lets the first admin be made; earlier ones stop working. Raises Conflict."""
        token = secrets.token_urlsafe(24)
        with self._catalogue.writing() as session:
            _require_no_admin(session)
            session.merge(SettingRow(name=_TOKEN_FACT, value=_digest(token)))
        return token

    def redeem_setup_token(self, token: str, name: str, password: str) -> Scope:
        """Make the first admin. Raises NotSignedIn for a wrong token, Conflict when there is an admin, BadInput."""
        row = self._row(self._checked_name(name), self._hashed(password), Role.ADMIN)
        with self._catalogue.writing(durable=True) as session:
            _require_no_admin(session)
            local = _owner(session)
            stored = session.get(SettingRow, _TOKEN_FACT)
            if stored is None or not hmac.compare_digest(str(stored.value), _digest(token)):
                hint = "Open the link that the server printed last; restarting it prints a new one."
                raise NotSignedIn("This set-up link is not valid.", hint)
            _require_free(session, row.name)
            session.delete(stored)
            if local is not None and local.password_hash is None:
                local.name, local.password_hash = row.name, row.password_hash
                row = local
            session.add(row)
            session.merge(SettingRow(name=_OWNER_FACT, value=row.id))
        return Scope(row.id, Role.ADMIN)

    # --- managing ----------------------------------------------------------------------------

    def create(self, scope: Scope, name: str, password: str, role: Role = Role.USER) -> UserInfo:
        """Make a user; admins only. Raises Forbidden, BadInput, Conflict when the name is taken."""
        require_admin(scope, "create users")
        row = self._row(self._checked_name(name), self._hashed(password), role)
        with self._catalogue.writing(durable=True) as session:
            _require_free(session, row.name)
            session.add(row)
        return _info(row)

    def get(self, scope: Scope, user_id: str | None = None) -> UserInfo:
        """The scope's own user, or for an admin any. Raises NotFound."""
        wanted = user_id or scope.user_id
        with self._catalogue.reading() as session:
            return _info(_visible_user(session, scope, wanted))

    def by_name(self, scope: Scope, name: str) -> UserInfo:
        """The user with this name, capitals aside: oneself, or for an admin any. Raises NotFound."""
        with self._catalogue.reading() as session:
            found = _by_name(session, name)
            if found is None or (found.id != scope.user_id and not scope.is_admin):
                raise missing("user", name)
            return _info(found)

    def list(self, scope: Scope) -> list[UserInfo]:
        """All users by name; admins only. Raises Forbidden."""
        require_admin(scope, "list users")
        with self._catalogue.reading() as session:
            return [_info(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]

    def change_password(self, scope: Scope, old: str, new: str) -> None:
        """Change one's own password, which ends all sign-ins. Raises NotSignedIn when `old` is wrong, BadInput."""
        with self._catalogue.reading() as session:
            user = _visible_user(session, scope, scope.user_id)
        self._throttle.attempt(_folded(user.name))
        if user.password_hash is None or not self._matches(user.password_hash, old):
            raise NotSignedIn("The old password is wrong.", "Check it; an admin can set a new one.")
        self._throttle.succeed(_folded(user.name))
        self._store_password(user.id, new, ends_sessions=True)

    def set_password(self, scope: Scope, user_id: str, password: str) -> None:
        """Give a user a new password, which ends all its sign-ins; admins only. Raises Forbidden, NotFound."""
        require_admin(scope, "set passwords")
        self._store_password(user_id, password, ends_sessions=True)

    def set_role(self, scope: Scope, user_id: str, role: Role) -> UserInfo:
        """Make a user an admin or not; admins only. Raises Forbidden, NotFound, Conflict for the last admin."""
        require_admin(scope, "change roles")
        with self._catalogue.writing() as session:
            row = _visible_user(session, scope, user_id)
            if role is not Role.ADMIN:
                _require_other_admin(session, row)
            row.role = role.value
            return _info(row)

    def disable(self, scope: Scope, user_id: str) -> UserInfo:
        """Shut a user out at once, sign-ins and keys included; admins only. Raises Conflict for the last admin."""
        require_admin(scope, "disable users")
        with self._catalogue.writing(durable=True) as session:
            row = _visible_user(session, scope, user_id)
            _require_other_admin(session, row)
            row.disabled = self._catalogue.now()
            session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
            return _info(row)

    def enable(self, scope: Scope, user_id: str) -> UserInfo:
        """Let a disabled user in again; admins only."""
        require_admin(scope, "enable users")
        with self._catalogue.writing() as session:
            row = _visible_user(session, scope, user_id)
            row.disabled = None
            return _info(row)

    def delete(self, scope: Scope, user_id: str) -> None:
        """Delete a user with all collections, documents, conversations, keys and jobs; admins only."""
        require_admin(scope, "delete users")
        erased = Erased()
        with self._catalogue.writing(durable=True) as session:
            row = _visible_user(session, scope, user_id)
            if row.name == LOCAL_NAME:
                raise Forbidden("The local owner cannot be deleted.", "Delete its collections instead.")
            _require_other_admin(session, row)
            own = select(CollectionRow.id).where(CollectionRow.owner_id == row.id)
            for collection_id in session.scalars(own).all():
                erase_collection(session, collection_id, erased)
            sources = select(DataSourceRow.sha256).where(DataSourceRow.owner_id == row.id)
            erased.hashes.update(session.scalars(sources))
            session.execute(delete(UserRow).where(UserRow.id == row.id))
        finish_erasure(self._catalogue, self._files, erased)

    def accept_disclaimer(self, scope: Scope) -> UserInfo:
        """Record that the user has read the disclaimer."""
        with self._catalogue.writing() as session:
            row = _visible_user(session, scope, scope.user_id)
            row.disclaimer_accepted = row.disclaimer_accepted or self._catalogue.now()
            return _info(row)

    # --- inside ------------------------------------------------------------------------------

    def _row(self, name: str, password_hash: str | None, role: Role) -> UserRow:
        now = self._catalogue.now()
        return UserRow(id=new_id(), name=name, role=role.value, password_hash=password_hash, created=now)

    def _checked_name(self, name: str) -> str:
        cleaned = clean_title(unicodedata.normalize("NFKC", name), "user", NAME_CHARACTERS)
        if _folded(cleaned) == LOCAL_NAME:
            raise Conflict(f"The name {LOCAL_NAME!r} belongs to the command line.", "Choose another name.")
        return cleaned

    def _hashed(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            limits = f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
            raise BadInput(f"The password has {len(password)} characters.", limits)
        return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password[: LONGEST_PASSWORD + 1].encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False

    def _store_password(self, user_id: str, password: str, ends_sessions: bool = False) -> None:
        password_hash = self._hashed(password)
        with self._catalogue.writing(durable=True) as session:
            row = session.get(UserRow, user_id)
            if row is None:
                raise missing("user", user_id)
            if row.name == LOCAL_NAME:
                raise Forbidden("The local owner has no password.", "Make a user of your own to sign in with.")
            row.password_hash = password_hash
            if ends_sessions:
                session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _by_name(session: Session, name: str) -> UserRow | None:
    """The user with this name, capitals aside. There are few users, and SQL folds only ASCII."""
    wanted = _folded(name)
    for user_id, known in session.execute(select(UserRow.id, UserRow.name)):
        if _folded(known) == wanted:
            return session.get(UserRow, user_id)
    return None


def _owner(session: Session) -> UserRow | None:
    """Whom the command line acts for: who set the workspace up, else the user "local"."""
    known = session.get(SettingRow, _OWNER_FACT)
    owner = session.get(UserRow, str(known.value)) if known is not None else None
    return owner or session.scalars(select(UserRow).where(UserRow.name == LOCAL_NAME)).first()


def _visible_user(session: Session, scope: Scope, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None or (row.id != scope.user_id and not scope.is_admin):
        raise missing("user", user_id)
    return row


def _require_free(session: Session, name: str) -> None:
    if _by_name(session, name) is not None:
        raise Conflict(f"There is a user named {name!r} already.", "Choose another name.")


def _require_no_admin(session: Session) -> None:
    if _admin_count(session):
        raise Conflict("This workspace is set up already.", "Sign in, or ask an admin for a user.")


def _require_other_admin(session: Session, row: UserRow) -> None:
    if row.role == Role.ADMIN and row.disabled is None and row.password_hash and _admin_count(session) == 1:
        raise Conflict(f"{row.name!r} is the only admin who can sign in.", "Make another admin first.")


def _admin_count(session: Session) -> int:
    able = (UserRow.role == Role.ADMIN.value, UserRow.disabled.is_(None), UserRow.password_hash.is_not(None))
    return session.scalars(select(func.count(UserRow.id)).where(*able)).one()


def _info(row: UserRow) -> UserInfo:
    return UserInfo(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        disclaimer_accepted=row.disclaimer_accepted is not None,
        disabled=row.disabled is not None,
        created=row.created,
    )
