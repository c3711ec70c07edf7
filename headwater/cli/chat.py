"""headwater chat: a conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from headwater.cli.options import DataDir, workspace
from headwater.cli.output import note

if TYPE_CHECKING:
    from headwater.core.types import Filters, Message
    from headwater.workspace import Workspace


def chat(
    model: Annotated[str | None, typer.Option("--model", help="Chat model; the default model when not given.")] = None,
    collection: Annotated[list[str] | None, typer.Option("--collection", help="Answer from these collections.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Chat in the terminal. With --collection every answer comes from your documents. /quit ends."""
    from headwater.core.types import Filters, Message

    with workspace(data_dir) as ws:
        found = tuple(ws.collections.by_name(ws.owner, name).id for name in collection or ())
        history: list[Message] = []
        while (question := read_line()) is not None:
            if not question.strip():
                continue
            text = asyncio.run(reply(ws, question, history, Filters(collection_ids=found) if found else None, model))
            history += [Message("user", question), Message("assistant", text)]


def read_line() -> str | None:
    """Read one question; None at the end of input or at /quit."""
    try:
        line = input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    return None if line.strip() in ("/quit", "/exit") else line


async def reply(
    ws: Workspace, question: str, history: list[Message], filters: Filters | None, model: str | None
) -> str:
    """Stream one answer to the terminal and return its text."""
    final = ""
    async for event in ws.reply(question, history, ws.owner, filters, model):
        if event.text:
            sys.stdout.write(event.text)
            sys.stdout.flush()
        if event.answer:
            final = event.answer.text
            sys.stdout.write("\n")
            for citation in event.answer.citations:
                note(
                    f"  [{citation.number}] {citation.document}" + (f", page {citation.page}" if citation.page else "")
                )
    return final
