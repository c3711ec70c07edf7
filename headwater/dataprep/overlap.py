"""Similarity of two texts: BLEU, ROUGE, METEOR, chrF and word overlap, without downloads."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from headwater.core.stemming import stemmed
from headwater.dataprep.words import STOP_WORDS

TOKEN = re.compile(r"\w+|[^\w\s]")
WORD = re.compile(r"\w+")


def tokens(text: str) -> list[str]:
    """Words and marks in lower case."""
    return TOKEN.findall(text.lower())


def words(text: str) -> list[str]:
    """Words in lower case."""
    return WORD.findall(text.lower())


def content_words(text: str) -> set[str]:
    """Words that carry meaning, in lower case."""
    return {word for word in words(text) if word not in STOP_WORDS}


def _runs(items: Sequence[str], width: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[n : n + width]) for n in range(len(items) - width + 1))


def bleu(candidate: str, reference: str) -> float:
    """Sentence BLEU-4, 0..1, with exponential smoothing and effective order (Papineni 2002; Chen and Cherry 2014)."""
    ours, theirs = tokens(candidate), tokens(reference)
    if not ours or not theirs:
        return 0.0
    smooth, logs = 1.0, []
    for width in range(1, 5):
        total = len(ours) - width + 1
        if total <= 0:
            break
        shared = sum((_runs(ours, width) & _runs(theirs, width)).values())
        if shared == 0:
            if width == 1:
                return 0.0
            smooth *= 2
        logs.append(math.log((shared or 1 / smooth) / total))
    brevity = min(0.0, 1 - len(theirs) / len(ours))
    return math.exp(brevity + sum(logs) / len(logs))


def chrf(candidate: str, reference: str) -> float:
    """chrF2, 0..1: F-score of character runs of 1 to 6 without spaces, recall twice as heavy (Popović 2015)."""
    ours, theirs = "".join(candidate.split()), "".join(reference.split())
    precisions, recalls = [], []
    for width in range(1, 7):
        a, b = _runs(ours, width), _runs(theirs, width)
        if not a or not b:
            continue
        shared = sum((a & b).values())
        precisions.append(shared / sum(a.values()))
        recalls.append(shared / sum(b.values()))
    if not precisions:
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def rouge(candidate: str, reference: str, width: int) -> float:
    """ROUGE-N F1 on words (Lin 2004)."""
    a, b = _runs(words(candidate), width), _runs(words(reference), width)
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values())) if a and b else 0.0


def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L F1: longest common subsequence of words (Lin 2004)."""
    a, b = words(candidate), words(reference)
    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b)) if a and b else 0.0


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Porter stem of an English word."""
    return stemmed(word, "porter")


def meteor(candidate: str, reference: str) -> float:
    """METEOR with exact and stemmed matches (Banerjee and Lavie 2005; no synonyms, so no download)."""
    ours, theirs = words(candidate), words(reference)
    matched = _aligned(ours, theirs)
    if not matched:
        return 0.0
    precision, recall = len(matched) / len(ours), len(matched) / len(theirs)
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    pairs = sorted(matched)
    chunks = 1 + sum(b != (a[0] + 1, a[1] + 1) for a, b in pairwise(pairs))
    return mean * (1 - 0.5 * (chunks / len(matched)) ** 3)


def _aligned(ours: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    matched: list[tuple[int, int]] = []
    open_ours, open_theirs = dict.fromkeys(range(len(ours))), dict.fromkeys(range(len(theirs)))
    for form in (str, stem):
        places: dict[str, list[int]] = {}
        for place in open_theirs:
            places.setdefault(form(theirs[place]), []).append(place)
        for place in list(open_ours):
            found = places.get(form(ours[place]))
            if found:
                other = found.pop(0)
                matched.append((place, other))
                del open_ours[place], open_theirs[other]
    return matched


def edit(candidate: str, reference: str) -> float:
    """Similarity by edits, 0..1."""
    return fuzz.ratio(candidate, reference) / 100


def covered(candidate: str, reference: str) -> float:
    """Share of the candidate's content words that the reference has."""
    ours = content_words(candidate)
    return len(ours & content_words(reference)) / len(ours) if ours else 0.0


MEASURES: dict[str, Callable[[str, str], float]] = {
    "bleu": bleu, "chrf": chrf, "meteor": meteor, "rouge_l": rouge_l, "edit": edit, "covered": covered,
    "rouge_1": lambda a, b: rouge(a, b, 1), "rouge_2": lambda a, b: rouge(a, b, 2),
}  # fmt: skip
