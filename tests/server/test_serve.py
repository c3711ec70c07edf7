from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from headwater.core.errors import BadInput, Conflict, Forbidden
from headwater.core.types import Scope
from headwater.server.app import ROUTERS
from headwater.server.openapi import openapi_text
from headwater.server.serve import listen, serve, url_of

ROOT = Path(__file__).resolve().parents[2]


def test_an_open_address_needs_someone_to_sign_in(house: Any) -> None:
    with pytest.raises(Forbidden, match="Nobody can sign in yet") as refused:
        serve(house, "0.0.0.0", 0, lambda url: None)
    assert "headwater users create" in (refused.value.hint or "")


def test_a_port_that_is_taken(house: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Conflict, match="taken") as refused:
            serve(house, "127.0.0.1", taken.getsockname()[1], lambda url: None)
    assert "--port" in (refused.value.hint or "")


def test_an_address_of_another_machine() -> None:
    for host in ("192.0.2.1", "no.such.host.invalid"):
        with pytest.raises(BadInput, match="Cannot listen"):
            listen(host, 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
        ("host.example", "http://host.example:80"),
    ],
)
def test_urls(host: str, url: str) -> None:
    assert url_of(host, 80) == url


def test_the_server_ends_while_streams_are_open(live: Any, house: Any, ben: Scope, ben_key: str) -> None:
    """Feeds end, a streamed completion says why it ends, and nothing waits for them."""
    house.install("endless")
    told: list[str] = []
    reading, closed = threading.Event(), threading.Event()

    def read_feed() -> None:
        with live.client(ben_key) as client, client.stream("GET", "/api/events") as response:
            reading.set()
            response.read()
        closed.set()

    def read_chat() -> None:
        body = {"model": "endless", "messages": [{"role": "user", "content": "x"}], "stream": True}
        with live.client(ben_key) as client:
            told.append(client.post("/v1/chat/completions", json=body).text)

    threads = [threading.Thread(target=read, daemon=True) for read in (read_feed, read_chat)]
    for thread in threads:
        thread.start()
    assert reading.wait(10) and house.supervisor.models["endless"].began.wait(10)
    live.stop()
    for thread in threads:
        thread.join(10)
    assert closed.is_set() and not live.thread.is_alive()
    assert "The server is stopping" in told[0] and "[DONE]" not in told[0]
    assert house.supervisor.models["endless"].left.is_set()


SCRIPT = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.server.house import House
from tests.server.parts import Clock
from headwater.core.settings import Settings
from headwater.server.openapi import openapi_text
from headwater.server.serve import serve
from headwater.storage.database import Catalogue
settings = Settings(data_dir=Path(sys.argv[2]), chat_model="echo", embedder="hash")
house = House(Path(sys.argv[2]), settings, Clock(), Catalogue.open(settings.catalogue_url))
serve(house, "127.0.0.1", 0, lambda url: print(url, flush=True))
print("returned", flush=True)
"""


def test_a_signal_ends_it_in_order(tmp_path: Path) -> None:
    """The process answers, gets SIGTERM, and returns from `serve`, so that the workspace can be closed."""
    command = [sys.executable, "-c", SCRIPT, str(ROOT), str(tmp_path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/api/health").json() == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (out.strip(), process.returncode) == ("returned", 0), err
    assert "Traceback" not in err


def test_openapi_is_the_same_each_time_and_light(tmp_path: Path) -> None:
    heavy = ["faiss", "kreuzberg", "onnxruntime", "xllamacpp", "pypdfium2", "uvicorn", "torch", "argon2"]
    script = f"""
import json, sys
from headwater.server.openapi import openapi_text
sys.stdout.write(openapi_text())
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""
    command, environment = [sys.executable, "-c", script], {**os.environ, "PYTHONHASHSEED": "1"}
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert elsewhere.stdout == openapi_text()
    assert json.loads(elsewhere.stderr.replace("'", '"')) == []
    schema = json.loads(elsewhere.stdout)
    assert schema["openapi"].startswith("3.")


def test_every_route_is_typed() -> None:
    """A JSON response without a model would be `unknown` in the web app."""
    from headwater.server.app import bare_app

    streams = {"followAnswer", "followEvents", "downloadDocument", "getPagePicture"}
    streams |= {"downloadDatasetFile", "exportDataset", "downloadRun"}
    for path, kinds in bare_app().openapi()["paths"].items():
        for method, spec in kinds.items():
            good = next(answer for status, answer in spec["responses"].items() if status.startswith("2"))
            content = good["content"]
            assert content, (method, path)
            if spec["operationId"] not in streams:
                assert content["application/json"]["schema"], (method, path)
                failed = spec["responses"]["default"]["content"]["application/json"]["schema"]
                assert failed["$ref"].endswith("/ErrorOut")
            assert "422" not in spec["responses"], "FastAPI's own shape of it is not ours"
            assert spec["summary"] and spec["description"] and len(spec["tags"]) == 1
    assert len(ROUTERS) == 22
