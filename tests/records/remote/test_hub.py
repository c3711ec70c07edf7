"""A data set of a hub: asked for its commit, read at that commit. The hub is a server in the test."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from headwater.core.settings import child_environment

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BODY = b'{"text": "a row of the hub"}\n' * 5000
LISTED = [{"type": "file", "path": "data/rows.jsonl", "size": len(BODY), "oid": "b10b"}]
FETCH = """
import sys
from pathlib import Path
from headwater.core.progress import silent
from headwater.records.remote.fetch import fetch
from headwater.records.remote.place import place_of
place = place_of(sys.argv[1])
print(place.address, fetch(place.remote, Path(sys.argv[2]) / place.name, silent))
"""


class Hub(BaseHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *_: Any) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(self.path)
        self.send(LISTED)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if "/tree/" in self.path:
            self.send(LISTED)
        elif self.path.startswith("/api/datasets/org/name"):
            self.send({"id": "org/name", "sha": COMMIT, "siblings": []})
        elif self.path == f"/datasets/org/name/resolve/{COMMIT}/data/rows.jsonl":
            first, last = (int(n) for n in self.headers.get("Range", f"bytes=0-{len(BODY) - 1}")[6:].split("-"))
            piece = BODY[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(BODY)}")
            self.send_header("Content-Length", str(len(piece)))
            self.end_headers()
            self.wfile.write(piece if self.command == "GET" else b"")
        else:
            self.send_response(404)
            self.end_headers()

    def send(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")


def test_a_branch_is_fixed_and_read_at_its_commit(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    Hub.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        home = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}", "HF_HOME": str(tmp_path / "home")}
        done = subprocess.run(
            [sys.executable, "-c", FETCH, "hf://datasets/org/name@main/data/rows.jsonl", str(tmp_path)],
            env=child_environment(home), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 0, done.stderr
    assert f"hf://datasets/org/name@{COMMIT}/data/rows.jsonl" in done.stdout
    assert (tmp_path / "rows.jsonl").read_bytes() == BODY
    assert all("/resolve/main/" not in path for path in Hub.asked)
