"""Chat formats: OpenAI messages and ShareGPT conversations, with tools and function calls."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

from headwater.records.formats.format import (
    Format,
    Row,
    as_text,
    id_of,
    question_turns,
    rest_of,
    text_of,
    turns_of,
)
from headwater.records.record import Record, RowError, Task, Turn

CHAT_TASKS = frozenset({Task.CONVERSATION, Task.INSTRUCT, Task.QUESTION_ANSWERING, Task.SUMMARISATION})
ROLES = {"system", "developer", "user", "assistant", "tool"}
FROM_NAMES = {
    "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant",
    "bot": "assistant", "model": "assistant", "system": "system", "observation": "tool", "tool": "tool",
    "function_response": "tool", "function_call": "assistant",
}  # fmt: skip


def turn_from_message(value: Any) -> Turn:
    """Read one OpenAI-style message; content may be text or a list of text parts. Raises RowError."""
    if not isinstance(value, dict):
        raise RowError(f"wrong type: a message is {type(value).__name__}, expected an object")
    role = str(value.get("role"))
    if role not in ROLES:
        raise RowError(f"unknown role {role!r}, expected one of {', '.join(sorted(ROLES))}")
    content = value.get("content")
    if isinstance(content, list):
        parts = [part.get("text", part.get("value")) for part in content if isinstance(part, dict)]
        if not parts or not all(isinstance(part, str) for part in parts):
            raise RowError("a message holds parts that are not text")
        content = "".join(map(str, parts))
    extra = {name: item for name, item in value.items() if name not in ("role", "content") and item is not None}
    if content is None and not extra:
        raise RowError("a message without content")
    return Turn("system" if role == "developer" else role, as_text(content or "", "content"), extra)


def message_from_turn(turn: Turn) -> dict[str, Any]:
    """Write one OpenAI-style message."""
    return {"role": turn.role, "content": turn.content, **turn.extra}


def split_system(turns: list[Turn]) -> tuple[str | None, tuple[Turn, ...]]:
    """Take the leading system message off a list of turns."""
    if turns and turns[0].role == "system" and not turns[0].extra:
        return turns[0].content, tuple(turns[1:])
    return None, tuple(turns)


def chat_task(turns: tuple[Turn, ...]) -> Task:
    """A single question with its answer is instruct; anything longer is a conversation."""
    single = [turn.role for turn in turns] == ["user", "assistant"] and not turns[1].extra
    return Task.INSTRUCT if single else Task.CONVERSATION


def chat_turns(record: Record, format_name: str) -> list[Turn]:
    """Return every turn of a record for a chat format, system first. Raises RowError."""
    if record.task is Task.PREFERENCE or record.chosen is not None:
        raise RowError(f"{format_name} has no place for a rejected answer; use dpo or kto")
    if record.task is Task.SUMMARISATION and not record.messages:
        turns = [
            Turn("user", f"Summarise the text.\n\n{record.context or ''}"),
            Turn("assistant", record.completion or ""),
        ]
    elif not record.messages:
        raise RowError(f"{format_name} needs messages; this record is plain text, use text")
    else:
        turns = question_turns(record)
    return [Turn("system", record.system), *turns] if record.system is not None else turns


class Messages(Format):
    """`messages: [{role, content, ...}]`, optional `tools`: OpenAI, TRL, axolotl, mlx-lm."""

    name, title, tasks = "messages", "OpenAI messages", CHAT_TASKS
    holds = frozenset({"system", "turns", "extra", "tools"})
    columns: ClassVar[tuple[str, ...]] = ("messages",)

    def matches(self, row: Row) -> bool:
        """Whether `messages` is a list of objects with a role."""
        value = row.get("messages")
        return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "role" in value[0]

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        system, turns = split_system([turn_from_message(value) for value in turns_of(row, "messages")])
        if not turns:
            raise RowError("no messages")
        return [Record(chat_task(turns), turns, system=system, id=id_of(row), meta=rest_of(row, ("messages", "id")))]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"messages", "tools"?}."""
        row: dict[str, Any] = {"messages": [message_from_turn(turn) for turn in chat_turns(record, self.name)]}
        if "tools" in record.meta:
            row["tools"] = record.meta["tools"]
        return row

    def problems(self, row: Row) -> list[str]:
        """Check that roles alternate and that the last message is an answer to train on."""
        roles = [message.get("role") for message in row.get("messages", [])]
        found = []
        if not roles:
            return ["no messages"]
        if "system" in roles[1:]:
            found.append("a system message after the first place")
        spoken = [role for role in roles if role in ("user", "assistant")]
        if not spoken or spoken[0] != "user":
            found.append("does not begin with the user")
        if roles[-1] != "assistant":
            found.append(f"ends with {roles[-1]}, there is no answer to learn")
        if any(a == b == "user" for a, b in pairwise(roles)):
            found.append("two user messages in a row")
        return found


