"""The server over the workspace that people have, with its own processes for reading files and drawing pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from headwater.core.settings import Settings
from headwater.server.app import create_app
from headwater.workspace import Workspace

HTML = b"<html><body><h1>Ferries</h1><p>The night ferry leaves at 22:40 from pier 6.</p></body></html>"


@pytest.mark.real
def test_from_set_up_to_the_first_hit(tmp_path: Path) -> None:
    workspace = Workspace.open(Settings(data_dir=tmp_path, chat_model="echo", embedder="hash", threads=1))
    try:
        with TestClient(create_app(workspace), base_url="http://127.0.0.1") as client:
            client.headers["X-Headwater"] = "1"
            setup = {"token": workspace.users.setup_token(), "name": "ada", "password": "correct horse"}
            assert client.post("/api/setup", json=setup).status_code == 200
            assert client.get("/api/status").json()["models_ready"] is True
            shelf = client.post("/api/collections", json={"name": "Ferries"}).json()["id"]
            sent = client.post(
                f"/api/collections/{shelf}/documents",
                files=[("file", ("ferry.html", HTML, "text/html")), ("file", ("empty.pdf", b"", "application/pdf"))],
            ).json()
            ada = workspace.users.verify("ada", "correct horse")
            for taken in sent["documents"]:
                workspace.runner.run_now(workspace.jobs.get(ada, taken["job_id"]))
            good, bad = (client.get(f"/api/documents/{t['document']['id']}").json() for t in sent["documents"])
            assert good["state"] == "searchable" and good["page_count"] == 1
            assert bad["state"] == "failed" and "empty.pdf" in bad["error"]
            (hit,) = client.post("/api/search", json={"query": "Which pier?"}).json()["hits"]
            page = client.get(f"/api/documents/{hit['document_id']}/pages/1").json()
            assert page["text"][hit["start"] : hit["end"]] == hit["text"] and "pier 6" in hit["text"]
            said = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "hello"}]})
            assert said.json()["choices"][0]["message"]["content"] == "hello"
            assert len(client.post("/v1/embeddings", json={"input": "x"}).json()["data"][0]["embedding"]) == 256
            assert {m["name"] for m in client.get("/api/models").json()} >= {"gemma-270m", "minilm"}
    finally:
        workspace.close()
