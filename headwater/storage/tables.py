"""The catalogue's tables. Migrations in `migrations/` create them; this file is what they end at.

Identifiers are random 16-hex strings made by us, except passages, whose integer ids are what the
vector index stores. Times are UTC seconds since the epoch.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Common base; names constraints so that migrations are the same on every database."""

    metadata = MetaData(naming_convention=NAMING)


class UserRow(Base):
    """A person (or the local owner of a workspace used from the command line)."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(Text)
    disclaimer_accepted: Mapped[float | None] = mapped_column(Float)
    disabled: Mapped[float | None] = mapped_column(Float)
    created: Mapped[float] = mapped_column(Float)


class SessionRow(Base):
    """A sign-in. Only the hash of its token is kept; deleting the row ends it at once."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float] = mapped_column(Float)


class KeyRow(Base):
    """An API key: shown once, kept hashed, found by its public prefix."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_hash: Mapped[str] = mapped_column(Text)
    created: Mapped[float] = mapped_column(Float)
    last_used: Mapped[float | None] = mapped_column(Float)


class SettingRow(Base):
    """A fact of the workspace: the set-up token, accepted licences, the default model."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class CollectionRow(Base):
    """Documents that are searched together."""

    __tablename__ = "collections"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    created: Mapped[float] = mapped_column(Float)
    __table_args__ = (UniqueConstraint("owner_id", "name"),)


class DocumentRow(Base):
    """A named file of a collection. `version_id` is the searchable version, if there is one."""

    __tablename__ = "documents"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(1000))
    version_id: Mapped[str | None] = mapped_column(String(32))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    created: Mapped[float] = mapped_column(Float)
    __table_args__ = (UniqueConstraint("collection_id", "name"),)


class VersionRow(Base):
    """One content of a document. state: queued, parsing, searchable, failed, replaced.

    `embedded` counts the passages that have vectors, so progress of the background work is a fact.
    """

    __tablename__ = "versions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    media_type: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(Text)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    paged: Mapped[bool] = mapped_column(default=False)
    page_count: Mapped[int] = mapped_column(Integer, default=0)
    passage_count: Mapped[int] = mapped_column(Integer, default=0)
    embedded: Mapped[int] = mapped_column(Integer, default=0)
    created: Mapped[float] = mapped_column(Float)


class PageRow(Base):
    """The text of a page as it was extracted; passages are ranges of it."""

    __tablename__ = "pages"
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    label: Mapped[str | None] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)


class PassageRow(Base):
    """A searchable span. The keyword index and the vectors hang on its integer id.

    `id` never returns after a delete (AUTOINCREMENT), so a stale index entry finds nothing.
    """

    __tablename__ = "passages"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    collection_id: Mapped[str] = mapped_column(String(32))
    document_id: Mapped[str] = mapped_column(String(32), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(Integer)
    page_number: Mapped[int] = mapped_column(Integer)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    heading: Mapped[list[str]] = mapped_column(JSON, default=list)
    text: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_passages_version_ordinal", "version_id", "ordinal"),
        Index("ix_passages_collection_id", "collection_id", "id"),
        {"sqlite_autoincrement": True},
    )


class VectorRow(Base):
    """The float16 vector of a passage under one embedder; the truth that indexes are rebuilt from."""

    __tablename__ = "vectors"
    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str] = mapped_column(String(100), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class KeywordSegmentRow(Base):
    """Up to some thousand passages of one collection that are indexed together, see `keyword.py`.

    `ids` (int64) and `lengths` (uint16, in terms) are arrays over the places in the segment; a
    removed passage leaves a place with id 0. `passages` and `terms` count what is there.
    """

    __tablename__ = "keyword_segments"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    collection_id: Mapped[str] = mapped_column(String(32), index=True)
    passages: Mapped[int] = mapped_column(Integer)
    terms: Mapped[int] = mapped_column(Integer)
    ids: Mapped[bytes] = mapped_column(LargeBinary)
    lengths: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = ({"sqlite_autoincrement": True},)


class KeywordPostingRow(Base):
    """Where a term occurs in a segment: places (uint16, rising), then how often in each (uint8)."""

    __tablename__ = "keyword_postings"
    segment_id: Mapped[int] = mapped_column(ForeignKey("keyword_segments.id", ondelete="CASCADE"), primary_key=True)
    term: Mapped[str] = mapped_column(String(100), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ConversationRow(Base):
    """A conversation: a tree of messages. `leaf_id` is the end of the branch last looked at."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    collection_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    model: Mapped[str | None] = mapped_column(String(300))
    leaf_id: Mapped[str | None] = mapped_column(String(32))
    created: Mapped[float] = mapped_column(Float)
    updated: Mapped[float] = mapped_column(Float)


class MessageRow(Base):
    """A message; siblings under one parent are the edits and regenerations of that turn."""

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(Text)
    # mode, citations, hits, model, seconds, usage of an assistant message
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rating: Mapped[int | None] = mapped_column(Integer)
    created: Mapped[float] = mapped_column(Float)


class DataSourceRow(Base):
    """A file of rows to make training data of. `origin` says where it came from, empty for an upload."""

    __tablename__ = "data_sources"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(1000))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    created: Mapped[float] = mapped_column(Float)
    origin: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (UniqueConstraint("owner_id", "name"),)


class DatasetRow(Base):
    """Training data and the recipe it is made by. state: draft, preparing, ready, failed.

    `folder` is where its files are, below the folder of data sets; `summary` holds the counts of the
    last run, `prepared_recipe` the recipe of it.
    """

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    folder: Mapped[str] = mapped_column(String(200), unique=True)
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    job_id: Mapped[str | None] = mapped_column(String(32))
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    prepared_recipe: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    prepared: Mapped[float | None] = mapped_column(Float)
    error: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(Text)
    created: Mapped[float] = mapped_column(Float)
    updated: Mapped[float] = mapped_column(Float)
    __table_args__ = (UniqueConstraint("owner_id", "name"),)


class RunRow(Base):
    """A training run. Its folder, below the folder of runs, has its name; `summary` is the last state that it told."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    job_id: Mapped[str | None] = mapped_column(String(32))
    served: Mapped[str | None] = mapped_column(String(200))
    sweep: Mapped[str | None] = mapped_column(String(100))
    differs: Mapped[str] = mapped_column(Text)
    created: Mapped[float] = mapped_column(Float)
    updated: Mapped[float] = mapped_column(Float)


class JobRow(Base):
    """Long work. state: queued, running, done, failed, cancelled. `claimed` is the worker's heartbeat."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(1000))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(String(64))
    created: Mapped[float] = mapped_column(Float)
    started: Mapped[float | None] = mapped_column(Float)
    ended: Mapped[float | None] = mapped_column(Float)
