"""The commands as people type them: output, JSON contracts, exit codes. No models are installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FERRY = "The night ferry to Skarvik leaves at 22:40 from pier 6. Bicycles travel free.\n"


@pytest.fixture
def run(tmp_path: Path):
    """Run `headwater ARGUMENTS` in a workspace of its own."""

    def call(*arguments: str, expect: int = 0, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from headwater.cli.main import run; run()", *arguments]
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "HEADWATER_DATA_DIR": str(tmp_path / "data"),
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, input=typed, check=False, timeout=120
        )
        assert done.returncode == expect, done.stderr
        return done

    return call


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    path = tmp_path / "ferry.txt"
    path.write_text(FERRY, "utf-8")
    return path


def test_ask_answers_with_a_citation(run, ferry: Path) -> None:
    answer = json.loads(run("ask", str(ferry), "From which pier does the night ferry leave?", "--json").stdout)
    assert set(answer) >= {"answer", "grounded", "mode", "citations", "passages", "seconds"}
    assert answer["grounded"] is True
    assert "pier 6" in answer["answer"]
    citation = answer["citations"][0]
    assert set(citation) >= {"number", "document", "page", "start", "end", "quote"}
    assert citation["document"] == "ferry.txt"
    assert FERRY[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_refuses_what_is_not_there(run, ferry: Path) -> None:
    answer = json.loads(run("ask", str(ferry), "Who composed the opera about the silver fox?", "--json").stdout)
    assert (answer["grounded"], answer["mode"], answer["citations"]) == (False, "not_found", [])


def test_search_gives_passages(run, ferry: Path) -> None:
    passages = json.loads(run("search", str(ferry), "bicycles", "--top", "3", "--json").stdout)["passages"]
    assert set(passages[0]) >= {"document", "page", "text", "score"}
    assert "Bicycles travel free" in passages[0]["text"]


def test_extract_gives_pages(run, ferry: Path) -> None:
    found = json.loads(run("extract", str(ferry), "--json").stdout)
    assert found["pages"] == [{"page": 1, "label": None, "text": found["pages"][0]["text"]}]
    assert "22:40" in found["pages"][0]["text"]
    assert (found["members"], found["warnings"]) == ([], [])


def test_extract_of_a_broken_file_fails_in_one_line(run, tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7 and nothing else")
    done = run("extract", str(path), expect=1)
    assert "broken.pdf" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ask", "/nowhere/file.txt", "What?"), "No such file"),
        (("ask", "What?"), "at least one file"),
        (("models", "pull", "nonesuch"), "nonesuch"),
        (("collections", "add", "nonesuch", "."), "nonesuch"),
    ],
)
def test_failures_say_why(run, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments, expect=1)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_exit_two(run) -> None:
    run("ask", "--nonesuch", expect=2)
    run("nonesuch", expect=2)


def test_collections_are_made_filled_and_removed(run, ferry: Path) -> None:
    run("collections", "create", "trips")
    assert "1 added" in run("collections", "add", "trips", str(ferry)).stdout
    assert "1 unchanged" in run("collections", "add", "trips", str(ferry)).stdout
    listed = json.loads(run("collections", "list", "--json").stdout)
    assert [(c["name"], c["document_count"]) for c in listed] == [("trips", 1)]
    run("collections", "remove", "trips")
    assert json.loads(run("collections", "list", "--json").stdout) == []


def test_keys_are_shown_once_and_revoked(run) -> None:
    secret = run("keys", "create", "script").stdout.strip()
    assert secret.startswith("hw_")
    listed = json.loads(run("keys", "list", "--json").stdout)
    assert secret not in json.dumps(listed)
    run("keys", "revoke", listed[0]["id"])
    assert json.loads(run("keys", "list", "--json").stdout) == []


def test_users_are_created_with_a_typed_password(run) -> None:
    run("users", "create", "reader", typed="correct horse battery\ncorrect horse battery\n")
    assert any(user["name"] == "reader" for user in json.loads(run("users", "list", "--json").stdout))


def test_chat_answers_from_a_collection(run, ferry: Path) -> None:
    run("collections", "create", "trips")
    run("collections", "add", "trips", str(ferry))
    done = run("chat", "--collection", "trips", typed="From which pier does the night ferry leave?\n/quit\n")
    assert "pier 6" in done.stdout


def test_doctor_reports_versions_and_models(run) -> None:
    report = json.loads(run("doctor", "--json").stdout)
    assert report["parts"]["kreuzberg"]
    assert "minilm" in report["models"]


def test_evaluate_retrieval_reads_the_beir_form(run, tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    texts = {"d1": "Ferries leave from pier six.", "d2": "Bread is baked at night.", "d3": "Owls hunt mice."}
    (folder / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": k, "title": "", "text": v}) + "\n" for k, v in texts.items()), "utf-8"
    )
    (folder / "queries.jsonl").write_text(
        json.dumps({"_id": "q1", "text": "which pier do ferries leave from"}) + "\n", "utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n", "utf-8")
    scores = json.loads(run("evaluate", "retrieval", str(folder), "--json").stdout)
    assert scores["keyword"]["ndcg@10"] == 1.0
    assert set(scores) == {"keyword", "dense", "hybrid", "reranked"}
