"""The header of a GGUF file: what the model is and how big its tensors are, without its weights.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 2 and 3, little-endian).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MOST_DIMENSIONS = 8

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

# ggml type -> (weights in a block, bytes of a block)
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the file: its shape (fastest dimension first) and ggml type; `size_bytes` None for a new type."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def elements(self) -> int:
        """Number of weights."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def size_bytes(self) -> int | None:
        """Bytes of the weights in the file."""
        if self.kind not in _BLOCKS:
            return None
        weights, size = _BLOCKS[self.kind]
        return self.elements // weights * size


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Metadata by key, and the tensors. Arrays are tuples; long ones keep only their length (an int)."""

    metadata: Mapping[str, Any]
    tensors: tuple[Tensor, ...]
    data_start: int
    file_bytes: int

    @property
    def architecture(self) -> str:
        """Name of the model family, the prefix of its keys."""
        return str(self.metadata.get("general.architecture", "unknown"))

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def chat_template(self) -> str | None:
        """The Jinja template the model brings along."""
        template = self.metadata.get("tokenizer.chat_template")
        return template if isinstance(template, str) and template.strip() else None

    def of_model(self, key: str, default: Any = None) -> Any:
        """Return `<architecture>.<key>`."""
        return self.metadata.get(f"{self.architecture}.{key}", default)


def read_header(path: Path, longest_array: int = 4096) -> GgufHeader:
    """Read the header of `path`. Raises BadInput for a file that is no GGUF, or was cut off."""
    size = path.stat().st_size
    if size < 24:
        raise BadInput(f"{path.name} is no GGUF file: it has {size} bytes", "Download it again.")
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            header = _Reader(data, longest_array).header(size)
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError) as error:
            raise BadInput(f"{path.name} has a broken GGUF header: {error}", "Download it again.") from error
        except BadInput as error:
            raise BadInput(f"{path.name} {error.message}", error.hint) from error
    _check_length(path, header)
    return header


def _check_length(path: Path, header: GgufHeader) -> None:
    sized = [t for t in header.tensors if t.size_bytes is not None]
    end = header.data_start + max((t.offset + (t.size_bytes or 0) for t in sized), default=0)
    if end > header.file_bytes:
        raise BadInput(
            f"{path.name} was cut off: its tensors end at byte {end}, the file has {header.file_bytes}",
            "Download it again; a pull resumes where it stopped.",
        )


class _Reader:
    """Walks the header from front to back."""

    def __init__(self, data: mmap.mmap, longest_array: int) -> None:
        self._data = data
        self._place = 0
        self._longest = longest_array

    def header(self, file_bytes: int) -> GgufHeader:
        if self._data[:4] != MAGIC:
            raise BadInput(f"is no GGUF file: it starts with {bytes(self._data[:4])!r}", "Download it again.")
        self._place = 4
        version, tensor_count, key_count = self._number("<I"), self._number("<Q"), self._number("<Q")
        if version not in VERSIONS:
            raise BadInput(f"has GGUF version {version}; 2 and 3 can be read", "Convert the model again.")
        if max(tensor_count, key_count) > file_bytes:
            raise BadInput(f"claims {tensor_count} tensors and {key_count} keys", "Download it again.")
        metadata = {self._string(): self._value(self._number("<I")) for _ in range(key_count)}
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        alignment = int(metadata.get("general.alignment", DEFAULT_ALIGNMENT))
        start = -(-self._place // alignment) * alignment
        return GgufHeader(metadata, tensors, start, file_bytes)

    def _number(self, form: str) -> Any:
        (value,) = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return value

    def _skip_string(self) -> None:
        (length,) = struct.unpack_from("<Q", self._data, self._place)
        self._place += 8 + length

    def _string(self) -> str:
        length = self._number("<Q")
        if length > len(self._data) - self._place:
            raise BadInput(f"has a string of {length} bytes at byte {self._place}", "Download it again.")
        content = self._data[self._place : self._place + length]
        self._place += length
        # Tokens may be parts of characters; keys and templates are plain UTF-8.
        return content.decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        return self._number(_SCALARS[kind])

    def _array(self) -> tuple[Any, ...] | int:
        kind, count = self._number("<I"), self._number("<Q")
        if count > len(self._data):
            raise BadInput(f"has an array of {count} values at byte {self._place}", "Download it again.")
        if count <= self._longest:
            return tuple(self._value(kind) for _ in range(count))
        if kind == _STRING:
            for _ in range(count):
                self._skip_string()
        else:
            self._place += int(count) * struct.calcsize(_SCALARS[kind])
        return int(count)

    def _tensor(self) -> Tensor:
        name, dimensions = self._string(), self._number("<I")
        if dimensions > MOST_DIMENSIONS:
            raise BadInput(f"has a tensor {name!r} of {dimensions} dimensions", "Download it again.")
        shape = tuple(self._number("<Q") for _ in range(dimensions))
        return Tensor(name, shape, self._number("<I"), self._number("<Q"))
