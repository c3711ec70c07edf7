"""Recognise the text of a picture (extra `ocr`: RapidOCR on onnxruntime; its models are in its wheel)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

# A column of a page has lines at least this many times longer than high; cells of a table are shorter.
COLUMN_LINE_RATIO = 10.0
MISSING_OCR = "install the extra 'ocr' (pip install 'headwater[ocr]') to read it"


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A recognised line; its box is in fractions of the picture, origin top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height as a fraction of the picture."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2


def is_installed() -> bool:
    """Whether the extra is there, without importing it."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def _engine(threads: int) -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def recognise(pixels: Pixels, threads: int = 1) -> tuple[OcrLine, ...]:
    """Return the lines of a picture, (height, width, 3) uint8 in BGR order, in reading order."""
    found = _engine(threads)(pixels)
    if found.txts is None or found.boxes is None:
        return ()
    height, width = pixels.shape[:2]
    lines = []
    for text, corners in zip(found.txts, np.asarray(found.boxes, dtype=float), strict=True):
        left, top = corners.min(axis=0)
        right, bottom = corners.max(axis=0)
        if text.strip():
            lines.append(OcrLine(text.strip(), left / width, top / height, right / width, bottom / height))
    return tuple(reading_order(lines, width / max(height, 1)))


def as_text(lines: Sequence[OcrLine]) -> str:
    """Join recognised lines; pieces that stand beside each other share a line."""
    rows: list[list[OcrLine]] = []
    for line in lines:
        beside = rows and abs(rows[-1][-1].middle - line.middle) < 0.5 * min(rows[-1][-1].height, line.height)
        if rows and beside and line.left >= rows[-1][-1].right - line.height:
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join(" ".join(line.text for line in row) for row in rows)


def reading_order(lines: Sequence[OcrLine], aspect: float) -> list[OcrLine]:
    """Order lines as a person reads: columns one after the other, rows of a table across.

    `aspect` is the picture's width over its height. A gap counts as the gutter between columns when
    no line crosses it and the lines on both sides are long (running text, not cells).
    """
    if len(lines) < 2:
        return list(lines)
    gutter = _gutter(lines, aspect)
    if gutter is not None:
        left = [line for line in lines if line.right <= gutter]
        right = [line for line in lines if line.left >= gutter]
        return reading_order(left, aspect) + reading_order(right, aspect)
    split = _full_width_split(lines, aspect)
    if split is not None:
        upper = [line for line in lines if line.middle < split]
        lower = [line for line in lines if line.middle >= split]
        if upper and lower:
            return reading_order(upper, aspect) + reading_order(lower, aspect)
    return _rows(lines)


def _rows(lines: Sequence[OcrLine]) -> list[OcrLine]:
    ordered: list[OcrLine] = []
    row: list[OcrLine] = []
    for line in sorted(lines, key=lambda line: line.middle):
        if row and line.middle - row[0].middle > 0.6 * min(row[0].height, line.height):
            ordered += sorted(row, key=lambda line: line.left)
            row = []
        row.append(line)
    return ordered + sorted(row, key=lambda line: line.left)


def _gutter(lines: Sequence[OcrLine], aspect: float) -> float | None:
    """Return the middle of a vertical gap with running text on both sides, if there is one."""
    by_left = sorted(lines, key=lambda line: line.left)
    reach = by_left[0].right
    for index, line in enumerate(by_left[1:], start=1):
        if line.left > reach and _running(by_left[:index], aspect) and _running(by_left[index:], aspect):
            return (reach + line.left) / 2
        reach = max(reach, line.right)
    return None


def _running(lines: Sequence[OcrLine], aspect: float) -> bool:
    ratios = [(line.right - line.left) * aspect / max(line.height, 1e-6) for line in lines]
    return len(lines) >= 3 and median(ratios) >= COLUMN_LINE_RATIO


def _full_width_split(lines: Sequence[OcrLine], aspect: float) -> float | None:
    """Find a line across the page (a title) above or below which the rest falls into columns."""
    for line in sorted(lines, key=lambda line: line.left - line.right)[:4]:
        above = [other for other in lines if other.middle < line.middle]
        below = [other for other in lines if other.middle > line.middle]
        if len(below) >= 6 and _gutter(below, aspect) is not None:
            return (line.middle + min(other.middle for other in below)) / 2
        if len(above) >= 6 and _gutter(above, aspect) is not None:
            return (line.middle + max(other.middle for other in above)) / 2
    return None
