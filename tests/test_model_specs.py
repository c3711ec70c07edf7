"""From the name of a model to what serves it: bases, adapters, and adapters that are damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from headwater.core.errors import BadInput, HeadwaterError, NotFound
from headwater.core.settings import Settings
from headwater.core.types import Sampling
from headwater.engines.supervisor import AdaptedSpec
from headwater.model_specs import ModelSpecs
from headwater.models.adapters import add_adapter
from headwater.models.store import ModelStore

ROWS, WIDTH = 32, 64


class Memory(dict[str, Any]):
    """Facts kept in a dictionary."""

    def set(self, name: str, value: Any) -> None:
        self[name] = value


def write_base(path: Path) -> Path:
    import gguf

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(1024)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_token_list(["a", "b"])
    writer.add_tensor("blk.0.attn_k.weight", np.zeros((ROWS, WIDTH), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_adapter(folder: Path, jinja: str | None = None) -> Path:
    folder.mkdir()
    module = "base_model.model.model.layers.0.self_attn.k_proj"
    pair = {"lora_A": np.ones((2, WIDTH), np.float32), "lora_B": np.ones((ROWS, 2), np.float32)}
    save_file({f"{module}.{side}.weight": m for side, m in pair.items()}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    (folder / "headwater.json").write_text(json.dumps({"template": "human_bot"}))
    if jinja is not None:
        (folder / "template.jinja").write_text(jinja)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models", Memory(), free_bytes=lambda: 10**10)
    store.pull(str(write_base(tmp_path / "own.gguf")))
    return store


def test_a_base_comes_with_its_adapters(store: ModelStore, tmp_path: Path) -> None:
    specs = ModelSpecs(store, Settings(data_dir=tmp_path, threads=1))
    alone = specs.find("own")
    add_adapter(store, write_adapter(tmp_path / "one", jinja="J"), "one", "own")
    add_adapter(store, write_adapter(tmp_path / "two"), "two", "own")
    base, one = specs.find("own"), specs.find("one")
    assert isinstance(one, AdaptedSpec)
    assert (one.name, one.base) == ("one", base)
    first, second = base.adapters
    assert (first.name, first.template, first.jinja, second.jinja) == ("one", "human_bot", "J", None)
    assert first.path == store.get("one").main_file
    assert first.version == store.get("one").manifest.version
    assert base.needs_bytes == alone.needs_bytes + sum(each.path.stat().st_size for each in base.adapters)
    assert alone.adapters == ()
    assert (first.sampling, base.sampling) == (None, None)


def test_what_an_adapter_needs_against_circles_reaches_its_engine(store: ModelStore, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "one")
    note = {"template": "human_bot", "sampling": {"dry_multiplier": 0.8, "dry_penalty_last_n": 48}}
    (folder / "headwater.json").write_text(json.dumps(note))
    add_adapter(store, folder, "one", "own")
    (adapter,) = ModelSpecs(store, Settings(data_dir=tmp_path, threads=1)).find("own").adapters
    assert adapter.sampling == Sampling(0.8, dry_penalty_last_n=48)


def test_a_damaged_adapter_fails_alone(store: ModelStore, tmp_path: Path) -> None:
    specs = ModelSpecs(store, Settings(data_dir=tmp_path, threads=1))
    for name in ("one", "two", "three"):
        add_adapter(store, write_adapter(tmp_path / name), name, "own")
    store.get("two").main_file.unlink()
    (store.get("three").folder / "manifest.json").write_text("{}")
    assert [adapter.name for adapter in specs.find("own").adapters] == ["one"]
    assert specs.find("one").base == specs.find("own")
    with pytest.raises(HeadwaterError, match=r"adapter_model\.safetensors does not exist"):
        specs.find("two")
    with pytest.raises(BadInput, match="not a model manifest"):
        specs.find("three")
    with pytest.raises(NotFound):
        specs.find("gemma-270m")
