"""The one or two sentences that answer best, quoted as they stand, and the citations for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headwater.chat.answerable import signals
from headwater.chat.evidence import FEATURES, Candidate, Evidence
from headwater.chat.judge import Means, judge
from headwater.core.types import Citation, Hit

Column = npt.NDArray[np.float64]
SECOND_AT_LEAST = 0.02  # a second sentence less likely than this says nothing to the question


@dataclass(frozen=True)
class Choice:
    """What was decided: `ranked` candidates best first with their chances (of being the answer,
    given that there is one), and the probability that the question is answered at all."""

    evidence: Evidence
    ranked: tuple[Candidate, ...]
    chances: tuple[float, ...]
    probability: float
    answered: bool
    quoted: tuple[Candidate, ...]


def choose(evidence: Evidence, means: Means) -> Choice:
    """Rank the sentences, decide whether they answer, and pick one or two to quote."""
    if not evidence.candidates:
        return Choice(evidence, (), (), 0.0, False, ())
    weights = judge(means)
    columns = {name: evidence.features[:, place] for place, name in enumerate(FEATURES)}
    scores = weights.quote.of(columns)
    odds = float(weights.answerable.of(signals(evidence, scores))[0])
    probability = float(1 / (1 + np.exp(-odds)))
    order = np.argsort(-scores, kind="stable")
    chances = np.exp(scores[order] - scores[order[0]])
    chances /= chances.sum()
    ranked = tuple(evidence.candidates[place] for place in order)
    quoted = _quoted(ranked, chances, weights.sure)
    answered = probability >= weights.threshold(evidence.question.language.code)
    return Choice(evidence, ranked, tuple(chances.tolist()), probability, answered, quoted)


def _quoted(ranked: Sequence[Candidate], chances: Column, sure: float) -> tuple[Candidate, ...]:
    """One sentence when it is sure, else the two likeliest, those of one passage in reading order."""
    if chances[0] >= sure or len(ranked) < 2:
        return (ranked[0],)
    said = " ".join(ranked[0].text.split())
    second = next((other for other in ranked[1:] if " ".join(other.text.split()) != said), None)
    if second is None or chances[ranked.index(second)] < SECOND_AT_LEAST:
        return (ranked[0],)
    if second.hit == ranked[0].hit and second.index == ranked[0].index - 1:
        return (second, ranked[0])
    return (ranked[0], second)


def written(quoted: Sequence[Candidate]) -> tuple[str, tuple[int, ...]]:
    """Return the quote as text with marks, and the hits in the order of their numbers."""
    numbers: dict[int, int] = {}
    parts = []
    for candidate in quoted:
        number = numbers.setdefault(candidate.hit, len(numbers) + 1)
        parts.append(f"{' '.join(candidate.text.split())} [{number}]")
    return " ".join(parts), tuple(numbers)


def citation(number: int, hit: Hit) -> Citation:
    """Return the citation of a whole hit."""
    passage = hit.passage
    return Citation(
        number=number,
        passage_id=passage.id,
        document_id=passage.document_id,
        version_id=passage.version_id,
        document=passage.document,
        page_number=passage.page_number,
        page=passage.page,
        label=passage.label,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
    )
