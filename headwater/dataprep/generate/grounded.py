"""Documents -> questions, answers and summaries, each tied to a character range that was checked.

The model names the passage it used by quoting it. The quote must be in the text (small slips of copying are
aligned), and the answer's words must be in the passage; else the pair is refused with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz import fuzz

from headwater.core.errors import ContextOverflow
from headwater.core.progress import Progress, Report, silent
from headwater.core.sentences import sentences
from headwater.core.types import ChatOptions, Message
from headwater.dataprep.generate.asking import Asker, OutOfBudget, Request
from headwater.dataprep.generate.generated import Generated
from headwater.dataprep.overlap import content_words
from headwater.dataprep.steps.valid_question import grounded, is_question
from headwater.records.record import Record, Source, Task, Turn

LEAST_ALIGNMENT = 90.0
BATCH = 8
PAIRS_SCHEMA: dict[str, object] = {
    "type": "object", "required": ["pairs"], "additionalProperties": False,
    "properties": {"pairs": {"type": "array", "items": {
        "type": "object", "required": ["question", "answer", "quote"], "additionalProperties": False,
        "properties": {"question": {"type": "string"}, "answer": {"type": "string"}, "quote": {"type": "string"}},
    }}},
}  # fmt: skip
PAIRS_PROMPT = """Read the passage and write {count} questions that it answers, each with its answer.
A question must be understood without seeing the passage. An answer is one or two full sentences.
For each, copy the words of the passage that prove the answer, exactly, as "quote".
Reply with JSON: {{"pairs": [{{"question": "...", "answer": "...", "quote": "..."}}]}}

Passage:
{passage}"""
SUMMARY_PROMPT = (
    "Summarise the passage in {count} sentences. Use only what it says. Reply with the summary alone.\n\n{passage}"
)


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text to ask about; `offset` is where it begins in its document."""

    document: str
    text: str
    offset: int = 0
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class GroundedSettings:
    """How much is asked for and what is accepted."""

    kind: Literal["questions", "summaries"] = "questions"
    per_passage: int = 3
    passage_characters: int = 1500
    minimum_grounding: float = 0.6
    temperature: float = 0.3
    seed: int = 0
    most: int | None = None


