"""Token counts with a model's own tokenizer.json: exact, local, no model library."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from headwater.core.errors import BadInput

_KEPT = 4
_loaded: OrderedDict[tuple[int, int, int], Any] = OrderedDict()
_loading = Lock()


def load_tokenizer(path: Path) -> Any:
    """Load a tokenizer.json (or the one in a model's folder). Raises BadInput.

    The last ones are kept by the file itself, not by its path: a recipe's files are laid out anew for each look.
    """
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise BadInput(f"No tokenizer {file}", "Give the path of a tokenizer.json, or the name of an installed model.")
    found = file.stat()
    key = (found.st_dev, found.st_ino, found.st_mtime_ns)
    with _loading:
        if key not in _loaded:
            _loaded[key] = _read(file)
        _loaded.move_to_end(key)
        while len(_loaded) > _KEPT:
            _loaded.popitem(last=False)
        return _loaded[key]


def _read(file: Path) -> Any:
    from tokenizers import Tokenizer

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
