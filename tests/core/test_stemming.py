from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from headwater.chat import words as chat_words
from headwater.core.stemming import stemmed
from headwater.dataprep import overlap
from headwater.documents import terms

WORDS = tuple(f"marker{number}x{ending}" for number in range(400) for ending in ("ing", "ations", "s"))


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns so often that two of them meet inside one word."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_an_unknown_algorithm_is_an_error() -> None:
    with pytest.raises(KeyError):
        stemmed("words", "klingon")


@pytest.mark.parametrize(
    ("stem", "algorithm"),
    [
        (lambda word: terms.stem.__wrapped__(word, "english"), "english"),
        (lambda word: chat_words.stem.__wrapped__(word, "german"), "german"),
        (overlap.stem.__wrapped__, "porter"),
    ],
    ids=["search", "chat", "rouge"],
)
@pytest.mark.usefixtures("hasty_threads")
def test_threads_get_the_stems_of_their_own_words(stem: Callable[[str], str], algorithm: str) -> None:
    def wrong(seed: int) -> list[str]:
        shuffled = random.Random(seed).sample(WORDS, len(WORDS))
        return [word for word in shuffled if stem(word) != alone[word]]

    alone = {word: stemmed(word, algorithm) for word in WORDS}
    with ThreadPoolExecutor(4) as threads:
        assert [found for found in threads.map(wrong, range(4)) if found] == []
