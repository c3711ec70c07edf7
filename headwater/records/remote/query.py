"""Rows of a data base: one query, read only, kept as a file, so that a stopped run goes on with the same rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from headwater.core.errors import BadInput, DownloadFailed, MissingExtra
from headwater.records.remote.address import ENVIRONMENT, SECRET_CURE, resolved
from headwater.records.remote.remote import Dropped, Opened, State

ROWS_AT_ONCE = 1000
LINES_OF_A_PIECE = 1000


def problem_with_query(address: str, query: str) -> str | None:
    """Return what is wrong with a data base of a recipe, with the cure, or None."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    if not query.strip():
        return "the query is empty"
    if address.startswith(ENVIRONMENT):
        return None if address.removeprefix(ENVIRONMENT).isidentifier() else f"{address!r} names no variable"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return "this is no address of a data base, for example postgresql+psycopg://HOST/NAME or sqlite:///rows.db"
    return f"a password stands in the address. {SECRET_CURE}" if url.password is not None else None


class Query:
    """The answer to one query, as JSON Lines. `folder` is where a relative SQLite file starts."""

    def __init__(self, address: str, query: str, folder: Path) -> None:
        self._query, self._folder = query, folder
        self._address = address
        self.shown = f"the query on {address}" if address.startswith(ENVIRONMENT) else "the query"
        asked = json.dumps([address, query])
        self.name = f"query-{hashlib.sha256(asked.encode()).hexdigest()[:8]}.jsonl"

    def state(self) -> State:
        """Name the answer by its question: what was read in full stays the answer until the run has ended."""
        return State(mark=self.name)

    @contextmanager
    def open(self, start: int, state: State) -> Iterator[Opened]:
        """Run the query; it always begins anew."""
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

        engine = self._engine()
        try:
            with engine.connect() as connection:
                _only_reading(connection)
                options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
                result = connection.execute(text(self._query), execution_options=options)
                if not result.returns_rows:
                    raise BadInput(f"{self.shown} gives no rows", "Write a SELECT.")
                yield Opened(0, state, _lines(result))
                connection.rollback()
        except OperationalError as error:
            if error.connection_invalidated or not _is_statement(error):
                raise Dropped(_cause(error)) from error
            raise BadInput(f"{self.shown} fails: {_cause(error)}", "Correct the query or the address.") from error
        except DBAPIError as error:
            raise BadInput(f"{self.shown} fails: {_cause(error)}", "Correct the query.") from error
        except SQLAlchemyError as error:
            raise DownloadFailed(f"{self.shown} fails: {type(error).__name__}", "Check address and query.") from error
        finally:
            engine.dispose()

    def _engine(self) -> Any:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            url = make_url(resolved(self._address))
            if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
                file = (self._folder / url.database).resolve()
                if not file.is_file():  # connecting would make an empty one
                    raise BadInput(f"No data base {file}", "A recipe's paths start at the recipe's folder.")
                url = url.set(database=str(file))
            return create_engine(url)
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            # The library's words may repeat the address and its password.
            raise BadInput(
                f"{self.shown}: the address is none that SQLAlchemy knows",
                "Write for example postgresql+psycopg://HOST/NAME.",
            ) from error
        except ModuleNotFoundError as error:
            raise MissingExtra(
                f"{self.shown} needs the driver {error.name!r}", f"pip install {error.name}, or name another driver."
            ) from error


def _only_reading(connection: Any) -> None:
    """Forbid writing where the data base can; whatever else a query did is rolled back."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    elif connection.dialect.name in ("postgresql", "mysql", "mariadb"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _is_statement(error: Any) -> bool:
    """Whether the data base understood us and did not like what it heard."""
    return error.statement is not None


def _cause(error: Any) -> str:
    # The original words only: SQLAlchemy's own add the parameters.
    return str(error.orig or type(error).__name__).strip().splitlines()[0]


def _lines(result: Any) -> Iterator[bytes]:
    names = list(result.keys())
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BadInput(f"The query gives two columns {', '.join(twice)}", "Name them apart with AS.")
    held: list[bytes] = []
    for row in result:
        held.append(
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain).encode(
                "utf-8", "surrogatepass"
            )
        )
        if len(held) == LINES_OF_A_PIECE:
            yield b"\n".join(held) + b"\n"
            held = []
    if held:
        yield b"\n".join(held) + b"\n"


def _plain(value: object) -> object:
    """Return a value of a data base as JSON can hold it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, timedelta | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "surrogateescape")
    raise BadInput(f"The query gives a {type(value).__name__}", "Turn that column into text with CAST.")
