"""Instruction formats: Alpaca, prompt and completion, question and answer, seed tasks."""

from __future__ import annotations

from typing import Any, ClassVar

from headwater.records.formats.chat import chat_task, turn_from_message
from headwater.records.formats.format import (
    Format,
    Row,
    as_text,
    id_of,
    need,
    pairs_of,
    question_turns,
    rest_of,
    text_of,
    turns_of,
)
from headwater.records.record import Record, RowError, Task, Turn

SINGLE_TASKS = frozenset({Task.INSTRUCT, Task.QUESTION_ANSWERING})


def single(question: str, answer: str) -> tuple[Turn, Turn]:
    """Return the two turns of a question and its answer."""
    return Turn("user", question), Turn("assistant", answer)


def require_chat(record: Record, format_name: str) -> None:
    """Raise RowError for a record that is no chat of user and assistant."""
    if record.chosen is not None or record.completion is not None:
        raise RowError(f"{format_name} holds questions and answers; this record is for {record.task.value}")


def empty_fields(row: Row, *names: str) -> list[str]:
    """Return a problem for each named field without text."""
    return [f"{name} is empty" for name in names if not str(row.get(name) or "").strip()]


class Alpaca(Format):
    """`instruction, input, output`, optional `system` and `history: [[user, assistant], ...]`."""

    name, title = "alpaca", "Alpaca"
    tasks = frozenset({Task.INSTRUCT, Task.QUESTION_ANSWERING, Task.CONVERSATION})
    holds = frozenset({"system", "turns", "context"})
    columns: ClassVar[tuple[str, ...]] = ("instruction", "input", "output", "system", "history")

    def matches(self, row: Row) -> bool:
        """Whether the row has an instruction and an output (or response)."""
        return "instruction" in row and ("output" in row or "response" in row)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row; `input` becomes the context."""
        turns: list[Turn] = []
        for pair in turns_of(row, "history") if row.get("history") else []:
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise RowError("history is no list of [question, answer]")
            turns += single(as_text(pair[0], "history"), as_text(pair[1], "history"))
        turns += single(need(row, "instruction"), need(row, "output", "response"))
        used = ("instruction", "input", "output", "response", "system", "history", "id")
        context = text_of(row, "input") or None
        system = text_of(row, "system") or None
        task = Task.INSTRUCT if len(turns) == 2 else Task.CONVERSATION
        return [Record(task, tuple(turns), system=system, context=context, id=id_of(row), meta=rest_of(row, used))]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"instruction", "input", "output", "system"?, "history"?}."""
        require_chat(record, self.name)
        *earlier, (question, answer) = pairs_of(record, self.name)
        row: dict[str, Any] = {"instruction": question, "input": record.context or "", "output": answer}
        if record.system is not None:
            row["system"] = record.system
        if earlier:
            row["history"] = [list(pair) for pair in earlier]
        return row

    def losses(self, record: Record) -> list[str]:
        """An empty context or system reads back as none."""
        lost = super().losses(record)
        return lost + [name for name in ("system", "context") if getattr(record, name) == ""]

    def problems(self, row: Row) -> list[str]:
        """Check that there is a question and an answer."""
        missing = [f"{key} is missing" for key in ("instruction", "input", "output") if key not in row]
        return missing or empty_fields(row, "instruction", "output")


class PromptCompletion(Format):
    """`prompt` and `completion` (or `response`), texts or message lists; also `input` and `output`."""

    name, title, tasks = "prompt_completion", "Prompt and completion", SINGLE_TASKS
    holds = frozenset[str]()
    columns: ClassVar[tuple[str, ...]] = ("prompt", "completion")

    def matches(self, row: Row) -> bool:
        """Whether the row has a prompt and a completion, and no label."""
        plain = "input" in row and "output" in row and "instruction" not in row
        return plain or ("prompt" in row and ("completion" in row or "response" in row) and "label" not in row)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        answer_name = "completion" if row.get("completion") is not None else "response"
        meta = rest_of(row, ("prompt", "completion", "response", "input", "output", "id"))
        if isinstance(row.get("prompt"), list):
            turns = [turn_from_message(m) for m in [*turns_of(row, "prompt"), *turns_of(row, answer_name)]]
            system = turns[0].content if turns and turns[0].role == "system" else None
            rest = tuple(turns[1:] if system is not None else turns)
            return [Record(chat_task(rest), rest, system=system, id=id_of(row), meta=meta)]
        turns_pair = single(need(row, "prompt", "input"), need(row, "completion", "response", "output"))
        return [Record(Task.INSTRUCT, turns_pair, id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"prompt", "completion"}. Raises RowError for more than one pair."""
        require_chat(record, self.name)
        pairs = pairs_of(Record(record.task, tuple(question_turns(record))), self.name)
        if len(pairs) > 1:
            raise RowError(f"{self.name} holds one question and answer; this record has {len(pairs)}")
        prompt = f"{record.system}\n\n{pairs[0][0]}" if record.system else pairs[0][0]
        return {"prompt": prompt, "completion": pairs[0][1]}

    def problems(self, row: Row) -> list[str]:
        """Check that both fields hold text."""
        return empty_fields(row, "prompt", "completion")


class QuestionAnswer(Format):
    """`question, answer`, optional `context`: axolotl, GSM8K, curated pairs. Also INSTRUCTION/RESPONSE."""

    name, title, tasks = "question_answer", "Question and answer", SINGLE_TASKS
    holds = frozenset({"context"})
    columns: ClassVar[tuple[str, ...]] = ("context", "question", "answer")

    def matches(self, row: Row) -> bool:
        """Whether the row has a question and an answer."""
        return ("question" in row and "answer" in row) or ("INSTRUCTION" in row and "RESPONSE" in row)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        turns = single(need(row, "question", "INSTRUCTION"), need(row, "answer", "RESPONSE"))
        meta = rest_of(row, ("question", "answer", "context", "INSTRUCTION", "RESPONSE", "id"))
        context = text_of(row, "context") or None
        return [Record(Task.QUESTION_ANSWERING, turns, context=context, id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"context"?, "question", "answer"}. Raises RowError for more than one pair."""
        require_chat(record, self.name)
        pairs = pairs_of(record, self.name)
        if len(pairs) > 1:
            raise RowError(f"{self.name} holds one question and answer; this record has {len(pairs)}")
        context = {"context": record.context} if record.context is not None else {}
        return {**context, "question": pairs[0][0], "answer": pairs[0][1]}

    def losses(self, record: Record) -> list[str]:
        """An empty context reads back as none."""
        return super().losses(record) + (["context"] if record.context == "" else [])

    def problems(self, row: Row) -> list[str]:
        """Check that question and answer hold text."""
        return empty_fields(row, "question", "answer")


class SeedTasks(Format):
    """Self-Instruct seeds: `instruction`, `instances: [{input, output}]`. Read only."""

    name, title, tasks = "seed_tasks", "Self-Instruct seed tasks", frozenset({Task.INSTRUCT})

    def matches(self, row: Row) -> bool:
        """Whether the row has an instruction with instances."""
        return "instruction" in row and isinstance(row.get("instances"), list)

    def read(self, row: Row) -> list[Record]:
        """Return one record an instance."""
        question, meta = need(row, "instruction"), rest_of(row, ("instruction", "instances", "id"))
        return [
            Record(
                Task.INSTRUCT, single(question, need(instance, "output")),
                context=text_of(instance, "input") or None, id=id_of(row), origin=id_of(row) or None, meta=meta,
            )
            for instance in turns_of(row, "instances")
        ]  # fmt: skip
