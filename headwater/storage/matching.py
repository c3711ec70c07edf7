"""What the keyword index knows of every passage of some collections, as arrays for a caller that mixes scores.

`keyword.search` answers with the best few. Mixing keywords with vectors needs more: the score of any
passage that the other arm found, which of the asked words it holds, and what a perfect match would score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from headwater.storage.keyword import DEFAULT_BM25, Bm25, group_of, score_all
from headwater.storage.postings import Ids

MOST_GROUPS = 64
Scores = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Matches:
    """One place for each passage of the collections, by rising id.

    ids (n,): passage ids · scores (n,): BM25 · found (n,): bit g is set where group g occurs ·
    collection (n,): which of the asked collections it is in, counted from 0 ·
    weights (groups,): inverse document frequency of each group, 0 for one that occurs nowhere ·
    best_possible: the score that no passage can exceed, sum of weights * (k1 + 1).
    """

    ids: Ids
    scores: Scores
    found: Bits
    collection: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    best_possible: float

    def places(self, passage_ids: Ids) -> npt.NDArray[np.int64]:
        """Where each passage stands in the arrays, -1 for one that is not there."""
        if not len(self.ids):
            return np.full(len(passage_ids), -1, np.int64)
        places = np.minimum(np.searchsorted(self.ids, passage_ids), len(self.ids) - 1)
        return np.where(self.ids[places] == passage_ids, places, -1)


def match(
    session: Session, groups: Sequence[Sequence[str]], collection_ids: Sequence[str], bm25: Bm25 = DEFAULT_BM25
) -> Matches:
    """Match every passage of the collections against groups of alternative terms (the first MOST_GROUPS).

    The caller vouches for `collection_ids`. A group counts as one term: its weight comes from the
    passages that hold any of its alternatives. All numbers come from these collections alone.
    """
    asked = [group_of(tuple(group)) for group in groups[:MOST_GROUPS]]
    scored = score_all(session, Counter(asked), collection_ids, bm25)
    found = np.zeros(len(scored.ids), np.uint64)
    for number, group in enumerate(asked):
        if group in scored.places:
            found[scored.places[group]] |= np.uint64(1 << number)
    order = np.flatnonzero(scored.ids)
    if (np.diff(scored.ids[order]) < 0).any():
        order = order[np.argsort(scored.ids[order], kind="stable")]
    weights = np.array([scored.weights.get(group, 0.0) for group in asked], np.float64)
    best = float(weights.sum() * (bm25.k1 + 1))
    return Matches(scored.ids[order], scored.scores[order], found[order], scored.collection[order], weights, best)
