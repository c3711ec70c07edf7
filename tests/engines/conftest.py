"""Tiny models with random weights, so that real engine processes run in tests without a download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headwater.engines.encoder_model import EncoderSpec

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *["the", "a", "river", "bank", "flows", "into", "sea", "and", "old", "bridge", "was", "built", "of", "stone", "in"],
]
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    """A sentence encoder of 2 layers and 32 numbers a vector."""
    return EncoderSpec("tiny-1", *_encoder_files(tmp_path_factory.mktemp("encoder"), pairs=False), 32, max_tokens=64)


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    """The same encoder for pairs, with two logits a token and one a pair."""
    return EncoderSpec("reader-1", *_encoder_files(tmp_path_factory.mktemp("reader"), pairs=True), 0, 64, pairs=True)


def _encoder_files(folder: Path, *, pairs: bool) -> tuple[Path, Path]:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    from headwater.models.bert_graph import (
        BertConfig,
        build_bert_graph,
        pair_logits,
        together,
        token_logits,
        unit_mean,
        weight_shapes,
    )

    config = BertConfig(layers=2, heads=4, hidden=32, intermediate=64, positions=64, pair_input=pairs)
    random = np.random.default_rng(11)

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    weights = {name: numbers(*shape) for name, shape in weight_shapes(config, len(WORDS)).items()}
    dense, classifier = (numbers(32, 32), numbers(32)), (numbers(1, 32), numbers(1))
    head = together(token_logits(numbers(2, 32), numbers(2)), pair_logits(dense, classifier)) if pairs else unit_mean
    (folder / "model.onnx").write_bytes(build_bert_graph(weights, config, head).SerializeToString())
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # As published files often do: a fixed length, which must not reach the vectors.
    tokenizer.enable_padding(length=40)
    tokenizer.enable_truncation(40)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "model.onnx", folder / "tokenizer.json"


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of 2 layers with a byte tokenizer, two control tokens and a chat template."""
    import gguf

    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "<|im_start|>", "<|im_end|>"]
    kinds = [2, 3, 3, *[6] * 256, 3, 3]
    writer = gguf.GGUFWriter(str(path), "llama")
    for add, value in (
        (writer.add_context_length, 2048), (writer.add_embedding_length, 64), (writer.add_block_count, 2),
        (writer.add_feed_forward_length, 128), (writer.add_head_count, 4), (writer.add_head_count_kv, 2),
        (writer.add_layer_norm_rms_eps, 1e-5), (writer.add_rope_dimension_count, 16),
        (writer.add_vocab_size, len(tokens)),
        (writer.add_tokenizer_model, "llama"), (writer.add_token_list, tokens), (writer.add_token_types, kinds),
        (writer.add_token_scores, [0.0] * len(tokens)), (writer.add_bos_token_id, 1), (writer.add_eos_token_id, 2),
        (writer.add_add_space_prefix, False), (writer.add_chat_template, CHATML),
    ):  # fmt: skip
        add(value)
    random = np.random.default_rng(5)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(0, 0.5, shape).astype(np.float32)

    tensors: dict[str, Any] = {"token_embd.weight": matrix(len(tokens), 64), "output.weight": matrix(len(tokens), 64)}
    tensors["output_norm.weight"] = np.ones(64, np.float32)
    for layer in range(2):
        shapes = {"attn_q": (64, 64), "attn_k": (32, 64), "attn_v": (32, 64), "attn_output": (64, 64)}
        shapes |= {"ffn_gate": (128, 64), "ffn_up": (128, 64), "ffn_down": (64, 128)}
        tensors |= {f"blk.{layer}.{name}.weight": matrix(*shape) for name, shape in shapes.items()}
        tensors |= {f"blk.{layer}.{name}.weight": np.ones(64, np.float32) for name in ("attn_norm", "ffn_norm")}
    for name, value in tensors.items():
        writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def tiny_adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of rank 2 for the tiny Llama, strong enough to change what it says."""
    import gguf

    path = tmp_path_factory.mktemp("adapter") / "loud.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    random = np.random.default_rng(9)
    for layer in range(2):
        writer.add_tensor(f"blk.{layer}.attn_q.weight.lora_a", random.normal(0, 1, (2, 64)).astype(np.float32))
        writer.add_tensor(f"blk.{layer}.attn_q.weight.lora_b", random.normal(0, 1, (64, 2)).astype(np.float32))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight.lora_a", random.normal(0, 1, (2, 128)).astype(np.float32))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight.lora_b", random.normal(0, 1, (64, 2)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
