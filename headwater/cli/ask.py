"""headwater ask, headwater search: questions to files on disk, with no server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from textwrap import shorten
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from headwater.cli.collections import show_failures
from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import note, print_json, progress_bar, say
from headwater.core.errors import BadInput

if TYPE_CHECKING:
    from headwater.core.types import Answer, Citation, Filters, Hit
    from headwater.workspace import Workspace

Words = Annotated[
    list[str],
    typer.Argument(metavar="PATH... QUESTION", help="Files or folders, then the question.", show_default=False),
]
Model = Annotated[str | None, typer.Option("--model", help="Chat model that writes the answer; 'none' only quotes.")]
SHOWN_CHARACTERS = 300
Top = Annotated[int, typer.Option("--top", min=1, max=1000, help="How many passages.")]


def ask(words: Words, model: Model = None, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Answer a question from files. Each sentence cites its page and passage."""
    with workspace(data_dir) as ws:
        began = perf_counter()
        paths, question = split_words(words)
        filters, indexing = index(ws, paths)
        answer = asyncio.run(ws.answer(question, ws.owner, filters, model))
        seconds = {"index": indexing, **answer.seconds, "total": perf_counter() - began}
        if as_json:
            print_json(answer_json(answer, seconds))
        else:
            show_answer(answer)


def search(words: Words, top: Top = 10, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Find the passages nearest to a question in files."""
    with workspace(data_dir) as ws:
        paths, query = split_words(words)
        filters, indexing = index(ws, paths)
        began = perf_counter()
        hits = ws.search(query, ws.owner, filters, top)
        seconds = {"index": indexing, "search": perf_counter() - began}
        if as_json:
            print_json({"passages": [hit_json(hit) for hit in hits], "seconds": seconds})
            return
        for number, hit in enumerate(hits, 1):
            say(f"{number}. {place(hit.passage.document, hit.passage.page, hit.passage.label)}  {hit.score:.3f}")
            say(f"   {' '.join(hit.passage.text.split())}")


def split_words(words: list[str]) -> tuple[list[Path], str]:
    """Split PATH... QUESTION; the last word is the question. Raises BadInput."""
    if len(words) < 2:
        raise BadInput("A question needs at least one file or folder", 'headwater ask report.pdf "Who signed it?"')
    missing = [word for word in words[:-1] if not Path(word).exists()]
    if missing:
        raise BadInput(f"No such file: {', '.join(missing)}", "Put the question in quotes after the paths.")
    if not words[-1].strip():
        raise BadInput("The question is empty", 'headwater ask report.pdf "Who signed it?"')
    return [Path(word) for word in words[:-1]], words[-1]


def index(ws: Workspace, paths: list[Path]) -> tuple[Filters, float]:
    """Read what is new or changed under the paths. Returns what to search and the seconds it took."""
    began = perf_counter()
    with progress_bar("Reading") as report:
        outcome = ws.folders.sync(ws.owner, paths, report)
    show_failures(outcome.failed)
    if outcome.failed and not outcome.searchable:
        name, reason = outcome.failed[0]
        raise BadInput(
            f"Nothing could be read: {Path(name).name}: {reason}", "headwater extract FILE shows what is seen."
        )
    if not outcome.searchable:
        note("The files hold no text.")
    return outcome.filters, perf_counter() - began


def place(document: str, page: int | None, label: str | None) -> str:
    """Name where something stands: document, page or label."""
    return document + (f", {label}" if label else f", page {page}" if page else "")


def show_answer(answer: Answer) -> None:
    """Print an answer and its sources."""
    say(answer.text)
    if answer.mode == "quote":
        note("(quoted from the documents)")
    for citation in answer.citations:
        where = place(citation.document, citation.page, citation.label)
        say(f"  [{citation.number}] {where}: “{shorten(citation.quote, SHOWN_CHARACTERS, placeholder=' …')}”")


def citation_json(citation: Citation) -> dict[str, object]:
    """The contract's form of a citation."""
    names = ("number", "document", "page", "label", "start", "end", "quote")
    return {name: getattr(citation, name) for name in names}


def hit_json(hit: Hit) -> dict[str, object]:
    """The contract's form of a passage."""
    passage = hit.passage
    return {
        "document": passage.document,
        "page": passage.page,
        "label": passage.label,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": hit.score,
        "keyword": hit.keyword,
        "dense": hit.dense,
        "rerank": hit.rerank,
    }


def answer_json(answer: Answer, seconds: dict[str, float]) -> dict[str, object]:
    """The contract's form of an answer."""
    return {
        "answer": answer.text,
        "grounded": answer.grounded,
        "mode": answer.mode,
        "citations": [citation_json(citation) for citation in answer.citations],
        "passages": [hit_json(hit) for hit in answer.hits],
        "model": answer.model,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }
