"""Scores of written answers against expected ones, by sacrebleu where it has them; 0 to 100, exact match 0 to 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rapidfuzz.distance import LCSseq

_SPACES = re.compile(r"\s+")


def text_scores(answers: Sequence[str], expected: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """Return the wanted ones of bleu, chrf, rouge (ROUGE-L F1) and exact over a corpus of pairs."""
    known: dict[str, Callable[[Sequence[str], Sequence[str]], float]] = {
        "bleu": _bleu,
        "chrf": _chrf,
        "rouge": _rouge,
        "exact": _exact,
    }
    return {name: known[name](answers, expected) for name in wanted if name in known}


def _bleu(answers: Sequence[str], expected: Sequence[str]) -> float:
    from sacrebleu.metrics import BLEU  # type: ignore[attr-defined]

    # Effective order, so that a short answer is not 0 for having no four words in a row.
    return float(BLEU(effective_order=True).corpus_score(list(answers), [list(expected)]).score)


def _chrf(answers: Sequence[str], expected: Sequence[str]) -> float:
    from sacrebleu.metrics import CHRF  # type: ignore[attr-defined]

    return float(CHRF().corpus_score(list(answers), [list(expected)]).score)


def _exact(answers: Sequence[str], expected: Sequence[str]) -> float:
    same = [_plain(a) == _plain(b) for a, b in zip(answers, expected, strict=True)]
    return sum(same) / len(same) if same else 0.0


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _rouge(answers: Sequence[str], expected: Sequence[str]) -> float:
    """ROUGE-L (Lin 2004): F1 of the longest common subsequence of words."""
    values = [_longest_f1(a.lower().split(), b.lower().split()) for a, b in zip(answers, expected, strict=True)]
    return 100 * sum(values) / len(values) if values else 0.0


def _longest_f1(left: list[str], right: list[str]) -> float:
    if not left or not right:
        return float(left == right)
    common = LCSseq.similarity(left, right)
    return 2 * common / (len(left) + len(right))
