"""The keyword index: BM25 over terms that the caller has stemmed and folded, so storage knows no language.

Lists of places are kept as arrays in ordinary rows, in segments of one collection. A search reads one
short row for each term and segment and adds the scores up as arrays. Numbers of documents and lengths
come from the searched collections alone, so nobody's ranking depends on what others have stored.

Small segments are joined into larger ones as they gather (the log-structured merge of text search
engines), so a search never reads many. SQLite's own FTS5 was measured first: it computes bm25()
for each matching row one by one, see docs/log.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from headwater.storage.postings import (
    SEGMENT_PASSAGES,
    Counts,
    Ids,
    Places,
    Segment,
    build,
    clipped,
    decode_all,
    join,
    united,
    without,
)
from headwater.storage.tables import KeywordPostingRow, KeywordSegmentRow

JOINED_AT_ONCE = 8

# A word to look for: one term, or several spellings that count as one word.
Term = str | tuple[str, ...]
Group = tuple[str, ...]
_INSERT_POSTING = "INSERT INTO keyword_postings (segment_id, term, data) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Bm25:
    """How much repetition (`k1`) and passage length (`b`) count; Robertson and Zaragoza 2009, section 3.2."""

    k1: float = 1.2
    b: float = 0.75


DEFAULT_BM25 = Bm25()


def index_terms(session: Session, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index passages (passage_id, collection_id, terms separated by spaces) in the caller's transaction."""
    by_collection: dict[str, list[tuple[int, str]]] = {}
    for passage_id, collection_id, terms_text in rows:
        by_collection.setdefault(collection_id, []).append((passage_id, terms_text))
    for collection_id, passages in by_collection.items():
        for segment in build(passages):
            _store(session, collection_id, segment)
        _join_small(session, collection_id)


def remove(session: Session, collection_id: str, passage_ids: Sequence[int] | Ids) -> None:
    """Take passages of a collection out of the index, terms and all."""
    gone_ids = np.asarray(passage_ids, np.int64)
    if not len(gone_ids):
        return
    columns = (KeywordSegmentRow.id, KeywordSegmentRow.ids, KeywordSegmentRow.lengths)
    found = session.execute(select(*columns).where(KeywordSegmentRow.collection_id == collection_id)).all()
    for segment_id, id_bytes, length_bytes in found:
        ids = np.frombuffer(id_bytes, "<i8")
        gone = np.isin(ids, gone_ids)
        if not gone.any():
            continue
        kept = np.where(gone, 0, ids)
        if not kept.any():
            _erase(session, [segment_id])
            continue
        lengths = np.where(gone, 0, np.frombuffer(length_bytes, "<u2")).astype("<u2")
        _empty_places(session, segment_id, gone)
        _describe(session, segment_id, Segment(kept, lengths, {}))


def remove_collection(session: Session, collection_id: str) -> None:
    """Take a whole collection out of the index."""
    query = select(KeywordSegmentRow.id).where(KeywordSegmentRow.collection_id == collection_id)
    _erase(session, list(session.scalars(query)))


@dataclass(frozen=True, eq=False)
class Scored:
    """Every place of the searched segments, one after the other.

    ids (n,): passage ids, 0 where a place is empty · scores (n,): BM25, 0 where no word occurs ·
    collection (n,): which of the asked collections, counted from 0 · places: where each asked word
    occurs · weights: inverse document frequency of each that occurs.
    """

    ids: Ids
    scores: npt.NDArray[np.float32]
    collection: npt.NDArray[np.int64]
    places: Mapping[Group, Places]
    weights: Mapping[Group, float]


def search(
    session: Session,
    terms: Sequence[Term],
    collection_ids: Sequence[str],
    limit: int,
    within: Ids | None = None,
    bm25: Bm25 = DEFAULT_BM25,
) -> list[tuple[int, float]]:
    """Return (passage id, score) of the passages that hold any term, best first, at most `limit`.

    The caller vouches for `collection_ids`. `within` limits the passages that are returned.
    A term given twice counts twice; a tuple of terms is one word with several spellings. The score
    is Lucene's form of BM25: never negative.
    """
    if limit <= 0:
        return []
    scored = score_all(session, Counter(group_of(term) for term in terms), collection_ids, bm25)
    return _best(scored.ids, scored.scores, limit, within)


