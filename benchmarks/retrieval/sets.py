"""The benchmark's sets, read from the data folder: texts to search, questions, and what answers them."""

from __future__ import annotations

import csv
import json
import lzma
import re
from dataclasses import dataclass
from pathlib import Path

from headwater.documents.beir import BeirDocument, BeirSet

XQUAD_TRAIN_ARTICLES = 36


@dataclass(frozen=True)
class SpanQuestion:
    """A question and the ranges (document, start, end) that together answer it."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class SpanSet:
    """Documents by name, and questions whose answers are ranges of them."""

    documents: dict[str, str]
    questions: tuple[SpanQuestion, ...]


def read(path: Path) -> str:
    """Read a text file, or the same with .xz behind its name."""
    if path.exists():
        return path.read_text("utf-8")
    with lzma.open(f"{path}.xz", "rt", encoding="utf-8") as file:
        return file.read()


def chunking(data: Path) -> SpanSet:
    """chunking_evaluation: three corpora searched as one collection, 276 questions with exact spans."""
    csv.field_size_limit(10**8)
    documents = {path.stem: path.read_text("utf-8") for path in sorted((data / "chunking" / "corpora").glob("*.md"))}
    with (data / "chunking" / "questions_df.csv").open(encoding="utf-8") as file:
        questions = tuple(
            SpanQuestion(
                row["question"],
                tuple((row["corpus_id"], r["start_index"], r["end_index"]) for r in json.loads(row["references"])),
            )
            for row in csv.DictReader(file)
        )
    return SpanSet(documents, questions)


def xquad(data: Path, language: str, held_out: bool) -> BeirSet:
    """XQuAD, question to paragraph: articles 37-48 when `held_out`, else 1-36. One paragraph answers."""
    articles = json.loads(read(data / "xquad" / f"xquad.{language}.json"))["data"]
    chosen = articles[XQUAD_TRAIN_ARTICLES:] if held_out else articles[:XQUAD_TRAIN_ARTICLES]
    documents, queries, grades = [], {}, {}
    for article in chosen:
        for paragraph in article["paragraphs"]:
            name = f"p{len(documents)}"
            documents.append(BeirDocument(name, "", paragraph["context"]))
            for question in paragraph["qas"]:
                queries[question["id"]] = question["question"]
                grades[question["id"]] = {name: 1}
    return BeirSet(tuple(documents), queries, grades)


def cranfield(data: Path) -> BeirSet:
    """Cranfield. Grades 1 (best) to 4 (least) become gains 4 to 1; the rows with -1 are left out."""
    documents = []
    for number, part in enumerate(
        re.split(r"^\.I \d+\n", read(data / "cranfield" / "cran.all.1400"), flags=re.M)[1:], 1
    ):
        fields = re.match(r"\.T\n(.*?)\.A\n.*?\.B\n.*?\.W\n(.*)", part, re.S)
        assert fields is not None
        title, body = (" ".join(field.split()) for field in fields.groups())
        documents.append(BeirDocument(str(number), title, body.removeprefix(title).strip()))
    parts = re.split(r"^\.I \d+\n\.W\n", read(data / "cranfield" / "cran.qry"), flags=re.M)[1:]
    queries = {str(number): " ".join(part.split()) for number, part in enumerate(parts, 1)}
    grades: dict[str, dict[str, int]] = {}
    for line in read(data / "cranfield" / "cranqrel").splitlines():
        query, document, grade = line.split()
        if 1 <= int(grade) <= 4:
            grades.setdefault(query, {})[document] = 5 - int(grade)
    return BeirSet(tuple(documents), {query: queries[query] for query in grades}, grades)
