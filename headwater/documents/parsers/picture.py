"""Pictures: their text by OCR, as files of their own and inside documents."""

from __future__ import annotations

import hashlib
import time
from io import BytesIO
from typing import Any

import numpy as np

from headwater.core.errors import UnreadableDocument
from headwater.core.types import Extraction, Page
from headwater.documents.parsers import ocr
from headwater.documents.parsers.limits import OverLimit
from headwater.documents.parsers.reading import Reading, Source, unreadable

# Smaller pictures inside documents are logos, bullets and rules.
SMALLEST_SIDE_PIXELS = 40
SMALLEST_AREA_PIXELS = 12_000
LARGEST_SIDE_PIXELS = 4000
SHARE_OF_TIME_FOR_PICTURES = 0.7


def read(source: Source, reading: Reading) -> Extraction:
    """Read a picture file by OCR: a page a frame. Without the extra, the page is empty and says why."""
    media_type = f"image/{_format(source.head(16))}"
    if not reading.limits.ocr or not ocr.is_installed():
        cure = "turn on the setting 'ocr' to read it" if ocr.is_installed() else ocr.MISSING_OCR
        reading.warn(f"Page 1 has no text (it is a picture); {cure}.")
        return Extraction((Page(1, ""),), True, (), tuple(reading.warnings), media_type)
    pages = []
    with opened_picture(source, reading) as image:
        frames = frame_count(image)
        reading.budget.pages(frames)
        for frame in range(frames):
            image.seek(frame)
            lines = ocr.recognise(pixels_of(image, source.name, reading), reading.limits.threads)
            text = ocr.as_text(lines)
            reading.budget.text(len(text))
            pages.append(Page(frame + 1, text))
            reading.page_done(frame + 1, frames)
            if not text:
                reading.warn(f"Page {frame + 1} has no text; OCR found none in the picture.")
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), media_type)


def recognise_inside(data: bytes, reading: Reading) -> str:
    """Read a picture inside a document; one that cannot be read, or is a mere ornament, gives no text."""
    key = hashlib.sha256(data).hexdigest()
    if key in reading.seen_pictures:
        return ""
    reading.seen_pictures.add(key)
    if _format(data[:16]) == "unknown":
        return ""
    if not reading.limits.ocr or not ocr.is_installed():
        if len(data) > SMALLEST_AREA_PIXELS and reading.limits.ocr:
            reading.warn(f"It holds pictures, whose text was not read; {ocr.MISSING_OCR}.")
        return ""
    if time.monotonic() > reading.started + reading.limits.seconds * SHARE_OF_TIME_FOR_PICTURES:
        reading.warn("Some pictures in it were not read by OCR: the time for this file was up.")
        return ""
    try:
        with opened_picture(Source("A picture", data), reading) as image:
            if min(image.size) < SMALLEST_SIDE_PIXELS or image.size[0] * image.size[1] < SMALLEST_AREA_PIXELS:
                return ""
            return ocr.as_text(ocr.recognise(pixels_of(image, "A picture", reading), reading.limits.threads))
    except OverLimit:
        raise
    except UnreadableDocument as error:
        reading.warn(f"{error.message} It was left out.")
        return ""


def frame_count(image: Any) -> int:
    """Pages of a picture: a TIFF may have several; the frames of an animation are one page."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def refuse_huge(name: str, width: int, height: int, largest: int) -> None:
    """Raise UnreadableDocument for a picture too large to decode."""
    if width * height > largest:
        raise unreadable(
            name,
            f"is {width:,} x {height:,} pixels; at most {largest // 1_000_000:,} million pixels are read.",
            "Make the picture smaller, or cut it into parts.",
        )


def opened_picture(source: Source, reading: Reading) -> Any:
    """Open a picture without decoding it. Raises UnreadableDocument for a damaged or a huge one."""
    from PIL import Image

    # The size is checked here, before anything is decoded, and with a message that names the cure.
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(BytesIO(source.data))
    except (OSError, SyntaxError, ValueError) as error:
        raise unreadable(source.name, "is damaged: the picture cannot be decoded.", "Get the file again.") from error
    refuse_huge(source.name, image.width, image.height, reading.limits.max_pixels)
    return image


def pixels_of(image: Any, name: str, reading: Reading) -> ocr.Pixels:
    """Decode the current frame, upright, to (height, width, 3) uint8 in BGR order, long side <= 4000."""
    from PIL import ImageOps

    refuse_huge(name, image.width, image.height, reading.limits.max_pixels)
    try:
        if max(image.size) > LARGEST_SIDE_PIXELS:
            image.draft("RGB", (LARGEST_SIDE_PIXELS, LARGEST_SIDE_PIXELS))
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            upright = _on_white(upright.convert("RGBA"))
        upright = upright.convert("RGB")
        upright.thumbnail((LARGEST_SIDE_PIXELS, LARGEST_SIDE_PIXELS))
    except (OSError, SyntaxError, ValueError) as error:
        raise unreadable(name, "is damaged: the picture cannot be decoded.", "Get the file again.") from error
    return np.ascontiguousarray(np.asarray(upright)[:, :, ::-1])


def _on_white(image: Any) -> Any:
    from PIL import Image

    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white


def _format(head: bytes) -> str:
    for magic, name in (
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF8", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"BM", "bmp"),
    ):
        if head.startswith(magic):
            return name
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else "unknown"
