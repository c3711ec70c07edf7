"""The state of the server, its set-up, and signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from headwater import __version__
from headwater.core.errors import NotSignedIn
from headwater.core.types import Scope
from headwater.server.disclaimer import DISCLAIMER
from headwater.server.identity import (
    COOKIE,
    InPerson,
    SameSite,
    SignedIn,
    clear_cookie,
    identify_again,
    set_cookie,
)
from headwater.server.model_names import usable
from headwater.server.parts import parts_of, state_of
from headwater.server.shapes import Done, In, Out, UserOut

router = APIRouter(tags=["account"])


class Health(Out):
    """The server is there."""

    status: str = "ok"


class DisclaimerOut(Out):
    """What to know before the first answer."""

    text: str
    accepted: bool


class Status(Out):
    """What a client needs to know before anything else; open to everybody."""

    version: str
    needs_setup: bool
    signed_in: bool
    user: UserOut | None
    chat_model: str | None
    embedder: str | None
    models_ready: bool = Field(description="Whether both default models are installed.")
    disclaimer: DisclaimerOut


class SetUp(In):
    """The first admin. `token` is in the link that the first start prints."""

    token: Annotated[str, Field(max_length=200)]
    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=2000)]


class SignIn(In):
    """A name and a password."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=2000)]


class NewPassword(In):
    """The old password and the one that replaces it."""

    old: Annotated[str, Field(max_length=2000)]
    new: Annotated[str, Field(max_length=2000)]


@router.get("/api/health", operation_id="getHealth")
async def get_health() -> Health:
    """Say that the server is there. Open to everybody."""
    return Health()


@router.get("/api/status", operation_id="getStatus")
def get_status(request: Request) -> Status:
    """What a client needs to know first. Open to everybody; says more to who is signed in."""
    parts = parts_of(request)
    scope = whoever(request)
    user = UserOut.model_validate(parts.users.get(scope)) if scope else None
    chat_model, embedder = parts.default_model("chat"), parts.default_model("embed")
    ready = {each.name for each in usable(parts, scope)}
    return Status(
        version=__version__,
        needs_setup=not parts.users.any_admin(),
        signed_in=user is not None,
        user=user,
        chat_model=chat_model,
        embedder=embedder,
        models_ready={chat_model, embedder} <= ready,
        disclaimer=DisclaimerOut(text=DISCLAIMER, accepted=bool(user and user.disclaimer_accepted)),
    )


def whoever(request: Request) -> Scope | None:
    """The caller, or None when nobody is signed in."""
    try:
        return identify_again(request).scope
    except NotSignedIn:
        return None


@router.post("/api/setup", operation_id="setUp", dependencies=[SameSite])
def set_up(request: Request, response: Response, body: SetUp) -> UserOut:
    """Make the first admin and sign them in. Works once."""
    slow_down(request)
    scope = parts_of(request).users.redeem_setup_token(body.token, body.name, body.password)
    return _signed_in(request, response, scope)


@router.post("/api/login", operation_id="signIn", dependencies=[SameSite])
def sign_in(request: Request, response: Response, body: SignIn) -> UserOut:
    """Sign in; the session comes back as a cookie."""
    slow_down(request)
    return _signed_in(request, response, parts_of(request).users.verify(body.name, body.password))


def slow_down(request: Request) -> None:
    """Limit what one address may try: each try costs the server a slow hash. Raises RateLimited."""
    state_of(request).sign_ins.take(request.client.host if request.client else "")


def _signed_in(request: Request, response: Response, scope: Scope) -> UserOut:
    """Start a new session; the one the browser had before ends, so none can be planted in it."""
    parts = parts_of(request)
    if before := request.cookies.get(COOKIE):
        parts.sessions.end(before)
    days = parts.settings.session_days
    set_cookie(request, response, parts.sessions.start(scope.user_id, days), days)
    return UserOut.model_validate(parts.users.get(scope))


@router.post("/api/logout", operation_id="signOut", dependencies=[SameSite])
def sign_out(request: Request, response: Response) -> Done:
    """End this session. It is no error to have none."""
    if token := request.cookies.get(COOKIE):
        parts_of(request).sessions.end(token)
    clear_cookie(response)
    return Done()


@router.post("/api/disclaimer/accept", operation_id="acceptDisclaimer")
def accept_disclaimer(request: Request, scope: SignedIn) -> UserOut:
    """Record that the disclaimer was read."""
    return UserOut.model_validate(parts_of(request).users.accept_disclaimer(scope))


@router.post("/api/password", operation_id="changePassword")
def change_password(request: Request, response: Response, body: NewPassword, scope: InPerson) -> Done:
    """Change one's own password. Every session ends; this browser gets a new one."""
    parts = parts_of(request)
    parts.users.change_password(scope, body.old, body.new)
    days = parts.settings.session_days
    set_cookie(request, response, parts.sessions.start(scope.user_id, days), days)
    return Done()
