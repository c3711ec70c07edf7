"""Addresses of rows that lie elsewhere. A recipe is shared, so an address in it may hold no secret."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from headwater.core.errors import BadInput

# What each kind of address needs beyond the core.
EXTRAS: dict[str, str | None] = {
    "http": None, "https": None, "s3": "remote", "s3a": "remote", "gs": "remote", "gcs": "remote", "abfs": "remote",
    "abfss": "remote", "az": "remote", "hf": "hub",
}  # fmt: skip
ENVIRONMENT = "env:"
# abfs://CONTAINER@ACCOUNT/PATH names a container where others name a user.
CONTAINER_BEFORE_HOST = frozenset({"abfs", "abfss", "az"})
# Parts of a query that open a door: signed links, tokens.
SECRET_WORDS = ("sig", "signature", "token", "key", "secret", "password", "passwd", "pwd", "credential", "auth")
SECRET_CURE = (
    "Leave it out and let the machine's own credentials sign in, or keep the whole address in an environment "
    "variable and write env:NAME."
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.\- ]+")


def scheme_of(text: str) -> str | None:
    """Return the scheme of an address in lower case (`s3`), or None for a path."""
    found = _SCHEME.match(text)
    return found.group(1).lower() if found else None


def is_remote(text: str) -> bool:
    """Whether a source's path is an address, or the name of a variable that holds one."""
    return text.startswith(ENVIRONMENT) or scheme_of(text) is not None


def problem_with(address: str) -> str | None:
    """Return what is wrong with an address in a recipe, with the cure, or None."""
    if address.startswith(ENVIRONMENT):
        return None if address.removeprefix(ENVIRONMENT).isidentifier() else f"{address!r} names no variable"
    scheme = scheme_of(address)
    if scheme not in EXTRAS:
        return f"no address of this kind: {scheme}://. Known: {', '.join(f'{name}://' for name in EXTRAS)}"
    if holds_secret(address):
        return f"a secret stands in the address ({shown(address)}). {SECRET_CURE}"
    if scheme == "hf" and not re.match(r"hf://datasets/[^/@]+/[^/@]+(@[^/]+)?/.", address):
        return f"{address!r} is no file of a data set; write hf://datasets/ORG/NAME@REVISION/FILE"
    return None


def holds_secret(address: str) -> bool:
    """Whether an address carries a user, a password or something like a token."""
    parts = urlsplit(address)
    if parts.password is not None or (parts.username and parts.scheme.lower() not in CONTAINER_BEFORE_HOST):
        return True
    words = {
        part for name, _ in parse_qsl(parts.query, keep_blank_values=True) for part in re.split(r"\W|_", name.lower())
    }
    return any(word in words or any(w.endswith(word) for w in words) for word in SECRET_WORDS)


def shown(address: str) -> str:
    """Return an address as it may be printed: without user, password and query."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    keeps = parts.username and not parts.password and parts.scheme.lower() in CONTAINER_BEFORE_HOST
    return f"{parts.scheme}://{parts.netloc if keeps else host}{parts.path}"


def resolved(address: str) -> str:
    """Return the address itself, read from the environment when it is `env:NAME`. Raises BadInput."""
    if not address.startswith(ENVIRONMENT):
        return address
    name = address.removeprefix(ENVIRONMENT)
    from headwater.core.settings import environment_value

    value = environment_value(name)
    if not value:
        raise BadInput(f"The environment has no variable {name}.", f"Set {name} to the address before the run.")
    return value


def remote_name(path: str, sql: str | None) -> str:
    """Return the file name that the rows of a source will have, as far as it is known before they come."""
    if sql is not None:
        return "query.jsonl"
    return "rows.jsonl" if path.startswith(ENVIRONMENT) else name_of(path)


def name_of(address: str) -> str:
    """Return the file name of an address, safe on any disk."""
    last = PurePosixPath(unquote(urlsplit(address).path)).name
    return _UNSAFE.sub("_", last).lstrip(".")[:120] or "rows"
