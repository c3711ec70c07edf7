"""Questions of other data sets: none of them has its answer in XQuAD's articles 37-48."""

from __future__ import annotations

import csv
import json
import lzma
import random
import re
from pathlib import Path

MOST = 150


def other_sets(data: Path) -> dict[str, list[str]]:
    """Return up to 150 questions of each set, drawn with a fixed seed."""
    found = {
        "cranfield": _cranfield(data / "cranfield" / "cran.qry"),
        "chunking": _chunking(data / "chunking" / "questions_df.csv"),
        "trivia": _trivia(data / "eval_mc"),
        "squality": _squality(data / "squality" / "dev.jsonl.xz"),
    }
    rng = random.Random(3)
    return {name: rng.sample(texts, min(MOST, len(texts))) for name, texts in found.items() if texts}


def _cranfield(path: Path) -> list[str]:
    parts = re.split(r"^\.I \d+\n\.W\n", path.read_text("utf-8"), flags=re.M)[1:]
    return [" ".join(part.split()) for part in parts]


def _chunking(path: Path) -> list[str]:
    csv.field_size_limit(10**8)
    with path.open(encoding="utf-8") as file:
        return [row["question"] for row in csv.DictReader(file)]


def _trivia(folder: Path) -> list[str]:
    with lzma.open(folder / "world_knowledge" / "triviaqa_sm_sub.jsonl.xz", "rt", encoding="utf-8") as file:
        contexts = [json.loads(line)["context"] for line in file]
    return [context.removeprefix("Question: ").removesuffix("\nAnswer:") for context in contexts]


def _squality(path: Path) -> list[str]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        stories = [json.loads(line) for line in file]
    return [question["question_text"] for story in stories for question in story["questions"]]
