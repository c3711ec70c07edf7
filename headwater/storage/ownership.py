"""Who may touch which row. Someone else's row is answered exactly like one that does not exist."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from headwater.core.errors import Forbidden, NotFound
from headwater.core.types import Scope
from headwater.storage.tables import CollectionRow, ConversationRow, DocumentRow, VersionRow


def new_id() -> str:
    """A random identifier: 16 hexadecimal digits."""
    return secrets.token_hex(8)


def missing(what: str, identifier: str) -> NotFound:
    """The one answer for an absent thing and for someone else's."""
    hint = f"It may have been deleted. List what you have and choose a {what} from there."
    return NotFound(f"No {what} {identifier[:80]!r}.", hint)


def require_admin(scope: Scope, action: str) -> None:
    """Raise Forbidden unless the scope is an admin's."""
    if not scope.is_admin:
        raise Forbidden(f"Only an admin may {action}.", "Ask an admin of this workspace.")


def owned_collection(session: Session, scope: Scope, collection_id: str) -> CollectionRow:
    """The collection, if it is the scope's own. Raises NotFound."""
    row = session.get(CollectionRow, collection_id)
    if row is None or row.owner_id != scope.user_id:
        raise missing("collection", collection_id)
    return row


def owned_document(session: Session, scope: Scope, document_id: str) -> DocumentRow:
    """The document, if it lies in a collection of the scope's own. Raises NotFound."""
    query = (
        select(DocumentRow)
        .join(CollectionRow, CollectionRow.id == DocumentRow.collection_id)
        .where(DocumentRow.id == document_id, CollectionRow.owner_id == scope.user_id)
    )
    row = session.scalars(query).first()
    if row is None:
        raise missing("document", document_id)
    return row


def owned_version(session: Session, scope: Scope, version_id: str) -> tuple[VersionRow, DocumentRow]:
    """The version and its document, if they are the scope's own. Raises NotFound."""
    version = session.get(VersionRow, version_id)
    if version is None:
        raise missing("version", version_id)
    try:
        return version, owned_document(session, scope, version.document_id)
    except NotFound:
        raise missing("version", version_id) from None


def owned_conversation(session: Session, scope: Scope, conversation_id: str) -> ConversationRow:
    """The conversation, if it is the scope's own. Raises NotFound."""
    row = session.get(ConversationRow, conversation_id)
    if row is None or row.owner_id != scope.user_id:
        raise missing("conversation", conversation_id)
    return row
