"""Conversations: trees of messages. An edit or a new answer is a sibling, so nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, delete, func, or_, select
from sqlalchemy.orm import Session

from headwater.core.errors import BadInput
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.names import clean_title
from headwater.storage.ownership import missing, new_id, owned_collection, owned_conversation
from headwater.storage.tables import ConversationRow, MessageRow

TITLE_CHARACTERS = 300
ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """A message. `details` holds what belongs to an answer: mode, citations, hits, model, seconds, …"""

    id: str
    conversation_id: str
    parent_id: str | None
    role: str
    content: str
    details: Mapping[str, Any]
    rating: int | None
    created: float


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A conversation; `messages` is the whole tree in order of creation, empty in a list."""

    id: str
    title: str
    collection_ids: tuple[str, ...]
    model: str | None
    leaf_id: str | None
    created: float
    updated: float
    messages: tuple[MessageInfo, ...] = ()


class Conversations:
    """A user's own conversations."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def create(
        self, scope: Scope, title: str, collection_ids: Sequence[str] = (), model: str | None = None
    ) -> ConversationInfo:
        """Start a conversation, over collections of the scope's own. Raises NotFound, BadInput."""
        now = self._catalogue.now()
        row = ConversationRow(
            id=new_id(),
            owner_id=scope.user_id,
            title=clean_title(title, "conversation", TITLE_CHARACTERS),
            collection_ids=list(collection_ids),
            model=model,
            leaf_id=None,
            created=now,
            updated=now,
        )
        with self._catalogue.writing() as session:
            for collection_id in collection_ids:
                owned_collection(session, scope, collection_id)
            session.add(row)
        return _conversation(row)

    def get(self, scope: Scope, conversation_id: str) -> ConversationInfo:
        """One conversation with its whole tree. Raises NotFound."""
        with self._catalogue.reading() as session:
            row = owned_conversation(session, scope, conversation_id)
            messages = select(MessageRow).where(MessageRow.conversation_id == row.id)
            ordered = session.scalars(messages.order_by(MessageRow.created, MessageRow.id))
            return _conversation(row, tuple(_message(message) for message in ordered))

    def rename(self, scope: Scope, conversation_id: str, title: str) -> ConversationInfo:
        """Give another title. Raises NotFound, BadInput."""
        with self._catalogue.writing() as session:
            row = owned_conversation(session, scope, conversation_id)
            row.title = clean_title(title, "conversation", TITLE_CHARACTERS)
        return self.get(scope, conversation_id)

    def set_scope(
        self, scope: Scope, conversation_id: str, collection_ids: Sequence[str], model: str | None
    ) -> ConversationInfo:
        """Choose the collections that are asked and the model that answers. Raises NotFound."""
        with self._catalogue.writing() as session:
            row = owned_conversation(session, scope, conversation_id)
            for collection_id in collection_ids:
                owned_collection(session, scope, collection_id)
            row.collection_ids, row.model = list(collection_ids), model
        return self.get(scope, conversation_id)

    def delete(self, scope: Scope, conversation_id: str) -> None:
        """Delete a conversation with all messages. Raises NotFound."""
        with self._catalogue.writing(durable=True) as session:
            row = owned_conversation(session, scope, conversation_id)
            session.execute(delete(ConversationRow).where(ConversationRow.id == row.id))
        self._catalogue.scrub()

    # --- messages ----------------------------------------------------------------------------

    def add_message(
        self,
        scope: Scope,
        conversation_id: str,
        parent_id: str | None,
        role: str,
        content: str,
        details: Mapping[str, Any] | None = None,
    ) -> MessageInfo:
        """Add a message under `parent_id` (None: a first message) and make it the leaf. Raises NotFound."""
        if role not in ROLES:
            raise BadInput(f"{role!r} is not a role.", f"Expected one of {', '.join(ROLES)}.")
        now = self._catalogue.now()
        row = MessageRow(
            id=new_id(),
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            content=content,
            details=dict(details or {}),
            created=now,
        )
        with self._catalogue.writing(durable=True) as session:
            conversation = owned_conversation(session, scope, conversation_id)
            if parent_id is not None:
                parent = session.get(MessageRow, parent_id)
                if parent is None or parent.conversation_id != conversation_id:
                    raise missing("message", parent_id)
            session.add(row)
            conversation.leaf_id, conversation.updated = row.id, now
        return _message(row)

    def update_message(self, scope: Scope, message_id: str, content: str, details: Mapping[str, Any]) -> MessageInfo:
        """Replace the text and details of a message: an answer that is being written. Raises NotFound."""
        with self._catalogue.writing() as session:
            row, conversation = _owned_message(session, scope, message_id)
            row.content, row.details = content, dict(details)
            conversation.updated = self._catalogue.now()
            return _message(row)

    def message(self, scope: Scope, message_id: str) -> MessageInfo:
        """One message. Raises NotFound."""
        with self._catalogue.reading() as session:
            return _message(_owned_message(session, scope, message_id)[0])

    def branch(self, scope: Scope, conversation_id: str, leaf_id: str) -> list[MessageInfo]:
        """The messages from the first to `leaf_id`. Raises NotFound."""
        by_id = {message.id: message for message in self.get(scope, conversation_id).messages}
        if leaf_id not in by_id:
            raise missing("message", leaf_id)
        path: list[MessageInfo] = []
        step: str | None = leaf_id
        while step is not None:
            path.append(by_id[step])
            step = by_id[step].parent_id
        return path[::-1]

    def set_leaf(self, scope: Scope, conversation_id: str, leaf_id: str | None) -> None:
        """Remember which branch is looked at. Raises NotFound."""
        with self._catalogue.writing() as session:
            conversation = owned_conversation(session, scope, conversation_id)
            if leaf_id is not None:
                message = session.get(MessageRow, leaf_id)
                if message is None or message.conversation_id != conversation_id:
                    raise missing("message", leaf_id)
            conversation.leaf_id = leaf_id

    def rate(self, scope: Scope, message_id: str, rating: int | None) -> MessageInfo:
        """Rate an answer 1 or -1, or take the rating back with None. Raises NotFound, BadInput."""
        if rating not in (1, -1, None):
            raise BadInput(f"The rating {rating!r} is not known.", "Expected 1, -1 or null.")
        with self._catalogue.writing() as session:
            row, _ = _owned_message(session, scope, message_id)
            row.rating = rating
            return _message(row)

    def list(self, scope: Scope, query: str | None = None) -> list[ConversationInfo]:
        """Conversations without their messages, last used first; `query` looks into titles and messages."""
        rows = select(ConversationRow).where(ConversationRow.owner_id == scope.user_id)
        if query and query.strip():
            wanted = query.strip().casefold()
            folded = func.casefold(MessageRow.content, type_=Text)
            said = select(MessageRow.conversation_id).where(folded.contains(wanted, autoescape=True))
            in_title = func.casefold(ConversationRow.title, type_=Text).contains(wanted, autoescape=True)
            rows = rows.where(or_(in_title, ConversationRow.id.in_(said)))
        with self._catalogue.reading() as session:
            ordered = rows.order_by(ConversationRow.updated.desc(), ConversationRow.id)
            return [_conversation(row) for row in session.scalars(ordered)]


def _owned_message(session: Session, scope: Scope, message_id: str) -> tuple[MessageRow, ConversationRow]:
    query = (
        select(MessageRow, ConversationRow)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(MessageRow.id == message_id, ConversationRow.owner_id == scope.user_id)
    )
    found = session.execute(query).first()
    if found is None:
        raise missing("message", message_id)
    return found[0], found[1]


def _message(row: MessageRow) -> MessageInfo:
    return MessageInfo(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        role=row.role,
        content=row.content,
        details=dict(row.details),
        rating=row.rating,
        created=row.created,
    )


def _conversation(row: ConversationRow, messages: tuple[MessageInfo, ...] = ()) -> ConversationInfo:
    return ConversationInfo(
        id=row.id,
        title=row.title,
        collection_ids=tuple(row.collection_ids),
        model=row.model,
        leaf_id=row.leaf_id,
        created=row.created,
        updated=row.updated,
        messages=messages,
    )
