"""The SQL catalogue: opening it, bringing its tables up to date, and sessions for reading and writing.

Reading and writing are told apart. SQLite has one writer at a time, so a writing session takes the
write lock when it begins (BEGIN IMMEDIATE) and waits its turn; two of them can never deadlock
by both having read first. A reading session sees one snapshot and cannot write.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.orm import Session

from headwater.core.disk import is_full
from headwater.core.errors import BadInput, Conflict, HeadwaterError, StorageFull
from headwater.storage.migrations import bring_up_to_date

Clock = Callable[[], float]
Removed = Callable[[Sequence[int]], None]

BUSY_MILLISECONDS = 30_000
_WRITE = "headwater_write"
_DURABLE = "headwater_durable"
FULL_HINT = "Free some space on the disk that holds the workspace, then try again; nothing that was stored is lost."


class Catalogue:
    """An open catalogue. Make one with `Catalogue.open`; safe to use from many threads."""

    def __init__(self, engine: Engine, folder: Path, clock: Clock = time.time) -> None:
        self.engine = engine
        self.folder = folder
        self.now = clock
        self._write_engine = engine.execution_options(**{_WRITE: True})
        self._durable_engine = engine.execution_options(**{_WRITE: True, _DURABLE: True})
        self._removed: list[Removed] = []

    @classmethod
    def open(cls, url: str, clock: Clock = time.time) -> Catalogue:
        """Open or create the catalogue at a SQLAlchemy URL and migrate it to this version's tables.

        Raises BadInput for a URL or file that cannot be a catalogue, Conflict for one made by a
        newer Headwater, StorageFull.
        """
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            hint = "Expected for example sqlite:////path/catalogue.db."
            raise BadInput(f"{url!r} is not a database URL.", hint) from error
        engine = _engine(parsed)
        try:
            with _storage_errors(), _naming(parsed):
                bring_up_to_date(engine.execution_options(**{_WRITE: True}))
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, Path(str(parsed.database)).absolute().parent, clock)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one snapshot. Any write in it is an error."""
        with _storage_errors(), Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    session = reading

    @contextmanager
    def writing(self, durable: bool = False) -> Iterator[Session]:
        """The one writing session: commits at the end, rolls back on an error.

        A commit survives the death of the process; with `durable` also a power cut, at the price
        of waiting for the disk.
        """
        engine = self._durable_engine if durable else self._write_engine
        with _storage_errors(), Session(engine, expire_on_commit=False) as session, session.begin():
            session.connection()  # take the write lock now, not at the first statement
            yield session

    def on_removed(self, callback: Removed) -> None:
        """Have `callback` called with the ids of passages after their removal was committed."""
        self._removed.append(callback)

    def announce_removed(self, passage_ids: Sequence[int]) -> None:
        """Tell whoever keeps things by passage id (the vector index) that these are gone."""
        if passage_ids:
            for callback in self._removed:
                callback(passage_ids)

    def scrub(self) -> None:
        """Push deleted content out of SQLite's log file as well, unless a reader still needs it."""
        pooled = self.engine.raw_connection()
        try:
            connection: Any = pooled.driver_connection
            # A reader in the way is no reason to wait: the log is overwritten in its time anyway.
            connection.execute("PRAGMA busy_timeout=100")
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        finally:
            pooled.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: URL) -> Engine:
    """Build the engine; for SQLite with a directory that exists and our own transaction control."""
    if url.get_backend_name() != "sqlite":
        name = url.get_backend_name()
        raise BadInput(f"A catalogue in {name!r} is not possible in this version.", "Use sqlite:////path/catalogue.db.")
    if not url.database or url.database == ":memory:":
        raise BadInput("A catalogue needs a file.", "Expected for example sqlite:////path/catalogue.db.")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite does, because it holds everybody's documents: for its owner's eyes only.
        Path(url.database).touch(mode=0o600)
    except OSError as error:
        raise _unusable(url, error) from error
    engine = create_engine(url, pool_size=8, max_overflow=56, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set up a new connection. busy_timeout comes first: switching to WAL can meet a lock."""
    connection.isolation_level = None
    # SQLite's own lower() knows ASCII only.
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=NORMAL",
        # Deleted text is overwritten with zeros rather than left in free pages.
        "secure_delete=ON",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _begin_sqlite(connection: Connection) -> None:
    """Begin the kind of transaction the session was made for."""
    options = connection.get_execution_options()
    raw: Any = connection.connection.driver_connection
    writes = bool(options.get(_WRITE))
    raw.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    if writes:
        raw.execute(f"PRAGMA synchronous={'FULL' if options.get(_DURABLE) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Turn the database's own words for a full disk and a held lock into ours."""
    try:
        yield
    except DBAPIError as error:
        if (told := _told(error)) is not None:
            raise told from error
        raise
    except OSError as error:
        if is_full(error):
            raise StorageFull("The disk is full: the catalogue could not be written.", FULL_HINT) from error
        raise


def _told(error: DBAPIError) -> HeadwaterError | None:
    # Extended codes keep the primary code in their low byte.
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull("The disk is full: the catalogue could not be written.", FULL_HINT)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        waited = BUSY_MILLISECONDS // 1000
        return Conflict(
            f"The catalogue was locked by another process for {waited} s.",
            "Try again; if it stays locked, look for another program that has the file open.",
        )
    return None


@contextmanager
def _naming(url: URL) -> Iterator[None]:
    """Name the file when opening it fails."""
    try:
        yield
    except (OperationalError, DatabaseError) as error:
        if _told(error) is not None:
            raise
        raise _unusable(url, error.orig or error) from error


def _unusable(url: URL, cause: BaseException) -> BadInput:
    where = url.render_as_string(hide_password=True)
    return BadInput(
        f"The catalogue {where} cannot be opened: {cause}.",
        "Check that the path is right, that you may write there and that the file is a Headwater catalogue.",
    )
