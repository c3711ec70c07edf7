"""Adapters: taken in, converted, named, removed; the adapter that comes with the package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from headwater.core.errors import BadInput, Conflict, LicenceNotAccepted, NotFound, UnknownName
from headwater.core.types import Sampling
from headwater.models import starter
from headwater.models.adapters import adapter_file, add_adapter, template_of
from headwater.models.gguf import read_header
from headwater.models.store import ModelStore

NAME = "base_model.model.model.layers.0.self_attn.q_proj"


def write_adapter(folder: Path, width: int = 64, seed: int = 1, template: str | None = "human_bot") -> Path:
    """A PEFT folder as training leaves it, of one module."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    matrices = {
        f"{NAME}.lora_A.weight": random.normal(size=(2, width)).astype(np.float32),
        f"{NAME}.lora_B.weight": random.normal(size=(64, 2)).astype(np.float32),
    }
    save_file(matrices, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    (folder / "README.md").write_text("Trained on made-up rows.")
    if template is not None:
        (folder / "headwater.json").write_text(json.dumps({"base": "own", "template": template, "run": "r1"}))
    return folder


@pytest.fixture
def store(tmp_path, facts, write_gguf):
    """A store with one chat model, "own"."""
    store = ModelStore(tmp_path / "models", facts, free_bytes=lambda: 2_000_000_000)
    store.pull(str(write_gguf("own.gguf")))
    return store


@pytest.fixture
def folder(tmp_path):
    return write_adapter(tmp_path / "run" / "adapter")


def test_an_adapter_becomes_a_model_beside_its_base(store, folder):
    model = add_adapter(store, folder, "poet", "own")
    assert (model.name, model.manifest.base, model.manifest.format) == ("poet", "own", "adapter")
    assert (model.manifest.task, model.manifest.template) == ("chat", "human_bot")
    assert model.manifest.licence == store.get("own").manifest.licence
    assert model.manifest.parameters == 2 * 64 * 2
    assert store.get("poet") == model
    assert [each.name for each in store.adapters_of("own")] == ["poet"]
    assert store.adapters_of("poet") == []
    assert {"own", "poet"} <= {each.name for each in store.known()}
    assert store.verify("poet") == []
    assert (model.folder / "README.md").read_text() == "Trained on made-up rows."
    assert not (model.folder / "adapter_model.safetensors").exists()
    assert store.plan("poet", 512, 1).needs_bytes == store.plan("own", 512, 1).needs_bytes
    header = read_header(model.main_file)
    assert header.metadata["general.type"] == "adapter"
    assert header.metadata["adapter.lora.alpha"] == 4.0
    assert {tensor.name: tensor.shape for tensor in header.tensors} == {
        "blk.0.attn_q.weight.lora_a": (64, 2),
        "blk.0.attn_q.weight.lora_b": (2, 64),
    }


def test_rows_are_ordered_for_llama(store, folder):
    """The written matrix, as llama.cpp rotates it: rows of a head's two halves alternate."""
    from gguf import GGUFReader
    from safetensors.numpy import load_file

    model = add_adapter(store, folder, "poet", "own")
    tensors = {tensor.name: tensor.data for tensor in GGUFReader(str(model.main_file)).tensors}
    up = load_file(folder / "adapter_model.safetensors")[f"{NAME}.lora_B.weight"]
    written = tensors["blk.0.attn_q.weight.lora_b"]
    for head in range(4):
        for place in range(8):
            assert np.array_equal(written[head * 16 + 2 * place], up[head * 16 + place])
            assert np.array_equal(written[head * 16 + 2 * place + 1], up[head * 16 + 8 + place])


def test_what_keeps_it_from_circles_is_in_its_note(store, folder):
    note = folder / "headwater.json"
    note.write_text(json.dumps({"template": "human_bot", "sampling": {"dry_multiplier": 0.8}}))
    assert add_adapter(store, folder, "poet", "own").manifest.sampling == Sampling(0.8)
    assert store.get("poet").manifest.sampling == Sampling(0.8)
    note.write_text(json.dumps({"template": "human_bot", "sampling": {"dry_multiplier": 0.8, "dry_bass": 2}}))
    with pytest.raises(BadInput, match=r"headwater\.json has no such sampling: .*dry_bass"):
        add_adapter(store, folder, "other", "own")


def test_names_that_are_taken_or_none(store, folder, tmp_path):
    add_adapter(store, folder, "poet", "own")
    with pytest.raises(Conflict, match="an adapter 'poet' already"):
        add_adapter(store, folder, "poet", "own")
    first = store.get("poet").manifest.version
    other = write_adapter(tmp_path / "other", seed=2)
    assert add_adapter(store, other, "poet", "own", replacing=True).manifest.version != first
    with pytest.raises(Conflict, match="'own' is the name of a model"):
        add_adapter(store, folder, "own", "own")
    for name in ("", "a+b", "../up", ".hidden", "a/b", "x" * 101):
        with pytest.raises(BadInput, match="no name for an adapter"):
            add_adapter(store, folder, name, "own")
    with pytest.raises(UnknownName, match="No model 'owm'"):
        add_adapter(store, folder, "x", "owm")
    with pytest.raises(NotFound, match="not pulled yet"):
        add_adapter(store, folder, "x", "gemma-270m")
    assert [path.name for path in store.folder.iterdir() if path.name.startswith(".add")] == []


def test_a_base_goes_last(store, folder):
    add_adapter(store, folder, "poet", "own")
    with pytest.raises(Conflict, match="'own' is the base of poet"):
        store.remove("own")
    store.remove("poet")
    store.remove("own")
    assert store.installed() == []


def test_what_does_not_fit_the_base_is_not_installed(store, tmp_path):
    with pytest.raises(BadInput, match="not trained for own"):
        add_adapter(store, write_adapter(tmp_path / "wide", width=32), "wide", "own")
    assert not store.is_installed("wide")


def test_a_folder_put_there_by_hand_is_converted_when_it_is_used(store, folder):
    made = add_adapter(store, folder, "poet", "own")
    expected = made.main_file.read_bytes()
    made.main_file.unlink()
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        (made.folder / name).write_bytes((folder / name).read_bytes())
    again = adapter_file(store, store.get("poet"))
    header, before = read_header(again), expected
    assert header.metadata["adapter.lora.alpha"] == 4.0
    assert again.read_bytes()[-1024:] == before[-1024:]
    changed = again.stat().st_mtime_ns
    assert adapter_file(store, store.get("poet")).stat().st_mtime_ns == changed


@pytest.mark.parametrize(
    ("description", "jinja", "base", "expected"),
    [
        ({"template": "human_bot"}, None, "human_bot_base", ("human_bot", None, ())),
        ({"template": "human_bot"}, "x", "human_bot_base", ("human_bot", "x", ())),
        ({"template": "chatml", "stop": ["<|end|>"]}, None, "native", ("chatml", None, ("<|end|>",))),
        ({"template": "mine.jinja"}, "x", "native", ("jinja", "x", ())),
        ({}, "x", "native", ("jinja", "x", ())),
        ({"template": "tokenizer"}, None, "native", ("native", None, ())),
        (None, None, "native", ("native", None, ())),
    ],
)
def test_which_template_an_adapter_speaks(tmp_path, description, jinja, base, expected):
    if description is not None:
        (tmp_path / "headwater.json").write_text(json.dumps(description))
    if jinja is not None:
        (tmp_path / "template.jinja").write_text(jinja)
    found = template_of(tmp_path, base)
    assert (found.name, found.jinja, found.stop) == expected


def test_a_template_nobody_named_is_asked_for(tmp_path):
    with pytest.raises(BadInput, match="does not say which chat template"):
        template_of(tmp_path, "human_bot_base")
    (tmp_path / "headwater.json").write_text("[]")
    with pytest.raises(BadInput, match="list, an object was expected"):
        template_of(tmp_path, "native")


# --- the adapter that comes with the package -----------------------------------------------------


@pytest.fixture
def packaged(tmp_path, facts, write_gguf, monkeypatch):
    """A store whose package holds a base with terms, and the adapter "starter" on it."""
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    base = write_gguf("weights.gguf")
    (builtin / "small.yaml").write_text(
        "{name: small, task: chat, title: Small, licence: Small Terms, licence_url: u, needs_acceptance: true,"
        " licence_text: Be kind., format: gguf, template: human_bot_base, header: {general.architecture: llama},"
        f" files: [{{path: model.gguf}}], sources: [{{kind: local, path: {base}}}]}}"
    )
    write_adapter(builtin / "starter")
    (builtin / "starter" / "manifest.yaml").write_text(
        "{name: starter, task: chat, title: Starter, licence: Small Terms, licence_url: u, base: small, notes: Ours.}"
    )
    monkeypatch.setattr(starter, "BUILTIN", builtin)
    return ModelStore(tmp_path / "models", facts, free_bytes=lambda: 2_000_000_000)


def test_the_packaged_adapter_brings_its_base(packaged):
    assert starter.starter_set() == ("minilm", "gemma-270m", "starter")
    terms = packaged.terms("starter")
    assert (terms.needs_acceptance, terms.accepted, terms.summary) == (True, False, "Be kind.")
    with pytest.raises(LicenceNotAccepted):
        packaged.pull("starter")
    with pytest.raises(NotFound, match="not pulled yet"):
        packaged.get("starter")
    assert packaged.plan("starter", 512, 1).sentence == packaged.plan("small", 512, 1).sentence
    model = packaged.pull("starter", accept_licence=True)
    assert packaged.terms("starter").accepted
    assert packaged.is_installed("small")
    assert (model.name, model.manifest.base, model.manifest.template) == ("starter", "small", "human_bot")
    assert (model.manifest.title, model.manifest.notes) == ("Starter", "Ours.")
    assert model.manifest.sampling is None
    assert packaged.pull("starter") == model
    assert packaged.verify("starter") == []


def test_a_newer_packaged_adapter_takes_the_place_of_the_installed_one(packaged, tmp_path):
    first = packaged.pull("starter", accept_licence=True)
    write_adapter(starter.builtin_adapter("starter"), seed=5)
    (starter.builtin_adapter("starter") / "README.md").write_text("Trained again.")
    second = packaged.pull("starter")
    assert second.manifest.version != first.manifest.version
    assert (second.folder / "README.md").read_text() == "Trained again."
    add_adapter(packaged, write_adapter(tmp_path / "mine", seed=7), "starter", "small", replacing=True)
    mine = packaged.get("starter")
    assert packaged.pull("starter") == mine  # what somebody trained is theirs


def test_accepting_its_terms_is_accepting_those_of_the_base(packaged):
    packaged.accept("starter")
    assert packaged.terms("small").accepted
    assert packaged.pull("starter").name == "starter"


def test_without_the_file_in_the_package_starter_is_the_base():
    if (starter.BUILTIN / "starter" / "manifest.yaml").is_file():
        assert starter.starter_set()[-1] == "starter"
    else:
        assert starter.starter_set() == ("minilm", "gemma-270m")
        assert "starter" not in starter.builtin_manifests()
