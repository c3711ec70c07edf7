"""Text that every engine can take."""

from __future__ import annotations

from collections.abc import Sequence

from headwater.core.types import Message


def encodable(text: str) -> str:
    """Replace lone surrogates, which Python strings may hold and UTF-8 cannot, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def encodable_messages(messages: Sequence[Message]) -> list[Message]:
    """Make every message encodable."""
    return [Message(message.role, encodable(message.content)) for message in messages]
