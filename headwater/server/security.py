"""What guards every response: the Host check, the security headers, the content policy.

The Host check stops DNS rebinding: a page of another site that resolves its own name to
127.0.0.1 still sends its own name. The policy allows what the web app needs and no other origin.
"""

from __future__ import annotations

import re
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headwater.server.errors import ErrorBody, error_response

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_BODY_BYTES = 32 << 20
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
DOWNLOAD_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
STANDING_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def page_policy(nonce: str | None = None, wasm: bool = False) -> str:
    """The content policy of the web app.

    `nonce` admits the style elements that the page's own code adds. `wasm` is for the worker that
    decodes pictures in PDFs and for nothing else.
    """
    script = "script-src 'self' 'wasm-unsafe-eval'" if wasm else "script-src 'self'"
    style = f"style-src 'self' 'nonce-{nonce}'" if nonce else "style-src 'self'"
    return (
        f"default-src 'self'; {script}; {style}; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )


def new_nonce() -> str:
    """A value for one response that nobody can guess."""
    return secrets.token_urlsafe(16)


def is_loopback(host: str) -> bool:
    """Whether listening on `host` is reachable from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str | None:
    """The name in a Host header, lower case, without port and brackets; None when it is malformed."""
    if not header or any(c in header for c in "/\\@?# \t"):
        return None
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


class Guard:
    """ASGI layer: refuses foreign Host names and puts the security headers on every response."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        """`hosts`: the names that are answered; None answers all (the server is on a network by choice)."""
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in STANDING_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", API_POLICY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        if self.hosts is None:
            return None
        header = Headers(scope=scope).get("host", "")
        if host_name(header) in self.hosts:
            return None
        body = ErrorBody(
            type="invalid_request_error",
            message=f"This server does not answer to the name {header!r}",
            code="wrong_host",
            hint=f"Use one of: {', '.join(sorted(self.hosts))}; or add the name to the setting allowed_hosts.",
        )
        return error_response(scope["path"], 421, body)


class BodyLimit:
    """ASGI layer: a body is read into memory, so it has a limit; uploads, which are not, are `exempt`."""

    def __init__(self, app: ASGIApp, exempt: re.Pattern[str], most_bytes: int = MOST_BODY_BYTES) -> None:
        self.app = app
        self.exempt = exempt
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or self.exempt.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def hosts_for(bound_to: str, allowed: str) -> frozenset[str] | None:
    """Names to answer to when listening on `bound_to`; `allowed` is a list with commas, from the settings."""
    named = frozenset(name.strip().lower() for name in allowed.split(",") if name.strip())
    if is_loopback(bound_to):
        return LOOPBACK_NAMES | named | {bound_to.lower()}
    return named or None
