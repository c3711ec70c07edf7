"""Messages as the API shows them, and histories as models read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from headwater.core.types import ChatRole, Message
from headwater.server.errors import ErrorBody
from headwater.server.shapes import MessageOut
from headwater.storage.conversations import MessageInfo

INTERRUPTED = ErrorBody(
    type="server_error",
    message="The server stopped while this answer was being written.",
    code="interrupted",
    hint="Regenerate the answer.",
)
PENDING: dict[str, Any] = {"streaming": True}


def is_pending(message: MessageInfo) -> bool:
    """Whether the stored message says that its answer is still to come."""
    return bool(message.details.get("streaming"))


def message_out(message: MessageInfo, running: bool) -> MessageOut:
    """The message as shown. One that waits for its answer although nothing is `running` was interrupted."""
    details = message.details
    pending = is_pending(message)
    return MessageOut.model_validate(
        {
            "id": message.id,
            "parent_id": message.parent_id,
            "role": message.role,
            "content": message.content,
            "mode": details.get("mode"),
            "citations": details.get("citations", []),
            "hits": details.get("hits", []),
            "model": details.get("model"),
            "seconds": details.get("seconds", {}),
            "finish_reason": details.get("finish_reason"),
            "rating": message.rating,
            "created": message.created,
            "streaming": pending and running,
            "error": INTERRUPTED if pending and not running else details.get("error"),
        }
    )


def history_of(branch: Sequence[MessageInfo]) -> tuple[Message, ...]:
    """The turns a model reads: those with text. An answer that failed or was stopped before a word has none."""
    return tuple(Message(cast("ChatRole", message.role), message.content) for message in branch if message.content)
