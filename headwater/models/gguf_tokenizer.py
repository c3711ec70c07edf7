"""A GGUF model's own tokenizer as a tokenizer.json, so that its tokens are counted without loading its weights.

Two kinds are known: pieces with scores ("llama", after SentencePiece: Gemma, Llama 2, Mistral), where the best
scored merge goes first, and byte-level BPE ("gpt2": Qwen, Llama 3, SmolLM), whose merges are in the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput
from headwater.models.gguf import read_header

LONGEST_VOCABULARY = 1 << 22
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SPACE = "\u2581"
_SUFFIXES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# How text is split before the merges, by the name that the file gives (tokenizer.ggml.pre).
_SPLITS: dict[str, tuple[str, ...]] = {
    "llama-bpe": (rf"{_SUFFIXES}|{_WORDS}|\p{{N}}{{1,3}}|{_REST}",),
    "llama3": (rf"{_SUFFIXES}|{_WORDS}|\p{{N}}{{1,3}}|{_REST}",),
    "smaug-bpe": (rf"{_SUFFIXES}|{_WORDS}|\p{{N}}{{1,3}}|{_REST}",),
    "qwen2": (rf"{_SUFFIXES}|{_WORDS}|\p{{N}}|{_REST}",),
    "gpt-2": (_GPT2,),
    "smollm": (r"\p{N}", _GPT2),
    "refact": (r"\p{N}", _GPT2),
    "starcoder": (r"\p{N}", _GPT2),
    "command-r": (r"\p{N}", _GPT2),
}


def can_convert(path: Path) -> bool:
    """Whether the file's tokenizer is of a kind that is known. Raises BadInput for a broken file."""
    metadata = read_header(path).metadata
    kind, split = metadata.get("tokenizer.ggml.model"), metadata.get("tokenizer.ggml.pre", "default")
    return kind == "llama" or (kind == "gpt2" and split in _SPLITS)


def tokenizer_json(path: Path) -> str:
    """Return the tokenizer of a GGUF file as a tokenizer.json. Raises BadInput for a kind that is not known."""
    metadata = read_header(path, LONGEST_VOCABULARY).metadata
    kind = metadata.get("tokenizer.ggml.model")
    tokens, types = metadata.get("tokenizer.ggml.tokens"), metadata.get("tokenizer.ggml.token_type")
    if not isinstance(tokens, tuple) or not isinstance(types, tuple) or len(types) != len(tokens):
        raise BadInput(f"{path.name} has no vocabulary", "Take a complete GGUF file.")
    # The same piece twice would be one entry of a table; the first is the one that is found.
    vocabulary: dict[str, int] = {}
    for number, token in enumerate(tokens):
        vocabulary.setdefault(token, number)
    special = [number for number, kind_of in enumerate(types) if kind_of in (CONTROL, USER_DEFINED)]
    added = [_added(number, tokens[number], types[number]) for number in special]
    if kind == "llama":
        made = _scored(metadata, vocabulary, types)
    elif kind == "gpt2":
        made = _byte_level(metadata, vocabulary, path)
    else:
        raise _unknown(path, f"tokenizer {kind!r}")
    return json.dumps({"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, **made})


def _unknown(path: Path, what: str) -> BadInput:
    return BadInput(
        f"{path.name} has a {what}, which is not known here", "Put the model's own tokenizer.json beside the file."
    )


def _added(number: int, content: str, kind: int) -> dict[str, Any]:
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": number, "content": content, "special": kind == CONTROL, **plain}


def _scored(metadata: Mapping[str, Any], vocabulary: Mapping[str, int], types: Sequence[int]) -> dict[str, Any]:
    scores = metadata.get("tokenizer.ggml.scores")
    if not isinstance(scores, tuple):
        raise BadInput("The vocabulary has no scores", "Take a complete GGUF file.")
    usable = {token: number for token, number in vocabulary.items() if types[number] in (NORMAL, USER_DEFINED)}
    unknown = metadata.get("tokenizer.ggml.unknown_token_id")
    unknown_token = next((token for token, number in vocabulary.items() if number == unknown), None)
    spaces: list[dict[str, Any]] = [{"type": "Replace", "pattern": {"String": " "}, "content": SPACE}]
    if metadata.get("tokenizer.ggml.add_space_prefix", True):
        spaces.insert(0, {"type": "Prepend", "prepend": SPACE})
    model = {
        "type": "BPE", "dropout": None, "unk_token": unknown_token, "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
        "vocab": vocabulary, "merges": _merges(usable, scores),
    }  # fmt: skip
    undo = [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
    ]  # fmt: skip
    return {
        "normalizer": {"type": "Sequence", "normalizers": spaces}, "pre_tokenizer": None, "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": undo}, "model": model,
    }  # fmt: skip


def _merges(usable: Mapping[str, int], scores: Sequence[float]) -> list[list[str]]:
    """Every pair of pieces that make a piece, the best scored piece first: what SentencePiece does, as a list."""
    found: list[tuple[float, int, int, str, str]] = []
    for token, number in usable.items():
        for cut in range(1, len(token)):
            left, right = token[:cut], token[cut:]
            if left in usable and right in usable:
                found.append((-scores[number], number, cut, left, right))
    found.sort()
    return [[left, right] for _, _, _, left, right in found]


def _byte_level(metadata: Mapping[str, Any], vocabulary: Mapping[str, int], path: Path) -> dict[str, Any]:
    name, merges = metadata.get("tokenizer.ggml.pre", "default"), metadata.get("tokenizer.ggml.merges")
    if name not in _SPLITS:
        raise _unknown(path, f"way of splitting text {name!r}")
    if not isinstance(merges, tuple):
        raise BadInput(f"{path.name} has no merges", "Take a complete GGUF file.")
    splits: list[dict[str, Any]] = [
        {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}
        for expression in _SPLITS[name]
    ]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    model = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
        # Llama 3 takes a whole word that is in the vocabulary before it merges.
        "ignore_merges": name in ("llama-bpe", "llama3"),
        "vocab": vocabulary, "merges": _usable(merges, vocabulary),
    }  # fmt: skip
    return {
        "normalizer": None, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*splits, level]},
        "post_processor": None, "decoder": level, "model": model,
    }  # fmt: skip


def _usable(merges: Sequence[str], vocabulary: Mapping[str, int]) -> list[list[str]]:
    """The merges whose result is a token: a file without merges needs one all the same, and then it leads nowhere."""
    pairs = [merge.split(" ", 1) for merge in merges]
    return [pair for pair in pairs if len(pair) == 2 and "".join(pair) in vocabulary]
