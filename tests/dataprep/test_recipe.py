from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from headwater.core.errors import BadInput
from headwater.dataprep.recipe import load_recipe, parse_recipe

GOOD = {"version": 1, "sources": [{"path": "a.jsonl"}], "output": {"path": "out"}}


def test_every_mistake_is_named_at_once_with_the_nearest_word(tmp_path: Path) -> None:
    wrong = {
        "version": 2,
        "sources": [{"path": "a.jsonl", "fromat": "alpaca"}, {"path": "b", "format": "alpacca"}],
        "steps": [
            {"lenght": {}},
            {"length": {"minimun": 3}},
            {"length": {"minimum": -1}},
            {"length": {"unit": "tokens"}},
            "celan",
        ],
        "output": {"path": "out.xml"},
        "sed": 1,
    }
    with pytest.raises(BadInput) as caught:
        parse_recipe(wrong, tmp_path)
    for part in ("version", "'format'", "'length'", "'minimum'", "tokenizer", "'clean'", "'seed'", "given: -1"):
        assert part in caught.value.message, (part, caught.value.message)
    wrong = {**GOOD, "sources": [{"path": "b", "format": "alpacca"}], "output": {"path": "out.xml", "format": "squad"}}
    with pytest.raises(BadInput, match="'alpaca'") as caught:
        parse_recipe(wrong, tmp_path)
    assert ".xml" in caught.value.message
    assert "only read" in caught.value.message


def test_a_recipe_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({**GOOD, "steps": ["clean", {"length": {"minimum": 3}}]}), "utf-8")
    recipe = load_recipe(path)
    assert [entry.name for entry in recipe.steps] == ["clean", "length"]
    assert recipe.resolve("a.jsonl") == tmp_path.resolve() / "a.jsonl"
    path.write_text("steps: [", "utf-8")
    with pytest.raises(BadInput, match="YAML"):
        load_recipe(path)
    with pytest.raises(BadInput, match="No recipe"):
        load_recipe(tmp_path / "none.yaml")
    with pytest.raises(BadInput, match="no mapping"):
        parse_recipe(["x"], tmp_path)


def test_weights_of_sources_mean_a_mix(tmp_path: Path) -> None:
    weighted = {**GOOD, "sources": [{"path": "a.jsonl", "weight": 0.5}], "steps": ["clean"]}
    assert [entry.name for entry in parse_recipe(weighted, tmp_path).steps] == ["mix", "clean"]
    placed = {**weighted, "steps": ["clean", "mix"]}
    assert [entry.name for entry in parse_recipe(placed, tmp_path).steps] == ["clean", "mix"]


def test_a_persons_own_step_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "broken.py").write_text("def step(:\n", "utf-8")
    for name, message in (("empty.py", "no function step"), ("broken.py", "cannot be loaded"), ("none.py", "No file")):
        with pytest.raises(BadInput, match=message):
            parse_recipe({**GOOD, "steps": [name]}, tmp_path)


def test_a_wrong_field_or_choice_suggests_the_nearest(tmp_path: Path) -> None:
    steps = [{"length": {"fields": ["anwser"], "unit": "wrds"}}]
    value = {"version": 1, "sources": [{"path": "a.csv"}], "steps": steps, "output": {"path": "out"}}
    with pytest.raises(BadInput) as caught:
        parse_recipe({**value, "task": "instuct"}, tmp_path)
    for near in ("'answer'", "'words'", "'instruct'"):
        assert f"Did you mean {near}?" in caught.value.message
