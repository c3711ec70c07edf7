"""Whole models of runs as installed models: described, replaced, removed, never in the place of another's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.core.errors import BadInput, Conflict
from headwater.models.store import ModelStore
from headwater.models.trained import TrainedModel, add_trained, own_template


@pytest.fixture
def store(tmp_path, facts, write_gguf):
    """A store with one chat model, "own"."""
    store = ModelStore(tmp_path / "models", facts, free_bytes=lambda: 2_000_000_000)
    store.pull(str(write_gguf("own.gguf")))
    return store


@pytest.fixture
def made(tmp_path, write_gguf):
    about = tmp_path / "run" / "model"
    about.mkdir(parents=True)
    (about / "headwater.json").write_text(json.dumps({"base": "own", "template": "human_bot", "run": "poet"}))
    (about / "template.jinja").write_text("JINJA")
    (about / "model.safetensors").write_text("weights")
    return TrainedModel(write_gguf("poet.gguf"), about, "own")


def test_it_is_a_model_of_its_own_with_the_template_of_its_run(store, made):
    model = add_trained(store, made, "poet")
    manifest = model.manifest
    assert (manifest.format, manifest.task, manifest.base, manifest.template) == ("gguf", "chat", None, "human_bot")
    assert manifest.licence == store.get("own").manifest.licence
    assert manifest.title == "poet (trained from own)"
    assert manifest.version
    assert own_template(model) == ("JINJA", ())
    assert own_template(store.get("own")) == (None, ())
    assert model.main_file.stat().st_ino == made.file.stat().st_ino, "no second copy of the weights"
    assert not (model.folder / "model.safetensors").exists()
    assert store.verify("poet") == []
    assert store.adapters_of("own") == []
    store.remove("poet")
    assert made.file.is_file()
    assert not store.is_installed("poet")


def test_a_later_result_of_the_run_takes_its_place_and_another_model_keeps_it(store, made, write_gguf, tmp_path):
    first = add_trained(store, made, "poet")
    longer = TrainedModel(write_gguf("longer.gguf", vocabulary=60), made.about, "own")
    second = add_trained(store, longer, "poet")
    assert second.manifest.version != first.manifest.version
    with pytest.raises(Conflict, match="'own' is the name of a model"):
        add_trained(store, made, "own")
    with pytest.raises(BadInput, match="no name"):
        add_trained(store, made, "../poet")


def test_a_base_that_is_a_path_needs_no_installed_model(store, made, tmp_path):
    model = add_trained(store, TrainedModel(made.file, made.about, str(tmp_path / "bases" / "folder")), "poet")
    assert model.manifest.title == "poet (trained from folder)"
    assert model.manifest.licence == "unknown"


def test_the_models_own_template_is_taken_from_the_run_too(store, made):
    Path(made.about / "headwater.json").write_text(json.dumps({"template": "tokenizer", "stop": ["<end>"]}))
    model = add_trained(store, made, "poet")
    assert (model.manifest.template, own_template(model)) == ("jinja", ("JINJA", ("<end>",)))
