"""Open Assistant trees: every path to a best-ranked answer is a conversation, ranked siblings are pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from headwater.records.formats.format import Format, Row, need
from headwater.records.record import Record, RowError, Task, Turn

ROLES = {"prompter": "user", "assistant": "assistant"}


def conversations(root: Any, tree_id: str) -> Iterator[Record]:
    """Yield the conversations of a tree: at each question only the best-ranked answer goes on."""
    for path in _best_paths(root, []):
        turns = tuple(Turn(_role(node), str(node["text"])) for node in path)
        yield Record(
            Task.INSTRUCT if len(turns) == 2 else Task.CONVERSATION, turns,
            language=path[0].get("lang"), id=str(path[-1].get("message_id", "")), origin=tree_id,
        )  # fmt: skip


def preference_pairs(root: Any, tree_id: str) -> Iterator[Record]:
    """Yield a pair for every two ranked answers of one question, the better one chosen."""
    for path in _questions(root, []):
        answers = sorted(
            (node for node in path[-1].get("replies", []) if node.get("rank") is not None and _usable(node)),
            key=lambda node: node["rank"],
        )
        prompt = tuple(Turn(_role(node), str(node["text"])) for node in path)
        for place, better in enumerate(answers):
            for worse in answers[place + 1 :]:
                yield Record(
                    Task.PREFERENCE, prompt, chosen=str(better["text"]), rejected=str(worse["text"]),
                    language=path[0].get("lang"), id=f"{better['message_id']}>{worse['message_id']}", origin=tree_id,
                )  # fmt: skip


def _role(node: Any) -> str:
    role = str(node.get("role"))
    if role not in ROLES:
        raise RowError(f"unknown role {role!r} in the tree, expected prompter or assistant")
    return ROLES[role]


def _usable(node: Any) -> bool:
    return not node.get("deleted") and node.get("review_result") is not False


def _best_paths(node: Any, before: list[Any]) -> Iterator[list[Any]]:
    if not _usable(node):
        return
    path = [*before, node]
    replies = [reply for reply in node.get("replies", []) if _usable(reply)]
    if _role(node) == "user":
        if replies:
            best = min(replies, key=lambda reply: (reply.get("rank") is None, reply.get("rank") or 0))
            yield from _best_paths(best, path)
        elif len(path) > 1:
            yield path[:-1]  # a question nobody answered: the conversation ends before it
        return
    going_on = [reply for reply in replies if any(_usable(answer) for answer in reply.get("replies", []))]
    if not going_on:
        yield path
    for reply in going_on:
        yield from _best_paths(reply, path)


def _questions(node: Any, before: list[Any]) -> Iterator[list[Any]]:
    if not _usable(node):
        return
    path = [*before, node]
    if _role(node) == "user":
        yield path
    for reply in node.get("replies", []):
        yield from _questions(reply, path)


class Tree(Format):
    """`prompt` (or the row itself) is the root message with nested `replies`. Read only."""

    name, title = "oasst", "Open Assistant trees"
    tasks = frozenset({Task.INSTRUCT, Task.CONVERSATION})

    def matches(self, row: Row) -> bool:
        """Whether the row is a tree of prompter and assistant messages."""
        root = row.get("prompt", row)
        return isinstance(root, dict) and "replies" in root and root.get("role") in ROLES

    def read(self, row: Row) -> list[Record]:
        """Return the conversations of the tree. Raises RowError when it holds none."""
        root = row.get("prompt", row)
        if not isinstance(root, dict):
            raise RowError("wrong type: prompt is no message")
        try:
            found = list(self.paths(root, str(row.get("message_tree_id", root.get("message_id", "")))))
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RowError(f"the tree is damaged: {error!r}") from error
        if not found:
            raise RowError("the tree has no question with a usable answer")
        return found

    def paths(self, root: Any, tree_id: str) -> Iterator[Record]:
        """Yield the records of one tree."""
        return conversations(root, tree_id)


class TreePairs(Tree):
    """The same trees, read as preference pairs from the ranks of sibling answers. Read only."""

    name, title, tasks = "oasst_pairs", "Open Assistant ranks", frozenset({Task.PREFERENCE})

    def matches(self, row: Row) -> bool:
        """Never by itself: trees are conversations unless pairs are asked for."""
        return False

    def paths(self, root: Any, tree_id: str) -> Iterator[Record]:
        """Yield the pairs of one tree."""
        return preference_pairs(root, tree_id)


class FlatTree(Format):
    """One message a row with `message_id`, `parent_id`, `role`, `text`. Read only."""

    name, title = "oasst_flat", "Open Assistant messages"
    tasks = frozenset({Task.INSTRUCT, Task.CONVERSATION})
    whole_file = True

    def matches(self, row: Row) -> bool:
        """Whether the row is one message that names its parent."""
        return {"message_id", "parent_id", "role", "text"} <= row.keys() and "replies" not in row

    def read(self, row: Row) -> list[Record]:
        """A message alone is no record. Raises RowError."""
        raise RowError("one message of a tree; the whole file is needed")

    def read_all(self, rows: Sequence[tuple[int, Row]]) -> list[tuple[int, Record]]:
        """Build the trees and return their conversations, at the row of each root. Raises RowError."""
        nodes = {need(row, "message_id"): {**row, "replies": []} for _, row in rows}
        roots = []
        for number, row in rows:
            node, parent = nodes[str(row["message_id"])], row.get("parent_id")
            if not parent:
                roots.append((number, node))
            elif str(parent) in nodes:
                nodes[str(parent)]["replies"].append(node)
            else:
                raise RowError(f"row {number}: the parent {parent!r} is not in the file")
        return [(n, record) for n, root in roots for record in conversations(root, str(root["message_id"]))]
