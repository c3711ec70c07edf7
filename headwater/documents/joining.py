"""Neighbours that were both found are read as one: the search finds short passages, people read longer ones.

A hit grows by the passage before or behind it while that one scored nearly as well and stands on the
same page, up to MOST_JOINED. So the first hits stay short when they stand out, and no text comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from headwater.core.types import Hit, Passage

MOST_JOINED = 3
NEARLY = 0.9

Excerpt = Callable[[Passage, int], str | None]
"""(passage, end) -> the text of its page from its start to `end`, None when it is gone."""


def join(ranked: Sequence[Hit], limit: int, excerpt: Excerpt) -> list[Hit]:
    """Return up to `limit` hits, best first, without overlaps; each has the scores of its best passage."""
    by_id = {hit.passage.id: hit for hit in ranked}
    used: set[int] = set()
    joined: list[Hit] = []
    for hit in ranked:
        if len(joined) >= limit:
            break
        if hit.passage.id in used:
            continue
        run = _run(hit, by_id, used)
        used.update(member.passage.id for member in run)
        joined.append(_as_one(hit, run, excerpt))
    return joined


def _run(hit: Hit, by_id: Mapping[int, Hit], used: set[int]) -> list[Hit]:
    run = [hit]
    while len(run) < MOST_JOINED:
        before, after = by_id.get(run[0].passage.id - 1), by_id.get(run[-1].passage.id + 1)
        usable = [
            (other, at_front)
            for other, at_front in ((before, True), (after, False))
            if other is not None
            and other.passage.id not in used
            and other.score >= NEARLY * hit.score
            and _same_page(other.passage, hit.passage)
        ]
        if not usable:
            break
        other, at_front = max(usable, key=lambda pair: pair[0].score)
        run = [other, *run] if at_front else [*run, other]
    return run


def _same_page(one: Passage, other: Passage) -> bool:
    return one.version_id == other.version_id and one.page_number == other.page_number


def _as_one(best: Hit, run: Sequence[Hit], excerpt: Excerpt) -> Hit:
    """The run as one hit. It keeps the id of its best passage, and the headings of its first."""
    if len(run) == 1:
        return best
    first, last = run[0].passage, run[-1].passage
    text = excerpt(first, last.end)
    if text is None or not text.startswith(first.text) or not text.endswith(last.text):
        return best  # the document was replaced in this moment
    passage = replace(best.passage, start=first.start, end=last.end, text=text, heading=first.heading)
    return replace(best, passage=passage)
