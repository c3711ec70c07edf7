"""headwater data, as a person types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from headwater.cli.data import app
from headwater.core.errors import BadInput, HeadwaterError, UnknownName
from headwater.dataprep.pages import pages, step_table
from headwater.dataprep.recipe import load_recipe, parse_recipe
from headwater.dataprep.registry import STEPS
from headwater.dataprep.run import prepare

ROOT = Path(__file__).resolve().parents[2]
ROWS = [{"instruction": f"Name river {n} of the list", "output": f"River number {n} is long."} for n in range(30)]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def call(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_inspect(rows: Path) -> None:
    found = json.loads(call("inspect", rows, "--json"))
    assert (found["format"], found["rows"], found["bad"]) == ("alpaca", 30, 0)
    assert len(found["samples"]) == 5
    assert "Name river 0" in call("inspect", rows)


def test_prepare_prints_the_report_and_fails_on_bad_rows(rows: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        yaml.safe_dump(
            {"version": 1, "sources": [{"path": "rows.jsonl"}], "steps": ["clean"], "output": {"path": "out"}}
        ),
        "utf-8",
    )
    report = json.loads(call("prepare", recipe, "--json"))
    assert {"rows_in", "rows_out", "rows_dropped", "rows_quarantined", "steps", "output"} <= report.keys()
    assert {"name", "in", "out", "dropped", "changed", "seconds", "reasons"} <= report["steps"][0].keys()
    assert "30 in = 30 out" in call("prepare", recipe)
    call("prepare", recipe, "--dry-run")
    with rows.open("a", encoding="utf-8") as stream:
        stream.write("{broken\n")
    with pytest.raises(HeadwaterError, match="1 rows were quarantined"):
        CliRunner().invoke(app, ["prepare", str(recipe)], catch_exceptions=False)
    call("prepare", recipe, "--max-errors", "1")
    assert json.loads(call("diff", tmp_path / "out", tmp_path / "out", "--json")) == []
    moved = json.loads(call("prepare", recipe, "--max-errors", "1", "--output", tmp_path / "elsewhere.jsonl", "--json"))
    assert moved["output"]["files"][0]["path"] == str(tmp_path / "elsewhere.jsonl")


def test_a_recipe_to_begin_with_runs(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "begun.yaml").write_text(call("recipe", rows), "utf-8")
    begun = load_recipe(tmp_path / "begun.yaml")
    assert begun.file.task == "instruct"
    assert "unhelpful" in [step.name for step in begun.steps]
    assert prepare(begun).json["balanced"]
    other = yaml.safe_load(call("recipe", rows, "--task", "pretraining"))
    assert other["task"] == "pretraining" and "symbols" in other["steps"]
    with pytest.raises(UnknownName, match="Did you mean 'pretraining'"):
        call("recipe", rows, "--task", "pretrainin")


def test_convert_names_what_it_loses(rows: Path, tmp_path: Path) -> None:
    done = json.loads(call("convert", rows, tmp_path / "new.csv", "--to", "llm_studio", "--json"))
    assert (done["records"], done["refused"], done["bad"]) == (30, 0, 0)
    with pytest.raises(HeadwaterError, match="not written"):
        CliRunner().invoke(
            app, ["convert", str(rows), str(tmp_path / "x.jsonl"), "--to", "dpo"], catch_exceptions=False
        )
    with pytest.raises(BadInput, match="field=column"):
        CliRunner().invoke(app, ["convert", str(rows), "x.jsonl", "--to", "dpo", "--map", "a"], catch_exceptions=False)


def test_steps_are_listed_from_the_code() -> None:
    assert [entry["name"] for entry in json.loads(call("steps", "--json"))] == list(STEPS)
    assert "threshold" in call("steps", "near_duplicates")
    with pytest.raises(BadInput, match="No step"):
        CliRunner().invoke(app, ["steps", "nope"], catch_exceptions=False)


def test_a_page_for_every_step() -> None:
    made = pages()
    for entry in step_table():
        page = made[f"steps/{entry['name']}.md"]
        assert entry["summary"] in page
        assert all(f"`{option['name']}`" in page for option in entry["options"])
    assert all(name in made["steps/index.md"] for name in STEPS)
    assert "alpaca" in made["formats.md"]


def test_the_recipe_of_the_documentation_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(version.*?)```", (ROOT / "docs/data.md").read_text("utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        parse_recipe(yaml.safe_load(block), tmp_path)


def test_the_papers_recipe_runs_at_toy_size(tmp_path: Path) -> None:
    """The twin of the run on the real data: one tree, a few instructions in the dolly template."""
    (tmp_path / "oasst").mkdir()
    (tmp_path / "dolly_hhrlhf").mkdir()
    reply = {
        "message_id": "b",
        "role": "assistant",
        "rank": 0,
        "lang": "en",
        "replies": [],
        "text": "Rivers carry water from the mountains to the sea, and they shape the valleys on their way.",
    }
    root = {
        "message_id": "a",
        "role": "prompter",
        "lang": "en",
        "text": "What do rivers carry to the sea?",
        "replies": [reply],
    }
    (tmp_path / "oasst/en_100_tree.jsonl").write_text(
        json.dumps({"message_tree_id": "a", "prompt": root}) + "\n", "utf-8"
    )
    template = "Below is an instruction that describes a task.\n\n### Instruction:\n{}\n\n### Response:\n"
    dolly = [
        {
            "prompt": template.format("Explain how glaciers move over the years."),
            "response": "Glaciers move under their own weight, because ice deforms slowly when it is thick enough.",
        },
        {"prompt": template.format("What is it?"), "response": "I'm sorry, but I can't help with that."},
    ]
    path = tmp_path / "dolly_hhrlhf/dolly_hhrlhf_train_small.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in dolly), "utf-8")
    report = json.loads(
        call(
            "prepare", ROOT / "recipes/paper/recipe.yaml", "--sources", tmp_path, "--output", tmp_path / "out", "--json"
        )
    )
    assert (report["rows_in"], report["rows_out"]) == (3, 2)
    written = [
        json.loads(line)
        for name in ("train", "validation")
        for line in (tmp_path / f"out/{name}.jsonl").read_text("utf-8").splitlines()
    ]
    assert {row["instruction"] for row in written} == {
        "What do rivers carry to the sea?",
        "Explain how glaciers move over the years.",
    }
    assert {row["prompt_type"] for row in written} == {"human_bot"}


@pytest.mark.shared_data
def test_the_papers_recipe_on_the_real_data(shared_data: Path, tmp_path: Path) -> None:
    recipe = load_recipe(ROOT / "recipes/paper/recipe.yaml")
    assert recipe.file.output.format == "h2ogpt"
    report = json.loads(
        call(
            "prepare",
            ROOT / "recipes/paper/recipe.yaml",
            "--sources",
            shared_data,
            "--output",
            tmp_path / "out",
            "--json",
        )
    )
    assert report["balanced"]
    assert 800 < report["rows_out"] < report["rows_in"] == 1102


def test_prepare_on_a_cluster_says_what_it_needs(rows: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("sources: [{path: rows.jsonl}]\noutput: {path: out}\n", "utf-8")
    with pytest.raises(BadInput, match="--cluster local starts nothing"):
        CliRunner().invoke(app, ["prepare", str(recipe), "--cluster", "local"], catch_exceptions=False)


def test_a_reward_model_that_is_not_installed(rows: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "sources: [{path: rows.jsonl}]\nsteps: [{reward: {model: no-such-model}}]\noutput: {path: out}\n", "utf-8"
    )
    command = ["prepare", str(recipe), "--data-dir", str(tmp_path / "home")]
    with pytest.raises(HeadwaterError, match="no-such-model"):
        CliRunner().invoke(app, command, catch_exceptions=False)
