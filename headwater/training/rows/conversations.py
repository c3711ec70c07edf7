"""From records to what is trained: turns for a chat, or plain text; every row kept or refused with its reason."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from headwater.core.errors import BadInput
from headwater.records.formats.chat import chat_turns
from headwater.records.formats.format import question_turns
from headwater.records.reading import SourceSettings, chunks_of, open_source, records_of
from headwater.records.record import Record, RowError, Turn
from headwater.records.rows import BadRow
from headwater.training.config import PREFERENCES, SourceEntry, TrainingConfig

ROLES = {"system", "user", "assistant", "tool"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """One row: `turns` of a chat, or the `text` of continued pre-training. `origin` keeps a tree together.

    Where answers are compared the turns end with the chosen one and `rejected` is the other; or `label` tells
    whether the one answer is wanted.
    """

    row: str
    turns: tuple[dict[str, str], ...] = ()
    text: str | None = None
    origin: str = ""
    rejected: str | None = None
    label: bool | None = None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A file that was read, for the model card and the check at resume."""

    path: str
    sha256: str
    rows: int
    licence: str | None
    format: str


@dataclass
class Rows:
    """All rows of some files, and what was refused, by reason with a few row names each."""

    conversations: list[Conversation] = field(default_factory=list)
    sources: list[SourceInfo] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, reason: str, row: str) -> None:
        """Count a refused row."""
        self.refused[reason] += 1
        named = self.examples.setdefault(reason, [])
        if len(named) < 5:
            named.append(row)


def read_rows(entries: Sequence[SourceEntry], task: str, seed: int) -> Rows:
    """Read files of rows. A weight of 0.5 takes half of them, 2 takes each twice. Raises BadInput."""
    rows = Rows()
    for number, entry in enumerate(entries):
        found = list(_of_file(entry, task, rows))
        rows.conversations += _weighted(found, entry.weight, random.Random(f"{seed}:{number}"))
    if not rows.conversations:
        reasons = "; ".join(f"{count} x {reason}" for reason, count in rows.refused.most_common(5))
        raise BadInput(
            f"No row of {', '.join(entry.path for entry in entries)} can be learned ({reasons or 'they are empty'})",
            "Look at the rows with `headwater data inspect FILE`.",
        )
    return rows


def _of_file(entry: SourceEntry, task: str, rows: Rows) -> Iterator[Conversation]:
    path = Path(entry.path)
    if not path.is_file():
        raise BadInput(f"There is no file {path}", "Correct the path in the config's data section.")
    source = open_source(path, SourceSettings(entry.format, entry.mapping, entry.licence))
    count = 0
    for chunk in chunks_of(source):
        for record in records_of(source, chunk):
            count += 1
            if isinstance(record, BadRow):
                rows.refuse(record.reason, f"{record.file}:{record.number}")
                continue
            try:
                yield from learned_from(record, task)
            except RowError as error:
                rows.refuse(str(error), record.id)
    rows.sources.append(SourceInfo(path.name, source.hash, count, entry.licence, source.format.name))


def learned_from(record: Record, task: str) -> list[Conversation]:
    """Return what a task learns of a record, mostly one row. Raises RowError with the reason when there is nothing."""
    if task not in PREFERENCES:
        return [conversation(record, task)]
    paired, labelled = (
        record.chosen is not None and record.rejected is not None,
        record.label is not None and record.completion is not None,
    )
    if not paired and not labelled:
        raise RowError(f"{task} compares answers; the row has no chosen and rejected one and no label")
    prompt = tuple({"role": turn.role, "content": turn.content} for turn in prompt_turns(record))
    if not prompt or prompt[-1]["role"] not in ("user", "tool"):
        raise RowError("the prompt does not end with the user")
    rows = compared(record, task, prompt)
    for row in rows:
        _check_order(list(row.turns))
        if row.rejected is not None and not row.rejected.strip():
            raise RowError("empty answer")
    return rows


def prompt_turns(record: Record) -> list[Turn]:
    """Return the turns before the compared answers, system first and the context in the first question."""
    turns = question_turns(record)
    return [Turn("system", record.system), *turns] if record.system is not None else turns


def compared(record: Record, task: str, prompt: tuple[dict[str, str], ...]) -> list[Conversation]:
    """Return the rows of a record for a task that compares answers. Raises RowError when it has none to compare."""
    origin = record.origin or record.id

    def answered(row: str, text: str, rejected: str | None = None, label: bool | None = None) -> Conversation:
        turns = (*prompt, {"role": "assistant", "content": text})
        return Conversation(row, turns, origin=origin, rejected=rejected, label=label)

    if record.chosen is not None and record.rejected is not None:
        if record.chosen.strip() == record.rejected.strip():
            raise RowError("the two answers are the same")
        if task == "kto":
            pair = (("chosen", record.chosen, True), ("rejected", record.rejected, False))
            return [answered(f"{record.id} {name}", text, label=label) for name, text, label in pair]
        return [answered(record.id, record.chosen, record.rejected)]
    if task != "kto":
        raise RowError(f"a labelled answer and no pair: {task} needs a chosen and a rejected one; use task: kto")
    return [answered(record.id, record.completion or "", label=record.label)]


def conversation(record: Record, task: str) -> Conversation:
    """Return what is learned of a record. Raises RowError with the reason when nothing can be."""
    origin = record.origin or record.id
    if task == "pretrain":
        text = record.completion if record.completion is not None else "\n\n".join(text for _, text in record.texts())
        if not text.strip():
            raise RowError("empty text")
        return Conversation(record.id, text=text, origin=origin)
    turns = [{"role": turn.role, "content": turn.content} for turn in chat_turns(record, "training")]
    _check_order(turns)
    return Conversation(record.id, turns=tuple(turns), origin=origin)


def _check_order(turns: list[dict[str, str]]) -> None:
    spoken = [turn for turn in turns if turn["role"] != "system"]
    if not spoken:
        raise RowError("no messages")
    if any(turn["role"] == "system" for turn in turns[1:]):
        raise RowError("a system message after the first place")
    if spoken[0]["role"] != "user":
        raise RowError(f"begins with {spoken[0]['role']}, expected user")
    if not any(turn["role"] == "assistant" for turn in spoken):
        raise RowError("no answer to learn")
    for turn in spoken:
        if turn["role"] == "assistant" and not turn["content"].strip():
            raise RowError("empty answer")
    for before, after in pairwise(spoken):
        if before["role"] == after["role"] and after["role"] != "tool":
            raise RowError(f"two {after['role']} messages in a row")


def _weighted(found: list[Conversation], weight: float, chance: random.Random) -> list[Conversation]:
    whole = int(weight)
    rest = round((weight - whole) * len(found))
    return found * whole + chance.sample(found, rest)


def set_aside(rows: Rows, config: TrainingConfig) -> tuple[list[Conversation], list[Conversation], list[SourceInfo]]:
    """Return (training rows, validation rows, their files). Rows of one conversation tree never part."""
    valid = config.data.valid
    if not isinstance(valid, float):
        held = read_rows(valid, config.task, config.train.seed)
        return rows.conversations, held.conversations, held.sources
    origins = sorted({row.origin for row in rows.conversations})
    count = round(valid * len(origins))
    if valid > 0 and len(origins) > 1:
        count = max(1, count)
    chosen = set(random.Random(f"{config.train.seed}:valid").sample(origins, count))
    train = [row for row in rows.conversations if row.origin not in chosen]
    held_rows = {row.row: row for row in rows.conversations if row.origin in chosen}
    return train, list(held_rows.values()), []
