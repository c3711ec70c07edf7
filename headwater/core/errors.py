"""The one error tree.

    HeadwaterError                 code        HTTP
    ├── BadInput                   bad_input   400   the request or file cannot be used as it is
    │   ├── UnknownName            unknown     404   a name nobody registered; lists the known ones
    │   ├── UnreadableDocument     unreadable  422   encrypted, truncated, empty, over a limit
    │   └── ContextOverflow        too_long    400   the question does not fit the model
    ├── NotFound                   not_found   404   no such thing, or not yours: the same answer
    ├── Conflict                   conflict    409   it exists already, or its state forbids this
    ├── NotSignedIn                sign_in     401
    ├── Forbidden                  forbidden   403
    ├── TooMany                    too_many    429   a quota or a rate limit
    ├── MissingExtra               missing     501   an optional dependency is not installed
    ├── LicenceNotAccepted         licence     409   the terms of a model were not accepted yet
    ├── DownloadFailed             download    502   a source was not reached or its hash differs
    ├── EngineFailed               engine      503   an engine died, did not start or timed out
    ├── StorageFull                disk_full   507
    └── Cancelled                  cancelled   499   the person or the client stopped it

A message says what happened with the value, what was expected and, in `hint`, what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class HeadwaterError(Exception):
    """Base of all errors a person may see. `hint` says what to do about it."""

    code = "failed"
    status = 500

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[HeadwaterError], tuple[str, str | None]]:
        # Errors cross process borders, so they pickle as their two texts.
        return (type(self), (self.message, self.hint))


class BadInput(HeadwaterError):
    """The request or the file cannot be used as it is."""

    code, status = "bad_input", 400


class UnknownName(BadInput):
    """A name that no registry or catalogue knows."""

    code, status = "unknown", 404

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> UnknownName:
        """Build the error for `name`, naming the nearest and all known names."""
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        return cls(f"No {kind} {name!r}.{guess}", f"Known: {', '.join(names) or 'none'}.")


class UnreadableDocument(BadInput):
    """A file that cannot be read: encrypted, truncated, empty, or over a limit."""

    code, status = "unreadable", 422


class ContextOverflow(BadInput):
    """The text does not fit into the model's context."""

    code, status = "too_long", 400


class NotFound(HeadwaterError):
    """No such thing in this scope; the same answer whether it is absent or someone else's."""

    code, status = "not_found", 404


class Conflict(HeadwaterError):
    """The thing exists already, or its state does not allow this."""

    code, status = "conflict", 409


class NotSignedIn(HeadwaterError):
    """No valid session or key came with the request."""

    code, status = "sign_in", 401


class Forbidden(HeadwaterError):
    """Signed in, but this needs another role."""

    code, status = "forbidden", 403


class TooMany(HeadwaterError):
    """A quota or a rate limit was reached."""

    code, status = "too_many", 429


class MissingExtra(HeadwaterError):
    """An optional dependency is not installed."""

    code, status = "missing", 501

    @classmethod
    def needed(cls, what: str, extra: str) -> MissingExtra:
        """Build the error that names the extra and the command that installs it."""
        return cls(f"{what} needs the extra {extra!r}", f"pip install 'headwater[{extra}]'")


class LicenceNotAccepted(HeadwaterError):
    """The terms of a model were not accepted yet."""

    code, status = "licence", 409


class DownloadFailed(HeadwaterError):
    """A source could not be reached, or what came has another hash."""

    code, status = "download", 502


class EngineFailed(HeadwaterError):
    """An engine process died, did not start, or did not answer in time."""

    code, status = "engine", 503


class StorageFull(HeadwaterError):
    """The disk holding the workspace is full."""

    code, status = "disk_full", 507


class Cancelled(HeadwaterError):
    """The person or the client stopped the work."""

    code, status = "cancelled", 499
