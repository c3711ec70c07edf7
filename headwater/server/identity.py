"""Who asks: a key in the Authorization header or a session in the cookie becomes a Scope.

A cookie alone is not enough to change anything: the request must also carry the header
X-Headwater, which a page of another site cannot set. A key needs no such proof, because browsers
never attach one by themselves; but a key cannot make keys, passwords or users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from headwater.core.errors import Forbidden, NotSignedIn
from headwater.core.types import Scope
from headwater.server.parts import state_of
from headwater.server.sse import Allowed

COOKIE = "headwater_session"
PROOF_HEADER = "X-Headwater"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A scope and the kind of credential it came by."""

    scope: Scope
    by: Literal["session", "key"]


def require_same_site(request: Request) -> None:
    """Refuse a state-changing request that a page of another site could have made."""
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site") == "cross-site" or request.headers.get(PROOF_HEADER) != "1":
        raise Forbidden(
            "This request changes something and does not prove that it comes from Headwater's own pages.",
            f"Send the header {PROOF_HEADER}: 1, or use an API key.",
        )


def identify(request: Request) -> Caller:
    """The caller of a request. Raises NotSignedIn, Forbidden, RateLimited."""
    caller = identify_again(request)
    if caller.by == "session":
        require_same_site(request)
    state_of(request).rate.take(caller.scope.user_id)
    return caller


def identify_again(request: Request) -> Caller:
    """Whose credential the request carries, as of now. A bad key is not excused by a good cookie."""
    parts = state_of(request).parts
    header = request.headers.get("authorization")
    if header is not None:
        return Caller(parts.keys.scope_of(bearer(header)), "key")
    if token := request.cookies.get(COOKIE):
        return Caller(parts.sessions.scope_of(token), "session")
    raise NotSignedIn("You are not signed in.", "Sign in, or send a key: Authorization: Bearer hw_...")


def bearer(header: str) -> str:
    """The secret in an Authorization header. Raises NotSignedIn for another scheme."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn(
            f"The Authorization scheme {scheme[:20]!r} is not known.", "Send: Authorization: Bearer hw_..."
        )
    return secret.strip()


def still_allowed(request: Request, scope: Scope) -> Allowed:
    """A question that streams ask now and then: is the session or key that opened them still good?"""

    def ask() -> bool:
        try:
            return identify_again(request).scope.user_id == scope.user_id
        except NotSignedIn:
            return False

    async def allowed() -> bool:
        return await run_in_threadpool(ask)

    return allowed


async def signed_in(caller: Annotated[Caller, Depends(identify)]) -> Scope:
    """Any user, by session or key."""
    return caller.scope


async def in_person(caller: Annotated[Caller, Depends(identify)]) -> Scope:
    """A user who signed in with a password: what guards the account is not for keys."""
    if caller.by != "session":
        raise Forbidden("An API key cannot do this.", "Sign in with your password.")
    return caller.scope


async def admin(scope: Annotated[Scope, Depends(signed_in)]) -> Scope:
    """An admin, by session or key."""
    return _admin(scope)


async def admin_in_person(scope: Annotated[Scope, Depends(in_person)]) -> Scope:
    """An admin who signed in with a password."""
    return _admin(scope)


def _admin(scope: Scope) -> Scope:
    if not scope.is_admin:
        raise Forbidden("Only an admin may do this.", "Ask an admin of this workspace.")
    return scope


def set_cookie(request: Request, response: Response, token: str, days: float) -> None:
    """Give the browser its session. Scripts cannot read it and other sites cannot cause it to be sent."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(days * 86_400),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


SignedIn = Annotated[Scope, Depends(signed_in)]
InPerson = Annotated[Scope, Depends(in_person)]
Admin = Annotated[Scope, Depends(admin)]
AdminInPerson = Annotated[Scope, Depends(admin_in_person)]
SameSite = Depends(require_same_site)
