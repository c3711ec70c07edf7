"""A recipe of the page may name uploaded files of its own person, and nothing else on the machine or elsewhere."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, UnknownName
from headwater.dataprep.registry import STEPS
from headwater.studio.recipes import FILE_OPTIONS, MODEL_OPTIONS, from_yaml, names_of, to_yaml
from headwater.studio.studio import SampleWanted
from tests.studio.conftest import Room, support_rows

SECRET = "The secret of this server is 4711.\n"


@pytest.fixture
def secret(room: Room) -> Path:
    path = room.folder / "secret.txt"
    path.write_text(SECRET)
    return path


def attempts(secret: Path) -> list[dict[str, Any]]:
    """Recipes that try to read something of the server."""
    up = "../../../" + secret.name
    sources = [
        {"path": str(secret)}, {"path": up}, {"path": f"file://{secret}"}, {"path": "https://example.com/a.jsonl"},
        {"path": "env:HOME"}, {"path": "~/.bashrc"}, {"sql": "sqlite:////etc/x.db", "query": "SELECT 1"},
        {"path": "support.csv", "sql": "sqlite:////x", "query": "SELECT 1"}, {"path": "support.csv/../../x"}, {},
        "support.csv", {"path": ["support.csv"]},
    ]  # fmt: skip
    steps = [
        f"{secret.with_suffix('.py')}", "./own.py", "own.py", {"../own.py": {}},
        {"profanity": {"words_file": str(secret)}}, {"profanity": {"words_file": up}},
        {"decontaminate": {"against": [str(secret)]}},
        {"length": {"unit": "tokens", "tokenizer": str(secret)}}, {"fit": {"tokenizer": up, "maximum": 9}},
        {"truncate": {"unit": "tokens", "tokenizer": "..", "maximum": 9}},
    ]  # fmt: skip
    good = {"path": "support.csv", "mapping": {"question": "ticket", "answer": "reply"}}
    recipes: list[dict[str, Any]] = [{"sources": [source], "output": {}} for source in sources]
    return [*recipes, *({"sources": [good], "steps": [step], "output": {}} for step in steps)]


@pytest.mark.parametrize("number", range(22))
def test_no_path_of_the_server_is_read(room: Room, secret: Path, number: int) -> None:
    recipe = attempts(secret)[number]
    assert len(attempts(secret)) == 22
    room.upload(room.anna, "support.csv", support_rows(10))
    dataset = room.studio.create(room.anna, "Try", None)
    with pytest.raises(BadInput) as caught:
        room.studio.preview(room.anna, dataset.id, recipe, SampleWanted())
    assert "4711" not in f"{caught.value.message} {caught.value.hint}"
    with pytest.raises(BadInput):
        room.studio.save(room.anna, dataset.id, recipe)
        room.studio.start(room.anna, dataset.id)
    assert room.jobs.list(room.anna) == []


def test_the_output_goes_nowhere_else(room: Room, recipe: dict[str, Any], tmp_path: Path) -> None:
    room.upload(room.anna, "support.csv", support_rows(10))
    target = tmp_path / "elsewhere"
    dataset = room.studio.create(room.anna, "Try", {**recipe, "output": {"path": str(target)}})
    room.run(room.anna, dataset.id)
    assert not target.exists() and (dataset.folder / "train.parquet").exists()


def test_files_of_others_are_not_there(room: Room, recipe: dict[str, Any]) -> None:
    room.upload(room.ben, "support.csv", support_rows(10))
    dataset = room.studio.create(room.anna, "Try", recipe)
    with pytest.raises(BadInput, match=r"uploaded no file 'support\.csv'") as caught:
        room.studio.preview(room.anna, dataset.id, recipe, SampleWanted())
    assert "none yet" in str(caught.value.hint)


def test_every_option_that_is_a_path_is_known_here() -> None:
    """A step that reads files by an option must be listed, or a recipe could name any file by it."""
    listed = {(step, option) for table in (FILE_OPTIONS, MODEL_OPTIONS) for step in table for option in table[step]}
    used = set()
    for name in STEPS:
        source = inspect.getsource(inspect.getmodule(STEPS[name]))  # type: ignore[arg-type]
        if "setting.path(" not in source:
            continue
        direct = re.findall(r"setting\.path\((?:self\.)?(?:asked\.)?options\.(\w+)", source)
        loops = re.findall(r"for path in self\.options\.(\w+)", source)
        assert direct or loops, f"{name} reads files in a way that this test does not see"
        used |= {(name, option) for option in (*direct, *loops)}
    assert used == listed


def test_all_mistakes_are_said_at_once(room: Room, recipe: dict[str, Any]) -> None:
    room.upload(room.anna, "support.csv", support_rows(10))
    dataset = room.studio.create(room.anna, "Try", None)
    recipe["steps"] = ["cleen", {"length": {"minimun": 3}}]
    with pytest.raises(BadInput) as caught:
        room.studio.preview(room.anna, dataset.id, recipe, SampleWanted())
    assert "'clean'" in caught.value.message and "'minimum'" in caught.value.message


def test_a_wrong_name_suggests_the_right_one(room: Room, recipe: dict[str, Any]) -> None:
    room.upload(room.anna, "support.csv", support_rows(10))
    recipe["sources"][0]["path"] = "suport.csv"
    dataset = room.studio.create(room.anna, "Try", recipe)
    with pytest.raises(BadInput, match=r"Did you mean 'support\.csv'"):
        room.studio.start(room.anna, dataset.id)


def test_a_model_without_tokenizer_is_named(room: Room, recipe: dict[str, Any]) -> None:
    room.upload(room.anna, "support.csv", support_rows(10))
    dataset = room.studio.create(room.anna, "Try", recipe)
    with pytest.raises(UnknownName, match="gemma"):
        room.studio.preview(room.anna, dataset.id, recipe, SampleWanted(tokenizer="gemma"))


def test_a_recipe_survives_yaml(recipe: dict[str, Any]) -> None:
    read = from_yaml(to_yaml(recipe))
    assert read == recipe
    assert from_yaml(to_yaml({**recipe, "sources": [{"path": "data/2024/support.csv"}]}))["sources"] == [
        {"path": "support.csv"}
    ]


@pytest.mark.parametrize("text", ["a: [", "- 1", "7", "a: &x [1]\nb: *x", "x" * 1_000_001])
def test_bad_yaml_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        from_yaml(text)


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(BadInput, match="101 steps"):
        names_of({"steps": ["clean"] * 101})
