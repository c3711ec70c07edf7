"""The texts a step looks at, with features that every step shares: computed when first asked for, then kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from headwater.dataprep.characters import Hashes
from headwater.dataprep.features import SPAN_CHARACTERS, Ints, Piece, Repeats, Words


class Selection:
    """Texts (one a row, or each for itself) and their features. `row[n]` is the row that text n belongs to."""

    def __init__(self, texts: pl.Series, row: Ints, row_count: int) -> None:
        self.texts, self.row, self.row_count = texts, row, row_count

    @classmethod
    def of(cls, texts: pl.DataFrame, fields: tuple[str, ...], row_count: int, joined: bool) -> Selection:
        """Select the texts of some fields."""
        if len(fields) < len(texts["field"].dtype.categories):  # type: ignore[attr-defined]
            texts = texts.filter(pl.col("field").cast(pl.String).is_in(list(fields)))
        rows = texts["row"].to_numpy().astype(np.int64)
        if not joined:
            return cls(texts["text"], rows, row_count)
        if len(rows) == row_count and bool((rows == np.arange(row_count)).all()):
            return cls(texts["text"], rows, row_count)
        grouped = texts.group_by("row", maintain_order=True).agg(pl.col("text").str.join("\n"))
        every = pl.DataFrame({"row": np.arange(row_count, dtype=np.uint32)})
        found = every.join(grouped, on="row", how="left", maintain_order="left")["text"].fill_null("")
        return cls(found, np.arange(row_count), row_count)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def characters(self) -> Ints:
        """Number of characters of each text."""
        return self.texts.str.len_chars().to_numpy().astype(np.int64)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The texts in pieces of about SPAN_CHARACTERS; a longer text is a piece of its own."""
        starts = np.concatenate([[0], np.cumsum(self.characters)])
        texts = self.texts.to_list()
        found: list[Piece] = []
        first = 0
        while first < len(texts):
            last = int(np.searchsorted(starts, starts[first] + SPAN_CHARACTERS, side="right")) - 1
            last = min(len(texts), max(first + 1, last))
            found.append(Piece(texts[first:last], self.characters[first:last]))
            first = last
        return tuple(found)

    def count(self, bits: int) -> Ints:
        """Return how many characters of each text have one of these kinds."""
        return _joined([piece.count(bits) for piece in self.pieces])

    @cached_property
    def words(self) -> Words:
        """Words: runs between white space. In scripts without spaces every letter is a word."""
        found = [piece.words for piece in self.pieces]
        hashes = np.concatenate([np.zeros(0, dtype=np.uint64), *(words.hashes for words in found)])
        starts = _offsets([words.starts for words in found])
        return Words(hashes, starts, _joined([words.lengths for words in found]))

    @cached_property
    def word_counts(self) -> Ints:
        """Number of words of each text."""
        return _joined([np.diff(piece.words.starts) for piece in self.pieces])

    @cached_property
    def line_counts(self) -> Ints:
        """Number of lines of each text; an empty text has none."""
        return _joined([piece.line_counts() for piece in self.pieces])

    def character_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` characters in each text."""
        return _repeats([piece.character_repeats(width) for piece in self.pieces])

    def word_repeats(self, width: int) -> Repeats:
        """Count repeated runs of `width` words in each text."""
        return _repeats([piece.word_repeats(width) for piece in self.pieces])

    def shingles(self, width: int) -> tuple[Hashes, Ints]:
        """Return (the different hashes of `width` following words, sorted, text by text; where each text's begin)."""
        found = [piece.shingles(width) for piece in self.pieces]
        runs = np.concatenate([np.zeros(0, dtype=np.uint64), *(runs for runs, _ in found)])
        return runs, _offsets([starts for _, starts in found])

    def over_rows(self, values: Ints, how: str) -> npt.NDArray[np.float64]:
        """Bring a number of each text to rows: the smallest, largest or sum of a row's texts; NaN without text."""
        out = np.full(self.row_count, np.nan)
        if how == "sum":
            out = np.bincount(self.row, values, minlength=self.row_count).astype(np.float64)
            out[np.bincount(self.row, minlength=self.row_count) == 0] = np.nan
            return out
        step = np.fmin if how == "min" else np.fmax
        step.at(out, self.row, values.astype(np.float64))
        return out


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _offsets(parts: Sequence[Ints]) -> Ints:
    """Join starts (each with one entry more than there are texts) to the starts of all texts."""
    sizes = _joined([np.diff(starts) for starts in parts])
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _repeats(parts: Sequence[Repeats]) -> Repeats:
    return Repeats(
        _joined([part.total for part in parts]), _joined([part.different for part in parts]),
        _joined([part.repeated for part in parts]), _joined([part.top for part in parts]),
    )  # fmt: skip
