"""Downloads from a hub on this machine: progress, broken connections, ranges, wrong bytes, gates."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from headwater.core.errors import DownloadFailed, LicenceNotAccepted, NotFound
from headwater.core.progress import Progress
from headwater.models.files import git_blob
from headwater.models.hub import Hub
from headwater.models.store import ModelStore

COMMIT = "c0ffee" + "0" * 34


class HubOnThisMachine:
    """A repository served over HTTP; `cut` breaks off the first answers after so many bytes."""

    def __init__(self, files: dict[str, bytes], licence: str = "apache-2.0") -> None:
        self.files = files
        self.licence = licence
        self.gated = False
        self.cut: list[int] = []
        self.ranges = True
        self.served: list[tuple[str, str | None]] = []
        self.token: str | None = None
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                hub.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.hub = Hub(f"http://127.0.0.1:{self.server.server_address[1]}")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def siblings(self):
        for name, content in self.files.items():
            entry = {"rfilename": name, "size": len(content), "blobId": "x"}
            if name.endswith((".gguf", ".safetensors")):
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            else:
                entry["blobId"] = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            yield entry

    def answer(self, request) -> None:
        path = request.path.partition("?")[0]
        self.served.append((path, request.headers.get("Range")))
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.reply(request, 401, b"{}")
        if path == "/api/models/org/tiny/revision/main":
            card = {"license": self.licence}
            body = {"sha": COMMIT, "siblings": list(self.siblings()), "cardData": card, "gated": self.gated}
            return self.reply(request, 200, json.dumps(body).encode())
        prefix = f"/org/tiny/resolve/{COMMIT}/"
        content = self.files.get(path.removeprefix(prefix)) if path.startswith(prefix) else None
        return self.reply(request, 404, b"") if content is None else self.send(request, content)

    def reply(self, request, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)
        if length is not None:
            request.close_connection = True

    def send(self, request, content: bytes) -> None:
        start = 0
        if self.ranges and (asked := request.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                return self.reply(request, 416, b"")
        body = content[start:]
        sent = body[: self.cut.pop(0)] if self.cut else body
        return self.reply(request, 206 if start else 200, sent, len(body))


@pytest.fixture
def machine(write_gguf):
    hub = HubOnThisMachine({"tiny-q4.gguf": write_gguf(vocabulary=20_000).read_bytes(), "README.md": b"# tiny"})
    yield hub
    hub.close()


@pytest.fixture
def store(tmp_path, facts, machine):
    return ModelStore(tmp_path / "models", facts, machine.hub)


def downloads(machine):
    return [(path.rpartition("/")[2], wanted) for path, wanted in machine.served if "resolve" in path]


def test_a_gguf_is_pulled_at_a_fixed_revision(store, machine, tmp_path):
    seen: list[Progress] = []
    model = store.pull("hf:org/tiny", seen.append)
    assert model.name == "org--tiny"
    assert model.main_file.read_bytes() == machine.files["tiny-q4.gguf"]
    assert model.manifest.template == "human_bot_base"
    assert model.manifest.context_tokens == 2048
    assert model.manifest.sources[0].revision == COMMIT
    loading = [p for p in seen if p.stage == "downloading"]
    assert loading[-1].done == loading[-1].total == len(machine.files["tiny-q4.gguf"])
    assert len(loading) > 2
    assert store.get("hf:org/tiny") == store.get("org--tiny") == model
    assert store.verify("org--tiny") == []
    assert downloads(machine) == [("tiny-q4.gguf", None)]


def test_nothing_is_contacted_before_it_is_asked_for(store, machine):
    store.known()
    store.installed()
    with pytest.raises(NotFound, match="not pulled yet"):
        store.get("hf:org/tiny")
    assert machine.served == []


def test_a_broken_connection_goes_on_where_it_stopped(store, machine):
    machine.cut = [1_500_000, 700_000]
    model = store.pull("hf:org/tiny")
    assert model.main_file.read_bytes() == machine.files["tiny-q4.gguf"]
    assert [wanted for _, wanted in downloads(machine)] == [None, "bytes=1500000-", "bytes=2200000-"]


def test_a_pull_that_gave_up_is_resumed_by_the_next(store, machine, tmp_path):
    machine.cut = [1_000_000, 0]
    with pytest.raises(DownloadFailed, match=r"broke after 1000000 bytes of model\.gguf"):
        store.pull("hf:org/tiny")
    assert not store.is_installed("org--tiny")
    assert not (tmp_path / "models" / "org--tiny").exists()
    machine.served.clear()
    model = store.pull("hf:org/tiny")
    assert downloads(machine) == [("tiny-q4.gguf", "bytes=1000000-")]
    assert model.main_file.read_bytes() == machine.files["tiny-q4.gguf"]
    assert not list((tmp_path / "models").glob(".pull-*"))


def test_a_server_without_ranges_starts_again(store, machine):
    machine.cut, machine.ranges = [1_000_000], False
    assert store.pull("hf:org/tiny").main_file.read_bytes() == machine.files["tiny-q4.gguf"]


def test_other_bytes_than_the_hub_named(store, machine, tmp_path):
    honest = machine.files["tiny-q4.gguf"]
    listed = list(machine.siblings())
    machine.siblings = lambda: listed
    machine.files["tiny-q4.gguf"] = honest[:-1] + bytes([honest[-1] ^ 1])
    with pytest.raises(DownloadFailed, match=r"model\.gguf has sha256 \w{64}, \w{64} was expected"):
        store.pull("hf:org/tiny")
    assert not list((tmp_path / "models").rglob("*.part"))
    machine.files["tiny-q4.gguf"] = honest
    assert store.pull("hf:org/tiny").main_file.read_bytes() == honest


def test_licences_that_ask_for_more(store, machine):
    machine.licence = "other"
    with pytest.raises(LicenceNotAccepted, match="other") as question:
        store.pull("hf:org/tiny")
    assert "--accept-licence" in (question.value.hint or "")
    assert downloads(machine) == []
    assert store.pull("hf:org/tiny", accept_licence=True).name == "org--tiny"


def test_gates_and_absence(store, machine):
    machine.token = "secret"
    with pytest.raises(DownloadFailed, match="gated or does not exist"):
        store.pull("hf:org/tiny")
    opened = ModelStore(store._dir, {}, Hub(machine.hub.url, "secret"))
    opened._facts = store._facts
    assert opened.pull("hf:org/tiny").name == "org--tiny"
    with pytest.raises(DownloadFailed, match=r"org/other@main does not exist \(HTTP 404\)"):
        opened.pull("hf:org/other")


def test_a_hub_that_is_not_there(tmp_path, facts):
    store = ModelStore(tmp_path, facts, Hub("http://127.0.0.1:9"))
    with pytest.raises(DownloadFailed, match=r"http://127\.0\.0\.1:9 was not reached"):
        store.pull("hf:org/tiny")


def test_a_sentence_encoder_is_pulled_and_built(tmp_path, facts, tiny_encoder):
    names = {"model.safetensors": "model.safetensors", "config.json": "config.json", "tokenizer.json": "tokenizer.json"}
    files = {name: (tiny_encoder / name).read_bytes() for name in names}
    files |= {"modules.json": b"[]", "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}'}
    hub = HubOnThisMachine(files)
    try:
        model = ModelStore(tmp_path / "models", facts, hub.hub).pull("hf:org/tiny")
    finally:
        hub.close()
    assert (model.manifest.task, model.manifest.format, model.manifest.dimensions) == ("embed", "onnx", 32)
    assert model.build_name == "org--tiny-int8-1"
    assert model.manifest.context_tokens == 64
    assert sorted(path.name for path in model.folder.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    assert git_blob(tiny_encoder / "config.json") == next(
        e["blobId"] for e in hub.siblings() if e["rfilename"] == "config.json"
    )
