"""A PEFT folder as a llama.cpp adapter, for the base it was trained on; needs no torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from headwater.core.errors import BadInput
from headwater.training.export.families import family_of
from headwater.weights.adapter_gguf import AdapterBase, convert_adapter


@dataclass(frozen=True, slots=True)
class AdapterResult:
    """What was written."""

    path: Path
    architecture: str
    modules: int
    size_bytes: int

    @property
    def sentence(self) -> str:
        """The result for a person."""
        return f"{self.path}: {self.modules} modules of {self.architecture}, {self.size_bytes / 1e6:.1f} MB."


def write_adapter_gguf(folder: Path, base: AdapterBase, target: Path) -> AdapterResult:
    """Convert the adapter of `folder`. Raises BadInput for what only a merged model can hold."""
    modules = convert_adapter(folder, base, target)
    return AdapterResult(target, base.architecture, modules, target.stat().st_size)


def base_in_folder(folder: Path) -> AdapterBase:
    """What a converter must know of a base in transformers form. Raises BadInput."""
    path = folder / "config.json"
    if not path.is_file():
        raise BadInput(f"{folder} is no model: it has no config.json", "Name the folder of the base.")
    config = json.loads(path.read_text("utf-8"))
    heads = int(config["num_attention_heads"])
    return AdapterBase(
        folder.name, family_of(config).architecture, heads, int(config.get("num_key_value_heads") or heads)
    )


def base_in_gguf(path: Path) -> AdapterBase:
    """What a converter must know of a base in a GGUF file, the shapes of its tensors included."""
    from gguf import GGUFReader

    reader = GGUFReader(str(path))
    architecture = str(reader.fields["general.architecture"].contents())
    heads = int(reader.fields[f"{architecture}.attention.head_count"].contents())
    kv_field = reader.fields.get(f"{architecture}.attention.head_count_kv")
    shapes = {t.name: tuple(int(size) for size in t.shape) for t in reader.tensors if len(t.shape) == 2}
    return AdapterBase(path.stem, architecture, heads, int(kv_field.contents()) if kv_field else heads, shapes)
