"""Feedback on parts of an answer, pairs of whole dialogues, and texts with a class or a number."""

from __future__ import annotations

from typing import Any, ClassVar

from headwater.records.formats.chat import message_from_turn, turn_from_message
from headwater.records.formats.format import Format, Row, id_of, need, pairs_of, question_turns, rest_of, turns_of
from headwater.records.formats.instructions import empty_fields, single
from headwater.records.formats.preferences import PREFERENCE, one_question, pair, pair_problems, require_pair
from headwater.records.record import Record, RowError, Task, Turn


class MessagePairs(Format):
    """LLaMA-Factory v1: `chosen_messages` and `rejected_messages`, two dialogues that differ in their last message."""

    name, title, tasks = "message_pairs", "Pairs of dialogues", PREFERENCE
    holds = frozenset({"system", "turns", "extra"})
    columns: ClassVar[tuple[str, ...]] = ("chosen_messages", "rejected_messages")

    def matches(self, row: Row) -> bool:
        """Whether both dialogues are there."""
        return all(isinstance(row.get(name), list) for name in self.columns)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row. Raises RowError when more than the last message differs."""
        good, bad = ([turn_from_message(value) for value in turns_of(row, name)] for name in self.columns)
        if len(good) < 2 or len(good) != len(bad) or good[:-1] != bad[:-1]:
            raise RowError("the dialogues differ in more than their last message")
        return [pair(good[:-1], good[-1].content, bad[-1].content, row, rest_of(row, (*self.columns, "id")))]

    def write(self, record: Record) -> dict[str, Any]:
        """Return both dialogues, each with the whole prompt."""
        answers = require_pair(record, self.name)
        system = [Turn("system", record.system)] if record.system is not None else []
        prompt = [*system, *question_turns(record)]
        if not prompt:
            raise RowError(f"{self.name} needs a prompt before the answers")
        return {
            name: [message_from_turn(turn) for turn in (*prompt, Turn("assistant", answer))]
            for name, answer in zip(self.columns, answers, strict=True)
        }

    def problems(self, row: Row) -> list[str]:
        """Check the prompt's end and that the answers differ."""
        texts = {name: row[name][-1]["content"] for name in self.columns}
        found = pair_problems(texts, *self.columns)
        if row["chosen_messages"][-2]["role"] not in ("user", "tool"):
            found.append("the prompt does not end with the user")
        return found


class Stepwise(Format):
    """TRL stepwise: `prompt, completions, labels`, the steps of an answer and whether each one is right."""

    name, title, tasks = "stepwise", "TRL labelled steps", PREFERENCE
    holds = frozenset({"label", "meta"})
    columns: ClassVar[tuple[str, ...]] = ("prompt", "completions", "labels")

    def matches(self, row: Row) -> bool:
        """Whether there are lists of steps and of labels."""
        return isinstance(row.get("completions"), list) and isinstance(row.get("labels"), list) and "prompt" in row

    def read(self, row: Row) -> list[Record]:
        """Return one record; its answer is all steps, its label whether all are right, the steps are in its meta."""
        steps, labels = row["completions"], row["labels"]
        if not steps or not all(isinstance(step, str) for step in steps):
            raise RowError("wrong type: completions is no list of texts")
        if len(labels) != len(steps) or not all(isinstance(label, bool) for label in labels):
            raise RowError(f"{len(steps)} completions need as many labels, each true or false")
        meta = rest_of(row, (*self.columns, "id"))
        if len(steps) > 1:
            meta |= {"completions": steps, "labels": labels}
        prompt = (Turn("user", need(row, "prompt")),)
        return [
            Record(
                Task.PREFERENCE, prompt, completion="\n".join(steps), label=all(labels), id=id_of(row), meta=meta
            )
        ]  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return the steps; an answer that was never cut into steps is one step."""
        if record.label is None or record.completion is None:
            raise RowError(f"{self.name} needs an answer with a label; this record is for {record.task.value}")
        joined = Record(record.task, tuple(question_turns(record)))
        steps = list(record.meta.get("completions", [record.completion]))
        labels = list(record.meta.get("labels", [record.label]))
        if "\n".join(steps) != record.completion:
            raise RowError("the answer was changed after it was cut into steps: its labels no longer fit")
        return {"prompt": one_question(joined, self.name), "completions": steps, "labels": labels}

    def losses(self, record: Record) -> list[str]:
        """Of the meta only the steps stay."""
        found = [name for name in super().losses(record) if name != "meta"]
        return [*found, "meta"] if set(record.meta) - {"completions", "labels", "tools"} else found

    def problems(self, row: Row) -> list[str]:
        """Check the question, that no step is empty and that every step has its label."""
        found = empty_fields(row, "prompt")
        found += ["a step is empty"] if any(not step.strip() for step in row["completions"]) else []
        return found if len(row["completions"]) == len(row["labels"]) else [*found, "steps and labels differ in number"]


class StudioLabels(Format):
    """H2O LLM Studio classification and regression: `instruction` and `label`, a class or a number."""

    name, title, tasks = "llm_studio_labels", "H2O LLM Studio labels", frozenset({Task.INSTRUCT})
    holds = frozenset({"id"})
    columns: ClassVar[tuple[str, ...]] = ("id", "instruction", "label")

    def matches(self, row: Row) -> bool:
        """Whether there is a label and no other answer."""
        return "instruction" in row and "label" in row and not {"output", "completion", "chosen", "messages"} & set(row)

    def read(self, row: Row) -> list[Record]:
        """Return a question whose answer is the label."""
        turns = single(need(row, "instruction"), need(row, "label"))
        meta = rest_of(row, (*self.columns, "parent_id"))
        return [Record(Task.INSTRUCT, turns, id=id_of(row), meta=meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return the row. Raises RowError for a record that is not one question with a short answer."""
        if record.chosen is not None or record.label is not None or len(record.messages) != 2:
            raise RowError(f"{self.name} holds one question with a class or a number")
        ((question, answer),) = pairs_of(Record(record.task, tuple(question_turns(record))), self.name)
        if "\n" in answer:
            raise RowError(f"{self.name} holds a class or a number; this answer has several lines")
        return {"id": record.id, "instruction": question, "label": answer}

    def problems(self, row: Row) -> list[str]:
        """Check that both hold text."""
        return empty_fields(row, "instruction", "label")
