"""Requests, and the one error for all that can go wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx


class HeadwaterFailed(Exception):
    """A request that failed. `status` is 0 when the server was not reached."""

    def __init__(self, message: str, hint: str | None = None, status: int = 0, code: str = "failed") -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.message = message
        self.hint = hint
        self.status = status
        self.code = code


class Connection:
    """A server and a key."""

    def __init__(self, base_url: str, api_key: str, timeout_seconds: float) -> None:
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=httpx.Timeout(timeout_seconds, connect=10.0),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, body: object = None, files: Mapping[str, Any] | None = None) -> Any:
        """Send a request and return the JSON of its reply. Raises HeadwaterFailed."""
        with self._told():
            response = self._http.request(method, path, json=body, files=files)
        if not response.is_success:
            raise failure_of(response.status_code, response.text)
        return response.json()

    def stream(self, path: str, body: object) -> Iterator[dict[str, Any]]:
        """Send a request and yield the JSON of each event until [DONE]. Raises HeadwaterFailed."""
        with self._told(), self._http.stream("POST", path, json=body) as response:
            if not response.is_success:
                raise failure_of(response.status_code, response.read().decode("utf-8", "replace"))
            for line in response.iter_lines():
                if line == "data: [DONE]":
                    return
                if line.startswith("data: "):
                    event = json.loads(line.removeprefix("data: "))
                    if "error" in event:
                        raise failure_of(200, line.removeprefix("data: "))
                    yield event
        raise HeadwaterFailed("The reply ended before it was complete.", "Ask again.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise HeadwaterFailed(f"{self._http.base_url} did not answer in time.", "Raise timeout_seconds.") from error
        except httpx.HTTPError as error:
            raise HeadwaterFailed(
                f"{self._http.base_url} was not reached: {error}", "Check the address and that the server runs."
            ) from error


def failure_of(status: int, text: str) -> HeadwaterFailed:
    """The error that a reply stands for."""
    try:
        error = json.loads(text)["error"]
        return HeadwaterFailed(error["message"], error.get("hint"), status, error.get("code", "failed"))
    except (ValueError, KeyError, TypeError):
        return HeadwaterFailed(f"The server answered {status}: {text[:200]}", None, status)
