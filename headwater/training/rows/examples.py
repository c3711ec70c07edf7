"""Rows as tokens with the mask of what is learned: rendered once, encoded in batches, kept in three arrays.

The mask comes from character ranges: a token is learned when any of its characters is in a learned range.
Tokenising prompt and answer apart would give other tokens at the border than the model sees when it is asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput
from headwater.training.config import DataSection
from headwater.training.rows.conversations import Conversation
from headwater.training.rows.template import ChatTemplate, Rendered
from headwater.training.rows.token_places import TokenPlaces

BATCH = 512


@dataclass(frozen=True)
class Examples:
    """Tokens of many rows, end to end.

    `ids` and `learned` have one entry a token; row i lies at starts[i]:starts[i + 1]. `targets[i]` counts the
    learned tokens of row i that have a token before them (the first token of a row is never predicted).
    """

    ids: npt.NDArray[np.int32]
    learned: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int64]
    rows: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, number: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Return (token ids, learned) of one row."""
        start, end = self.starts[number], self.starts[number + 1]
        return self.ids[start:end], self.learned[start:end]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each row."""
        return np.diff(self.starts)

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """Learned tokens of each row, without a first token."""
        counts = np.concatenate([[0], np.cumsum(self.learned)])
        found: npt.NDArray[np.int64] = (
            counts[self.starts[1:]] - counts[self.starts[:-1]] - self.learned[self.starts[:-1]]
        )
        return found

    def digest(self) -> str:
        """A hash of everything that decides the batches: a resumed run must meet the same rows."""
        digest = hashlib.sha256()
        for array in (self.ids, self.learned, self.starts):
            digest.update(array.tobytes())
        return digest.hexdigest()


@dataclass
class Encoded:
    """The examples and what was left out: rows by reason, with a few row names each."""

    examples: Examples
    dropped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)


class Encoder:
    """Turns conversations into examples with one tokenizer, template and data section."""

    def __init__(self, tokenizer: Any, template: ChatTemplate, data: DataSection) -> None:
        if not tokenizer.is_fast:
            raise BadInput(
                "This model's tokenizer cannot say which characters a token covers",
                "Take a model that comes with a tokenizer.json.",
            )
        self._backend = tokenizer.backend_tokenizer
        self._template = template
        self._data = data
        self._bos, self._eos = template.bos_token, template.eos_token

    def encode(self, rows: Sequence[Conversation]) -> Encoded:
        """Render and tokenise rows. Overlong ones are treated as the config says. Raises BadInput."""
        collected = _Collected()
        for place, ids, learned in self.tokens_of(rows, collected.drop):
            self._add(rows[place], ids, learned, collected)
        return collected.finish()

    def tokens_of(
        self, rows: Sequence[Conversation], drop: Callable[[str, str], None]
    ) -> Iterator[tuple[int, npt.NDArray[np.int32], npt.NDArray[np.bool_]]]:
        """Yield (place in `rows`, ids, learned) of each row that renders; the others go to `drop(reason, row)`."""
        places = TokenPlaces(self._backend, len(rows))
        for first in range(0, len(rows), BATCH):
            block = range(first, min(first + BATCH, len(rows)))
            rendered = [(place, self._render(rows[place], drop)) for place in block]
            ids, learned, counts = places.encode([text for _, text in rendered if text is not None])
            ends = np.cumsum(counts).tolist()
            kept = (place for place, text in rendered if text is not None)
            for place, start, end in zip(kept, [0, *ends], ends, strict=False):
                yield place, ids[start:end], learned[start:end]

    def _render(self, row: Conversation, drop: Callable[[str, str], None]) -> Rendered | None:
        if row.text is not None:
            text = f"{self._bos}{row.text}{self._eos}"
            return Rendered(text, ((len(self._bos), len(text)),))
        try:
            return self._template.learn(row.turns, self._data.learn_on)
        except BadInput as error:
            if "not how the full text begins" in error.message:
                raise
            drop(error.message, row.row)
            return None

    def _add(
        self, row: Conversation, ids: npt.NDArray[np.int32], learned: npt.NDArray[np.bool_], collected: _Collected
    ) -> None:
        longest = self._data.max_length
        if len(ids) <= longest:
            collected.add(row.row, ids, learned)
            return
        if self._data.overlong == "error":
            raise BadInput(
                f"Row {row.row} has {len(ids):,} tokens, data.max_length is {longest:,}",
                "Raise data.max_length, or let data.overlong drop, truncate or split such rows.",
            )
        if self._data.overlong == "drop":
            collected.drop("longer than max_length", row.row)
        elif self._data.overlong == "truncate":
            collected.cut("cut to max_length")
            collected.add(row.row, ids[:longest], learned[:longest])
        else:
            collected.cut("split at max_length")
            for number, start in enumerate(range(0, len(ids), longest), 1):
                piece = slice(start, start + longest)
                collected.add(f"{row.row}#{number}", ids[piece], learned[piece])


class _Collected:
    """Rows while they are encoded."""

    def __init__(self) -> None:
        self.ids: list[npt.NDArray[np.int32]] = []
        self.learned: list[npt.NDArray[np.bool_]] = []
        self.rows: list[str] = []
        self.dropped: Counter[str] = Counter()
        self.named: dict[str, list[str]] = {}

    def add(self, row: str, ids: npt.NDArray[np.int32], learned: npt.NDArray[np.bool_]) -> None:
        """Keep a row, unless nothing of it could be learned."""
        if not learned[1:].any():
            self.drop("nothing to learn", row)
            return
        self.ids.append(ids)
        self.learned.append(learned)
        self.rows.append(row)

    def drop(self, reason: str, row: str) -> None:
        """Leave a row out."""
        self.dropped[reason] += 1
        named = self.named.setdefault(reason, [])
        if len(named) < 5:
            named.append(row)

    def cut(self, reason: str) -> None:
        """Count a row that was changed, not left out."""
        self.dropped[f"({reason})"] += 1

    def finish(self) -> Encoded:
        """Lay the rows end to end."""
        starts = np.concatenate([[0], np.cumsum([len(ids) for ids in self.ids])]).astype(np.int64)
        ids = np.concatenate(self.ids) if self.ids else np.zeros(0, np.int32)
        learned = np.concatenate(self.learned) if self.learned else np.zeros(0, np.bool_)
        return Encoded(Examples(ids, learned, starts, tuple(self.rows)), self.dropped, self.named)
