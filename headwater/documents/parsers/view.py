"""Pages as pictures, in the child process: size, PNG, and the rectangles of a range of the page's text."""

from __future__ import annotations

import base64
import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from headwater.core.errors import BadInput, MissingExtra
from headwater.core.types import Box
from headwater.documents.kinds import detect
from headwater.documents.parsers import ocr
from headwater.documents.parsers.frames import Frame
from headwater.documents.parsers.limits import Budget, ExtractLimits
from headwater.documents.parsers.locate import find_range, meaning, merge_lines
from headwater.documents.parsers.pdf import opened, recognised_lines
from headwater.documents.parsers.picture import frame_count, opened_picture, pixels_of, refuse_huge
from headwater.documents.parsers.png import png, png_size
from headwater.documents.parsers.reading import Reading, Source, unreadable

LARGEST_PICTURE_PIXELS = 25_000_000
GRID = 100_000


def answer(request: Frame, limits: ExtractLimits) -> Any:
    """Answer "size", "picture" or "boxes". Raises UnreadableDocument, BadInput for a page that is not there."""
    source = Source(str(request["name"]), path=Path(request["path"]))
    kind, _ = detect(source)
    reading = Reading(Budget(source.name, limits), _no_members, request.get("password"))
    if kind.reader == "pdf":
        with opened(source, reading) as (document, _):
            return _pdf(document, request, source.name, reading)
    if kind.reader == "picture":
        return _picture(source, request, reading)
    raise BadInput(f"{source.name} is {kind.title}: it has no page pictures.", "Show its text instead.")


def _no_members(source: Source, _: Reading) -> Any:
    raise unreadable(source.name, "is inside another file.", "Open it by itself.")


def _pdf(document: Any, request: Frame, name: str, reading: Reading) -> Any:
    import pypdfium2

    number, total = int(request["page"]), len(document)
    if not 1 <= number <= total:
        raise BadInput(f"{name} has no page {number}; it has {total}.", f"Ask for a page from 1 to {total}.")
    if document.get_formtype():
        document.init_forms()
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise unreadable(name, f"has a damaged page {number}.", "Read the pages that are whole.") from error
    try:
        width, height = page.get_size()
        if request["what"] == "size":
            return [total, width, height]
        if request["what"] == "picture":
            return base64.b64encode(_drawn(page, int(request["width"]))).decode("ascii")
        return [_listed(box) for box in _pdf_boxes(document, page, request, reading)]
    finally:
        page.close()


def _drawn(page: Any, width: int) -> bytes:
    page_width, page_height = page.get_size()
    scale = width / max(page_width, 1.0)
    largest = (LARGEST_PICTURE_PIXELS / max(page_width * page_height, 1.0)) ** 0.5
    return png(page.render(scale=min(scale, largest), rev_byteorder=True, may_draw_forms=True).to_numpy())


def _pdf_boxes(document: Any, page: Any, request: Frame, reading: Reading) -> list[Box]:
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    try:
        handle = text_page.raw
        count = pdfium.FPDFText_CountChars(handle)
        shown = "".join(chr(pdfium.FPDFText_GetUnicode(handle, index) & 0x1FFFFF) for index in range(count))
        found = find_range(str(request["text"]), int(request["start"]), int(request["end"]), meaning(shown))
        if found:
            return merge_lines(list(_rectangles(page, handle, *found)))
    finally:
        text_page.close()
    if not reading.limits.ocr or not ocr.is_installed():
        return []
    key = (str(request["path"]), int(request["page"]), reading.limits.threads)
    lines = _remembered(key)
    if lines is None:
        lines = recognised_lines(document, int(request["page"]), reading)
        _remember(key, lines)
    return _ocr_boxes(lines, request)


def _rectangles(page: Any, handle: Any, first: int, last: int) -> Iterator[Box]:
    """Yield the rectangles of characters `first` to `last`, turned and cropped as the page is shown."""
    import pypdfium2.raw as pdfium

    for index in range(pdfium.FPDFText_CountRects(handle, first, last - first + 1)):
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        if not pdfium.FPDFText_GetRect(handle, index, left, top, right, bottom):
            continue
        x1, y1 = _device(page, left.value, top.value)
        x2, y2 = _device(page, right.value, bottom.value)
        box = Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
        if box.width > 0 and box.height > 0:
            yield box


def _device(page: Any, x: float, y: float) -> tuple[float, float]:
    import pypdfium2.raw as pdfium

    right, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, GRID, GRID, 0, x, y, right, down)
    return right.value / GRID, down.value / GRID


@dataclass(slots=True)
class _Memory:
    key: tuple[str, int, int] | None = None
    lines: tuple[ocr.OcrLine, ...] = ()


@lru_cache(maxsize=1)
def _memory() -> _Memory:
    return _Memory()


def _remembered(key: tuple[str, int, int]) -> tuple[ocr.OcrLine, ...] | None:
    return _memory().lines if _memory().key == key else None


def _remember(key: tuple[str, int, int], lines: tuple[ocr.OcrLine, ...]) -> None:
    _memory().key, _memory().lines = key, lines


def _ocr_boxes(lines: tuple[ocr.OcrLine, ...], request: Frame) -> list[Box]:
    """Find the range in the recognised lines; within a line, letters are taken as equally wide."""
    joined = "\n".join(line.text for line in lines)
    found = find_range(str(request["text"]), int(request["start"]), int(request["end"]), meaning(joined))
    if not found:
        return []
    boxes = []
    at = 0
    for line in lines:
        begin, stop = max(found[0], at), min(found[1] + 1, at + len(line.text))
        if begin < stop:
            share = (line.right - line.left) / len(line.text)
            boxes.append(Box(line.left + (begin - at) * share, line.top, (stop - begin) * share, line.height))
        at += len(line.text) + 1
    return merge_lines(boxes)


def _picture(source: Source, request: Frame, reading: Reading) -> Any:
    if find_spec("PIL") is None:
        return _undecoded(source, request)
    with opened_picture(source, reading) as image:
        total, number = frame_count(image), int(request["page"])
        if not 1 <= number <= total:
            raise BadInput(f"{source.name} has no page {number}; it has {total}.", f"Ask for a page from 1 to {total}.")
        if request["what"] == "size":
            return [total, image.width, image.height]
        image.seek(number - 1)
        pixels = pixels_of(image, source.name, reading)
    if request["what"] == "picture":
        return base64.b64encode(png(_shrunk(pixels, int(request["width"])))).decode("ascii")
    if not reading.limits.ocr or not ocr.is_installed():
        return []
    key = (str(request["path"]), number, reading.limits.threads)
    lines = _remembered(key)
    if lines is None:
        lines = ocr.recognise(pixels, reading.limits.threads)
        _remember(key, lines)
    return [_listed(box) for box in _ocr_boxes(lines, request)]


def _undecoded(source: Source, request: Frame) -> Any:
    """Without a decoder a PNG is shown as it is; it has no text to highlight."""
    size = png_size(source.head(32))
    if size is None:
        raise MissingExtra.needed("Showing this kind of picture", "ocr")
    refuse_huge(source.name, *size, LARGEST_PICTURE_PIXELS)
    if request["what"] == "size":
        return [1, *size]
    return base64.b64encode(source.data).decode("ascii") if request["what"] == "picture" else []


def _shrunk(pixels: ocr.Pixels, width: int) -> ocr.Pixels:
    """Return RGB pixels at most `width` wide."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    if image.width > width:
        image = image.resize((width, max(1, image.height * width // image.width)), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _listed(box: Box) -> list[float]:
    return [round(box.left, 5), round(box.top, 5), round(box.width, 5), round(box.height, 5)]
