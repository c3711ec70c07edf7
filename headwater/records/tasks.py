"""The six tasks: what each teaches, which fields its records need, how they are written by default."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.records.record import Record, Task


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """Title, required fields (in the words a mapping uses) and the default output format."""

    title: str
    required: tuple[str, ...]
    format: str


TASKS: dict[Task, TaskInfo] = {
    Task.QUESTION_ANSWERING: TaskInfo("Question answering", ("question", "answer"), "messages"),
    Task.SUMMARISATION: TaskInfo("Text summarisation", ("context", "summary"), "summary"),
    Task.INSTRUCT: TaskInfo("Instruct tuning", ("question", "answer"), "messages"),
    Task.CONVERSATION: TaskInfo("Human-bot conversation", ("messages",), "messages"),
    Task.PRETRAINING: TaskInfo("Continued pre-training", ("text",), "text"),
    Task.PREFERENCE: TaskInfo("Preference", ("question", "chosen", "rejected"), "dpo"),
}


def missing_for(record: Record, task: Task) -> str | None:
    """Return what `record` lacks to be used for `task`, or None when it has everything."""
    if task is Task.PRETRAINING:
        return None if any(text.strip() for _, text in record.texts()) else "no text"
    if task is Task.SUMMARISATION:
        if not (record.context or "").strip():
            return "no text to summarise"
        return None if (record.completion or "").strip() else "no summary"
    if task is Task.PREFERENCE:
        paired = record.chosen is not None and record.rejected is not None
        labelled = record.label is not None and bool(record.completion)
        return None if paired or labelled else "no chosen and rejected answer"
    if not record.prompt.strip():
        return "no question"
    if not record.answer.strip():
        return "no answer"
    return None
