"""Tokenizers of installed models by name: their own tokenizer.json, their base's, or one read out of their GGUF."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from headwater.core.errors import HeadwaterError, UnknownName
from headwater.models.adapters import DESCRIPTION_FILE
from headwater.models.gguf_tokenizer import can_convert, tokenizer_json
from headwater.models.installed import Installed
from headwater.models.starter import builtin_manifests
from headwater.models.store import ModelStore

TOKENIZER_FILE = "tokenizer.json"
FOLDER = "tokenizers"


class ModelTokenizers:
    """Finds what a model's tokens are counted by. Tokenizers read out of GGUF files are kept in `folder`.

    Not `with_trained`: what people trained here is left out, as its name alone says what somebody does. Its tokens
    are those of its base.
    """

    def __init__(self, models: ModelStore, folder: Path, with_trained: bool = True) -> None:
        self._models, self._folder, self._with_trained = models, folder, with_trained
        self._known: dict[tuple[Path, int, int], bool] = {}

    def names(self) -> list[str]:
        """Models whose tokens can be counted, by name."""
        return [model.name for model in self._listed() if self._origin(model) is not None]

    def path(self, name: str) -> Path:
        """The tokenizer.json of a model. Raises UnknownName for one that is not here or has none, BadInput."""
        known = {model.name: model for model in self._listed()}
        origin = self._origin(known[name]) if name in known else None
        if origin is None:
            raise UnknownName.among("model with a tokenizer", name, self.names())
        return origin if origin.name == TOKENIZER_FILE else self._converted(origin)

    def _listed(self) -> list[Installed]:
        return [model for model in self._models.installed() if self._with_trained or not _was_trained(model)]

    def _origin(self, model: Installed) -> Path | None:
        """The tokenizer.json of a model, or the GGUF file that holds its tokenizer; None when there is neither."""
        own = model.folder / TOKENIZER_FILE
        if own.is_file():
            return own
        if model.manifest.format == "adapter":
            below = {one.name: one for one in self._models.installed()}.get(str(model.manifest.base))
            return self._origin(below) if below is not None and below.manifest.format != "adapter" else None
        if model.manifest.format != "gguf":
            return None
        try:
            file = model.main_file
            return file if self._can_convert(file) else None
        except HeadwaterError:
            return None  # a damaged model is said to be damaged where models are listed

    def _can_convert(self, file: Path) -> bool:
        found = file.stat()
        key = (file, found.st_size, found.st_mtime_ns)
        if key not in self._known:
            self._known[key] = can_convert(file)
        return self._known[key]

    def _converted(self, file: Path) -> Path:
        found = file.stat()
        mark = f"{file.resolve()}\0{found.st_size}\0{found.st_mtime_ns}"
        target = self._folder / f"{hashlib.sha256(mark.encode()).hexdigest()[:24]}.json"
        if not target.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(f".{secrets.token_hex(4)}")
            fresh.write_text(tokenizer_json(file), "utf-8")
            fresh.replace(target)
        return target


def _was_trained(model: Installed) -> bool:
    return (model.folder / DESCRIPTION_FILE).is_file() and model.name not in builtin_manifests()
