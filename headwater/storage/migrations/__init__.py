"""Bringing a catalogue's tables up to date, by Alembic, when it is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from headwater.core.errors import Conflict

# The newest revision, written down so that an up-to-date catalogue opens without loading Alembic.
HEAD = "0004"


def bring_up_to_date(engine: Engine) -> None:
    """Run the missing migrations in one transaction; a second process waits for it.

    Raises Conflict for a catalogue whose revision this version does not know.
    """
    with engine.connect() as connection:
        if current_revision(connection) == HEAD:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    with engine.begin() as connection:
        config = Config()
        # ConfigParser reads % as an interpolation.
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Conflict(
                f"The catalogue has revision {current_revision(connection)!r}, which this Headwater does not know.",
                "It was made by a newer version: install that one, or use another data directory.",
            ) from error


def current_revision(connection: Connection) -> str | None:
    """The revision a catalogue is at; None when it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
