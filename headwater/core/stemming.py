"""Stems of words by Snowball's algorithms (snowballstem.org), from any number of threads."""

from __future__ import annotations

import threading
from typing import Any


class _Stemmers(threading.local):
    """The calling thread's stemmers. Each keeps the word it is at, so two threads in one mix their words up."""

    def __init__(self) -> None:
        self.by_algorithm: dict[str, Any] = {}


_stemmers = _Stemmers()


def stemmed(word: str, algorithm: str) -> str:
    """Return the stem of a lower-case word. `algorithm` is a Snowball name ("english"); KeyError for one unknown."""
    stemmer = _stemmers.by_algorithm.get(algorithm)
    if stemmer is None:
        import snowballstemmer

        stemmer = _stemmers.by_algorithm[algorithm] = snowballstemmer.stemmer(algorithm)
    return str(stemmer.stemWord(word))
