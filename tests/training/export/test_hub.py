"""Pushing to a hub that is a small server here: only what was asked, private unless told otherwise."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, Conflict, Forbidden, HeadwaterError, NotSignedIn
from headwater.training.export.hub import push_folder

pytest.importorskip("huggingface_hub")


class FakeHub(ThreadingHTTPServer):
    """Speaks the routes an upload needs and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.private: dict[str, bool] = {}
        self.files: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.tokens: set[str] = set()
        self.refuse = 0


class Answers(BaseHTTPRequestHandler):
    server: FakeHub

    def log_message(self, *_: Any) -> None:
        pass

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, value: Any, status: int = 200) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        repository = self.path.split("?")[0].removeprefix("/api/models/")
        if repository in self.server.private:
            self.reply({"id": repository, "private": self.server.private[repository]})
        else:
            self.reply({"error": "no such model"}, 404)

    def do_PUT(self) -> None:
        self.server.blobs[self.path.rsplit("/", 1)[1]] = self.body()
        self.reply({})

    def do_POST(self) -> None:
        content = self.body()
        self.server.tokens.add(self.headers.get("Authorization", ""))
        path = self.path.split("?")[0]
        if self.server.refuse:
            self.reply({"error": "refused"}, self.server.refuse)
        elif path == "/api/repos/create":
            asked = json.loads(content)
            name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
            status = 409 if name in self.server.private else 200
            private = asked.get("private", asked.get("visibility") == "private")
            self.server.private.setdefault(name, bool(private))
            self.reply({"url": f"{self.server.url}/{name}", "error": "it exists" if status == 409 else None}, status)
        elif path == "/api/validate-yaml":
            self.reply({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(content)["files"]
            ]
            self.reply({"files": modes})
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**wanted, "actions": {"upload": {"href": f"{self.server.url}/blob/{wanted['oid']}"}}}
                for wanted in json.loads(content)["objects"]
            ]
            self.reply({"transfer": "basic", "objects": objects})
        elif "/commit/" in path:
            for line in map(json.loads, content.splitlines()):
                if line["key"] == "file":
                    self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                elif line["key"] == "lfsFile":
                    self.server.files[line["value"]["path"]] = self.server.blobs[line["value"]["oid"]]
            url = f"{self.server.url}/me/model"
            self.reply({"commitUrl": f"{url}/commit/{'a' * 40}", "commitOid": "a" * 40, "pullRequestUrl": None})
        else:
            self.reply({"error": f"no route {path}"}, 404)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    # The newer way of sending big files needs a store of chunks behind the hub; this hub has files alone.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    server = FakeHub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights" * 1000)
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "README.md").write_text("card")
    (tmp_path / "optimizer.pt").write_bytes(b"state")
    (tmp_path / ".secret.json").write_text("key")
    return tmp_path


def test_a_folder_is_pushed_private(hub: FakeHub, folder: Path) -> None:
    result = push_folder(folder, "me/model", token="hf_test", url=hub.url)
    assert hub.private == {"me/model": True}
    assert hub.files["adapter_model.safetensors"] == b"weights" * 1000
    assert set(hub.files) - {".gitattributes"} == {"adapter_model.safetensors", "adapter_config.json", "README.md"}
    assert hub.tokens == {"Bearer hf_test"}
    assert result.files == ("README.md", "adapter_config.json", "adapter_model.safetensors")
    assert result.sentence == f"3 files (0.0 MB) are at {hub.url}/me/model (private)."
    push_folder(folder, "me/model", token="hf_test", url=hub.url)  # once more is no error


def test_public_only_when_it_is_asked_for(hub: FakeHub, folder: Path) -> None:
    assert "PUBLIC" in push_folder(folder, "me/open", private=False, token="t", url=hub.url).sentence
    assert hub.private == {"me/open": False}
    hub.files.clear()
    with pytest.raises(Conflict, match="me/open is there already and public"):
        push_folder(folder, "me/open", token="t", url=hub.url)
    assert hub.files == {}


@pytest.mark.parametrize(("status", "kind"), [(401, NotSignedIn), (403, Forbidden), (500, HeadwaterError)])
def test_refusals_are_told_apart(hub: FakeHub, folder: Path, status: int, kind: type[HeadwaterError]) -> None:
    hub.refuse = status
    with pytest.raises(kind) as caught:
        push_folder(folder, "me/model", token="t", url=hub.url)
    assert type(caught.value) is kind
    assert "t" not in hub.files


def test_what_cannot_be_pushed(folder: Path, tmp_path: Path) -> None:
    for name in ("model", "a/b/c", "../x", "a/..", ""):
        with pytest.raises(BadInput, match="no repository of a hub"):
            push_folder(folder, name, url="http://127.0.0.1:1")
    (folder / "adapter_model.safetensors").unlink()
    with pytest.raises(BadInput, match="holds no weights"):
        push_folder(folder, "me/model", url="http://127.0.0.1:1")


def test_a_hub_that_is_not_there(folder: Path) -> None:
    with pytest.raises(HeadwaterError, match="not reached"):
        push_folder(folder, "me/model", token="t", url="http://127.0.0.1:9")