def score_all(
    session: Session, asked: Mapping[Group, int], collection_ids: Sequence[str], bm25: Bm25 = DEFAULT_BM25
) -> Scored:
    """Score all passages of the collections for words, each counted as often as `asked` says."""
    table = KeywordSegmentRow
    query = select(table.id, table.collection_id, table.terms, table.ids, table.lengths)
    segments = session.execute(query.where(table.collection_id.in_(collection_ids)).order_by(table.id)).all()
    ids = np.frombuffer(b"".join(row.ids for row in segments), "<i8")
    lengths = np.frombuffer(b"".join(row.lengths for row in segments), "<u2")
    sizes = [len(row.lengths) // 2 for row in segments]
    number = {collection_id: number for number, collection_id in enumerate(dict.fromkeys(collection_ids))}
    collection = np.repeat(np.array([number[row.collection_id] for row in segments], np.int64), sizes)
    scores = np.zeros(len(ids), np.float32)
    all_places: dict[Group, Places] = {}
    weights: dict[Group, float] = {}
    total = int(np.count_nonzero(ids))
    if asked and total:
        average = max(sum(row.terms for row in segments) / total, 1.0)
        slowness = (bm25.k1 * (1 - bm25.b) + bm25.k1 * bm25.b / average * lengths).astype(np.float32)
        ends = np.cumsum(sizes)
        first_place = dict(zip((row.id for row in segments), (0, *ends[:-1].tolist()), strict=True))
        for group, places, counts in _lists(session, first_place, asked):
            weight = math.log(1 + (total - len(places) + 0.5) / (len(places) + 0.5))
            # A word's places are distinct, so plain fancy indexing adds each exactly once.
            factor = np.float32(asked[group] * weight * (bm25.k1 + 1))
            scores[places] += factor * counts / (counts + slowness[places])
            all_places[group], weights[group] = places, weight
    return Scored(ids, scores, collection, all_places, weights)


def group_of(term: Term) -> Group:
    """The spellings of a word, as they are indexed."""
    spellings = (term,) if isinstance(term, str) else term
    return tuple(dict.fromkeys(clipped(spelling) for spelling in spellings))


def _lists(
    session: Session, first_place: Mapping[int, int], groups: Iterable[Group]
) -> Iterator[tuple[Group, Places, Counts]]:
    """Each word that occurs, its places in all segments together and how often it occurs in each."""
    table = KeywordPostingRow
    terms = {term for group in groups for term in group}
    wanted = (table.segment_id.in_(first_place), table.term.in_(terms))
    found: dict[str, list[tuple[int, bytes]]] = {}
    for segment_id, term, data in session.execute(select(table.segment_id, table.term, table.data).where(*wanted)):
        found.setdefault(term, []).append((first_place[segment_id], data))
    for group in groups:
        spelled = [decode_all(found[term]) for term in group if term in found]
        if spelled:
            yield (group, *united(spelled))


def _best(ids: Ids, scores: npt.NDArray[np.float32], limit: int, within: Ids | None) -> list[tuple[int, float]]:
    usable = scores > 0
    if within is not None:
        usable &= np.isin(ids, within)
    candidates = np.flatnonzero(usable)
    if len(candidates) > limit:
        # Everything at least as good as the last one stays in, so that equal scores are cut by id.
        some = scores[candidates]
        candidates = candidates[some >= np.partition(some, len(some) - limit)[len(some) - limit]]
    order = np.lexsort((ids[candidates], -scores[candidates]))[:limit]
    chosen = candidates[order]
    return list(zip(ids[chosen].tolist(), scores[chosen].astype(float).tolist(), strict=True))


def _store(session: Session, collection_id: str, segment: Segment) -> None:
    row = KeywordSegmentRow(
        collection_id=collection_id,
        passages=segment.passages,
        terms=segment.terms,
        ids=segment.ids.astype("<i8").tobytes(),
        lengths=segment.lengths.astype("<u2").tobytes(),
    )
    session.add(row)
    session.flush()
    if segment.postings:
        # Tens of thousands of rows: the driver takes them five times faster than the ORM hands them over.
        rows = [(row.id, term, data) for term, data in sorted(segment.postings.items())]
        session.connection().exec_driver_sql(_INSERT_POSTING, rows)


def _describe(session: Session, segment_id: int, segment: Segment) -> None:
    values = {
        "passages": segment.passages,
        "terms": segment.terms,
        "ids": segment.ids.astype("<i8").tobytes(),
        "lengths": segment.lengths.astype("<u2").tobytes(),
    }
    session.execute(update(KeywordSegmentRow).where(KeywordSegmentRow.id == segment_id).values(values))


def _empty_places(session: Session, segment_id: int, gone: npt.NDArray[np.bool_]) -> None:
    table = KeywordPostingRow
    for term, data in without(_postings(session, segment_id).items(), gone):
        place = (table.segment_id == segment_id, table.term == term)
        session.execute(update(table).where(*place).values(data=data) if data else delete(table).where(*place))


def _postings(session: Session, segment_id: int) -> dict[str, bytes]:
    table = KeywordPostingRow
    query = select(table.term, table.data).where(table.segment_id == segment_id)
    return {term: data for term, data in session.execute(query)}


def _erase(session: Session, segment_ids: Sequence[int]) -> None:
    session.execute(delete(KeywordPostingRow).where(KeywordPostingRow.segment_id.in_(segment_ids)))
    session.execute(delete(KeywordSegmentRow).where(KeywordSegmentRow.id.in_(segment_ids)))


def _join_small(session: Session, collection_id: str) -> None:
    """Join segments of about one size, as long as a size has eight."""
    while chosen := _joinable(session, collection_id):
        query = select(KeywordSegmentRow.id, KeywordSegmentRow.ids, KeywordSegmentRow.lengths)
        rows = session.execute(query.where(KeywordSegmentRow.id.in_(chosen)).order_by(KeywordSegmentRow.id)).all()
        parts = [
            Segment(np.frombuffer(ids, "<i8"), np.frombuffer(lengths, "<u2"), _postings(session, segment_id))
            for segment_id, ids, lengths in rows
        ]
        joined = join(parts)
        _erase(session, chosen)
        _store(session, collection_id, joined)


def _joinable(session: Session, collection_id: str) -> list[int]:
    """The smallest segments of a size class that has eight, as many as fit into one; none when nothing is due."""
    query = select(KeywordSegmentRow.id, KeywordSegmentRow.passages)
    rows = session.execute(query.where(KeywordSegmentRow.collection_id == collection_id)).all()
    classes: dict[int, list[tuple[int, int]]] = {}
    for segment_id, passages in rows:
        # Classes are 1-7, 8-63, 64-511, ...: three bits each.
        classes.setdefault((passages.bit_length() - 1) // 3, []).append((passages, segment_id))
    for size_class in sorted(classes):
        members = sorted(classes[size_class])
        if len(members) < JOINED_AT_ONCE:
            continue
        sums = accumulate(passages for passages, _ in members)
        fitting = sum(1 for total in sums if total <= SEGMENT_PASSAGES)
        if fitting > 1:
            return [segment_id for _, segment_id in members[: min(fitting, JOINED_AT_ONCE)]]
    return []
