"""Whether the found passages answer the question at all: a calibrated probability.

A question about a name, a number or a property that the best passage lacks is refused, however
near its words come. The signals compare the best sentence with what the question asks for and
with its rivals; a logistic regression fitted on questions with and without their answering
passage turns them into a probability.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from headwater.chat.evidence import FEATURES, FULL, Evidence, is_name
from headwater.chat.words import ASKS

Column = npt.NDArray[np.float64]
NO_RIVAL = 3.0  # lead assumed when no other sentence or passage competes
HALF = 0.5


def signals(evidence: Evidence, scores: Column) -> dict[str, float]:
    """Return the signals for the best-scored sentence. Needs at least one candidate."""
    best = int(scores.argmax())
    owners = np.array([candidate.hit for candidate in evidence.candidates])
    own = owners == owners[best]
    others, mates = scores[~own], np.delete(scores[own], np.flatnonzero(own).tolist().index(best))
    chances = np.exp(scores - scores[best])
    row = {f"best_{name}": float(value) for name, value in zip(FEATURES, evidence.features[best], strict=True)}
    return {
        **row,
        "score": float(scores[best]),
        "chance": float(1 / chances.sum()),
        "lead_passage": float(min(scores[best] - others.max(), NO_RIVAL)) if len(others) else NO_RIVAL,
        "lead_sentence": float(min(scores[best] - mates.max(), NO_RIVAL)) if len(mates) else NO_RIVAL,
        "foreign": float(evidence.question.language.code != "en"),
        "highest_cosine": float(evidence.column("cosine").max()),
        "highest_relevance": float(evidence.column("relevance").max()),
        "highest_span": float(evidence.column("span").max()),
        **_missing(evidence, best),
        **{f"asks_{name}": float(name in evidence.question.asks) for name in ASKS},
    }


def _missing(evidence: Evidence, best: int) -> dict[str, float]:
    """Return what the question names that the best sentence, its passage, or all passages lack."""
    terms, weights = evidence.question.terms, evidence.weights
    sentence, passage = evidence.cover[best], evidence.passage_cover[evidence.candidates[best].hit]
    anywhere = evidence.passage_cover.max(axis=0)
    number = np.array([term.kind == "number" for term in terms], dtype=bool)
    name = np.array([is_name(term, evidence.question.language) for term in terms], dtype=bool)
    lacking = weights * (1 - passage)
    covers = np.sort(evidence.passage_cover @ weights)
    return {
        "terms": min(len(terms), 12) / 12,
        "lacks_passage": float(lacking.sum()),
        "lacks_passage_worst": float(lacking.max(initial=0.0)),
        "lacks_passage_count": float((passage < HALF).sum()),
        "lacks_sentence": float((weights * (1 - sentence)).sum()),
        "lacks_anywhere": float((weights * (1 - anywhere)).sum()),
        "lacks_anywhere_count": float((anywhere < HALF).sum()),
        "lacks_number": float((number & (passage < FULL)).sum()),
        "lacks_name": float((name & (passage < FULL)).sum()),
        "lacks_name_anywhere": float((name & (anywhere < FULL)).sum()),
        "names": float(min(name.sum(), 4)),
        "numbers": float(min(number.sum(), 4)),
        "met_sentence": float(min((sentence >= FULL).sum(), 8)),
        "met_passage": float(min((passage >= FULL).sum(), 8)),
        "rival_covered": float(covers[-2]) if len(covers) > 1 else 0.0,
    }
