"""Fine-tuning over HTTP: what a config may name, and a run of `tiny` from rows to a served adapter."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headwater.core.types import Scope

pytest.importorskip("torch")
pytest.importorskip("peft")

ROWS = [{"instruction": f"What is {n} plus one?", "output": f"It is {n + 1}."} for n in range(40)]
STEPS = 6


def csv_of(rows: list[dict[str, str]]) -> bytes:
    lines = ["instruction,output", *(f"{row['instruction']},{row['output']}" for row in rows)]
    return "\n".join(lines).encode()


def upload(client: Any, name: str = "sums.csv", rows: list[dict[str, str]] = ROWS) -> None:
    answer = client.post("/api/data/sources", files=[("file", (name, csv_of(rows), "text/csv"))])
    assert answer.status_code == 201 and not answer.json()["errors"], answer.text


def config(**changes: Any) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": "sums",
        "model": {"base": "tiny"},
        "adapter": {"r": 4},
        "data": {"train": [{"path": "file:sums.csv"}], "valid": 0.1, "max_length": 128},
        "train": {"max_steps": STEPS, "tokens_per_step": 64, "micro_tokens": 256, "lr": 1e-2, "threads": 1},
        "eval": {"every": 3, "samples": 2, "sample_tokens": 8},
        "save": {"every": 3},
    }
    return {**value, **changes}


def test_the_form_names_what_there_is(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    upload(client)
    form = client.get("/api/training/form").json()
    assert form["bases"] == ["tiny"] and form["files"] == ["sums.csv"] and form["installed"] is True
    assert {"model", "data", "train"} <= set(form["form"]["properties"])


def test_all_mistakes_are_named_at_once(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    wrong = config(train={"epoch": 1, "lr": -1}, adapter={"r": 0})
    message = client.post("/api/runs", json={"config": wrong}).json()["error"]["message"]
    assert "3 mistake(s)" in message and "did you mean 'epochs'" in message
    assert "train.lr" in message and "adapter.r" in message
    answer = client.post(
        "/api/training/check", json={"yaml": "data: {train: [{path: 'file:x.csv'}]}\nmodel: {base: big}"}
    )
    message = answer.json()["error"]["message"]
    assert answer.status_code == 422 or answer.status_code == 400
    assert "no base 'big'" in message and "no file 'x.csv'" in message


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"train": [{"path": "/etc/passwd"}]}},
        {"data": {"train": [{"path": "../catalogue.db"}]}},
        {"data": {"train": [{"path": "file:../catalogue.db"}]}},
        {"data": {"train": [{"path": "file:/etc/passwd"}]}},
        {"data": {"train": [{"path": "dataset:../files"}]}},
        {"data": {"train": [{"path": "file:sums.csv"}], "valid": [{"path": "/etc/passwd"}]}},
        {"data": {"train": [{"path": "file:sums.csv"}], "template": "/etc/passwd.jinja"}},
        {"model": {"base": "/etc"}},
        {"model": {"base": "tiny", "adapter_from": "/tmp"}},
        {"eval": {"judge": {"url": "http://127.0.0.1:1/v1", "model": "m", "key_variable": "HOME"}}},
        {"parallel": {"nodes": 2, "rendezvous": "10.0.0.1:1"}},
        {"parallel": {"ray": "ray://10.0.0.1:1"}},
        {"track": {"to": ["wandb"]}},
        {"sweep": {"data.template": ["/etc/passwd.jinja"]}},
        {"sweep": {"model.base": ["/etc"]}},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_what_only_the_command_line_may(visit: Any, house: Any, ada: Scope, change: dict[str, Any]) -> None:
    client = visit("ada")
    upload(client)
    for address in ("/api/training/check", "/api/training/plan", "/api/training/preview", "/api/runs"):
        answer = client.post(address, json={"config": config(**change)})
        assert answer.status_code in (400, 422), (address, answer.text)
        assert "mistake" in answer.json()["error"]["message"]
    assert not list(house.settings.runs_dir.glob("sums*"))


def test_another_users_files_are_not_there(visit: Any, ada: Scope, ben: Scope) -> None:
    upload(visit("ada"))
    message = visit("ben").post("/api/runs", json={"config": config()}).json()["error"]["message"]
    assert "you have no file 'sums.csv'" in message


def test_preview_shows_tokens_and_lengths(visit: Any, ada: Scope) -> None:
    client = visit("ada")
    upload(client)
    longest = client.post("/api/training/preview", json={"config": config()}).json()["longest"]
    data = {"train": [{"path": "file:sums.csv"}], "max_length": longest - 1}
    shown = client.post("/api/training/preview", json={"config": config(data=data)}).json()
    assert shown["kept"] == shown["read"] == len(ROWS) and shown["whole"] is True
    row = shown["rows"][0]
    assert [turn["role"] for turn in row["turns"]] == ["user", "assistant"]
    learned = "".join(token["text"] for token in row["tokens"] if token["learned"])
    assert learned.startswith(" It is 1.") and "What" not in learned
    assert sum(shown["counts"]) == len(ROWS) and 0 < shown["too_long"] < len(ROWS)
    wrong = config(data={"train": [{"path": "file:sums.csv", "mapping": {"question": "instructoin"}}]})
    error = client.post("/api/training/preview", json={"config": wrong}).json()["error"]["message"]
    assert "instructoin" in error and "runs/" not in error and ".desk" not in error


@pytest.fixture
def trained(visit: Any, house: Any, ada: Scope) -> Any:
    client = visit("ada")
    upload(client)
    made = client.post("/api/runs", json={"config": config()})
    assert made.status_code == 201, made.text
    assert made.json()[0]["state"] in ("queued", "preparing")
    wait_for(lambda: client.get("/api/runs/sums").json()["state"] in ("done", "failed"))
    wait_for(lambda: client.get("/api/jobs").json()[0]["ended"] is not None)
    return client


def test_a_run_from_rows_to_a_served_adapter(trained: Any, house: Any, visit: Any, ben: Scope) -> None:
    client = trained
    run = client.get("/api/runs/sums").json()
    assert run["state"] == "done", (run["error"], client.get("/api/runs/sums/log").json())
    assert run["step"] == run["steps"] == STEPS and run["served"] == "sums" and house.served == ["sums"]
    assert run["best"]["metric"] == "perplexity" and run["data"]["kept"] == 36

    metrics = client.get("/api/runs/sums/metrics").json()
    assert [point["step"] for point in metrics["train"]] == list(range(1, STEPS + 1))
    assert [row["step"] for row in metrics["validation"]] == [3, 6]
    later = client.get("/api/runs/sums/metrics?since=4").json()
    assert [point["step"] for point in later["train"]] == [5, 6]

    answers = client.get("/api/runs/sums/samples").json()
    assert answers["step"] == 6 and answers["steps"] == [3, 6] and len(answers["rows"]) == 2
    tokens = client.get("/api/runs/sums/tokens").json()
    assert any(token["learned"] for token in tokens[0]["tokens"])
    log = client.get("/api/runs/sums/log").json()
    assert any(event["kind"] == "done" for event in log["events"])
    assert client.get("/api/runs/sums/resources").json()["at_work"] is False
    text = client.get("/api/runs/sums/config").json()["yaml"]
    assert "file:sums.csv" in text and str(house.folder) not in json.dumps(run) + text

    archive = client.get("/api/runs/sums/file?form=adapter")
    assert archive.content.startswith(b"PK")
    assert client.post("/api/runs/sums/resume").status_code == 409
    assert client.post("/api/runs/sums/pause").status_code == 409
    for path in ("", "/metrics", "/samples", "/tokens", "/log", "/config", "/resources", "/file"):
        assert visit("ben").get(f"/api/runs/sums{path}").status_code == 404
    assert visit("ben").get("/api/runs").json() == []
    assert visit("ben").get("/api/training/compare?runs=sums").status_code == 404

    assert client.delete("/api/runs/sums").status_code == 200
    assert client.get("/api/runs").json() == [] and house.served == []
    assert not (house.settings.runs_dir / "sums").exists()


def test_a_grid_is_compared(visit: Any, house: Any, ada: Scope) -> None:
    client = visit("ada")
    upload(client)
    made = client.post("/api/runs", json={"config": config(sweep={"train.lr": [1e-2, 1e-4]})}).json()
    names = [run["name"] for run in made]
    assert len(set(names)) == 2 and {run["sweep"] for run in made} == {"sums"}
    wait_for(lambda: all(run["state"] == "done" for run in client.get("/api/runs").json()))
    compared = client.get(f"/api/training/compare?runs={names[0]}&runs={names[1]}").json()
    assert [row["key"] for row in compared["differences"]] == ["train.lr"]
    assert all(len(curve["metrics"]["train"]) == STEPS for curve in compared["curves"])


def test_a_name_of_somebody_else_or_of_a_model_is_not_taken(visit: Any, house: Any, ada: Scope, ben: Scope) -> None:
    for name in ("ada", "ben"):
        upload(visit(name))
    first = visit("ada").post("/api/runs", json={"config": config()}).json()
    second = visit("ben").post("/api/runs", json={"config": config()}).json()
    assert (first[0]["name"], second[0]["name"]) == ("sums", "sums-1")
    refused = visit("ada").post("/api/runs", json={"config": config(name="echo")})
    assert "name of a model" in refused.json()["error"]["message"]


def test_a_waiting_run_is_paused_and_resumed(visit: Any, house: Any, ada: Scope) -> None:
    client = visit("ada")
    upload(client)
    client.post(
        "/api/runs",
        json={"config": config(name="long", train={**config()["train"], "max_steps": None, "epochs": 10_000})},
    )
    wait_for(lambda: client.get("/api/runs/long").json()["step"] > 0)
    assert client.post("/api/runs", json={"config": config()}).json()[0]["state"] == "queued"
    assert client.post("/api/runs/sums/pause").json()["state"] == "paused"
    assert client.delete("/api/runs/long").status_code == 409
    client.post("/api/runs/long/stop")
    wait_for(lambda: client.get("/api/runs/long").json()["state"] == "stopped")
    assert client.get("/api/runs/sums").json()["step"] == 0
    assert client.post("/api/runs/sums/resume").json()["state"] in ("queued", "preparing")
    wait_for(lambda: client.get("/api/runs/sums").json()["state"] == "done")


def test_a_server_that_ends_loses_no_run(visit: Any, house: Any, ada: Scope) -> None:
    """The job is put back, the process saves and ends; the next server goes on from there."""
    client = visit("ada")
    upload(client)
    client.post("/api/runs", json={"config": config(train={**config()["train"], "max_steps": None, "epochs": 10_000})})
    wait_for(lambda: client.get("/api/runs/sums").json()["step"] >= 3)
    house.runner.stop()
    wait_for(lambda: client.get("/api/runs/sums").json()["state"] == "queued")
    state_file = house.settings.runs_dir / "sums" / "state.json"
    before = json.loads(state_file.read_text())
    house.runner.start()
    wait_for(lambda: json.loads(state_file.read_text())["pid"] not in (None, before["pid"]))
    wait_for(lambda: client.get("/api/runs/sums").json()["step"] > before["step"])
    assert client.post("/api/runs/sums/stop").json()["state"] in ("stopping", "stopped")
    wait_for(lambda: client.get("/api/runs/sums").json()["served"] == "sums")
    assert client.get("/api/runs/sums").json()["state"] == "stopped"
    house.runner.stop()
    run = client.get("/api/runs/sums").json()
    assert run["step"] > before["step"]
    steps = [point["step"] for point in client.get("/api/runs/sums/metrics").json()["train"]]
    assert steps == sorted(set(steps)), "no step is told twice"


def wait_for(is_so: Any, seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)


def test_runs_of_the_command_line_belong_to_the_owner(visit: Any, house: Any, tmp_path: Path) -> None:
    from headwater.training.config import TrainingConfig
    from headwater.training.devices.launch import new_run

    owner = house.users.local_owner()
    rows = tmp_path / "rows.csv"
    rows.write_bytes(csv_of(ROWS))
    value = config(data={"train": [{"path": str(rows)}]})
    folder = new_run(TrainingConfig.model_validate(value), house.settings.runs_dir)
    folder.set_state(served=folder.name)
    assert [(info.name, info.served) for info, _ in house.training.list(owner)] == [(folder.name, folder.name)]
    other = house.person("carla")
    assert list(house.training.list(other)) == []


def test_a_whole_model_is_served_at_its_end_and_again_when_asked(
    visit: Any, house: Any, ada: Scope, ben: Scope
) -> None:
    client = visit("ada")
    upload(client)
    assert client.post("/api/runs", json={"config": config(adapter={"type": "full"})}).status_code == 201
    assert client.post("/api/runs/sums/serve").status_code == 409, "it has no result yet"
    wait_for(lambda: client.get("/api/runs/sums").json()["served"] == "sums")
    assert house.served == ["sums"]
    assert visit("ben").post("/api/runs/sums/serve").status_code == 404
    assert client.post("/api/runs/sums/serve").status_code == 202
    wait_for(lambda: house.served == ["sums", "sums"])
    assert (house.settings.runs_dir / "sums" / "exports" / "sums.gguf").is_file()


def test_what_others_trained_is_no_base(house: Any, ada: Scope, ben: Scope) -> None:
    from headwater.training.runs import TrainingRuns

    house.training_runs.add(ben, "bens")
    training = TrainingRuns(replace(house.training._parts, bases=lambda: ["gemma", "bens"]))
    assert training.bases(ada) == ["gemma", "tiny"]
    assert training.bases(ben) == ["gemma", "tiny", "bens"], "what is taken when nothing is chosen comes first"


@pytest.mark.parametrize(("word", "ended"), [("stop", "stopped"), ("pause", "paused")])
def test_a_word_while_a_run_is_being_started_ends_it_as_it_was_meant(
    visit: Any, house: Any, ada: Scope, word: str, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("ada")
    upload(client)
    planning, told = threading.Event(), threading.Event()

    def plan(*_: Any) -> dict[str, Any]:
        planning.set()
        told.wait(60)
        return {"sentence": "planned", "fits": True}

    monkeypatch.setattr(house.training._planner, "ask", plan)
    client.post("/api/runs", json={"config": config()})
    assert planning.wait(60)
    answer = client.post(f"/api/runs/sums/{word}")
    assert answer.json()["state"] == {"stop": "stopping", "pause": "pausing"}[word]
    told.set()
    wait_for(lambda: client.get("/api/jobs").json()[0]["ended"] is not None)
    run = client.get("/api/runs/sums").json()
    assert (run["state"], run["step"], run["served"]) == (ended, 0, None)
