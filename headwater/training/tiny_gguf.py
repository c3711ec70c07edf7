"""`tiny` as a GGUF file, so that what was trained on it can be asked like any other adapter."""

from __future__ import annotations

import tempfile
from pathlib import Path

from headwater.core.errors import MissingExtra
from headwater.training.tiny import SPECIAL, tiny_model, tiny_tokenizer

# llama.cpp wants merges; this one makes a token that is not in the vocabulary, and is taken apart again.
NO_MERGE = "q q"
CONTROL, NORMAL = 3, 1


def write_tiny_gguf(target: Path) -> None:
    """Write the random base `tiny` in 32-bit numbers. Raises MissingExtra without the trainer's libraries."""
    from importlib.util import find_spec

    if find_spec("gguf") is None or find_spec("transformers") is None:
        raise MissingExtra.needed("Writing a GGUF file", "train")
    from headwater.training.export.gguf_merged import write_merged_gguf

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny_model().save_pretrained(folder)
        vocabulary = folder / "vocabulary.gguf"
        write_vocabulary(vocabulary)
        write_merged_gguf(folder, target, "f32", tokenizer_from=vocabulary)


def write_vocabulary(path: Path) -> None:
    """Write a GGUF file that holds nothing but the tokens of `tiny`."""
    import gguf

    words: dict[str, int] = tiny_tokenizer().get_vocab()
    tokens = sorted(words, key=lambda word: words[word])
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL if token in SPECIAL else NORMAL for token in tokens])
    writer.add_token_merges([NO_MERGE])
    writer.add_pad_token_id(words["<pad>"])
    writer.add_bos_token_id(words["<bos>"])
    writer.add_eos_token_id(words["<eos>"])
    writer.add_add_bos_token(False)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
