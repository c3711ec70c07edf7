from __future__ import annotations

from collections.abc import Sequence

from headwater.core.types import Hit, Passage
from headwater.documents.rerank import rerank


class LengthModel:
    """Finds that longer texts answer better."""

    name = "length"

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [len(text) / 100 for text in texts]


def hit(number: int, score: float, text: str) -> Hit:
    return Hit(Passage(number, "c", "d", "v", "d", 1, None, None, 0, len(text), text), score)


HITS = [hit(1, 0.9, "a"), hit(2, 0.8, "a" * 50), hit(3, 0.7, "a" * 20), hit(4, 0.1, "a" * 90)]


def test_the_model_changes_the_order_and_its_scores_are_kept_apart() -> None:
    ranked = rerank("?", HITS, LengthModel(), count=3)
    assert [one.passage.id for one in ranked] == [2, 1, 3, 4]
    assert [one.rerank for one in ranked] == [0.5, 0.01, 0.2, None]


def test_scores_stay_falling_and_inside_what_they_were() -> None:
    ranked = rerank("?", HITS, LengthModel(), count=3)
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] >= 0.1
    assert scores[0] <= 0.9


def test_one_hit_or_none_is_left_alone() -> None:
    assert rerank("?", [], LengthModel()) == []
    assert rerank("?", HITS[:1], LengthModel()) == HITS[:1]