def passages(source: SourceText, characters: int) -> Iterator[SourceText]:
    """Cut a text into pieces of whole sentences, about `characters` long, none shorter than a quarter of it."""
    spans = sentences(source.text)
    start: int | None = None
    end = 0
    for first, last in spans:
        if start is not None and last - start > characters:
            yield SourceText(source.document, source.text[start:end], source.offset + start, source.licence)
            start = None
        start = first if start is None else start
        end = last
    if start is not None and (end - start >= characters // 4 or start == spans[0][0]):
        yield SourceText(source.document, source.text[start:end], source.offset + start, source.licence)


def from_documents(
    asker: Asker, sources: Iterable[SourceText], settings: GroundedSettings, report: Report = silent
) -> Generated:
    """Ask about every passage; stop at `most` records or at the end of the budget."""
    made = Generated(spent=asker.spent)
    seen: set[str] = set()
    pieces = [piece for source in sources for piece in passages(source, settings.passage_characters)]
    for first in range(0, len(pieces), BATCH):
        batch = pieces[first : first + BATCH]
        answers = asker.ask_all([_request(piece, settings) for piece in batch])
        for piece, answer in zip(batch, answers, strict=True):
            if isinstance(answer, OutOfBudget):
                made.stopped = answer.message
                continue
            for record in _accepted(piece, answer, settings, made):
                key = " ".join(sorted(content_words(record.prompt or record.answer)))
                if key in seen:
                    made.refuse("asked before", record.prompt)
                elif settings.most is None or len(made.records) < settings.most:
                    seen.add(key)
                    made.records.append(record)
        report(Progress(min(first + BATCH, len(pieces)), len(pieces), "passages"))
        if settings.most is not None and len(made.records) >= settings.most:
            made.stopped = f"{settings.most:,} records were asked for"
        if made.stopped:
            break
    return made


def _request(piece: SourceText, settings: GroundedSettings) -> Request:
    asks = settings.kind == "questions"
    prompt = (PAIRS_PROMPT if asks else SUMMARY_PROMPT).format(count=settings.per_passage, passage=piece.text)
    options = ChatOptions(
        max_tokens=220 * settings.per_passage, temperature=settings.temperature, seed=settings.seed,
        json_schema=PAIRS_SCHEMA if asks else None,
    )  # fmt: skip
    return Request((Message("user", prompt),), options)


def _accepted(
    piece: SourceText, answer: str | ContextOverflow, settings: GroundedSettings, made: Generated
) -> Iterator[Record]:
    if isinstance(answer, ContextOverflow):
        made.refuse("passage too long for the model", piece.text)
        return
    if settings.kind == "summaries":
        yield from _summary(piece, answer.strip(), settings, made)
        return
    for pair in _pairs(answer, made):
        question, reply = pair["question"].strip(), pair["answer"].strip()
        span = located(pair["quote"], piece.text)
        if not is_question(question):
            made.refuse("not a question", question)
        elif not reply:
            made.refuse("no answer", question)
        elif span is None:
            made.refuse("the quote is not in the passage", pair["quote"])
        elif grounded(reply, piece.text) < settings.minimum_grounding:
            made.refuse("the answer is not in the passage", reply)
        else:
            yield _record(piece, question, reply, span)


def _pairs(answer: str, made: Generated) -> Sequence[dict[str, str]]:
    start, end = answer.find("{"), answer.rfind("}")
    try:
        found = json.loads(answer[start : end + 1])["pairs"]
        return [{key: str(pair[key]) for key in ("question", "answer", "quote")} for pair in found]
    except (ValueError, KeyError, TypeError):
        made.refuse("not the JSON asked for", answer)
        return []


def located(quote: str, text: str) -> tuple[int, int] | None:
    """Return where the quote stands in the text, allowing small slips of copying; None when it does not."""
    quote = quote.strip().strip('"“”')
    if not quote:
        return None
    place = text.find(quote)
    if place >= 0:
        return place, place + len(quote)
    if len(quote) > len(text):
        return None
    found: Any = fuzz.partial_ratio_alignment(quote, text)
    if found is None or found.score < LEAST_ALIGNMENT:
        return None
    return int(found.dest_start), int(found.dest_end)


def _record(piece: SourceText, question: str, answer: str, span: tuple[int, int]) -> Record:
    start, end = piece.offset + span[0], piece.offset + span[1]
    return Record(
        Task.QUESTION_ANSWERING, (Turn("user", question), Turn("assistant", answer)), context=piece.text,
        id=f"{piece.document}:{start}-{end}:{len(question)}", origin=piece.document,
        source=Source(piece.document, 0, "", piece.licence),
        meta={"quote": piece.text[span[0] : span[1]], "start": start, "end": end, "made_by": "questions"},
    )  # fmt: skip


def _summary(piece: SourceText, text: str, settings: GroundedSettings, made: Generated) -> Iterator[Record]:
    if not text:
        made.refuse("no summary", piece.text)
    elif len(text) > 0.8 * len(piece.text):
        made.refuse("the summary is no shorter", text)
    elif grounded(text, piece.text) < settings.minimum_grounding:
        made.refuse("the summary is not in the passage", text)
    else:
        end = piece.offset + len(piece.text)
        yield Record(
            Task.SUMMARISATION, context=piece.text, completion=text, id=f"{piece.document}:{piece.offset}-{end}",
            origin=piece.document, source=Source(piece.document, 0, "", piece.licence),
            meta={"start": piece.offset, "end": end, "made_by": "summaries"},
        )  # fmt: skip
