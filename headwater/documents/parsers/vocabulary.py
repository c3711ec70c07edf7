"""Sets of words, written as one reads them."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of `text` as a set.

    >>> sorted(words("td th"))
    ['td', 'th']
    """
    return frozenset(text.split())
