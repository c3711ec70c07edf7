"""A merged folder (transformers form) as one GGUF file for llama.cpp and everything built on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput, MissingExtra
from headwater.core.progress import Progress, Report, silent
from headwater.training.export.families import Family, family_of, llama3_factors, model_numbers
from headwater.training.export.gguf_tokenizer import write_tokenizer
from headwater.weights.adapter_gguf import rotate_rows

Precision = Literal["f32", "f16", "q8_0"]
BLOCK = 32
LARGEST_FLOAT16 = 65504.0
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class GgufResult:
    """What was written. `kept_f16` names matrices whose rows do not divide into blocks of q8_0."""

    path: Path
    precision: Precision
    architecture: str
    tensors: int
    parameters: int
    size_bytes: int
    tokenizer: str
    kept_f16: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The result for a person."""
        kept = f"; {len(self.kept_f16)} matrices stay f16" if self.kept_f16 else ""
        size = f"{self.size_bytes / 1e6:,.0f} MB"
        return f"{self.path}: {self.architecture} as {self.precision}, {self.tensors} tensors, {size}{kept}."


@dataclass(frozen=True, slots=True)
class _Source:
    """A tensor of the folder: where it lies and what it becomes."""

    name: str
    shape: tuple[int, ...]
    read: Callable[[], Array]


def write_merged_gguf(
    folder: Path,
    target: Path,
    precision: Precision = "f16",
    tokenizer_from: Path | None = None,
    report: Report = silent,
) -> GgufResult:
    """Write the model of `folder` to `target`, tokenizer and chat template included.

    `tokenizer_from` is a GGUF with the same vocabulary whose tokenizer is copied; without it the
    tokenizer.json of the folder is converted, which is possible for byte-level BPE. Vectors stay
    float32. Raises BadInput for families and tokenizers that cannot be written, MissingExtra.
    """
    try:
        import gguf
    except ImportError:
        raise MissingExtra.needed("Writing GGUF files", "train") from None
    config = json.loads((folder / "config.json").read_text("utf-8"))
    family = family_of(config)
    unfinished = target.with_name(f".{target.name}.part")
    writer = gguf.GGUFWriter(str(unfinished), family.architecture)
    writer.add_name(target.stem)
    _add_numbers(writer, family.architecture, model_numbers(config, family))
    tokenizer = write_tokenizer(writer, folder, int(config["vocab_size"]), tokenizer_from)
    sources = [*_sources(folder, family, config)]
    kinds = {source.name: _kind(source, precision) for source in sources}
    writer.add_file_type({"f32": 0, "f16": 1, "q8_0": 7}[precision])
    _announce(writer, sources, kinds)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for number, source in enumerate(sources):
        writer.write_tensor_data(_packed(source, kinds[source.name]))
        report(Progress(number + 1, len(sources), "tensors", "writing"))
    writer.close()
    unfinished.replace(target)
    kept = tuple(s.name for s in sources if precision == "q8_0" and kinds[s.name] == "f16")
    count = sum(int(np.prod(source.shape)) for source in sources)
    return GgufResult(
        target, precision, family.architecture, len(sources), count, target.stat().st_size, tokenizer, kept
    )


def _add_numbers(writer: Any, architecture: str, numbers: Mapping[str, int | float | str]) -> None:
    for key, value in numbers.items():
        add = {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}[type(value)]
        add(f"{architecture}.{key}", value)


def _announce(writer: Any, sources: list[_Source], kinds: Mapping[str, Precision]) -> None:
    import gguf

    types = {"f32": gguf.GGMLQuantizationType.F32, "f16": gguf.GGMLQuantizationType.F16}
    types["q8_0"] = gguf.GGMLQuantizationType.Q8_0
    for source in sources:
        kind = kinds[source.name]
        elements = int(np.prod(source.shape))
        size = {"f32": elements * 4, "f16": elements * 2, "q8_0": elements // BLOCK * (BLOCK + 2)}[kind]
        shape = source.shape
        if kind == "q8_0":  # the writer takes the shape in bytes and works out the numbers
            shape = (*shape[:-1], shape[-1] // BLOCK * (BLOCK + 2))
        dtype = {"f32": np.float32, "f16": np.float16, "q8_0": np.uint8}[kind]
        writer.add_tensor_info(source.name, shape, np.dtype(dtype), size, raw_dtype=types[kind])


def _kind(source: _Source, precision: Precision) -> Precision:
    if len(source.shape) < 2:
        return "f32"
    if precision == "q8_0" and source.shape[-1] % BLOCK:
        return "f16"
    return precision


def _packed(source: _Source, kind: Precision) -> Array:
    array = source.read()
    if kind == "f16":
        if np.abs(array).max() > LARGEST_FLOAT16:
            raise BadInput(f"{source.name} holds numbers above {LARGEST_FLOAT16:.0f}, too large for f16", "Write f32.")
        return np.ascontiguousarray(array.astype(np.float16))
    if kind == "q8_0":
        from gguf import GGMLQuantizationType
        from gguf.quants import quantize

        quantised: Array = quantize(array, GGMLQuantizationType.Q8_0)
        return quantised
    return np.ascontiguousarray(array)


def _sources(folder: Path, family: Family, config: Mapping[str, Any]) -> Iterator[_Source]:
    from safetensors import safe_open

    files = sorted(folder.glob("model*.safetensors"))
    if not files:
        raise BadInput(f"{folder} holds no model.safetensors", "Give a merged folder.")
    factors = llama3_factors(config)
    if factors is not None:
        yield _Source("rope_freqs.weight", factors.shape, lambda: factors)
    for path in files:
        with safe_open(str(path), framework="pt") as tensors:
            names = sorted(tensors.keys())
            shapes = {name: tuple(tensors.get_slice(name).get_shape()) for name in names}
        for name in names:
            if name == "lm_head.weight" and config.get("tie_word_embeddings"):
                continue  # the same numbers as the embeddings
            target = family.tensor_name(name)
            yield _Source(target, shapes[name], _reader(path, name, target, (family, config)))


def _reader(path: Path, name: str, target: str, how: tuple[Family, Mapping[str, Any]]) -> Callable[[], Array]:
    family, config = how

    def read() -> Array:
        from safetensors import safe_open

        with safe_open(str(path), framework="pt") as tensors:
            array: Array = tensors.get_tensor(name).float().numpy()
        heads = int(config["num_attention_heads"])
        if family.rotates_neighbours and ".attn_q." in target:
            return rotate_rows(array, heads)
        if family.rotates_neighbours and ".attn_k." in target:
            return rotate_rows(array, int(config.get("num_key_value_heads") or heads))
        return array + np.float32(1) if family.norms_from_zero and target.endswith("norm.weight") else array

    return read
