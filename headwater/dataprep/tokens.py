"""Token counts with a model's own tokenizer.json: exact, local, no model library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput


@lru_cache(maxsize=4)
def load_tokenizer(path: Path) -> Any:
    """Load a tokenizer.json (or the one in a model's folder). Raises BadInput."""
    from tokenizers import Tokenizer

    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise BadInput(f"No tokenizer {file}", "Give the path of the target model's tokenizer.json.")
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:
        raise BadInput(f"{file} is no tokenizer.json: {error}", "Take the file from the model's folder.") from error


def token_counter(path: Path) -> Callable[[Sequence[str]], list[int]]:
    """Return a function that counts the tokens of texts, without special ones."""
    tokenizer = load_tokenizer(path)
    return lambda texts: [len(e.ids) for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def cut_to_tokens(path: Path, text: str, most: int) -> str:
    """Return the longest head of the text that has at most `most` tokens when counted again."""
    tokenizer = load_tokenizer(path)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    if len(encoding.ids) <= most:
        return text
    if most <= 0:
        return ""
    end = encoding.offsets[most - 1][1]
    # A cut text may fall into other tokens than it had as a part; take letters off until it fits.
    while end > 0 and len(tokenizer.encode(text[:end], add_special_tokens=False).ids) > most:
        end -= 1
    return text[:end]
