"""Where tokens lie in a text, from what each token is: adding up bytes is four times as fast as asking for offsets.

A byte-level or byte-fallback vocabulary cuts a text into pieces that together are the text. So the bytes of each
piece say where it lies, for a whole block of rows in one sum. Every deviation (a byte without a token, spaces eaten
by an added token) makes the pieces shorter than the text: such a row is found by its sum and asked for its offsets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.training.rows.template import Rendered

Numbers = npt.NDArray[np.int64]
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # how SentencePiece writes a space
SPACES_WRITTEN = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
MANY_ROWS = 256
CUTS = {"ByteLevel", "Split", "Digits", "Punctuation"}  # they may drop characters, never add any


class TokenPlaces:
    """Encodes rendered texts with one tokenizer and tells which tokens are learned."""

    def __init__(self, backend: Any, rows: int) -> None:
        self._backend = backend
        # Looking through the vocabulary takes longer than the offsets of a few rows.
        self._bytes_of = byte_lengths(backend) if rows >= MANY_ROWS else None

    def encode(self, texts: Sequence[Rendered]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_], Numbers]:
        """Return (ids, learned, tokens of each text), the texts end to end."""
        if self._bytes_of is None:
            return joined([self._by_offsets(text) for text in texts])
        found = self._backend.encode_batch_fast([text.text for text in texts], add_special_tokens=False)
        rows = [encoding.ids for encoding in found]
        counts = np.fromiter(map(len, rows), np.int64, len(rows))
        ids = np.fromiter(chain.from_iterable(rows), np.int32, int(counts.sum()))
        ends = np.cumsum(self._bytes_of[ids])
        sizes = np.array([_size(text.text) for text in texts], np.int64)
        borders = np.concatenate([[0], np.cumsum(counts)])
        sums = np.concatenate([[0], ends])[borders]
        if not np.array_equal(np.diff(sums), sizes):
            return self._mixed(texts, ids, borders, np.diff(sums) == sizes)
        return ids, spans_mask(ends, len(ids), _in_bytes(texts, sums)), counts

    def _mixed(
        self, texts: Sequence[Rendered], ids: npt.NDArray[np.int32], borders: Numbers, whole: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_], Numbers]:
        """The same where some rows' bytes do not add up; those give their offsets."""
        assert self._bytes_of is not None
        rows = []
        for number, text in enumerate(texts):
            if not whole[number]:
                rows.append(self._by_offsets(text))
                continue
            own = ids[borders[number] : borders[number + 1]]
            rows.append((own, spans_mask(np.cumsum(self._bytes_of[own]), len(own), _in_bytes([text], np.zeros(1)))))
        return joined(rows)

    def _by_offsets(self, text: Rendered) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        encoding = self._backend.encode(text.text, add_special_tokens=False)
        return np.array(encoding.ids, np.int32), learned_mask(np.array(encoding.offsets).reshape(-1, 2), text)


def joined(
    rows: Sequence[tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_], Numbers]:
    """Lay rows of (ids, learned) end to end."""
    if not rows:
        return np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0, np.int64)
    counts = np.array([len(ids) for ids, _ in rows], np.int64)
    return np.concatenate([ids for ids, _ in rows]), np.concatenate([learned for _, learned in rows]), counts


def learned_mask(offsets: Numbers, text: Rendered) -> npt.NDArray[np.bool_]:
    """Return which tokens are learned: (tokens, 2) character offsets against the learned ranges.

    A token of no characters (a special token some tokenizers add) is never learned.
    """
    learned = np.zeros(len(offsets), np.bool_)
    for start, end in text.learned:
        learned |= (offsets[:, 1] > start) & (offsets[:, 0] < end) & (offsets[:, 1] > offsets[:, 0])
    return learned


def spans_mask(ends: Numbers, count: int, spans: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which of `count` tokens without gaps, ending at byte `ends`, touch one of the (n, 2) byte spans."""
    spans = spans[spans[:, 1] > spans[:, 0]]
    first = np.searchsorted(ends, spans[:, 0], side="right")
    behind = np.searchsorted(ends, spans[:, 1], side="left") + 1
    steps = np.zeros(count + 1, np.int64)
    np.add.at(steps, first, 1)
    np.add.at(steps, np.minimum(behind, count), -1)
    found: npt.NDArray[np.bool_] = np.cumsum(steps[:-1]) > 0
    return found


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _in_bytes(texts: Sequence[Rendered], starts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return all learned ranges in bytes, counted from the first text's start; `starts` are those of the texts."""
    spans: list[tuple[int, int]] = []
    for text, at in zip(texts, starts.tolist(), strict=False):
        if text.text.isascii():
            spans += [(at + start, at + end) for start, end in text.learned]
            continue
        for start, end in text.learned:
            before = _size(text.text[:start])
            spans.append((at + before, at + before + _size(text.text[start:end])))
    return np.array(spans, np.int64).reshape(-1, 2)


def byte_lengths(backend: Any) -> npt.NDArray[np.int64] | None:
    """Return the bytes of text that each token stands for; None for a tokenizer that may add to the text."""
    if backend.truncation is not None or backend.padding is not None or not _is_plain_bpe(backend.model):
        return None
    vocabulary: dict[str, int] = backend.get_vocab(with_added_tokens=False)
    added = backend.get_added_tokens_decoder()
    cuts, changes = _steps(backend.pre_tokenizer), _steps(backend.normalizer)
    if any(step["type"] not in CUTS or step.get("add_prefix_space") for step in cuts):
        return None
    if any(step["type"] == "ByteLevel" for step in cuts) and not changes:
        alphabet, sizes = _letters(), [len(token) for token in vocabulary]
    elif changes == [SPACES_WRITTEN] and backend.model.byte_fallback:
        alphabet, sizes = {f"<0x{byte:02X}>" for byte in range(256)}, [_piece_bytes(token) for token in vocabulary]
        if any(token.normalized for token in added.values()):
            return None
    else:
        return None
    if not alphabet <= vocabulary.keys():
        return None  # a byte without a token becomes "unknown", of any length
    table = np.zeros(max([*vocabulary.values(), *added]) + 1, np.int64)
    table[list(vocabulary.values())] = sizes
    for number, token in added.items():
        table[number] = len(token.content.encode())
    return table


def _is_plain_bpe(model: Any) -> bool:
    plain = type(model).__name__ == "BPE" and not model.dropout
    return plain and not model.continuing_subword_prefix and not model.end_of_word_suffix


def _steps(part: Any) -> list[dict[str, Any]]:
    """The steps of a normalizer or pre-tokenizer, a sequence taken apart."""
    if part is None:
        return []
    told = json.loads(part.__getstate__())
    inner: list[dict[str, Any]] = told.get("pretokenizers") or told.get("normalizers") or [told]
    return inner


def _letters() -> set[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return set(ByteLevel.alphabet())


def _piece_bytes(token: str) -> int:
    if len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return 1
    return len(token.replace(SPACE, " ").encode())
