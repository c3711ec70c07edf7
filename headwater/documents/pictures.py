"""Pictures of pages, and where on them a piece of the page's text stands, for PDFs and picture files.

PDFium is not thread-safe and its input is not trusted, so it runs in a process of its own.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput, MissingExtra, UnreadableDocument
from headwater.core.types import Box
from headwater.documents.extract import refuse_size
from headwater.documents.extract_pool import ProcessPool
from headwater.documents.extract_process import ProcessDied
from headwater.documents.parsers.frames import Frame
from headwater.documents.parsers.limits import ExtractLimits
from headwater.documents.parsers.names import harmless_name

SMALLEST_WIDTH, LARGEST_WIDTH = 16, 4000
VIEW_SECONDS = 60
WITH_PICTURES = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/tiff", "image/bmp", "image/webp")


class Pictures:
    """Draws pages in a warm child process. Safe to use from many threads; close it at the end.

    Pages count from 1. `name` is what the person calls the file; errors use it.
    """

    def __init__(self, limits: ExtractLimits | None = None, processes: int = 1) -> None:
        limits = limits or ExtractLimits()
        self._pool = ProcessPool(replace(limits, seconds=min(limits.seconds, VIEW_SECONDS)), processes)

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child processes."""
        self._pool.close()

    def size(self, path: Path, page_number: int, name: str | None = None) -> tuple[float, float] | None:
        """Return width and height of a page, in points (PDF) or pixels; None where it has no picture."""
        try:
            _, width, height = self._ask(path, page_number, name, {"what": "size"})
        except (BadInput, MissingExtra):
            return None
        return float(width), float(height)

    def page_count(self, path: Path, name: str | None = None) -> int:
        """Return the number of pages. Raises UnreadableDocument, BadInput for a file that has no pictures."""
        return int(self._ask(path, 1, name, {"what": "size"})[0])

    def picture(self, path: Path, page_number: int, width: int, name: str | None = None) -> bytes:
        """Return the page as PNG, `width` pixels wide (less for a page that would be huge).

        Raises UnreadableDocument, BadInput for a page or a width that cannot be, MissingExtra.
        """
        if not SMALLEST_WIDTH <= width <= LARGEST_WIDTH:
            raise BadInput(
                f"A picture cannot be {width} pixels wide.", f"Ask for {SMALLEST_WIDTH} to {LARGEST_WIDTH} pixels."
            )
        return base64.b64decode(str(self._ask(path, page_number, name, {"what": "picture", "width": width})))

    def boxes(
        self, path: Path, page_number: int, page_text: str, start: int, end: int, name: str | None = None
    ) -> list[Box]:
        """Return the boxes that `page_text[start:end]` covers, one a line; none where it cannot be found.

        `page_text` is the text that extraction gave for this page. Raises BadInput for a range outside it.
        """
        if not 0 <= start < end <= len(page_text):
            raise BadInput(
                f"No characters {start} to {end} in a page of {len(page_text)}.", "Give 0 <= start < end <= its length."
            )
        request: Frame = {"what": "boxes", "text": page_text, "start": start, "end": end}
        return [Box(*map(float, box)) for box in self._ask(path, page_number, name, request)]

    def _ask(self, path: Path, page_number: int, name: str | None, request: Frame) -> Any:
        shown = harmless_name(name if name is not None else path.name)
        refuse_size(path, shown, self._pool.limits)
        address: Frame = {"task": "view", "name": shown, "path": str(path.absolute()), "page": page_number}
        try:
            return self._pool.run({**address, **request})
        except ProcessDied as death:
            raise UnreadableDocument(f"{shown} {death.what}.", death.cure) from death


def has_pictures(media_type: str) -> bool:
    """Whether pages of this media type can be shown as pictures."""
    return media_type in WITH_PICTURES


def page_picture(path: Path, page_number: int, width: int = 1200) -> bytes:
    """Return one page as PNG, in a process of its own. For more than one keep a Pictures."""
    with Pictures() as pictures:
        return pictures.picture(path, page_number, width)


def page_boxes(path: Path, page_number: int, page_text: str, start: int, end: int) -> list[Box]:
    """Return the boxes of a range of a page's text, in a process of its own. For more keep a Pictures."""
    with Pictures() as pictures:
        return pictures.boxes(path, page_number, page_text, start, end)
