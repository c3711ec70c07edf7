"""How errors leave the server: one shape, the right status, nothing internal.

Ours is `{"error": {"type", "message", "code", "hint"}}`. Below /v1 the same body also carries
`param`, and wrong requests are 400 instead of 422, as OpenAI's clients expect.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headwater.core.errors import HeadwaterError, NotSignedIn, TooMany

log = logging.getLogger("headwater.server")

TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
HINTS = {
    404: "Check the address; /api/health tells whether the server is well.",
    405: "Check the method; openapi.json lists what each address takes.",
    413: "Send less at once.",
}


class ErrorBody(BaseModel):
    """What happened (`message`), what to do (`hint`), and for programs `type` and `code`."""

    type: str
    message: str
    code: str
    hint: str | None = None


class ErrorOut(BaseModel):
    """The body of every response that is not a success."""

    error: ErrorBody


class RateLimited(TooMany):
    """A limit that ends by itself after `seconds`."""

    def __init__(self, message: str, hint: str | None = None, seconds: int = 1) -> None:
        super().__init__(message, hint)
        self.seconds = seconds


def error_type(status: int) -> str:
    """The family of an error by its status, in OpenAI's words."""
    return TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")


def describe(error: HeadwaterError) -> ErrorBody:
    """The body of one of our errors."""
    return ErrorBody(type=error_type(error.status), message=error.message, code=error.code, hint=error.hint)


def describe_any(error: BaseException) -> ErrorBody:
    """The body of any error; one that is not ours is logged under an id and tells nothing else."""
    if isinstance(error, HeadwaterError):
        return describe(error)
    reference = secrets.token_hex(4)
    log.error("unexpected error %s", reference, exc_info=error)
    return ErrorBody(
        type="server_error",
        message=f"Something went wrong in the server (reference {reference}).",
        code="failed",
        hint=f"Look for {reference} in the server's log.",
    )


def error_response(path: str, status: int, body: ErrorBody, headers: dict[str, str] | None = None) -> JSONResponse:
    """The response for an error below `path`."""
    content = openai_error(body) if path.startswith("/v1/") else {"error": body.model_dump()}
    return JSONResponse(content, status, headers)


def openai_error(body: ErrorBody) -> dict[str, Any]:
    """The body as OpenAI's clients read it. They show the message alone, so the hint is said in it as well."""
    message = body.message if body.message.endswith((".", "!", "?")) else f"{body.message}."
    said = f"{message} {body.hint}" if body.hint else message
    return {"error": {**body.model_dump(), "message": said, "param": None}}


def install(app: FastAPI) -> None:
    """Let `app` answer every error in our shape."""
    app.add_exception_handler(HeadwaterError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HeadwaterError)
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.seconds)
    return error_response(request.url.path, error.status, describe(error), headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    status = 400 if request.url.path.startswith("/v1/") else 422
    body = ErrorBody(
        type=error_type(status),
        message=f"The request is not valid: {sentence_of(error.errors())}",
        code="invalid",
        hint="Correct these fields and send it again; openapi.json describes them.",
    )
    return error_response(request.url.path, status, body)


def sentence_of(problems: Sequence[Any]) -> str:
    """Name each wrong field and why, without repeating the values (they can be secrets)."""
    named = {".".join(str(p) for p in each["loc"] if p not in ("body",)) or "body": each["msg"] for each in problems}
    shown = list(named.items())[:20]
    more = f"; and {len(named) - len(shown)} more" if len(named) > len(shown) else ""
    return "; ".join(f"{field}: {why}" for field, why in shown) + more + "."


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path, status = request.url.path, error.status_code
    message = {
        404: f"There is nothing at {path}",
        405: f"{path} does not take {request.method}",
        413: "The request is larger than the server takes",
    }.get(status, str(error.detail))
    code = {404: "not_found", 413: "too_large"}.get(status, "bad_input")
    body = ErrorBody(type=error_type(status), message=message, code=code, hint=HINTS.get(status))
    return error_response(path, status, body, dict(error.headers or {}))


class CatchUnexpected:
    """ASGI layer that turns an error nobody expected into a 500 that says nothing internal."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the outermost layer: whatever it is, it is logged and answered
            body = describe_any(error)
            if started:  # the body is half sent: breaking the connection is the only honest end
                raise ConnectionAbortedError(body.message) from None
            await error_response(scope["path"], 500, body)(scope, receive, send)
