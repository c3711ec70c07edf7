"""What the page offers: steps by stage with their schemas, tasks with a recipe to begin with, formats."""

from __future__ import annotations

from typing import Any

from headwater.dataprep.defaults import DEFAULTS
from headwater.dataprep.pages import step_table
from headwater.records.detect import FORMATS, NESTED, READ_ONLY
from headwater.records.record import Task
from headwater.records.tasks import TASKS
from headwater.studio.recipes import FILE_OPTIONS, MODEL_OPTIONS

STAGES = ("mix", "clean", "quality", "convert", "fit")
STAGE_OF = {
    "mix": "mix", "sample": "mix", "shuffle": "mix", "repair_conversation": "clean", "chop_conversation": "clean",
    "clean": "clean", "personal_data": "clean", "profanity": "clean", "unhelpful": "clean", "personalise": "clean",
    "exact_duplicates": "clean", "near_duplicates": "clean", "decontaminate": "clean", "language": "quality",
    "length": "quality", "repetition": "quality", "symbols": "quality", "readability": "quality",
    "quality": "quality", "valid_question": "quality", "compression": "quality", "similarity": "quality",
    "reward": "quality", "require": "convert", "boundaries": "convert", "truncate": "fit", "keep_best": "fit",
    "fit": "fit",
}  # fmt: skip
ABOUT = {
    Task.QUESTION_ANSWERING: "Answer questions from a text that comes with them.",
    Task.SUMMARISATION: "Write short summaries of long texts.",
    Task.INSTRUCT: "Do what an instruction asks, in one reply.",
    Task.CONVERSATION: "Talk over several turns, as a chat assistant does.",
    Task.PRETRAINING: "Learn the language and facts of plain texts.",
    Task.PREFERENCE: "Prefer good answers to bad ones, from pairs of both.",
}


def catalogue(can_embed: bool, tokenizers: list[str]) -> dict[str, Any]:
    """Return everything that the page needs to know before it shows a recipe."""
    missing = {"reward": "It needs an installed reward model by name, or a score column of your own."}
    if not can_embed:
        missing["valid_question"] = "The option minimum_embedding needs an embedding model, and none is installed."
    steps = [
        {
            "name": entry["name"], "title": entry["title"], "stage": STAGE_OF.get(entry["name"], "quality"),
            "summary": entry["summary"], "description": entry["description"], "options": entry["schema"],
            "file_options": list(FILE_OPTIONS.get(entry["name"], ())),
            "model_options": list(MODEL_OPTIONS.get(entry["name"], ())), "note": missing.get(entry["name"]),
        }
        for entry in step_table()
    ]  # fmt: skip
    return {"stages": list(STAGES), "steps": steps, "tasks": _tasks(), "formats": _formats(), "tokenizers": tokenizers}


def _tasks() -> list[dict[str, Any]]:
    return [
        {
            "name": task.value, "title": info.title, "about": ABOUT[task], "needs": list(info.required),
            "format": info.format, "steps": DEFAULTS[task],
        }
        for task, info in TASKS.items()
    ]  # fmt: skip


def _formats() -> list[dict[str, Any]]:
    return [
        {
            "name": name, "title": FORMATS[name].title, "tasks": sorted(t.value for t in FORMATS[name].tasks),
            "written": name not in READ_ONLY, "nested": name in NESTED,
        }
        for name in FORMATS
    ]  # fmt: skip
