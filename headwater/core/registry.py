"""A registry is a visible table `name -> "module:object"`, loaded when used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar, cast

from headwater.core.errors import UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """Names of a kind of thing and where each lives.

    >>> parsers = Registry("parser", {".pdf": "headwater.documents.pdf:read"})
    """

    def __init__(self, kind: str, table: Mapping[str, str]) -> None:
        self.kind = kind
        self._table = dict(table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __getitem__(self, name: str) -> T:
        """Load and return the object. Raises UnknownName with the known names."""
        if name not in self._table:
            raise UnknownName.among(self.kind, name, self._table)
        module, _, attribute = self._table[name].partition(":")
        return cast("T", getattr(import_module(module), attribute))
