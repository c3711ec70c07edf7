"""The right kind of remote place for an address or a query."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from headwater.core.errors import BadInput, Forbidden
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


def place_of(address: str, public_only: bool = False) -> Place:
    """Return the place of an address of a recipe. Raises BadInput, MissingExtra, DownloadFailed.

    `public_only`: it comes from somebody who may not ask in this machine's name: web addresses of the open
    internet alone; else Forbidden, here or when it is opened.
    """
    if public_only and scheme_of(address) not in WEB:
        raise Forbidden(
            f"{address[:80]!r} would be read with this machine's own rights.",
            "Give an https:// address, or ask an admin to fetch it.",
        )
    whole = resolved(address)
    scheme = scheme_of(whole)
    if scheme not in EXTRAS:
        known = ", ".join(f"{name}://" for name in EXTRAS)
        raise BadInput(f"{address} is no address of a known kind", f"Known: {known}.")
    whole = fixed(whole) if scheme == "hf" else whole
    remote = _web_file(whole, public_only) if scheme in WEB else StoredFile(whole)
    called = address if address.startswith(ENVIRONMENT) else shown(whole)
    return Place(remote, name_of(whole), _digest(whole), called)


def place_of_query(address: str, query: str, folder: Path) -> Place:
    """Return the place of a query; `folder` is where a relative SQLite file starts."""
    remote = Query(address, query, folder)
    return Place(remote, remote.name, _digest(remote.name), f"{address}: {query}")


def _web_file(address: str, public_only: bool) -> Remote:
    # Most recipes name files here, and the client takes a while to load.
    from headwater.records.remote.web import WebFile

    return WebFile(address, public_only)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
