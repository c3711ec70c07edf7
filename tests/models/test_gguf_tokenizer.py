"""A tokenizer read out of a GGUF file counts as the model itself does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from headwater.core.errors import BadInput
from headwater.models.gguf_tokenizer import can_convert, tokenizer_json

TEXTS = ["low lower lowest", "  two  spaces\n\nand lines", "it's 1234 o'clock", "Zürich 中文 😀", "a<end>b", ""]
WriteVocabulary = Callable[..., Path]


@pytest.fixture
def write_vocabulary(tmp_path: Path) -> WriteVocabulary:
    """A function that writes a GGUF file with a vocabulary and nothing else."""
    import gguf

    def write(kind: str, tokens: list[str], types: list[int], **more: Any) -> Path:
        path = tmp_path / f"{kind}.gguf"
        writer = gguf.GGUFWriter(str(path), "llama")
        writer.add_tokenizer_model(kind)
        writer.add_token_list(tokens)
        writer.add_token_types(types)
        for name, value in more.items():
            getattr(writer, f"add_{name}")(value)
        writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write


def test_byte_level_merges_give_the_ids_of_the_original(write_vocabulary: WriteVocabulary) -> None:
    original = Tokenizer(models.BPE())
    original.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    corpus = [*TEXTS, *(f"low and lower number {n} isn't the lowest" for n in range(50))]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    original.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, show_progress=False)
    )
    table = json.loads(original.to_str())["model"]
    tokens = [token for token, _ in sorted(table["vocab"].items(), key=lambda item: item[1])]
    merges = [" ".join(merge) for merge in table["merges"]]
    path = write_vocabulary(
        "gpt2", [*tokens, "<end>"], [*[1] * len(tokens), 3], tokenizer_pre="gpt-2", token_merges=merges
    )
    assert can_convert(path) and len(merges) > 50
    made = Tokenizer.from_str(tokenizer_json(path))
    for text in TEXTS:
        if "<end>" not in text:
            assert made.encode(text).ids == original.encode(text).ids, text
    assert made.encode("a<end>b").tokens == ["a", "<end>", "b"]


def test_the_best_scored_piece_is_merged_first(write_vocabulary: WriteVocabulary) -> None:
    pieces = ["l", "o", "w", "e", "r", "\u2581", "lo", "ow", "er"]
    scores = [-9.0, -9.0, -9.0, -9.0, -9.0, -9.0, -2.0, -1.0, -3.0]
    special, byte = ["<unk>", "<s>", "</s>"], [f"<0x{number:02X}>" for number in range(256)]
    path = write_vocabulary(
        "llama", [*special, *byte, *pieces, "<tool>"], [2, 3, 3, *[6] * 256, *[1] * len(pieces), 4],
        token_scores=[0.0] * 259 + scores + [0.0], unk_token_id=0, add_space_prefix=True,
    )  # fmt: skip
    assert can_convert(path)
    made = Tokenizer.from_str(tokenizer_json(path))
    # "ow" (-1) goes before "lo" (-2), although "lo" stands first.
    assert made.encode("low", add_special_tokens=False).tokens == ["\u2581", "l", "ow"]
    assert made.encode("er<tool>", add_special_tokens=False).tokens[-1] == "<tool>"
    assert made.encode("é", add_special_tokens=False).tokens == ["\u2581", "<0xC3>", "<0xA9>"]


def test_what_is_not_known_is_said(write_vocabulary: WriteVocabulary) -> None:
    other = write_vocabulary("bert", ["a", "b"], [1, 1])
    assert not can_convert(other)
    with pytest.raises(BadInput, match="tokenizer 'bert'"):
        tokenizer_json(other)
    strange = write_vocabulary("gpt2", ["a", "b"], [1, 1], tokenizer_pre="strange", token_merges=["a b"])
    assert not can_convert(strange)
    with pytest.raises(BadInput, match="splitting text 'strange'"):
        tokenizer_json(strange)
