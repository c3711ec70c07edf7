from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from headwater.server.app import create_app

HTML = {"Accept": "text/html,*/*"}


def test_the_page_has_a_fresh_nonce_each_time(visit: Any) -> None:
    client = visit()
    first, second = client.get("/", headers=HTML), client.get("/", headers=HTML)
    assert first.status_code == 200
    assert "__NONCE__" not in first.text
    nonce = first.text.partition('nonce="')[2].partition('"')[0]
    assert f"'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert first.text != second.text
    assert first.headers["cache-control"] == "no-store"


def test_addresses_of_the_app_get_the_page(visit: Any) -> None:
    client = visit()
    for path in ("/documents/abc", "/chat/1?x=2", "/setup?token=t", "/index.html", "/a.b/c"):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 200 and "<title>Headwater</title>" in answer.text, path


def test_what_is_not_there_is_404(visit: Any) -> None:
    client = visit()
    for path in (
        "/assets/missing.js",
        "/api/missing",
        "/v1/missing",
        "/assets/%2e%2e/%2e%2e/catalogue.db",
        "/assets/..%2f..%2fcatalogue.db",
        "/assets/%00",
        "/assets/" + "x" * 5000,
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "SQLite" not in answer.text


def test_paths_do_not_leave_the_folder(visit: Any, house: Any, static: Path) -> None:
    (static.parent / "secret.txt").write_text("4711")
    (static / "link.txt").symlink_to(static.parent / "secret.txt")
    client = visit()
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "//etc/passwd", "/link.txt"):
        answer = client.get(path)
        assert "4711" not in answer.text and "root:" not in answer.text, path


def test_assets_are_immutable_and_compressed(visit: Any, static: Path) -> None:
    client = visit()
    answer = client.get("/assets/app-1.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert int(answer.headers["content-length"]) < 500
    assert answer.text == (static / "assets" / "app-1.js").read_text()
    again = client.get("/assets/app-1.js", headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    plain = client.get("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == answer.text


def test_a_compressed_file_beside_is_taken(visit: Any, static: Path) -> None:
    (static / "assets" / "app-1.js.gz").write_bytes(gzip.compress(b"made at build time"))
    answer = visit().get("/assets/app-1.js", headers={"Accept-Encoding": "gzip"})
    assert answer.text == "made at build time"


def test_a_rebuilt_file_is_compressed_anew(visit: Any, static: Path) -> None:
    client = visit()
    client.get("/theme.js")
    (static / "theme.js").write_text("new " * 1000)
    assert client.get("/theme.js", headers={"Accept-Encoding": "gzip"}).text.startswith("new new")
    assert client.get("/theme.js").headers["cache-control"] == "no-cache"


def test_only_the_worker_may_compile_wasm(visit: Any) -> None:
    client = visit()
    worker = client.get("/assets/pdf.worker-1.mjs")
    assert "'wasm-unsafe-eval'" in worker.headers["content-security-policy"]
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "wasm" not in client.get("/assets/app-1.js").headers["content-security-policy"]
    assert "wasm" not in client.get("/", headers=HTML).headers["content-security-policy"]


def test_without_a_built_app_a_page_says_what_to_do(house: Any, tmp_path: Path) -> None:
    with TestClient(create_app(house, static=tmp_path / "missing"), base_url="http://127.0.0.1") as client:
        answer = client.get("/", headers=HTML)
        assert answer.status_code == 503
        assert "make web" in answer.text
        assert client.get("/api/health").json() == {"status": "ok"}


def test_head(visit: Any) -> None:
    answer = visit().head("/", headers=HTML)
    assert answer.status_code == 200 and answer.content == b""


def test_the_first_page_needs_no_accept_header(visit: Any) -> None:
    """Programs that only look whether the server answers send no Accept, or */*."""
    client = visit()
    for accept in ("*/*", ""):
        assert client.get("/", headers={"Accept": accept}).headers["content-type"].startswith("text/html")
