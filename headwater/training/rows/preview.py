"""Data before it is learned: a few rows as the model will see them, and how long all of the first ones are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput
from headwater.records.reading import SourceSettings, chunks_of, open_source, records_of
from headwater.records.record import RowError
from headwater.records.rows import BadRow
from headwater.training.config import SourceEntry, TrainingConfig
from headwater.training.rows.conversations import Conversation, Rows, learned_from
from headwater.training.rows.prepare import check_template, encoded, lengths_of, sequences_of, shown_tokens
from headwater.training.rows.template import load_template

MOST_ROWS = 500
SHOWN = 4
BARS = 24
ANY_LENGTH = 1 << 30
# A longer row is shown to here; its length is counted whole.
SHOWN_TOKENS = 1500


def preview(config: TrainingConfig, tokenizer: Any) -> dict[str, Any]:
    """Return rendered rows with their tokens marked as learned or not, and the lengths of the first rows.

    At most MOST_ROWS rows of each file are read. Raises BadInput.
    """
    template = load_template(config.data.template, tokenizer)
    if config.task != "pretrain":
        check_template(template, tokenizer)
    rows = Rows()
    whole = all([_first_rows(entry, config.task, rows) for entry in config.data.train])
    if not rows.conversations:
        reasons = "; ".join(f"{count} x {reason}" for reason, count in rows.refused.most_common(5))
        raise BadInput(
            f"No row can be learned ({reasons or 'the files are empty'})",
            "Look at the file's columns and choose which of them is the question and which the answer.",
        )
    every = config.model_copy(update={"data": config.data.model_copy(update={"max_length": ANY_LENGTH})})
    found = encoded(rows.conversations, every, tokenizer, template)
    examples, turns = sequences_of(found.examples), shown_turns(rows.conversations)
    if not len(examples):
        raise BadInput("In none of the first rows is there anything to learn", "Look at data.learn_on and the rows.")
    lengths = [int(length) for length in lengths_of(found.examples)]
    shown = shown_tokens(found.examples, tuple(range(min(SHOWN, len(found.examples)))), tokenizer)
    return {
        "rows": [_row(each, turns[each["row"]]) for each in shown],
        "read": len(rows.conversations) + sum(rows.refused.values()),
        "whole": whole,
        "kept": len(found.examples),
        "refused": dict((Counter(rows.refused) + Counter(found.dropped)).most_common()),
        "longest": max(lengths),
        "mean": sum(lengths) / len(lengths),
        "max_length": config.data.max_length,
        "too_long": sum(length > config.data.max_length for length in lengths),
        "learned_share": float(examples.learned.mean()),
        **histogram(lengths, config.data.max_length),
    }


def shown_turns(rows: list[Conversation]) -> dict[str, Conversation]:
    """Return what is shown beside the tokens, by the name that `shown_tokens` gives: both answers of a pair."""
    found = {row.row: row for row in rows}
    for row in rows:
        if row.rejected is not None:
            other = (*row.turns[:-1], {"role": "assistant", "content": row.rejected})
            found |= {f"{row.row} chosen": row, f"{row.row} rejected": replace(row, turns=other)}
    return found


def _first_rows(entry: SourceEntry, task: str, rows: Rows) -> bool:
    """Read the first rows of a file; return whether that was all of it."""
    path = Path(entry.path)
    source = open_source(path, SourceSettings(entry.format, entry.mapping, entry.licence))
    records = (record for chunk in chunks_of(source) for record in records_of(source, chunk))
    for record in islice(records, MOST_ROWS):
        if isinstance(record, BadRow):
            rows.refuse(record.reason, f"{record.file}:{record.number}")
            continue
        try:
            rows.conversations += learned_from(record, task)
        except RowError as error:
            rows.refuse(str(error), record.id)
    return next(records, None) is None


def _row(shown: dict[str, Any], row: Conversation) -> dict[str, Any]:
    tokens, length = shown["tokens"][:SHOWN_TOKENS], len(shown["tokens"])
    turns = list(row.turns) or [{"role": "text", "content": row.text or ""}]
    return {"row": shown["row"], "turns": turns, "tokens": tokens, "length": length}


def histogram(lengths: list[int], max_length: int) -> dict[str, list[int]]:
    """Return bars of lengths whose edges include `max_length` when rows lie on both sides of it."""
    longest = max(lengths)
    width = max(1, -(-(longest + 1) // BARS))
    if longest > max_length:
        # The line between what fits and what does not falls between two bars.
        below = max(1, round(max_length / width))
        width = max(1, -(-max_length // below))
    edges = list(range(0, longest + width + 1, width))
    counts = [0] * (len(edges) - 1)
    for length in lengths:
        counts[min(length // width, len(counts) - 1)] += 1
    return {"edges": edges, "counts": counts}
