"""Frames on a pipe: a JSON header and named arrays, so that vectors travel as bytes, not as text.

A frame is two little-endian lengths, the header as JSON and the bytes of its arrays in order.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_LENGTHS = struct.Struct("<IQ")
_ARRAYS = "arrays"

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: plain JSON values and arrays by name."""

    header: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write one frame and flush. The caller keeps writers apart with a lock."""
    shapes = [[name, str(array.dtype), list(array.shape)] for name, array in frame.arrays.items()]
    header = json.dumps({**frame.header, _ARRAYS: shapes}).encode("ascii")
    body = b"".join(np.ascontiguousarray(array).tobytes() for array in frame.arrays.values())
    stream.write(_LENGTHS.pack(len(header), len(body)) + header + body)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """Return the next frame, or None when the other side closed the pipe or died in mid-frame."""
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    header_length, body_length = _LENGTHS.unpack(start)
    content = stream.read(header_length + body_length)
    if len(content) < header_length + body_length:
        return None
    header = json.loads(content[:header_length])
    arrays: dict[str, Array] = {}
    place = header_length
    for name, kind, shape in header.pop(_ARRAYS):
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(content, dtype, count, place).reshape(shape).copy()
        place += count * dtype.itemsize
    return Frame(header, arrays)
