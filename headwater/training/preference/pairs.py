"""Rows that compare answers, as tokens: two answers to each prompt, whole or not there at all.

For pairs the second answer is the rejected one. For labelled answers (kto) it is the answer to another prompt: how
likely such answers become tells how far the model has moved.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput
from headwater.training.config import DataSection
from headwater.training.rows.conversations import Conversation
from headwater.training.rows.examples import Encoder, Examples
from headwater.training.rows.template import ChatTemplate

Form = Literal["shared", "separate", "packed"]
Tokens = tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]
TOO_LONG = "longer than max_length"


@dataclass(frozen=True)
class Pairs:
    """Answers 2n and 2n + 1 of `answers` belong to row n, each with its prompt before it.

    `labels` (rows,) says whether the first answer is wanted. With `labelled` only the first one is learned. `form`
    is how a micro-batch lays them out: the prompt once for both, two rows, or two rows packed end to end.
    """

    answers: Examples
    rows: tuple[str, ...]
    labels: npt.NDArray[np.bool_]
    labelled: bool = False
    form: Form = "separate"

    def __len__(self) -> int:
        return len(self.rows)

    def in_form(self, form: Form) -> Pairs:
        """Return the same rows for another layout."""
        return replace(self, form=form)

    @cached_property
    def common(self) -> npt.NDArray[np.int64]:
        """Tokens that both answers of a row begin with, before the first one that is learned."""
        found = np.zeros(len(self), np.int64)
        for row in range(len(self)):
            (first, learned), (second, other) = self.answers.row(2 * row), self.answers.row(2 * row + 1)
            most = min(int(learned.argmax()), int(other.argmax()))
            differs = first[:most] != second[:most]
            found[row] = int(differs.argmax()) if differs.any() else most
        return found

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens that a row takes in a micro-batch."""
        first, second = self.answers.lengths[0::2], self.answers.lengths[1::2]
        if self.labelled:
            return np.maximum(first, second)
        if self.form == "shared":
            return first + second - self.common
        return first + second if self.form == "packed" else 2 * np.maximum(first, second)

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """Learned tokens of each row."""
        first, second = self.answers.targets[0::2], self.answers.targets[1::2]
        return first if self.labelled else first + second

    def digest(self) -> str:
        """A hash of everything that decides the losses."""
        return hashlib.sha256(self.answers.digest().encode() + self.labels.tobytes()).hexdigest()


@dataclass
class EncodedPairs:
    """The pairs and what was left out: rows by reason, with a few row names each."""

    examples: Pairs
    dropped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, row: str) -> None:
        """Leave a row out."""
        self.dropped[reason] += 1
        named = self.named.setdefault(reason, [])
        if len(named) < 5 and row not in named:
            named.append(row)


def encode_pairs(
    rows: Sequence[Conversation], tokenizer: Any, template: ChatTemplate, data: DataSection, seed: int
) -> EncodedPairs:
    """Render and tokenise rows that compare answers. Raises BadInput as `Encoder.encode` does.

    Only the compared answers are learned. A row of which one answer is too long is left out whole.
    """
    encoder = Encoder(tokenizer, template, data.model_copy(update={"learn_on": "last"}))
    done = EncodedPairs(_pairs([], [], [], False))
    labelled = bool(rows) and rows[0].rejected is None
    firsts = _fitting(rows, encoder, data, done)
    if labelled:
        kept = [place for place in range(len(rows)) if place in firsts]
        seconds = _foreign(rows, kept, encoder, data, seed)
    else:
        kept = list(firsts)
        others = [_answered(rows[place], rows[place].rejected or "") for place in kept]
        seconds = {kept[place]: tokens for place, tokens in _fitting(others, encoder, data, done).items()}
        kept = [place for place in kept if place in seconds]
    answers = [tokens for place in kept for tokens in (firsts[place], seconds[place])]
    labels = [rows[place].label is not False for place in kept]
    done.examples = _pairs(answers, [rows[place].row for place in kept], labels, labelled)
    return done


def _answered(row: Conversation, text: str) -> Conversation:
    return replace(row, turns=(*row.turns[:-1], {"role": "assistant", "content": text}), rejected=None)


def _fitting(
    rows: Sequence[Conversation], encoder: Encoder, data: DataSection, done: EncodedPairs
) -> dict[int, Tokens]:
    """Return the tokens of the rows that can be learned, by place; count the others."""
    found: dict[int, Tokens] = {}
    longest = data.max_length
    for place, ids, learned in encoder.tokens_of(rows, done.drop):
        row = rows[place].row
        if len(ids) > longest and data.overlong == "error":
            raise BadInput(
                f"Row {row} has {len(ids):,} tokens with its answer, data.max_length is {longest:,}",
                "Raise data.max_length, or let data.overlong drop or truncate such rows.",
            )
        if len(ids) > longest and data.overlong == "drop":
            done.drop(TOO_LONG, row)
            continue
        if not learned[1:longest].any():
            done.drop("the prompt alone fills max_length" if len(ids) > longest else "nothing to learn", row)
            continue
        if len(ids) > longest:
            done.dropped["(cut to max_length)"] += 1
        found[place] = ids[:longest], learned[:longest]
    return found


def _foreign(
    rows: Sequence[Conversation], kept: Sequence[int], encoder: Encoder, data: DataSection, seed: int
) -> dict[int, Tokens]:
    """Give each prompt the answer of another row, in a ring that the seed draws; too long ones are cut."""
    ring = [kept[place] for place in np.random.default_rng([seed, len(kept)]).permutation(len(kept))]
    mixed = [_answered(rows[place], rows[ring[number - 1]].turns[-1]["content"]) for number, place in enumerate(ring)]
    found = {}
    for number, ids, learned in encoder.tokens_of(mixed, _never):
        found[ring[number]] = ids[: data.max_length], learned[: data.max_length]
    return found


def _never(reason: str, row: str) -> None:
    raise BadInput(f"Row {row} takes its own answer but not another's: {reason}", "Use another template.")


def _pairs(answers: list[Tokens], rows: list[str], labels: list[bool], labelled: bool) -> Pairs:
    starts = np.concatenate([[0], np.cumsum([len(ids) for ids, _ in answers])]).astype(np.int64)
    ids = np.concatenate([ids for ids, _ in answers]) if answers else np.zeros(0, np.int32)
    learned = np.concatenate([learned for _, learned in answers]) if answers else np.zeros(0, np.bool_)
    sides = ("", " (another's answer)") if labelled else (" chosen", " rejected")
    names = tuple(f"{row}{side}" for row in rows for side in sides)
    examples = Examples(ids, learned, starts, names)
    return Pairs(examples, tuple(rows), np.array(labels, np.bool_), labelled)
