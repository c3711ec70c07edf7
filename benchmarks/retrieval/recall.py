"""Token recall: how much of the text that answers lies within the first N tokens of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sets import SpanQuestion
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Found:
    """A range of a document, in the order it was found."""

    document: str
    start: int
    end: int
    text: str


class TokenRecall:
    """Counts tokens as the embedder's tokenizer does, without its special tokens."""

    def __init__(self, tokenizer: str) -> None:
        self._tokenizer = Tokenizer.from_file(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __call__(self, question: SpanQuestion, found: Sequence[Found], budget: int) -> float:
        """Share of the answer's characters that the first `budget` tokens cover; the last range is cut to fit."""
        covered: dict[str, list[tuple[int, int]]] = {}
        left = budget
        for one in found:
            if left <= 0:
                break
            ends = [end for _, end in self._tokenizer.encode(one.text, add_special_tokens=False).offsets]
            end = one.end if len(ends) <= left else one.start + ends[left - 1]
            covered.setdefault(one.document, []).append((one.start, end))
            left -= len(ends)
        asked = sum(end - start for _, start, end in question.spans)
        seen = sum(_overlap((start, end), covered.get(name, [])) for name, start, end in question.spans)
        return seen / asked


def _overlap(span: tuple[int, int], ranges: list[tuple[int, int]]) -> int:
    places = set()
    for start, end in ranges:
        places.update(range(max(start, span[0]), min(end, span[1])))
    return len(places)
