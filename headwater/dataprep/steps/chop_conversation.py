"""Chop long conversations into shorter ones; together they hold every message of the original, once."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from headwater.dataprep.step import Options, RecordStep
from headwater.records.record import Record, Turn


class ChopOptions(Options):
    """How long a piece may be."""

    pairs: int = Field(8, ge=1, description="Most question-answer pairs of a piece.")
    characters: int | None = Field(None, ge=1, description="Most characters of a piece; one pair is never cut.")


class ChopConversation(RecordStep):
    """A piece begins with a user message. Pieces keep the system message and, as `origin`, where they came from."""

    name, title, options_type = "chop_conversation", "Chop conversations", ChopOptions

    def apply(self, record: Record) -> Record | list[Record]:
        """Return the record, or its pieces in order."""
        pieces = chopped(record.messages, self.options.pairs, self.options.characters)
        if len(pieces) <= 1:
            return record
        return [
            replace(record, id=f"{record.id}~{n}", origin=record.origin or record.id, messages=tuple(piece))
            for n, piece in enumerate(pieces, 1)
        ]


def chopped(turns: tuple[Turn, ...], most_pairs: int, most_characters: int | None) -> list[list[Turn]]:
    """Cut before user messages only."""
    exchanges: list[list[Turn]] = []
    for turn in turns:
        if not exchanges or (turn.role == "user" and any(t.role == "user" for t in exchanges[-1])):
            exchanges.append([])
        exchanges[-1].append(turn)
    pieces: list[list[Turn]] = []
    size = pairs = 0
    for exchange in exchanges:
        length = sum(len(turn.content) for turn in exchange)
        full = pairs >= most_pairs or (most_characters is not None and size + length > most_characters)
        if not pieces or full:
            pieces.append([])
            size = pairs = 0
        pieces[-1] += exchange
        size += length
        pairs += 1
    return pieces