class ShareGPT(Format):
    """`conversations: [{from: human|gpt|..., value}]`, optional `system`, `tools`."""

    name, title, tasks = "sharegpt", "ShareGPT", CHAT_TASKS
    holds = frozenset({"id", "system", "turns", "tools"})
    columns: ClassVar[tuple[str, ...]] = ("id", "conversations", "system")
    names: ClassVar[dict[str, str]] = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}

    def matches(self, row: Row) -> bool:
        """Whether `conversations` is a list of objects with from and value."""
        value = row.get("conversations")
        return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "from" in value[0]

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        turns = [turn_from_share(value) for value in turns_of(row, "conversations")]
        system, rest = split_system(turns)
        system = text_of(row, "system") or system
        if not rest:
            raise RowError("no messages")
        meta = rest_of(row, ("conversations", "system", "id"))
        return [Record(chat_task(rest), rest, system=system, id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"id"?, "conversations", "system"?, "tools"?}."""
        turns = [turn for turn in chat_turns(record, self.name) if turn.role != "system"]
        row: dict[str, Any] = {"id": record.id} if record.id else {}
        row["conversations"] = [share_from_turn(turn) for turn in turns]
        if record.system is not None:
            row["system"] = record.system
        if "tools" in record.meta:
            row["tools"] = record.meta["tools"]
        return row

    def losses(self, record: Record) -> list[str]:
        """A function call survives; other extras of a turn do not."""
        found = super().losses(record)
        lost = any(set(turn.extra) - {"function_call"} for turn in record.messages)
        return [*found, "extra"] if lost and "extra" not in found else [f for f in found if f != "extra" or lost]

    def problems(self, row: Row) -> list[str]:
        """Odd places must be human or observation, even ones gpt or function_call: trainers skip other rows."""
        turns = row.get("conversations", [])
        if not turns:
            return ["no conversations"]
        odd = {"human", "observation"}
        wrong = [n for n, turn in enumerate(turns, 1) if (turn["from"] in odd) != bool(n % 2)]
        found = [f"turn {wrong[0]} is {turns[wrong[0] - 1]['from']}"] if wrong else []
        if len(turns) % 2:
            found.append("ends with a question, there is no answer to learn")
        return found


def turn_from_share(value: Any) -> Turn:
    """Read one {from, value} turn. Raises RowError."""
    if not isinstance(value, dict) or "from" not in value:
        raise RowError("a turn is no object with from and value")
    name = str(value["from"])
    if name not in FROM_NAMES:
        raise RowError(f"unknown speaker {name!r}, expected one of {', '.join(sorted(FROM_NAMES))}")
    content = as_text(value.get("value") if value.get("value") is not None else "", "value")
    extra = {"function_call": True} if name == "function_call" else {}
    return Turn(FROM_NAMES[name], content, extra)


def share_from_turn(turn: Turn) -> dict[str, str]:
    """Write one {from, value} turn."""
    name = "function_call" if turn.extra.get("function_call") is True else ShareGPT.names[turn.role]
    return {"from": name, "value": turn.content}
