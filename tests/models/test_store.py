"""The store: pulling from files at hand, terms, plans, removal, broken folders."""

from __future__ import annotations

import fcntl
import json
import threading
from dataclasses import replace

import pytest

from headwater.core.errors import (
    BadInput,
    Conflict,
    DownloadFailed,
    LicenceNotAccepted,
    NotFound,
    StorageFull,
    UnknownName,
)
from headwater.models import pull as pulling
from headwater.models import store as stores
from headwater.models.files import file_sha256
from headwater.models.manifest import LocalSource, Manifest, ModelFile
from headwater.models.store import ModelStore


@pytest.fixture
def weights(write_gguf):
    return write_gguf("weights.gguf")


@pytest.fixture
def manifests(weights, tiny_encoder, monkeypatch):
    """Two models in place of the built-in ones: a chat model with terms, and an encoder that is built."""
    shape = {"block_count": 2, "embedding_length": 64, "attention.head_count": 4, "attention.head_count_kv": 2}
    size = weights.stat().st_size
    chat = Manifest(
        name="small",
        task="chat",
        title="Small",
        licence="Small Terms",
        licence_url="https://terms.example",
        licence_text="In short: be kind.",
        needs_acceptance=True,
        format="gguf",
        files=(ModelFile("model.gguf", file_sha256(weights), size), ModelFile("TERMS.html", optional=True)),
        sources=(LocalSource("/nowhere"), LocalSource(str(weights))),
        size_bytes=size,
        header={"general.architecture": "llama"} | {f"llama.{key}": value for key, value in shape.items()},
    )
    names = ("model.safetensors", "tokenizer.json", "config.json")
    files = tuple(ModelFile(n, file_sha256(tiny_encoder / n), (tiny_encoder / n).stat().st_size) for n in names)
    encoder = Manifest(
        name="tiny", task="embed", title="Tiny", licence="MIT", licence_url="u", format="onnx", files=files,
        sources=(LocalSource(str(tiny_encoder)),), build="sentence-encoder-int8",
    )  # fmt: skip
    table = {"small": chat, "tiny": encoder}
    monkeypatch.setattr(stores, "builtin_manifests", lambda: table)
    return table


@pytest.fixture
def store(tmp_path, facts, manifests):
    return ModelStore(tmp_path / "models", facts, free_bytes=lambda: 2_000_000_000)


def test_terms_are_shown_and_accepted_once(store, facts):
    with pytest.raises(LicenceNotAccepted) as question:
        store.pull("small")
    assert question.value.message == "Small comes under Small Terms: https://terms.example. In short: be kind."
    assert question.value.hint == "Read them; if you accept: headwater models pull small --accept-licence"
    assert not store.terms("small").accepted
    store.pull("small", accept_licence=True)
    assert store.terms("small").accepted
    store.remove("small")
    store.pull("small")  # accepted terms stay accepted
    assert list(facts) == ["licence/small/Small Terms"]
    assert not store.terms("tiny").needs_acceptance


def test_terms_can_be_accepted_before_the_pull(store):
    store.accept("small")
    assert store.pull("small").name == "small"


def test_sources_are_tried_in_order(store):
    model = store.pull("small", accept_licence=True)  # the first source does not exist
    assert [file.path for file in model.manifest.files] == ["model.gguf"]
    assert store.verify("small") == []


def test_all_sources_failing_are_named(store, manifests, weights):
    manifests["small"] = replace(manifests["small"], sources=(LocalSource("/nowhere"), LocalSource("/neither")))
    with pytest.raises(DownloadFailed, match="/nowhere does not exist; /neither does not exist"):
        store.pull("small", accept_licence=True)


def test_what_is_installed_has_a_complete_manifest(store, weights):
    model = store.pull("small", accept_licence=True)
    written = json.loads((model.folder / "manifest.json").read_text())
    assert written["files"] == [
        {
            "path": "model.gguf",
            "sha256": file_sha256(weights),
            "size": weights.stat().st_size,
            "blob": None,
            "optional": False,
        }
    ]
    assert (written["template"], written["context_tokens"], written["parameters"]) == (
        "human_bot_base",
        2048,
        50 * 64 + 64 * 64,
    )
    assert model.main_file == model.folder / "model.gguf"
    assert [m.name for m in store.installed()] == ["small"]
    assert [m.name for m in store.known()] == ["small", "tiny"]


