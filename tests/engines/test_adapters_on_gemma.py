"""Two people with two adapters of one real base at the same time, and a third adapter that comes while they talk."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from headwater.core.settings import Settings
from headwater.core.types import ChatOptions, Message
from headwater.engines.supervisor import Limits, Supervisor
from headwater.model_specs import ModelSpecs
from headwater.models.adapters import add_adapter
from headwater.models.gguf import read_header
from headwater.models.store import ModelStore

pytestmark = pytest.mark.real

BASE = "gemma-270m"
QUESTION = [Message("user", "Tell me about rivers.")]
GREEDY = ChatOptions(temperature=0.0, max_tokens=32)
MODULES = {"attn_q": "self_attn.q_proj", "attn_v": "self_attn.v_proj", "ffn_down": "mlp.down_proj"}


class Memory(dict[str, Any]):
    """Facts kept in a dictionary."""

    def set(self, name: str, value: Any) -> None:
        self[name] = value


def write_adapter(folder: Path, base: Path, seed: int) -> Path:
    """A random PEFT adapter that is strong enough to change what the base says and too weak to break it."""
    random = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for tensor in read_header(base).tensors:
        pieces = tensor.name.split(".")
        if len(pieces) == 4 and pieces[2] in MODULES:
            name = f"base_model.model.model.layers.{pieces[1]}.{MODULES[pieces[2]]}"
            inputs, outputs = tensor.shape
            tensors[f"{name}.lora_A.weight"] = random.normal(0, inputs**-0.5, (4, inputs)).astype(np.float32)
            tensors[f"{name}.lora_B.weight"] = random.normal(0, 0.02, (outputs, 4)).astype(np.float32)
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": 8}))
    (folder / "headwater.json").write_text(json.dumps({"base": BASE, "template": "human_bot", "run": folder.name}))
    return folder


@pytest.fixture
def store(tmp_path: Path, starter_models: Path) -> ModelStore:
    models = tmp_path / "models"
    models.mkdir()
    (models / BASE).symlink_to(starter_models / BASE)
    return ModelStore(models, Memory())


def open_supervisor(store: ModelStore, tmp_path: Path) -> Supervisor:
    settings = Settings(data_dir=tmp_path, threads=1, parallel=2, context_tokens=512)
    return Supervisor(ModelSpecs(store, settings).find, Limits(1, 0, lambda: 10**11))


async def ask(supervisor: Supervisor, name: str, options: ChatOptions = GREEDY) -> str:
    model = supervisor.chat_model(name)
    return "".join([delta.text async for delta in model.stream(QUESTION, options)])


async def test_each_gets_the_text_of_the_own_adapter(store: ModelStore, tmp_path: Path, starter_models: Path) -> None:
    weights = starter_models / BASE / "model.gguf"
    for name, seed in (("poet", 1), ("clerk", 2)):
        add_adapter(store, write_adapter(tmp_path / name, weights, seed), name, BASE)
    supervisor = open_supervisor(store, tmp_path)
    try:
        alone = [await ask(supervisor, name) for name in (BASE, "poet", "clerk")]
        assert len(set(alone)) == 3
        assert all(text.isprintable() or "\n" in text for text in alone)
        # Two requests of one adapter share a batch, which changes the rounding of a 4-bit model, as it does for
        # the base alone. Requests of different adapters are computed apart, so they must not change at all.
        texts = dict(zip((BASE, "poet", "clerk"), alone, strict=True))
        for pair in (("poet", "clerk"), ("clerk", "poet"), (BASE, "poet"), ("clerk", BASE)):
            together = await asyncio.gather(*(ask(supervisor, name) for name in pair))
            assert together == [texts[name] for name in pair]
        assert await ask(supervisor, f"{BASE}+poet") == texts["poet"]
        assert len(supervisor.loaded()) == 1
        await late_comer(supervisor, store, write_adapter(tmp_path / "late", weights, 3))
    finally:
        supervisor.close()


async def late_comer(supervisor: Supervisor, store: ModelStore, folder: Path) -> None:
    """An adapter that training finishes while somebody talks is served, and the talk is not cut."""
    longer = ChatOptions(temperature=0.0, max_tokens=96)
    first = supervisor.loaded()[0].pid
    whole = await ask(supervisor, "poet", longer)
    stream = supervisor.chat_model("poet").stream(QUESTION, longer)
    got = (await anext(stream)).text
    add_adapter(store, folder, "late", BASE)
    assert await ask(supervisor, "late") not in (whole[:20], "")
    assert supervisor.loaded()[0].pid != first
    os.kill(first, 0)
    got += "".join([delta.text async for delta in stream])
    assert got == whole
    assert await ask(supervisor, "poet", longer) == whole
