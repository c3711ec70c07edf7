"""h2oGPT's default retrieval, rebuilt: pieces of up to 512 characters without overlap, vectors alone.

Its splitter is LangChain's recursive character splitter with separators blank line, line end, space.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from recall import Found

from headwater.core.protocols import Embedder

PIECE_CHARACTERS = 512
SEPARATORS = ("\n\n", "\n", " ", "")


class VectorSearch:
    """Nearest pieces by cosine."""

    def __init__(self, documents: dict[str, str], embedder: Embedder) -> None:
        self._embedder = embedder
        self._pieces = [piece for name, text in documents.items() for piece in pieces(name, text)]
        self._vectors = embedder.embed([piece.text for piece in self._pieces])

    def __call__(self, question: str, limit: int) -> list[Found]:
        """Return the `limit` nearest pieces."""
        scores = self._vectors @ self._embedder.embed([question], "query")[0]
        return [self._pieces[place] for place in np.argsort(-scores)[:limit]]


def pieces(name: str, text: str) -> list[Found]:
    """Cut a text as the recursive splitter does, with the place of each piece."""
    return [Found(name, start, end, text[start:end]) for start, end in _split(text, 0, len(text), 0)]


def _split(text: str, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
    """Cut at the first separator, merge what is small, cut what is still too long at the next one."""
    separator = SEPARATORS[level]
    begin = last = None
    for first, stop in _parts(text, start, end, separator):
        if stop - first > PIECE_CHARACTERS:
            if begin is not None and last is not None:
                yield begin, last
            begin = last = None
            yield from _split(text, first, stop, level + 1)
            continue
        if begin is not None and last is not None and stop - begin > PIECE_CHARACTERS:
            yield begin, last
            begin = None
        begin, last = first if begin is None else begin, stop
    if begin is not None and last is not None:
        yield begin, last


def _parts(text: str, start: int, end: int, separator: str) -> Iterator[tuple[int, int]]:
    if not separator:
        yield from ((place, min(place + PIECE_CHARACTERS, end)) for place in range(start, end, PIECE_CHARACTERS))
        return
    place = start
    while place < end:
        stop = text.find(separator, place, end)
        stop = end if stop < 0 else stop
        if text[place:stop].strip():
            yield place, stop
        place = stop + len(separator)
