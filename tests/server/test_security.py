from __future__ import annotations

from typing import Any

import pytest

from headwater.core.types import Scope
from headwater.server.security import host_name, hosts_for, is_loopback, page_policy


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("127.0.0.1:7860", "127.0.0.1"),
        ("LOCALHOST", "localhost"),
        ("[::1]:80", "::1"),
        ("evil.example", "evil.example"),
        ("127.0.0.1@evil.example", None),
        ("evil.example/127.0.0.1", None),
        ("", None),
        ("[::1", None),
    ],
)
def test_host_names(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_which_hosts_are_answered() -> None:
    assert hosts_for("127.0.0.1", "") == {"localhost", "127.0.0.1", "::1"}
    assert "chat.example.org" in (hosts_for("127.0.0.1", "chat.example.org, Other.example") or ())
    assert hosts_for("0.0.0.0", "") is None
    assert hosts_for("0.0.0.0", "chat.example.org") == {"chat.example.org"}


def test_loopback() -> None:
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost") and is_loopback("127.8.8.8")
    assert not is_loopback("0.0.0.0") and not is_loopback("192.168.0.1") and not is_loopback("example.org")


def test_a_rebound_name_is_refused_everywhere(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:7860", "", "localhost.evil"):
        for path in ("/", "/api/status", "/api/collections", "/v1/models", "/assets/app-1.js"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 421, (host, path)
            assert answer.json()["error"]["code"] == "wrong_host"


def test_headers_of_every_kind_of_response(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    for path in ("/", "/api/status", "/api/nothing", "/assets/app-1.js", "/v1/models", "/theme.js"):
        headers = client.get(path, headers={"Accept": "text/html"}).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"].replace("wasm-unsafe-eval", "")
    assert client.get("/api/status").headers["content-security-policy"].startswith("default-src 'none'")
    assert client.get("/api/status").headers["cache-control"] == "no-store"


def test_no_other_origin_is_let_in(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    preflight = client.options(
        "/api/collections", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for name in preflight.headers if name.startswith("access-control")]
    plain = client.get("/api/status", headers={"Origin": "https://evil.example"})
    assert not [name for name in plain.headers if name.startswith("access-control")]


def test_the_page_policy_names_no_other_origin() -> None:
    policy = page_policy("abc")
    assert "http" not in policy and "*" not in policy
    assert "style-src 'self' 'nonce-abc'" in policy
    assert "wasm-unsafe-eval" not in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in page_policy(wasm=True)


def test_no_documentation_page_loads_from_elsewhere(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    for path in ("/docs", "/redoc"):
        assert "cdn" not in client.get(path, headers={"Accept": "text/html"}).text
    assert client.get("/api/openapi.json").json()["info"]["title"] == "Headwater"
