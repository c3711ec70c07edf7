"""The tokenizer of a GGUF file: copied from another GGUF, or made from a byte-level BPE tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
TEMPLATE_KEY = "tokenizer.chat_template"
EOS_KEY, EOT_KEY = "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"

# How llama.cpp calls the ways of splitting text before the merges, by the expression tokenizer.json has.
_WORDS = r"|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_SUFFIXES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPLITS = {
    _SUFFIXES + _WORDS + r"\p{N}{1,3}" + _REST: "llama-bpe",
    _SUFFIXES + _WORDS + r"\p{N}" + _REST: "qwen2",
}


def write_tokenizer(writer: Any, folder: Path, vocabulary: int, tokenizer_from: Path | None) -> str:
    """Add the tokenizer to a GGUF writer and return where it came from, in words. Raises BadInput."""
    template, stops = chat_template(folder), stop_ids(folder)
    if template is not None:
        writer.add_chat_template(template)
    written = {TEMPLATE_KEY} if template is not None else set()
    for number, (key, add) in enumerate(((EOS_KEY, writer.add_eos_token_id), (EOT_KEY, writer.add_eot_token_id))):
        if number < len(stops):
            add(stops[number])
            written.add(key)
    if tokenizer_from is not None:
        _copy(writer, tokenizer_from, vocabulary, written)
        return f"copied from {tokenizer_from.name}"
    _convert(writer, folder, vocabulary)
    return "converted from tokenizer.json"


def chat_template(folder: Path) -> str | None:
    """The Jinja template of a transformers folder."""
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text("utf-8")
    template = _read(folder / "tokenizer_config.json").get("chat_template")
    return template if isinstance(template, str) else None


def _copy(writer: Any, origin: Path, vocabulary: int, written: set[str]) -> None:
    from gguf import GGUFReader, GGUFValueType

    reader = GGUFReader(str(origin))
    tokens = reader.fields.get("tokenizer.ggml.tokens")
    if tokens is None or len(tokens.data) > vocabulary:
        count = "no" if tokens is None else str(len(tokens.data))
        raise BadInput(
            f"{origin.name} has {count} tokens, the model {vocabulary}", "Give the GGUF of the base it was trained on."
        )
    for name, entry in reader.fields.items():
        if name.startswith("tokenizer.") and name not in written:
            inner = entry.types[1] if entry.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(name, _contents(entry, inner), entry.types[0], sub_type=inner)


def _contents(entry: Any, inner: Any) -> Any:
    from gguf import GGUFValueType

    if inner == GGUFValueType.STRING:
        # As bytes: some tokens are parts of characters.
        return [bytes(entry.parts[index]) for index in entry.data]
    return entry.contents()


def _convert(writer: Any, folder: Path, vocabulary: int) -> None:
    path = folder / "tokenizer.json"
    description = _read(path)
    model = description.get("model", {})
    if model.get("type") != "BPE" or model.get("byte_fallback"):
        raise BadInput(
            f"{path} is no byte-level BPE tokenizer, the only kind that is converted",
            "Give the GGUF of the base: its tokenizer is copied.",
        )
    tokens, kinds = _tokens(description, vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_split_name(description, path))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    # llama.cpp wants a merge. Control tokens are never made of characters, so this one changes nothing.
    writer.add_token_merges(merges or [f"{tokens[0]} {tokens[1]}"])
    from tokenizers import Tokenizer

    names = _read(folder / "tokenizer_config.json")
    ids = {token: number for number, token in enumerate(tokens)}
    start = _token_text(names.get("bos_token"))
    if start in ids:
        writer.add_bos_token_id(ids[start])
        first = Tokenizer.from_file(str(path)).encode("a").ids[:1]
        writer.add_add_bos_token(first == [ids[start]])
    else:
        writer.add_add_bos_token(False)


def _tokens(description: Mapping[str, Any], vocabulary: int) -> tuple[list[str], list[int]]:
    by_id = {int(number): token for token, number in description["model"]["vocab"].items()}
    kinds = dict.fromkeys(by_id, NORMAL)
    for added in description.get("added_tokens", []):
        by_id[int(added["id"])] = added["content"]
        kinds[int(added["id"])] = CONTROL if added["special"] else USER_DEFINED
    if max(by_id) >= vocabulary:
        raise BadInput(
            f"The tokenizer has token {max(by_id)}, the model {vocabulary} tokens", "They do not belong together."
        )
    tokens = [by_id.get(number, f"[unused {number}]") for number in range(vocabulary)]
    return tokens, [kinds.get(number, UNUSED) for number in range(vocabulary)]


def _split_name(description: Mapping[str, Any], path: Path) -> str:
    if description.get("normalizer"):
        kind = description["normalizer"].get("type")
        if kind != "NFC":
            raise BadInput(f"{path} changes text before it splits it ({kind})", "Give the GGUF of the base.")
    before = description.get("pre_tokenizer") or {}
    steps = before.get("pretokenizers", [before])
    if [step.get("type") for step in steps] == ["ByteLevel"] and not description["model"]["merges"]:
        return "gpt-2"  # a token for each byte: where text is split changes nothing
    if [step.get("type") for step in steps] == ["ByteLevel"] and steps[0].get("use_regex", True):
        if steps[0].get("add_prefix_space"):
            raise BadInput(f"{path} puts a space before every text", "Give the GGUF of the base.")
        return "gpt-2"
    if [step.get("type") for step in steps] == ["Split", "ByteLevel"]:
        expression = steps[0]["pattern"].get("Regex", "")
        if expression in SPLITS:
            return SPLITS[expression]
    raise BadInput(
        f"{path} splits text in a way that llama.cpp has no name for here",
        "Give the GGUF of the base: its tokenizer is copied.",
    )


def stop_ids(folder: Path) -> list[int]:
    """The tokens that end an answer, as the generation configuration of the folder has them."""
    stops = _read(folder / "generation_config.json").get("eos_token_id")
    return [stops] if isinstance(stops, int) else list(stops or [])


def _token_text(token: Any) -> str | None:
    return token.get("content") if isinstance(token, dict) else token


def _read(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return values
