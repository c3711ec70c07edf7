"""What reading one file may cost, and the running account of what it has cost so far."""

from __future__ import annotations

import time
from dataclasses import dataclass

from headwater.core.errors import UnreadableDocument

MEGABYTE = 1_000_000
# Names the private folder each reading process works in.
FOLDER_PREFIX = "headwater-read-"


@dataclass(frozen=True, slots=True)
class ExtractLimits:
    """Limits of reading one file. `seconds` is wall clock; `memory_mb` is the child's resident memory.

    `max_depth` counts archives inside archives; `max_pixels` is one picture's width times height.
    `password` protected files are opened with the password given for that file, never guessed.
    """

    max_file_mb: int = 200
    max_pages: int = 5000
    max_unpacked_mb: int = 1000
    max_members: int = 2000
    max_depth: int = 4
    max_text_mb: int = 100
    max_pixels: int = 120_000_000
    seconds: int = 300
    memory_mb: int = 3000
    threads: int = 1
    ocr: bool = True


class OverLimit(UnreadableDocument):
    """The whole file goes over a limit: it is refused, however deep inside it that was noticed."""


class Budget:
    """What is left of the limits while one file, with all its members, is read."""

    def __init__(self, name: str, limits: ExtractLimits) -> None:
        self.name = name
        self.limits = limits
        self.started = time.monotonic()
        self._bytes_left = limits.max_unpacked_mb * MEGABYTE
        self._members_left = limits.max_members
        self._characters_left = limits.max_text_mb * MEGABYTE
        self._pages_left = limits.max_pages

    def unpacked(self, byte_count: int) -> None:
        """Account for bytes that came out of an archive. Raises OverLimit."""
        self._bytes_left -= byte_count
        if self._bytes_left < 0:
            limit = self.limits.max_unpacked_mb
            raise OverLimit(
                f"{self.name} unpacks to more than {limit:,} MB.",
                "Split the archive, or raise the setting max_unpacked_mb.",
            )

    def members(self, count: int) -> None:
        """Account for files inside an archive before any of them is read. Raises OverLimit."""
        self._members_left -= count
        if self._members_left < 0:
            raise OverLimit(
                f"{self.name} holds more than {self.limits.max_members:,} files.",
                "Add the files you need one by one, or split the archive.",
            )

    def pages(self, count: int) -> None:
        """Account for pages before they are read. Raises OverLimit."""
        self._pages_left -= count
        if self._pages_left < 0:
            total = self.limits.max_pages - self._pages_left
            raise OverLimit(
                f"{self.name} has {total:,} pages; at most {self.limits.max_pages:,} are read from one file.",
                "Split the file, or raise the setting max_pages.",
            )

    def text(self, character_count: int) -> None:
        """Account for text that was read. Raises OverLimit."""
        self._characters_left -= character_count
        if self._characters_left < 0:
            raise OverLimit(
                f"{self.name} holds more than {self.limits.max_text_mb} million characters of text.",
                "Split the file into parts.",
            )
