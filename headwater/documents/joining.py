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

Excerpts = Callable[[Sequence[tuple[Passage, int]]], Mapping[int, str]]
"""[(passage, end), ...] -> by passage id the text of its page from its start to `end`; what is gone is left out."""


def join(ranked: Sequence[Hit], limit: int, excerpts: Excerpts) -> list[Hit]:
    """Return up to `limit` hits, best first, without overlaps; each has the scores of its best passage."""
    by_id = {hit.passage.id: hit for hit in ranked}
    used: set[int] = set()
    runs: list[tuple[Hit, list[Hit]]] = []
    for hit in ranked:
        if len(runs) >= limit:
            break
        if hit.passage.id in used:
            continue
        run = _run(hit, by_id, used)
        used.update(member.passage.id for member in run)
        runs.append((hit, run))
    longer = [(run[0].passage, run[-1].passage.end) for _, run in runs if len(run) > 1]
    texts = excerpts(longer) if longer else {}
    return [_as_one(hit, run, texts.get(run[0].passage.id)) for hit, run in runs]


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


def _as_one(best: Hit, run: Sequence[Hit], text: str | None) -> Hit:
    """The run as one hit. It keeps the id of its best passage, and the headings of its first."""
    first, last = run[0].passage, run[-1].passage
    if text is None or not text.startswith(first.text) or not text.endswith(last.text):
        return best  # the document was replaced in this moment
    passage = replace(best.passage, start=first.start, end=last.end, text=text, heading=first.heading)
    return replace(best, passage=passage)
