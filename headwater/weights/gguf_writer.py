"""Writing small GGUF files: metadata and float tensors.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little-endian).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
_FLOAT32, _STRING = 6, 8
_KINDS = {np.dtype(np.float32): 0, np.dtype(np.float16): 1}

Array = npt.NDArray[np.float32] | npt.NDArray[np.float16]


def write_gguf(path: Path, metadata: Mapping[str, str | float], tensors: Mapping[str, Array]) -> None:
    """Write `path` whole or not at all. Texts become strings and numbers float32.

    Tensors are float32 or float16 with the slowest dimension first, as numpy has them.
    """
    header = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(metadata))]
    header += [_text(key) + _value(value) for key, value in metadata.items()]
    offset = 0
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        numbers = struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, _KINDS[tensor.dtype], offset)
        header.append(_text(name) + numbers)
        offset += _padded(tensor.nbytes)
    start = b"".join(header)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as out:
        out.write(start.ljust(_padded(len(start)), b"\0"))
        for tensor in tensors.values():
            content = np.ascontiguousarray(tensor).tobytes()
            out.write(content.ljust(_padded(len(content)), b"\0"))
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _text(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def _value(value: str | float) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", _STRING) + _text(value)
    return struct.pack("<If", _FLOAT32, value)