def test_a_build_leaves_only_its_files(store):
    model = store.pull("tiny")
    assert sorted(p.name for p in model.folder.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    assert (model.build_name, model.manifest.dimensions) == ("tiny-int8-1", 32)
    assert store.verify("tiny") == []


def test_files_from_a_person(store, weights, tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "model.gguf").write_bytes(weights.read_bytes())
    (folder / "TERMS.html").write_text("terms")
    model = store.pull("small", accept_licence=True, from_path=folder)
    assert [file.path for file in model.manifest.files] == ["model.gguf", "TERMS.html"]
    with pytest.raises(
        DownloadFailed, match=r"does not hold all of 'tiny': missing model\.safetensors, tokenizer\.json, config\.json"
    ):
        store.pull("tiny", from_path=folder)


def test_a_wrong_file_from_a_person(store, weights, tmp_path):
    other = tmp_path / "other.gguf"
    other.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(DownloadFailed, match=r"model\.gguf has sha256"):
        store.pull("small", accept_licence=True, from_path=other)
    assert not store.is_installed("small")


def test_damage_is_found(store):
    model = store.pull("tiny")
    path = model.folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    (model.folder / "tokenizer.json").unlink()
    problems = store.verify("tiny")
    assert problems[0].startswith("model.onnx has sha256")
    assert problems[1] == "tokenizer.json is missing"
    with pytest.raises(NotFound, match=r"has lost its file tokenizer\.json"):
        model.file("tokenizer.json")


def test_names_that_are_not_known(store):
    with pytest.raises(NotFound, match="'small' is not pulled yet"):
        store.get("small")
    with pytest.raises(UnknownName, match=r"No model 'smal'\. Did you mean 'small'\?"):
        store.get("smal")
    with pytest.raises(UnknownName):
        store.manifest("smal")
    with pytest.raises(UnknownName):
        store.remove("smal")
    with pytest.raises(BadInput, match="no name for a model file"):
        store.get("a/../../b")


def test_a_folder_without_a_manifest_is_no_model(store):
    broken = store._dir / "small"
    broken.mkdir(parents=True)
    (broken / "model.gguf").write_bytes(b"half")
    assert store.installed() == []
    with pytest.raises(NotFound):
        store.get("small")
    assert store.pull("small", accept_licence=True).main_file.stat().st_size > 1000


def test_a_broken_manifest_says_so_and_can_be_removed(store):
    model = store.pull("tiny")
    (model.folder / "manifest.json").write_text("{}")
    with pytest.raises(BadInput, match="is not a model manifest"):
        store.get("tiny")
    store.remove("tiny")
    assert not model.folder.exists()


def test_a_model_is_there_completely_or_not_at_all(store, monkeypatch):
    """A pull that dies before the last step leaves nothing that counts as a model."""

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pulling, "swap", die)
    with pytest.raises(KeyboardInterrupt):
        store.pull("tiny")
    assert store.installed() == []
    monkeypatch.undo()


def test_two_pulls_at_once(store):
    store._dir.mkdir(parents=True)
    held = threading.Event()
    with (store._dir / ".lock-tiny").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held.set()
        with pytest.raises(Conflict, match="'tiny' is being pulled already"):
            store.pull("tiny")
    assert store.pull("tiny").name == "tiny"


def test_a_disk_that_is_too_small(store, manifests):
    manifests["tiny"] = replace(manifests["tiny"], size_bytes=10**18)
    with pytest.raises(StorageFull):
        store.pull("tiny")


def test_plans_before_and_after_the_pull(store, write_gguf):
    before = store.plan("small", 1024, 2)
    store.pull("small", accept_licence=True)
    after = store.plan("small", 1024, 2)
    assert before.parts["kv_cache"] == after.parts["kv_cache"] == 2 * 1024 * 2 * 2 * 32 * 2
    assert after.fits
    assert store.plan("small", 1024, 2) == after
    path = store.get("small").main_file
    path.write_bytes(write_gguf("other.gguf", vocabulary=400).read_bytes())
    assert store.plan("small", 1024, 2).parts["weights"] > after.parts["weights"]
    assert not ModelStore(store._dir, {}, free_bytes=lambda: 1000).plan("small", 1024, 2).fits
    store.pull("tiny")
    assert store.plan("tiny", 1024, 1).parts["kv_cache"] == 0


def test_a_file_of_ones_own_by_its_path(store, write_gguf):
    path = write_gguf("own.gguf", template="{{ x }}")
    model = store.get(str(path))
    assert (model.name, model.main_file, model.manifest.template) == ("own", path, "native")
    assert store.plan(str(path), 512, 1).fits
    with pytest.raises(BadInput, match="a file of yours"):
        store.remove(str(path))
    copied = store.pull(str(path))
    assert copied.main_file == store._dir / "own" / "model.gguf"
    assert store.get("own").main_file.read_bytes() == path.read_bytes()
    with pytest.raises(BadInput, match="is no model"):
        store.get(str(path.parent))


@pytest.mark.real
def test_starter_models_are_whole(starter_models, facts):
    store = ModelStore(starter_models, facts)
    assert store.verify("minilm") == store.verify("gemma-270m") == []
    assert "TERMS.html" in [file.path for file in store.get("gemma-270m").manifest.files]
    assert store.get("minilm").build_name == "minilm-int8-1"
