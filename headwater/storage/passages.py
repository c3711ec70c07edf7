"""Passages: reading them by id inside a scope, their neighbours, and their vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, and_, func, insert, select, update

from headwater.core.errors import BadInput
from headwater.core.types import Filters, Passage, Scope
from headwater.storage import keyword
from headwater.storage.database import Catalogue
from headwater.storage.keyword import DEFAULT_BM25, Bm25, Term
from headwater.storage.matching import Matches, match
from headwater.storage.ownership import missing, owned_collection
from headwater.storage.tables import CollectionRow, DocumentRow, PageRow, PassageRow, VectorRow, VersionRow

Ids = npt.NDArray[np.int64]
HalfVectors = npt.NDArray[np.float16]
_MOST_PARAMETERS = 10_000


class Passages:
    """Reads passages of searchable versions. Ids that are stale or someone else's find nothing."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def by_ids(self, scope: Scope, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages among `ids` that the scope may see and that are searchable now."""
        found: dict[int, Passage] = {}
        wanted = [int(passage_id) for passage_id in ids]
        with self._catalogue.reading() as session:
            for first in range(0, len(wanted), _MOST_PARAMETERS):
                some = PassageRow.id.in_(wanted[first : first + _MOST_PARAMETERS])
                found.update((row[0], _passage(row)) for row in session.execute(_visible(scope).where(some)))
        return found

    def neighbours(self, passage: Passage, scope: Scope, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages around one on its page, in reading order, itself included; none when it is gone."""
        with self._catalogue.reading() as session:
            ordinal = session.scalars(select(PassageRow.ordinal).where(PassageRow.id == passage.id)).first()
            if ordinal is None:
                return []
            near = (
                PassageRow.version_id == passage.version_id,
                PassageRow.page_number == passage.page_number,
                PassageRow.ordinal.between(ordinal - before, ordinal + after),
            )
            rows = session.execute(_visible(scope).where(*near).order_by(PassageRow.ordinal))
            return [_passage(row) for row in rows]

    def of_document(self, scope: Scope, document_id: str) -> list[Passage]:
        """All searchable passages of a document, in reading order."""
        query = _visible(scope).where(PassageRow.document_id == document_id).order_by(PassageRow.ordinal)
        with self._catalogue.reading() as session:
            return [_passage(row) for row in session.execute(query)]

    def collection_ids(self, scope: Scope, filters: Filters) -> tuple[str, ...]:
        """The collections a search may look at. Raises NotFound for one that is not the scope's own."""
        query = select(CollectionRow.id).where(CollectionRow.owner_id == scope.user_id)
        with self._catalogue.reading() as session:
            own = tuple(session.scalars(query.order_by(CollectionRow.created, CollectionRow.id)))
        if not filters.collection_ids:
            return own
        for collection_id in filters.collection_ids:
            if collection_id not in own:
                raise missing("collection", collection_id)
        return tuple(dict.fromkeys(filters.collection_ids))

    def ids_within(self, scope: Scope, filters: Filters) -> Ids | None:
        """Ids of the passages that documents and media types limit a search to; None when they set no limit."""
        if not filters.document_ids and not filters.media_types:
            return None
        query = _live(select(PassageRow.id), scope).where(
            PassageRow.collection_id.in_(self.collection_ids(scope, filters))
        )
        if filters.document_ids:
            query = query.where(PassageRow.document_id.in_(filters.document_ids))
        if filters.media_types:
            query = query.where(VersionRow.media_type.in_(filters.media_types))
        with self._catalogue.reading() as session:
            return np.fromiter(session.scalars(query.order_by(PassageRow.id)), np.int64)

    def ids_of(self, scope: Scope, collection_ids: Sequence[str]) -> Ids:
        """Ids of all searchable passages of the scope's collections, rising."""
        query = _live(select(PassageRow.id), scope).where(PassageRow.collection_id.in_(collection_ids))
        with self._catalogue.reading() as session:
            return np.fromiter(session.scalars(query.order_by(PassageRow.id)), np.int64)

    def keyword(
        self, scope: Scope, terms: Sequence[Term], filters: Filters, limit: int, bm25: Bm25 = DEFAULT_BM25
    ) -> list[tuple[int, float]]:
        """Search the keyword index inside the scope: (passage id, BM25), best first."""
        collection_ids = self.collection_ids(scope, filters)
        within = self.ids_within(scope, filters)
        with self._catalogue.reading() as session:
            return keyword.search(session, terms, collection_ids, limit, within, bm25)

    def matches(
        self, scope: Scope, collection_ids: Sequence[str], groups: Sequence[Sequence[str]], bm25: Bm25 = DEFAULT_BM25
    ) -> Matches:
        """Match all passages of the scope's collections against groups of alternative terms. Raises NotFound."""
        if collection_ids:
            self.collection_ids(scope, Filters(tuple(collection_ids)))
        with self._catalogue.reading() as session:
            return match(session, groups, collection_ids, bm25)

    def runs(self, scope: Scope, collection_ids: Sequence[str]) -> Ids:
        """First and last passage id (n, 2) of each searchable version of the scope's collections, rising.

        Passages of a version are stored in one statement, so their ids are consecutive and in reading order.
        """
        first = and_(PassageRow.ordinal == 0, DocumentRow.collection_id.in_(collection_ids))
        query = _live(select(PassageRow.id, VersionRow.passage_count), scope).where(first).order_by(PassageRow.id)
        with self._catalogue.reading() as session:
            rows = [(first_id, first_id + count - 1) for first_id, count in session.execute(query)]
        return np.array(rows, np.int64).reshape(-1, 2)

    def excerpts(self, scope: Scope, ends: Sequence[tuple[Passage, int]]) -> dict[int, str]:
        """For each (passage, end) the text of its page from its start to `end`, by passage id.

        What is gone or not the scope's is left out.
        """
        longest = max((end - passage.start for passage, end in ends), default=0)
        on_page = and_(PageRow.version_id == PassageRow.version_id, PageRow.number == PassageRow.page_number)
        cut = func.substr(PageRow.text, PassageRow.start + 1, longest)
        query = _live(select(PassageRow.id, cut).join_from(PassageRow, PageRow, on_page), scope)
        with self._catalogue.reading() as session:
            asked = query.where(PassageRow.id.in_([one.id for one, _ in ends]))
            found = {row[0]: row[1] for row in session.execute(asked)}
        return {one.id: found[one.id][: end - one.start] for one, end in ends if one.id in found}

    # --- vectors -----------------------------------------------------------------------------

    def without_vectors(self, scope: Scope, embedder: str, collection_id: str, limit: int) -> list[Passage]:
        """Up to `limit` searchable passages of a collection that have no vector of this embedder yet."""
        own = and_(VectorRow.passage_id == PassageRow.id, VectorRow.embedder == embedder)
        query = _visible(scope).outerjoin(VectorRow, own).where(VectorRow.passage_id.is_(None))
        query = query.where(PassageRow.collection_id == collection_id).order_by(PassageRow.id).limit(limit)
        with self._catalogue.reading() as session:
            return [_passage(row) for row in session.execute(query)]

    def count_without_vectors(self, scope: Scope, embedder: str, collection_id: str) -> int:
        """How many searchable passages of a collection have no vector of this embedder yet."""
        own = and_(VectorRow.passage_id == PassageRow.id, VectorRow.embedder == embedder)
        query = _live(select(func.count(PassageRow.id)), scope).outerjoin(VectorRow, own)
        with self._catalogue.reading() as session:
            missing_here = (VectorRow.passage_id.is_(None), PassageRow.collection_id == collection_id)
            return int(session.scalars(query.where(*missing_here)).one())

    def collections_without_vectors(self, embedder: str) -> list[tuple[Scope, str, str]]:
        """Owner, id and name of each collection in which a passage has no vector of this embedder; of all users.

        For the worker that takes work up after a restart.
        """
        own = and_(VectorRow.passage_id == PassageRow.id, VectorRow.embedder == embedder)
        lacking = select(PassageRow.collection_id).outerjoin(VectorRow, own).where(VectorRow.passage_id.is_(None))
        query = select(CollectionRow).where(CollectionRow.id.in_(lacking.distinct())).order_by(CollectionRow.created)
        with self._catalogue.reading() as session:
            return [(Scope(row.owner_id), row.id, row.name) for row in session.scalars(query)]

    def collection_name(self, scope: Scope, collection_id: str) -> str:
        """The name of one of the scope's own collections. Raises NotFound."""
        with self._catalogue.reading() as session:
            return owned_collection(session, scope, collection_id).name

    def add_vectors(
        self, scope: Scope, embedder: str, ids: Sequence[int], vectors: npt.NDArray[np.floating]
    ) -> list[int]:
        """Store one vector (n, dimensions) for each id, as float16; return the ids that were stored.

        Passages that were deleted meanwhile and vectors that are there already are left out.
        """
        if len(ids) != len(vectors):
            raise BadInput(f"{len(ids)} passages came with {len(vectors)} vectors.", "Expected one vector for each.")
        half = np.ascontiguousarray(vectors, np.float16)
        row_of = {int(passage_id): row for row, passage_id in enumerate(ids)}
        own = and_(VectorRow.passage_id == PassageRow.id, VectorRow.embedder == embedder)
        query = _live(select(PassageRow.id, PassageRow.version_id), scope).outerjoin(VectorRow, own)
        query = query.where(PassageRow.id.in_(row_of), VectorRow.passage_id.is_(None)).order_by(PassageRow.id)
        with self._catalogue.writing() as session:
            wanted = session.execute(query).all()
            if wanted:
                rows = [
                    {"passage_id": passage_id, "embedder": embedder, "vector": half[row_of[passage_id]].tobytes()}
                    for passage_id, _ in wanted
                ]
                session.execute(insert(VectorRow), rows)
            touched = {version_id for _, version_id in wanted}
            count = (
                select(func.count())
                .select_from(VectorRow)
                .join(PassageRow, PassageRow.id == VectorRow.passage_id)
                .where(PassageRow.version_id == VersionRow.id, VectorRow.embedder == embedder)
                .scalar_subquery()
            )
            session.execute(update(VersionRow).where(VersionRow.id.in_(touched)).values(embedded=count))
        return [passage_id for passage_id, _ in wanted]

    def vectors(
        self, embedder: str, collection_ids: Sequence[str] | None = None, after_id: int = 0, limit: int | None = None
    ) -> tuple[Ids, HalfVectors]:
        """Ids (n,) rising and vectors (n, dimensions) float16 of an embedder, to build an index from.

        This is the index's own look at all tenants; whoever shows results asks `by_ids` with a scope.
        """
        query = select(VectorRow.passage_id, VectorRow.vector).where(
            VectorRow.embedder == embedder, VectorRow.passage_id > after_id
        )
        if collection_ids is not None:
            query = query.join(PassageRow, PassageRow.id == VectorRow.passage_id)
            query = query.where(PassageRow.collection_id.in_(collection_ids))
        with self._catalogue.reading() as session:
            rows = session.execute(query.order_by(VectorRow.passage_id).limit(limit)).all()
        ids = np.fromiter((passage_id for passage_id, _ in rows), np.int64, len(rows))
        flat = np.frombuffer(b"".join(data for _, data in rows), np.float16)
        return ids, flat.reshape(len(rows), -1) if len(rows) else np.empty((0, 0), np.float16)

    def vector_ids(self, embedder: str) -> Ids:
        """Ids of all passages that have a vector of this embedder, rising, to compare an index with."""
        query = select(VectorRow.passage_id).where(VectorRow.embedder == embedder).order_by(VectorRow.passage_id)
        with self._catalogue.reading() as session:
            return np.fromiter(session.scalars(query), np.int64)


_COLUMNS = (
    PassageRow.id,
    PassageRow.collection_id,
    PassageRow.document_id,
    PassageRow.version_id,
    DocumentRow.name,
    PassageRow.page_number,
    VersionRow.paged,
    PageRow.label,
    PassageRow.start,
    PassageRow.end,
    PassageRow.text,
    PassageRow.heading,
)


def _live(query: Select, scope: Scope) -> Select:  # type: ignore[type-arg]
    """Limit a query over passages to the searchable versions of the scope's own documents."""
    searchable = and_(DocumentRow.id == PassageRow.document_id, DocumentRow.version_id == PassageRow.version_id)
    return (
        query.join(DocumentRow, searchable)
        .join(VersionRow, VersionRow.id == PassageRow.version_id)
        .join(CollectionRow, CollectionRow.id == DocumentRow.collection_id)
        .where(CollectionRow.owner_id == scope.user_id)
    )


def _visible(scope: Scope) -> Select:  # type: ignore[type-arg]
    on_page = and_(PageRow.version_id == PassageRow.version_id, PageRow.number == PassageRow.page_number)
    return _live(select(*_COLUMNS), scope).outerjoin(PageRow, on_page)


def _passage(row) -> Passage:  # type: ignore[no-untyped-def]
    paged, number = row.paged, row.page_number
    return Passage(
        id=row.id,
        collection_id=row.collection_id,
        document_id=row.document_id,
        version_id=row.version_id,
        document=row.name,
        page_number=number,
        page=number if paged else None,
        label=row.label,
        start=row.start,
        end=row.end,
        text=row.text,
        heading=tuple(row.heading),
    )
