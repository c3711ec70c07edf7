"""Write PNG with zlib alone; grey pictures as grey."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR = 0, 2
# Level 3 is a third of the time of level 6 for a tenth more bytes on pages of text.
LEVEL = 3


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return the PNG of (height, width, 3) uint8 pixels in RGB order."""
    height, width = pixels.shape[:2]
    is_grey = bool((pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 1] == pixels[:, :, 2]).all())
    used = pixels[:, :, :1] if is_grey else pixels[:, :, :3]
    rows = np.zeros((height, used.shape[2] * width + 1), dtype=np.uint8)
    rows[:, 1:] = used.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, GREY if is_grey else COLOUR, 0, 0, 0)
    return b"".join(
        [
            SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), LEVEL)),
            _chunk(b"IEND", b""),
        ]
    )


def png_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height from the first bytes of a PNG."""
    if not head.startswith(SIGNATURE) or len(head) < 24:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
