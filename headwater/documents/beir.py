"""Sets with known answers in BEIR form: corpus.jsonl, queries.jsonl and qrels/test.tsv; and how they are scored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput

CUT = 10


@dataclass(frozen=True, slots=True)
class BeirDocument:
    """A document of a corpus; `title` may be empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class BeirSet:
    """Documents, queries by id, and for each query the grade (> 0) of the documents that answer it."""

    documents: tuple[BeirDocument, ...]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def load_beir(directory: Path) -> BeirSet:
    """Read a set. Queries without a judged document are left out, as are grades of 0 or less.

    Raises BadInput naming the file and the line.
    """
    documents = tuple(
        BeirDocument(str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))
        for row in _rows(directory / "corpus.jsonl")
    )
    texts = {str(row["_id"]): str(row.get("text") or "") for row in _rows(directory / "queries.jsonl")}
    grades = _grades(directory / "qrels" / "test.tsv")
    known = {query: judged for query, judged in grades.items() if query in texts}
    if not documents or not known:
        raise BadInput(
            f"{directory} has {len(documents)} documents and {len(known)} judged queries",
            "It needs at least one of each; the ids in qrels/test.tsv are those of queries.jsonl and corpus.jsonl.",
        )
    return BeirSet(documents, {query: texts[query] for query in known}, known)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {number} is not JSON: {error}", "Each line is one JSON object.") from error
        if not isinstance(row, dict) or "_id" not in row:
            raise BadInput(f"{path}, line {number} has no '_id'", 'Each line is {"_id": ..., "text": ...}.')
        yield row


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), 1):
        fields = line.rstrip("\n").split("\t")
        if not line.strip() or (number == 1 and fields[-1].strip() == "score"):
            continue
        if len(fields) != 3 or not fields[2].strip().lstrip("-").isdigit():
            raise BadInput(
                f"{path}, line {number} is {line.strip()!r}", "Expected query id, document id and grade with tabs."
            )
        if int(fields[2]) > 0:
            grades.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return grades


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise BadInput(
            f"{path} is missing", "A set in BEIR form has corpus.jsonl, queries.jsonl and qrels/test.tsv."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", "Check the file; text must be UTF-8.") from error


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain at `cut`, the gain being the grade, as trec_eval computes it."""
    gained = sum(grades.get(document, 0) / math.log2(place + 2) for place, document in enumerate(ranked[:cut]))
    ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:cut]))
    return gained / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """Share of the documents that answer which are among the first `cut`."""
    return sum(document in grades for document in ranked[:cut]) / len(grades) if grades else 0.0
