"""The steps that the rows of a task usually need: a recipe to begin with."""

from __future__ import annotations

from typing import Any

from headwater.records.record import Task

_TIDY: list[Any] = ["clean", {"personal_data": {"action": "mask"}}]
_DISTINCT: list[Any] = ["exact_duplicates", "near_duplicates"]
DEFAULTS: dict[Task, list[Any]] = {
    Task.QUESTION_ANSWERING: [
        *_TIDY, *_DISTINCT, {"length": {"fields": ["answer"], "minimum": 1, "each": True}}, "valid_question", "require",
    ],
    Task.SUMMARISATION: [*_TIDY, *_DISTINCT, {"length": {"fields": ["context"], "minimum": 200}}, "compression",
                         "require"],
    Task.INSTRUCT: [
        *_TIDY, "unhelpful", *_DISTINCT, {"length": {"fields": ["answer"], "minimum": 10, "each": True}},
        {"quality": {"minimum": 0.4}}, "require",
    ],
    Task.CONVERSATION: [
        "repair_conversation", *_TIDY, "unhelpful", *_DISTINCT, {"quality": {"minimum": 0.4}}, "require",
    ],
    Task.PRETRAINING: [
        *_TIDY, *_DISTINCT, {"length": {"unit": "words", "minimum": 20}}, "repetition", "symbols",
        {"quality": {"minimum": 0.4}}, "require",
    ],
    Task.PREFERENCE: [
        *_TIDY, "exact_duplicates", {"length": {"fields": ["chosen", "rejected"], "minimum": 1, "each": True}},
        "require",
    ],
}  # fmt: skip
