"""Formats of evaluation sets, read only: SQuAD, multiple choice, continuation, SQuALITY."""

from __future__ import annotations

from typing import Any

from headwater.records.formats.format import Format, Row, id_of, need, rest_of, turns_of
from headwater.records.formats.instructions import single
from headwater.records.record import Record, RowError, Task


class Squad(Format):
    """`paragraphs: [{context, qas: [{question, answers}]}]`, the file is {"data": [...]}; or one question a row."""

    name, title, tasks = "squad", "SQuAD", frozenset({Task.QUESTION_ANSWERING})

    def matches(self, row: Row) -> bool:
        """Whether the row is an article with paragraphs of questions, or one question with its answers."""
        if _is_flat(row):
            return True
        found = row.get("paragraphs")
        return isinstance(found, list) and bool(found) and isinstance(found[0], dict) and "qas" in found[0]

    def read(self, row: Row) -> list[Record]:
        """Return one record a question that has an answer."""
        if _is_flat(row):
            texts = row["answers"]["text"]
            if not texts:
                raise RowError("no question with an answer")
            turns = single(need(row, "question"), str(texts[0]))
            origin = str(row.get("title") or "") or None
            return [Record(Task.QUESTION_ANSWERING, turns, context=need(row, "context"), id=id_of(row), origin=origin)]
        records = []
        for paragraph in turns_of(row, "paragraphs"):
            context = need(paragraph, "context")
            for item in paragraph.get("qas", []):
                answers = item.get("answers") or []
                if answers:
                    turns = single(need(item, "question"), need(answers[0], "text"))
                    title = str(row.get("title", "")) or None
                    records.append(
                        Record(Task.QUESTION_ANSWERING, turns, context=context, id=id_of(item), origin=title)
                    )
        if not records:
            raise RowError("no question with an answer")
        return records


def _is_flat(row: Row) -> bool:
    answers = row.get("answers")
    return (
        isinstance(answers, dict) and isinstance(answers.get("text"), list) and "question" in row and "context" in row
    )


class MultipleChoice(Format):
    """`query` (or `context`), `choices` and `gold`; also `context, continuation` and `context, answer`."""

    name, title, tasks = "evaluation", "Evaluation questions", frozenset({Task.QUESTION_ANSWERING})

    def matches(self, row: Row) -> bool:
        """Whether the row is a question with its right choice or its continuation."""
        chosen = "choices" in row and "gold" in row
        open_ended = "context" in row and ("continuation" in row or "answer" in row) and "question" not in row
        return chosen or open_ended or ("context_options" in row and "gold" in row)

    def read(self, row: Row) -> list[Record]:
        """Return the question with the right answer."""
        used = ("query", "context", "choices", "gold", "continuation", "answer", "context_options", "id")
        meta = rest_of(row, used)
        if "context_options" in row:
            question = str(_right(row, "context_options"))
            answer = need(row, "continuation")
        elif "choices" in row:
            question, answer = need(row, "query", "context"), str(_right(row, "choices"))
            meta["choices"] = row["choices"]
        else:
            question, answer = need(row, "context"), need(row, "continuation", "answer")
        return [Record(Task.QUESTION_ANSWERING, single(question, answer), id=id_of(row), meta=meta)]


def _right(row: Row, name: str) -> Any:
    options, gold = row[name], row["gold"]
    if not isinstance(options, list) or not isinstance(gold, int) or not 0 <= gold < len(options):
        raise RowError(f"gold is {gold!r}, expected a place in {name}")
    return options[gold]


class Squality(Format):
    """`document` and `questions: [{question_text, responses: [{response_text}]}]`: long summaries on a question."""

    name, title, tasks = "squality", "SQuALITY", frozenset({Task.QUESTION_ANSWERING})

    def matches(self, row: Row) -> bool:
        """Whether the row is a document with questions and responses."""
        found = row.get("questions")
        return "document" in row and isinstance(found, list) and bool(found) and "responses" in found[0]

    def read(self, row: Row) -> list[Record]:
        """Return one record a response."""
        document = need(row, "document")
        origin = str(dict(row.get("metadata") or {}).get("passage_id", "")) or None
        return [
            Record(
                Task.QUESTION_ANSWERING, single(need(item, "question_text"), need(answer, "response_text")),
                context=document, origin=origin,
            )
            for item in turns_of(row, "questions")
            for answer in item["responses"]
        ]  # fmt: skip
