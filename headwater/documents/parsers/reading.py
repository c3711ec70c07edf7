"""What a reader gets: the file (`Source`) and the state of reading it (`Reading`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from headwater.core.errors import UnreadableDocument
from headwater.core.progress import Progress, Report, silent
from headwater.core.types import Extraction, Member, Page
from headwater.documents.parsers.limits import Budget, ExtractLimits, OverLimit

# Text without pages of its own is one page, so that offsets count from its beginning. Only what would
# be too much to show at once is cut, between paragraphs.
PART_CHARACTERS = 2_000_000


class Source:
    """The bytes of one file, from disk or from inside another file. `name` is harmless to show."""

    def __init__(self, name: str, data: bytes | None = None, path: Path | None = None) -> None:
        self.name = name
        self.path = path
        self._data = data

    @cached_property
    def data(self) -> bytes:
        """The whole content."""
        if self._data is not None:
            return self._data
        assert self.path is not None
        return self.path.read_bytes()

    @cached_property
    def size(self) -> int:
        """Length in bytes."""
        return self.path.stat().st_size if self._data is None and self.path is not None else len(self.data)

    def head(self, byte_count: int = 65_536) -> bytes:
        """Return the first bytes without reading the rest."""
        with self.open() as stream:
            return stream.read(byte_count)

    def open(self) -> BinaryIO:
        """Open the content for reading; the caller closes it."""
        if self._data is None and self.path is not None:
            return self.path.open("rb")
        return BytesIO(self.data)


ReadDocument = Callable[[Source, "Reading"], Extraction]


@dataclass(slots=True)
class Reading:
    """The state of reading one document. Members share the budget and get their own warnings."""

    budget: Budget
    read: ReadDocument
    password: str | None = None
    depth: int = 0
    report: Report = silent
    skipped: dict[str, str] = field(default_factory=dict)
    trail: str = ""
    warnings: list[str] = field(default_factory=list)
    seen_pictures: set[str] = field(default_factory=set)

    @property
    def limits(self) -> ExtractLimits:
        """The limits of the whole file."""
        return self.budget.limits

    @property
    def started(self) -> float:
        """When reading the whole file began, on the monotonic clock."""
        return self.budget.started

    def warn(self, text: str) -> None:
        """Keep a sentence for the person, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def page_done(self, done: int, total: int | None) -> None:
        """Report pages that are read."""
        self.report(Progress(done, total, "pages", self.trail))

    def member(self, name: str, data: bytes) -> Member:
        """Read a file that lies inside this one; what is wrong with it stays its own matter.

        Raises OverLimit, which concerns the whole file.
        """
        trail = f"{self.trail}/{name}" if self.trail else name
        if trail in self.skipped:
            return failed_member(name, self.skipped[trail])
        if self.depth >= self.limits.max_depth:
            return failed_member(name, f"Not read: more than {self.limits.max_depth} archives inside each other.")
        inner = Reading(self.budget, self.read, self.password, self.depth + 1, self.report, self.skipped, trail)
        self.report(Progress(0, None, "pages", trail))
        try:
            return Member(name, self.read(Source(name, data), inner))
        except OverLimit:
            raise
        except UnreadableDocument as error:
            return failed_member(name, f"{error.message} {error.hint or ''}".strip())


def failed_member(name: str, error: str) -> Member:
    """Build a member that could not be read."""
    return Member(name, Extraction(pages=(), warnings=(error,)), error=error)


def unreadable(name: str, what: str, cure: str) -> UnreadableDocument:
    """Build the error that names the file, what is wrong with it and the cure."""
    return UnreadableDocument(f"{name} {what}", cure)


def parts(text: str, label: str | None = None) -> tuple[Page, ...]:
    """Cut text that has no pages of its own into pages, between paragraphs where possible."""
    if len(text) <= PART_CHARACTERS * 1.2:
        return (Page(1, text, label),)
    pages: list[Page] = []
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > PART_CHARACTERS * 1.2:
            wanted = start + PART_CHARACTERS
            end = text.rfind("\n\n", start + PART_CHARACTERS // 2, wanted) + 2
            if end < 2:
                end = text.rfind("\n", start + PART_CHARACTERS // 2, wanted) + 1 or wanted
        piece = text[start:end].strip("\n")
        if piece:
            pages.append(Page(len(pages) + 1, piece, label))
        start = end
    return tuple(pages)
