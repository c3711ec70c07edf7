"""Facts of the workspace that outlive a process: accepted licences, the default model, the set-up token."""

from __future__ import annotations

from typing import Any

from headwater.storage.database import Catalogue
from headwater.storage.tables import SettingRow


class Facts:
    """Named JSON values of the whole workspace. They belong to nobody, so no scope is asked."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, name: str, default: Any = None) -> Any:
        """The value stored under `name`, or `default`."""
        with self._catalogue.reading() as session:
            row = session.get(SettingRow, name)
            return default if row is None else row.value

    def set(self, name: str, value: Any) -> None:
        """Store a JSON value under `name`."""
        with self._catalogue.writing(durable=True) as session:
            session.merge(SettingRow(name=name, value=value))

    def forget(self, name: str) -> None:
        """Remove the value under `name`, if there is one."""
        with self._catalogue.writing() as session:
            row = session.get(SettingRow, name)
            if row is not None:
                session.delete(row)
