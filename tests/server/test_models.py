from __future__ import annotations

import json
from typing import Any

from headwater.core.types import Scope


def test_models_are_listed_with_their_terms(visit: Any, ben: Scope) -> None:
    listed = {each["name"]: each for each in visit("ben").get("/api/models").json()}
    gemma = listed["gemma-270m"]
    assert gemma["task"] == "chat" and gemma["needs_acceptance"] is True and gemma["accepted"] is False
    assert gemma["licence"] == "Gemma Terms of Use" and gemma["licence_url"].startswith("https://")
    assert gemma["installed"] is False and gemma["loaded"] is False and gemma["is_default"] is False
    assert gemma["size_bytes"] > 200_000_000 and "needs" in gemma["plan"]
    assert listed["minilm"]["needs_acceptance"] is False


def test_terms_are_accepted_before_a_pull(visit: Any, house: Any, ada: Scope) -> None:
    client = visit("ada")
    refused = client.post("/api/models/gemma-270m/pull", json={})
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "licence" and "Gemma Terms of Use" in refused.json()["error"]["message"]
    assert house.jobs.list(ada) == []
    started = client.post("/api/models/gemma-270m/pull", json={"accept_licence": True})
    assert started.status_code == 202
    job = client.get(f"/api/jobs/{started.json()['job_id']}").json()
    assert (job["kind"], job["subject"]) == ("pull", "gemma-270m")
    assert house.jobs.get(ada, job["id"]).payload == {"name": "gemma-270m"}
    assert next(m for m in client.get("/api/models").json() if m["name"] == "gemma-270m")["accepted"] is True
    house.work()
    assert client.post("/api/models/minilm/pull", json={}).status_code == 202


def test_no_file_of_the_machine_can_be_named(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    for name in ("%2Fetc%2Fpasswd", "..%2Fother", "~%2Fmodel", "x.gguf", ".hidden"):
        for method, action in (("POST", "/pull"), ("POST", "/default"), ("POST", "/unload"), ("DELETE", "")):
            body = {} if action == "/pull" else None
            answer = client.request(method, f"/api/models/{name}{action}", json=body)
            assert answer.status_code == 400, (name, action, answer.text)
            assert "file of this machine" in answer.json()["error"]["message"]


def test_unknown_models(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    answer = client.post("/api/models/gemma-27m/pull", json={})
    assert answer.status_code == 404
    assert "Did you mean 'gemma-270m'" in answer.json()["error"]["message"]
    assert client.delete("/api/models/nothing").status_code == 404
    missing = client.post("/api/models/gemma-270m/default")
    assert missing.status_code == 404 and "not pulled" in missing.json()["error"]["message"]


def install_encoder(house: Any, name: str) -> None:
    folder = house.settings.models_dir / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"weights")
    values = {
        "name": name,
        "task": "embed",
        "title": name,
        "licence": "MIT",
        "licence_url": "",
        "format": "onnx",
        "files": [{"path": "model.onnx", "size": 7}],
        "size_bytes": 7,
    }
    import json

    (folder / "manifest.json").write_text(json.dumps(values))


def test_an_installed_model_is_unloaded_and_removed(visit: Any, house: Any, ada: Scope) -> None:
    install_encoder(house, "tiny")
    client = visit("ada")
    tiny = next(m for m in client.get("/api/models").json() if m["name"] == "tiny")
    assert tiny["installed"] is True and tiny["fits"] is True and tiny["loaded"] is False
    assert "tiny" in [card["id"] for card in client.get("/v1/models").json()["data"]]
    refused = client.post("/api/models/tiny/default")
    assert refused.status_code == 400 and "embed" in refused.json()["error"]["message"]
    assert client.post("/api/models/tiny/unload").json()["loaded"] is False
    assert client.delete("/api/models/tiny").json() == {"done": True}
    assert "tiny" not in [m["name"] for m in client.get("/api/models").json()]


def install_chat_model(house: Any, name: str, base: str | None = None) -> None:
    """A chat model, or an adapter of one, as it lies on the disk once it is installed."""
    folder = house.settings.models_dir / name
    folder.mkdir(parents=True)
    (folder / "adapter.gguf").write_bytes(b"weights")
    values = {
        "name": name, "task": "chat", "title": name.title(), "licence": "MIT", "licence_url": "",
        "format": "adapter" if base else "safetensors", "files": [{"path": "adapter.gguf", "size": 7}],
        "base": base, "template": "human_bot",
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(values))


def test_adapters_are_models_with_two_names(visit: Any, house: Any, ada: Scope, ben: Scope) -> None:
    install_chat_model(house, "small")
    install_chat_model(house, "poet", "small")
    install_chat_model(house, "orphan", "gone")
    echo = house.supervisor.models["echo"]
    house.supervisor.models |= {"small": echo, "poet": echo, "small+poet": echo}
    served = [each["id"] for each in visit("ben").get("/v1/models").json()["data"]]
    assert {"small", "poet", "small+poet"} <= set(served)
    assert "orphan" not in served  # its base is not here
    listed = {each["name"]: each for each in visit("ben").get("/api/models").json()}
    assert (listed["poet"]["installed"], listed["poet"]["loaded"]) == (True, False)
    body = {"messages": [{"role": "user", "content": "hi"}]}
    for name in ("poet", "small+poet"):
        answer = visit("ben").post("/v1/chat/completions", json={**body, "model": name})
        assert answer.status_code == 200, answer.text
    assert visit("ben").post("/v1/chat/completions", json={**body, "model": "small+none"}).status_code == 404
    admin = visit("ada")
    assert admin.post("/api/models/poet/default").json()["is_default"] is True
    refused = admin.delete("/api/models/small")
    assert refused.status_code == 409 and "'small' is the base of poet" in refused.json()["error"]["message"]
    assert admin.delete("/api/models/poet").status_code == 200
    assert admin.delete("/api/models/small").status_code == 200


def test_what_somebody_trained_is_that_persons_alone(visit: Any, house: Any, ada: Scope, ben: Scope) -> None:
    """An adapter may say what the rows said it learned: to others it is not there, by no name and on no way."""
    install_chat_model(house, "small")
    install_chat_model(house, "secret", "small")
    echo = house.supervisor.models["echo"]
    house.supervisor.models |= {"small": echo, "secret": echo, "small+secret": echo}
    house.training_runs.add(ben, "secret")
    names = {"secret", "small+secret"}
    assert names <= {each["id"] for each in visit("ben").get("/v1/models").json()["data"]}
    other = visit("ada")
    assert not names & {each["id"] for each in other.get("/v1/models").json()["data"]}
    assert "secret" not in {each["name"] for each in other.get("/api/models").json()}
    body = {"messages": [{"role": "user", "content": "hi"}]}
    for name in sorted(names):
        assert visit("ben").post("/v1/chat/completions", json={**body, "model": name}).status_code == 200
        refused = [
            other.get(f"/v1/models/{name}"),
            other.post("/v1/chat/completions", json={**body, "model": name}),
            other.post("/v1/chat/completions", json={**body, "model": name, "headwater": {"collections": []}}),
            other.post("/v1/completions", json={"prompt": "hi", "model": name}),
            other.post("/api/conversations", json={"title": "x", "model": name, "collection_ids": []}),
        ]
        assert [answer.status_code for answer in refused] == [404] * 5
        assert all("secret" not in answer.text.replace(name, "", 1) for answer in refused)
