"""Files behind http:// and https://, gone on with by Range when the connection broke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import httpx

from headwater.core.errors import DownloadFailed
from headwater.core.public_addresses import Resolve, public_address, resolve
from headwater.records.remote.address import shown
from headwater.records.remote.remote import Dropped, Opened, State

TIMEOUT_SECONDS = 30.0
# "Come again later": worth another try.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
MEANINGS = {
    401: "asks for a sign-in", 403: "is not open to us", 404: "does not exist", 410: "is gone",
}  # fmt: skip


class PublicTransport(httpx.BaseTransport):
    """Connects to addresses of the open internet alone, also when a server sends us elsewhere."""

    def __init__(self, inner: httpx.BaseTransport | None = None, look_up: Resolve = resolve) -> None:
        self._inner, self._look_up = inner or httpx.HTTPTransport(), look_up

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to an address that was judged; the name stays in its header and in the certificate."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        judged = public_address(host, port, self._look_up)
        extensions = {**request.extensions, "sni_hostname": host}
        sent = httpx.Request(
            request.method, request.url.copy_with(host=judged), headers=request.headers, stream=request.stream,
            extensions=extensions,
        )  # fmt: skip
        return self._inner.handle_request(sent)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class WebFile:
    """One web address. It signs in with nothing but the address itself and the machine's proxy settings.

    `public_only` goes around proxies and refuses addresses of the machine's own network.
    """

    def __init__(self, address: str, public_only: bool = False) -> None:
        self._address = address
        self.shown = shown(address)
        # Identity: a packed transfer could not be gone on with at a byte.
        headers = {"Accept-Encoding": "identity"}
        transport = PublicTransport() if public_only else None
        self._client = httpx.Client(
            headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=True, transport=transport
        )

    def state(self) -> State:
        """Ask for the head of the file; a server that refuses that tells when the file is opened."""
        try:
            response = self._client.head(self._address)
        except httpx.TransportError as error:
            raise Dropped(_said(error)) from error
        if response.status_code in PASSING:
            raise Dropped(f"HTTP {response.status_code}", _retry_after(response))
        return _state(response, _length(response)) if response.is_success else State()

    @contextmanager
    def open(self, start: int, state: State) -> Iterator[Opened]:
        """Ask for the bytes from `start`; a changed file, or a server without Range, begins at 0 again."""
        # A weak mark does not promise equal bytes, so no Range may lean on it.
        usable = state.mark is not None and not state.mark.startswith("W/")
        headers = {"Range": f"bytes={start}-", "If-Range": cast("str", state.mark)} if start and usable else {}
        try:
            with self._client.stream("GET", self._address, headers=headers) as response:
                if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    yield Opened(start, state, iter(()))
                    return
                self._check(response)
                partial = response.status_code == httpx.codes.PARTIAL_CONTENT
                if partial:  # it promised the version that was asked for
                    yield Opened(start, State(_total(response), state.mark), _pieces(response))
                else:
                    yield Opened(0, _state(response, _length(response)), _pieces(response))
        except httpx.TransportError as error:
            raise Dropped(_said(error)) from error

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        if response.status_code in PASSING:
            raise Dropped(f"HTTP {response.status_code}", _retry_after(response))
        meaning = MEANINGS.get(response.status_code, "was not delivered")
        raise DownloadFailed(f"{self.shown} {meaning} (HTTP {response.status_code})", "Check the address.")


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    # As they come: whole blocks only would lose the rest of a broken one.
    try:
        yield from response.iter_raw()
    except httpx.TransportError as error:
        raise Dropped(_said(error)) from error


def _state(response: httpx.Response, size: int | None) -> State:
    return State(size, response.headers.get("ETag") or response.headers.get("Last-Modified"))


def _length(response: httpx.Response) -> int | None:
    value = response.headers.get("Content-Length", "")
    return int(value) if value.isdigit() else None


def _total(response: httpx.Response) -> int | None:
    value = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(value) if value.isdigit() else None


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _said(error: httpx.TransportError) -> str:
    # The request's address may hold a secret; the error's own words do not.
    return str(error) or type(error).__name__
