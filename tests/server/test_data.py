"""The Data Studio over HTTP: upload, look, preview, thresholds, run, report, rows, recipe, files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from headwater.core.types import Scope
from headwater.dataprep.recipe import parse_recipe
from headwater.studio import PREPARE

MAPPING = {"question": "ticket", "answer": "reply"}
FILES = "/api/data/sources"


def rows(count: int = 60) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["ticket", "reply"])
    for number in range(count):
        reply = (
            "ok" if number % 6 == 0 else f"Open the settings and press button {number}; write to a{number}@example.com."
        )
        table.writerow([f"How do I do thing number {number}?", reply])
    return out.getvalue().encode()


def upload(client: Any, name: str = "support.csv", content: bytes | None = None) -> dict[str, Any]:
    answer = client.post(FILES, files=[("file", (name, rows() if content is None else content))])
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def recipe() -> dict[str, Any]:
    return {
        "task": "instruct",
        "sources": [{"path": "support.csv", "mapping": MAPPING, "licence": "internal"}],
        "steps": ["clean", "personal_data", {"length": {"fields": ["answer"], "minimum": 10, "each": True}}],
        "output": {"format": "messages"},
    }


@pytest.fixture
def client(visit: Any, ada: Scope) -> Any:
    return visit("ada")


@pytest.fixture
def made(client: Any, recipe: dict[str, Any]) -> str:
    """A data set with its source uploaded; returns its address."""
    upload(client)
    answer = client.post("/api/datasets", json={"name": "Support answers", "recipe": recipe})
    assert answer.status_code == 201, answer.text
    return f"/api/datasets/{answer.json()['id']}"


@pytest.fixture
def prepared(client: Any, house: Any, made: str) -> str:
    started = client.post(f"{made}/prepare")
    assert started.status_code == 202, started.text
    house.work()
    assert client.get(f"/api/jobs/{started.json()['job_id']}").json()["state"] == "done"
    return made


def test_a_file_is_told_by_its_columns_or_by_a_mapping(client: Any) -> None:
    source = upload(client)["sources"][0]
    look = client.post(f"{FILES}/{source['id']}/look", json={}).json()
    assert look["format"] is None and "no known format" in look["problem"]
    assert look["columns"] == ["ticket", "reply"] and look["mapping"] == MAPPING
    assert look["raw"][0] == {"ticket": "How do I do thing number 0?", "reply": "ok"}
    mapped = client.post(f"{FILES}/{source['id']}/look", json={"mapping": MAPPING}).json()
    assert mapped["records"] == mapped["rows"] == 60 and len(mapped["samples"]) == 5
    assert [text["field"] for text in mapped["samples"][0]["texts"]] == ["user", "assistant"]
    wrong = client.post(f"{FILES}/{source['id']}/look", json={"mapping": {"question": "tickt", "answer": "reply"}})
    assert wrong.status_code == 400 and "Did you mean 'ticket'" in wrong.json()["error"]["message"]


def test_a_known_format_needs_no_mapping_and_bad_rows_are_named(client: Any) -> None:
    lines = [json.dumps({"instruction": f"do {n}", "input": "", "output": f"done {n}"}) for n in range(9)]
    content = "\n".join([*lines, "{broken"]).encode()
    source = upload(client, "alpaca.jsonl", content)["sources"][0]
    look = client.post(f"{FILES}/{source['id']}/look", json={}).json()
    assert (look["format"], look["detected"], look["records"], look["bad"]) == ("alpaca", True, 9, 1)
    assert look["bad_rows"][0]["row"] == 10 and "bad JSON" in look["bad_rows"][0]["reason"]
    other = client.post(f"{FILES}/{source['id']}/look", json={"format": "dpo"}).json()
    assert other["records"] == 0 and other["bad"] == 10


def test_uploads_have_limits_and_say_what_is_wrong(client: Any) -> None:
    answer = upload(client, "empty.csv", b"")
    assert answer["sources"] == [] and "is empty" in answer["errors"][0]["message"]
    large = upload(client, "large.csv", b"x" * 1_000_001)
    assert "larger than 1 MB" in large["errors"][0]["message"]
    assert client.get(FILES).json() == []
    source = upload(client, "rows.bin", b"abc")["sources"][0]
    look = client.post(f"{FILES}/{source['id']}/look", json={"format": "text"})
    assert look.status_code in (200, 400), look.text


def test_a_name_with_a_path_loses_it(client: Any) -> None:
    assert upload(client, "../../etc/env:rows.csv")["sources"][0]["name"] == "env_rows.csv"


def test_the_catalogue_has_schemas_and_recipes_that_are_right(client: Any) -> None:
    found = client.get("/api/data/catalogue").json()
    steps = {step["name"]: step for step in found["steps"]}
    assert len(steps) >= 28 and {step["stage"] for step in steps.values()} == set(found["stages"])
    assert steps["length"]["options"]["properties"]["minimum"]["description"]
    assert steps["fit"]["model_options"] == ["tokenizer"] and steps["decontaminate"]["file_options"] == ["against"]
    assert len(found["tasks"]) == 6
    for task in found["tasks"]:
        whole = {
            "sources": [{"path": "a.csv"}],
            "steps": task["steps"],
            "output": {"path": "out", "format": task["format"]},
        }
        assert len(parse_recipe(whole, Path()).steps) == len(task["steps"]) > 0


def test_a_preview_shows_counts_changes_and_thresholds(client: Any, made: str, recipe: dict[str, Any]) -> None:
    answer = client.post(f"{made}/preview", json={"recipe": recipe, "rows": 30})
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert (preview["rows"], preview["kept"]) == (30, 25)
    assert [step["dropped"] for step in preview["steps"]] == [0, 0, 5]
    slider = next(one for one in preview["sliders"] if one["option"] == "minimum")
    assert (slider["place"], slider["value"], sum(slider["counts"])) == (2, 10, 30)
    recipe["steps"][2]["length"]["minimum"] = 1
    counts = client.post(f"{made}/counts", json={"recipe": recipe}).json()
    assert [step["dropped"] for step in counts["steps"]] == [0, 0, 0]
    assert preview["lengths"]["unit"] == "words" and preview["lengths"]["rows"] == 25


def test_thresholds_move_over_all_rows_of_a_finished_run(client: Any, prepared: str) -> None:
    found = client.get(f"{prepared}/thresholds").json()
    assert (found["rows_out"], found["unknown"], found["exact"]) == (50, 0, True)
    slider = next(one for one in found["sliders"] if one["option"] == "minimum")
    assert (slider["place"], slider["value"], sum(slider["counts"])) == (2, 10, 60)
    moved = [{"place": 2, "option": "minimum", "value": 1}]
    counted = client.post(f"{prepared}/thresholds", json={"moved": moved}).json()
    assert (counted["rows_out"], counted["steps"][2]["dropped"]) == (60, 0)
    assert client.get(prepared).json()["changed"] is False, "counting changes nothing"
    wrong = client.post(f"{prepared}/thresholds", json={"moved": [{"place": 2, "option": "unit", "value": 1}]})
    assert wrong.status_code == 400 and "no threshold" in wrong.json()["error"]["message"]


def test_thresholds_are_those_of_the_own_run(visit: Any, ben: Scope, prepared: str) -> None:
    assert visit("ben").get(f"{prepared}/thresholds").status_code == 404
    assert visit("ben").post(f"{prepared}/thresholds", json={"moved": []}).status_code == 404


def test_two_runs_stand_side_by_side(client: Any, house: Any, prepared: str, recipe: dict[str, Any]) -> None:
    recipe["steps"][2]["length"]["minimum"] = 1
    recipe["steps"] = [*recipe["steps"][1:], "exact_duplicates"]
    other = client.post("/api/datasets", json={"name": "Looser", "recipe": recipe}).json()["id"]
    old = prepared.rpartition("/")[2]
    unready = client.get(f"/api/datasets/{other}/compare", params={"before": old})
    assert unready.status_code == 409 and "not prepared yet" in unready.text
    client.post(f"/api/datasets/{other}/prepare")
    house.work()
    found = client.get(f"/api/datasets/{other}/compare", params={"before": old}).json()
    assert found["same"] is False
    assert {"name": "rows_out", "before": 50, "after": 60} in found["totals"]
    steps = {step["name"]: step for step in found["steps"]}
    assert steps["clean"]["after"] is None and steps["exact_duplicates"]["before"] is None
    assert (steps["length"]["before"]["dropped"], steps["length"]["after"]["dropped"]) == (10, 0)
    assert {"step": "length", "option": "minimum", "before": 10, "after": 1} in found["options"]
    lengths = next(one for one in found["histograms"] if one["statistic"] == "shortest")
    assert (lengths["before"]["rows"], lengths["after"]["rows"]) == (50, 60)
    assert client.get(f"{prepared}/compare", params={"before": old}).json()["same"] is True


def test_a_run_stands_beside_the_one_before_it(client: Any, house: Any, prepared: str, recipe: dict[str, Any]) -> None:
    once = client.get(f"{prepared}/compare")
    assert once.status_code == 409 and "once only" in once.text
    recipe["steps"][2]["length"]["minimum"] = 1
    client.patch(prepared, json={"recipe": recipe})
    client.post(f"{prepared}/prepare")
    house.work()
    found = client.get(f"{prepared}/compare").json()
    assert {"name": "rows_out", "before": 50, "after": 60} in found["totals"]
    assert found["options"] == [{"step": "length", "option": "minimum", "before": 10, "after": 1}]


def test_runs_of_others_are_not_compared(visit: Any, ben: Scope, prepared: str) -> None:
    mine = visit("ben").post("/api/datasets", json={"name": "Mine"}).json()["id"]
    old = prepared.rpartition("/")[2]
    assert visit("ben").get(f"/api/datasets/{old}/compare", params={"before": mine}).status_code == 404
    assert visit("ben").get(f"/api/datasets/{mine}/compare", params={"before": old}).status_code in (404, 409)


def test_wrong_recipes_name_every_mistake(client: Any, made: str, recipe: dict[str, Any]) -> None:
    recipe["steps"] = ["cleen", {"length": {"minimun": 1}}]
    answer = client.post(f"{made}/preview", json={"recipe": recipe})
    assert answer.status_code == 400
    assert "'clean'" in answer.text and "'minimum'" in answer.text
    for rows_wanted in (0, 5001):
        assert client.post(f"{made}/preview", json={"recipe": recipe, "rows": rows_wanted}).status_code == 422


@pytest.mark.parametrize(
    "source",
    [
        {"path": "/etc/passwd"}, {"path": "../catalogue.db"}, {"path": "https://127.0.0.1/x.jsonl"},
        {"path": "env:HOME"}, {"sql": "sqlite:///catalogue.db", "query": "SELECT 1"},
    ],
)  # fmt: skip
def test_a_recipe_names_uploaded_files_only(client: Any, made: str, recipe: dict[str, Any], source: Any) -> None:
    recipe["sources"] = [source]
    for path, body in (("preview", {"recipe": recipe}), ("recipe", {"yaml": json.dumps(recipe)})):
        answer = client.post(f"{made}/{path}", json=body)
        assert answer.status_code == 400, (path, answer.text)
        assert "root:" not in answer.text
    assert client.post(f"{made}/preview", json={"recipe": {**recipe, "steps": ["./x.py"]}}).status_code == 400


def test_a_run_is_a_job_and_its_report_balances(client: Any, house: Any, ada: Scope, prepared: str) -> None:
    dataset = client.get(prepared).json()
    assert (dataset["state"], dataset["changed"]) == ("ready", False)
    summary = dataset["summary"]
    assert (summary["rows_in"], summary["rows_out"], summary["rows_dropped"]) == (60, 50, 10)
    assert summary["balanced"] and summary["splits"] == {"train": 50}
    report = client.get(f"{prepared}/report").json()
    assert [step["out"] for step in report["steps"]] == [60, 60, 50]
    assert str(house.folder) not in client.get(f"{prepared}/report").text + json.dumps(dataset)
    job = house.jobs.list(ada)[0]
    assert (job.kind, job.subject) == (PREPARE, "Support answers")
    assert job.result == {"dataset_id": dataset["id"], "rows_in": 60, "rows_out": 50}


def test_results_are_not_there_before_the_run(client: Any, made: str) -> None:
    for path in ("report", "rows", "dropped", "files", "file", "export", "rows/0"):
        answer = client.get(f"{made}/{path}")
        assert answer.status_code == 409, (path, answer.text)
        assert "Prepare it first" in answer.json()["error"]["hint"]


def test_rows_are_paged_found_corrected_and_labelled(client: Any, house: Any, prepared: str) -> None:
    page = client.get(f"{prepared}/rows", params={"limit": 10, "offset": 45}).json()
    assert page["total"] == 50 and [row["number"] for row in page["rows"]] == list(range(45, 50))
    found = client.get(f"{prepared}/rows", params={"query": "THING number 7?"}).json()
    assert found["total"] == 1 and "[EMAIL]" in found["rows"][0]["texts"][1]["text"]
    number = found["rows"][0]["number"]
    changed = client.patch(f"{prepared}/rows/{number}", json={"texts": [{"place": 1, "text": "Press it twice."}]})
    assert changed.status_code == 200 and changed.json()["edited"]
    client.patch(f"{prepared}/rows/0", json={"label": "not_relevant"}).raise_for_status()
    house.work()
    lines = client.get(f"{prepared}/file", params={"name": "train.jsonl"}).text.splitlines()
    assert len(lines) == 49 and sum("Press it twice." in line for line in lines) == 1
    assert client.get(prepared).json()["summary"]["not_relevant"] == 1
    assert client.get(f"{prepared}/rows", params={"only": "edited"}).json()["total"] == 1
    assert client.get(f"{prepared}/rows/{number}").json()["texts"][1]["text"] == "Press it twice."


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "rows?limit=201", None, 422), ("GET", "rows?offset=-1", None, 422), ("GET", "rows?onli=all", None, 422),
        ("GET", "rows?split=../x", None, 404), ("GET", "rows/50", None, 404),
        ("PATCH", "rows/50", {"label": "none"}, 404),
        ("PATCH", "rows/0", {}, 400), ("PATCH", "rows/0", {"label": "maybe"}, 422),
        ("PATCH", "rows/0", {"texts": [{"place": 9, "text": "x"}]}, 400), ("GET", "file?name=.edits.json", None, 404),
        ("GET", "file?name=../../catalogue.db", None, 404), ("GET", "export?format=squad", None, 400),
        ("GET", "export?format=nonesuch", None, 404), ("GET", "export?type=exe", None, 422),
        ("GET", "export?format=messages&type=csv", None, 400),
    ],
)  # fmt: skip
def test_wrong_questions_get_clear_answers(
    client: Any, prepared: str, method: str, path: str, body: Any, status: int
) -> None:
    answer = client.request(method, f"{prepared}/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_dropped_rows_files_and_exports(client: Any, house: Any, prepared: str) -> None:
    dropped = client.get(f"{prepared}/dropped", params={"place": 2, "reason": "too short", "limit": 3}).json()
    assert dropped["total"] == 10 and [row["value"] for row in dropped["rows"]] == ["2"] * 3
    names = client.get(f"{prepared}/files").json()["names"]
    assert {"train.parquet", "train.jsonl", "recipe.yaml", "report.json", "dropped.parquet"} <= set(names)
    for name in names:
        answer = client.get(f"{prepared}/file", params={"name": name})
        assert answer.status_code == 200 and answer.content
        assert answer.headers["content-disposition"].startswith('attachment; filename="support-answers.')
    alpaca = client.get(f"{prepared}/export", params={"format": "alpaca", "type": "csv"})
    assert len(alpaca.text.splitlines()) == 51 and '"instruction"' in alpaca.text
    folder = house.settings.datasets_dir / "support-answers"
    assert not list(folder.glob(".export-*")), "the written file is removed when it was sent"


def test_a_recipe_goes_out_and_comes_back_as_yaml(client: Any, made: str, recipe: dict[str, Any]) -> None:
    text = client.get(f"{made}/recipe").json()["yaml"]
    assert text.startswith("version: 1") and "path: support.csv" in text
    other = client.post("/api/datasets", json={"name": "Other"}).json()["id"]
    taken = client.post(f"/api/datasets/{other}/recipe", json={"yaml": text}).json()
    assert taken["recipe"]["steps"] == recipe["steps"] and taken["recipe"]["sources"] == recipe["sources"]
    missing = client.post(f"/api/datasets/{other}/recipe", json={"yaml": text.replace("support.csv", "suport.csv")})
    assert missing.status_code == 400 and "Did you mean 'support.csv'" in missing.text


def test_a_source_in_use_stays(client: Any, made: str) -> None:
    source = client.get(FILES).json()[0]
    refused = client.delete(f"{FILES}/{source['id']}")
    assert refused.status_code == 409 and "Support answers" in refused.text
    assert client.delete(made).status_code == 200
    assert client.delete(f"{FILES}/{source['id']}").status_code == 200
    assert client.get(FILES).json() == [] and client.get("/api/datasets").json() == []


def test_a_failed_run_is_said_with_its_reason(client: Any, house: Any, made: str) -> None:
    client.patch(made, json={"recipe": {"sources": [{"path": "support.csv"}], "output": {}}}).raise_for_status()
    started = client.post(f"{made}/prepare").json()["job_id"]
    house.work()
    assert client.get(f"/api/jobs/{started}").json()["state"] == "failed"
    dataset = client.get(made).json()
    assert dataset["state"] == "failed" and "no known format" in dataset["error"] and "mapping" in dataset["hint"]


def test_a_cancelled_run_leaves_the_data_set_as_it_was(client: Any, house: Any, made: str) -> None:
    house.runner.stop()
    job_id = client.post(f"{made}/prepare").json()["job_id"]
    assert client.get(made).json()["state"] == "preparing"
    refused = client.post(f"{made}/prepare")
    assert refused.status_code == 409 and "being prepared already" in refused.text
    assert client.post(f"/api/jobs/{job_id}/cancel").status_code == 200
    assert client.get(made).json()["state"] == "draft"


def test_renaming_and_deleting(client: Any, house: Any, prepared: str) -> None:
    assert client.patch(prepared, json={"name": "FAQ"}).json()["name"] == "FAQ"
    assert client.patch(prepared, json={}).status_code == 400
    folder = house.settings.datasets_dir / "support-answers"
    assert folder.is_dir()
    assert client.delete(prepared).status_code == 200
    assert not folder.exists() and client.get(prepared).status_code == 404


def test_what_a_deleted_person_had_is_gone(
    client: Any, visit: Any, house: Any, ben: Scope, recipe: dict[str, Any]
) -> None:
    theirs = visit("ben")
    upload(theirs)
    made = theirs.post("/api/datasets", json={"name": "Bens", "recipe": recipe}).json()["id"]
    theirs.post(f"/api/datasets/{made}/prepare").raise_for_status()
    house.work()
    assert (house.settings.datasets_dir / "bens" / "train.parquet").exists()
    assert client.delete(f"/api/users/{ben.user_id}").status_code == 200
    assert not (house.settings.datasets_dir / "bens").exists()
    assert [path for path in house.settings.files_dir.glob("*/*") if len(path.name) == 64] == []
