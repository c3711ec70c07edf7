"""The right kind of remote place for an address or a query."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from headwater.core.errors import BadInput
from headwater.records.remote.address import ENVIRONMENT, EXTRAS, name_of, resolved, scheme_of, shown
from headwater.records.remote.hub import fixed
from headwater.records.remote.query import Query
from headwater.records.remote.remote import Remote
from headwater.records.remote.stored import StoredFile

WEB = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Place:
    """A remote place, the name its file gets, a folder name that no other place has, and what reports call it."""

    remote: Remote
    name: str
    folder: str
    address: str


def place_of(address: str) -> Place:
    """Return the place of an address of a recipe. Raises BadInput, MissingExtra, DownloadFailed."""
    whole = resolved(address)
    scheme = scheme_of(whole)
    if scheme not in EXTRAS:
        known = ", ".join(f"{name}://" for name in EXTRAS)
        raise BadInput(f"{address} is no address of a known kind", f"Known: {known}.")
    whole = fixed(whole) if scheme == "hf" else whole
    remote = _web_file(whole) if scheme in WEB else StoredFile(whole)
    called = address if address.startswith(ENVIRONMENT) else shown(whole)
    return Place(remote, name_of(whole), _digest(whole), called)


def place_of_query(address: str, query: str, folder: Path) -> Place:
    """Return the place of a query; `folder` is where a relative SQLite file starts."""
    remote = Query(address, query, folder)
    return Place(remote, remote.name, _digest(remote.name), f"{address}: {query}")


def _web_file(address: str) -> Remote:
    # Most recipes name files here, and the client takes a while to load.
    from headwater.records.remote.web import WebFile

    return WebFile(address)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
