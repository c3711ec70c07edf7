"""h2oGPT's JSON: `instruction?, input?, output?, prompt_type`; chats are text with <human>: and <bot>:."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from headwater.records.formats.format import Format, Row, id_of, need, pairs_of, question_turns, rest_of, text_of
from headwater.records.formats.instructions import single
from headwater.records.record import Record, RowError, Task, Turn

MARK = re.compile(r"\s*<(human|bot)>:\s*")
SUMMARY = re.compile(r"\s*## Main Text\s*\n(.+?)\n\s*## Summary\s*\n(.+)", re.DOTALL)
ROLES = {"human": "user", "bot": "assistant"}


def turns_from_text(text: str) -> list[Turn]:
    """Split `<human>: ... <bot>: ...`; the empty closing `<human>:` (a stop mark) is no turn. Raises RowError."""
    pieces = MARK.split(text)
    if pieces[0].strip():
        raise RowError("text before the first <human>:")
    turns = [Turn(ROLES[who], said.strip()) for who, said in zip(pieces[1::2], pieces[2::2], strict=True)]
    if turns and turns[-1].role == "user" and not turns[-1].content:
        turns.pop()
    if not turns:
        raise RowError("no turns in the chat text")
    return turns


class H2OGPT(Format):
    """The rows that h2oGPT's fine-tuning reads."""

    name, title = "h2ogpt", "h2oGPT JSON"
    tasks = frozenset({Task.INSTRUCT, Task.QUESTION_ANSWERING, Task.CONVERSATION, Task.PRETRAINING, Task.SUMMARISATION})
    holds = frozenset({"id", "turns", "context"})
    columns: ClassVar[tuple[str, ...]] = ("id", "instruction", "input", "output", "prompt_type")

    def matches(self, row: Row) -> bool:
        """Whether the row has a prompt_type, or is chat text in `input`."""
        chat = isinstance(row.get("input"), str) and "<human>:" in row["input"] and "<bot>:" in row["input"]
        return "prompt_type" in row or chat

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        kind = str(row.get("prompt_type", "plain"))
        meta = rest_of(row, ("instruction", "input", "output", "prompt_type", "id"))
        if kind == "summarize":
            return [
                Record(
                    Task.SUMMARISATION,
                    context=need(row, "input"),
                    completion=need(row, "output"),
                    id=id_of(row),
                    meta=meta,
                )
            ]
        question = text_of(row, "instruction")
        if question:
            turns = single(question, need(row, "output"))
            context = text_of(row, "input") or None
            return [Record(Task.INSTRUCT, turns, context=context, id=id_of(row), meta=meta)]
        text = (text_of(row, "input") or "") + (text_of(row, "output") or "")
        if not text.strip():
            raise RowError("no text in input or output")
        if MARK.match(text) and "<bot>:" in text:
            parts = tuple(turns_from_text(text))
            task = Task.INSTRUCT if len(parts) == 2 else Task.CONVERSATION
            return [Record(task, parts, id=id_of(row), meta=meta)]
        summary = SUMMARY.fullmatch(text)
        if summary:  # a summary that was written into its prompt
            article, short = (part.strip() for part in summary.groups())
            return [Record(Task.SUMMARISATION, context=article, completion=short, id=id_of(row), meta=meta)]
        return [Record(Task.PRETRAINING, completion=text, id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return the row; a conversation ends with `<human>:`, so that the model learns to stop."""
        named = {"id": record.id} if record.id else {}
        if record.chosen is not None:
            raise RowError(f"{self.name} has no place for a rejected answer; use dpo")
        if record.task is Task.SUMMARISATION:
            return {
                **named,
                "input": record.context or "",
                "output": record.completion or "",
                "prompt_type": "summarize",
            }
        if not record.messages:
            if not (record.completion or "").strip():
                raise RowError("no text to write")
            if SUMMARY.fullmatch(record.completion or ""):
                raise RowError("the text would be read back as an article with its summary")
            return {**named, "output": record.completion or "", "prompt_type": "plain"}
        pairs = pairs_of(record, self.name)
        if len(pairs) == 1:
            question, answer = pairs[0]
            context = {"input": record.context} if record.context else {}
            return {**named, "instruction": question, **context, "output": answer, "prompt_type": "human_bot"}
        turns = question_turns(record)
        if any(MARK.search(turn.content) for turn in turns):
            raise RowError("a message holds the mark <human>: or <bot>: itself")
        text = "".join(f"<{'human' if turn.role == 'user' else 'bot'}>: {turn.content}\n" for turn in turns)
        return {**named, "input": f"{text}<human>:", "prompt_type": "plain"}

    def losses(self, record: Record) -> list[str]:
        """In a conversation, a context joins the first question and outer spaces go."""
        found = super().losses(record)
        several = len(record.messages) > 2
        if several and record.context is not None:
            found.append("context")
        if several and any(turn.content != turn.content.strip() for turn in record.messages):
            found.append("outer spaces")
        return found

    def problems(self, row: Row) -> list[str]:
        """Check that there is something to learn."""
        if row["prompt_type"] == "plain":
            return [] if str(row.get("input") or row.get("output") or "").strip() else ["no text"]
        return [] if str(row.get("output") or "").strip() else ["output is empty"]
