"""Text out of files, in a limited process of its own: a crash, a bomb or a hang fails that file only."""

from __future__ import annotations

from pathlib import Path

from headwater.core.errors import UnreadableDocument
from headwater.core.progress import Report, silent
from headwater.core.types import Extraction, Member
from headwater.documents.extract_pool import ProcessPool, no_check
from headwater.documents.extract_process import Check, ProcessDied
from headwater.documents.parsers.frames import Frame, extraction_from_json
from headwater.documents.parsers.limits import MEGABYTE, ExtractLimits
from headwater.documents.parsers.names import harmless_name

__all__ = ["ExtractLimits", "Extractor", "extract", "refuse_size", "to_json"]

# A member that takes the process down is left out, and the file is read again without it.
MOST_CRASHES_A_FILE = 3


class Extractor:
    """Reads files in warm child processes. Safe to use from many threads; use as a context manager or close it."""

    def __init__(self, limits: ExtractLimits | None = None, processes: int = 1) -> None:
        self.limits = limits or ExtractLimits()
        self._pool = ProcessPool(self.limits, processes)

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child processes."""
        self._pool.close()

    def extract(
        self,
        path: Path,
        name: str | None = None,
        password: str | None = None,
        report: Report = silent,
        check: Check = no_check,
    ) -> Extraction:
        """Read a file. `name` is what the person calls it; its extension is a hint, its text only a label.

        `report` gets pages as they are read; `check` is called some twenty times a second and may raise to cancel.
        Raises UnreadableDocument with the name, what is wrong and the cure.
        """
        shown = harmless_name(name if name is not None else path.name)
        refuse_size(path, shown, self.limits)
        skip: dict[str, str] = {}
        while True:
            request: Frame = {
                "task": "extract", "name": shown, "path": str(path.absolute()), "password": password, "skip": skip,
            }  # fmt: skip
            try:
                return _built(self._pool.run(request, report, check), shown)
            except ProcessDied as death:
                if not death.during or death.during in skip or len(skip) >= MOST_CRASHES_A_FILE:
                    raise UnreadableDocument(f"{shown} {death.what}.", death.cure) from death
                skip[death.during] = f"{death.during.rsplit('/', 1)[-1]} {death.what}. {death.cure}"


def extract(
    path: Path, limits: ExtractLimits | None = None, name: str | None = None, password: str | None = None
) -> Extraction:
    """Read one file in a process of its own. For more than one file keep an Extractor: its process stays warm."""
    with Extractor(limits) as extractor:
        return extractor.extract(path, name, password)


def refuse_size(path: Path, name: str, limits: ExtractLimits) -> None:
    """Raise UnreadableDocument for what is no file, is empty or is too large, before a process is bothered."""
    if not path.is_file():
        what = "is a directory, not a file." if path.is_dir() else "does not exist, or is not an ordinary file."
        raise UnreadableDocument(f"{name} {what}", "Give the path of a file.")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableDocument(f"{name} is empty.", "Check that the file was saved and copied completely.")
    if size > limits.max_file_mb * MEGABYTE:
        raise UnreadableDocument(
            f"{name} is {size / MEGABYTE:,.0f} MB; at most {limits.max_file_mb:,} MB are read.",
            "Split the file, or raise the setting max_file_mb.",
        )


def to_json(extraction: Extraction) -> dict[str, object]:
    """Return an extraction as `headwater extract --json` prints it."""
    return {
        "pages": [{"page": page.number, "label": page.label, "text": page.text} for page in extraction.pages],
        "members": [_member_to_json(member) for member in extraction.members],
        "warnings": list(extraction.warnings),
    }


def _member_to_json(member: Member) -> dict[str, object]:
    found: dict[str, object] = {"name": member.name, **to_json(member.extraction)}
    return {**found, "error": member.error} if member.error else found


def _built(result: object, name: str) -> Extraction:
    """Build the extraction from what the child sent; a child that was taken over may send anything."""
    try:
        return extraction_from_json(result)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableDocument(
            f"{name} made the reader answer nonsense.", "Export it as PDF, and add that."
        ) from error
