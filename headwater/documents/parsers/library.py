"""The one door to kreuzberg, the library that reads old Office files, workbooks and some fifty rarer formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.reading import Reading, unreadable

CURE = "Open it in its own program and export it as PDF."


def extract_bytes(data: bytes, media_type: str, name: str, reading: Reading) -> Any:
    """Return kreuzberg's result for `data`. Raises UnreadableDocument naming the file and the cure."""
    import kreuzberg

    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        pages=kreuzberg.PageConfig(extract_pages=True),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=max(1, reading.limits.threads)),
    )
    try:
        result = kreuzberg.extract_bytes_sync(data, media_type, config)
    except (kreuzberg.KreuzbergError, RuntimeError, ValueError, OSError) as error:
        raise _explained(name, error) from error
    for warning in result.processing_warnings:
        reading.warn(f"{warning.message.rstrip('.')}.")
    return result


def media_type_of(name: str, data: bytes) -> str | None:
    """Return the media type kreuzberg would read this file as, by its content, then by its name."""
    import kreuzberg

    for ask, given in ((kreuzberg.detect_mime_type_from_path, name), (kreuzberg.detect_mime_type, data)):
        try:
            found = cast("Callable[[str | bytes], str]", ask)(given)
        except (kreuzberg.KreuzbergError, RuntimeError, ValueError, OSError):
            continue
        if isinstance(found, str) and found != "application/octet-stream":
            return found
    return None


def _explained(name: str, error: Exception) -> UnreadableDocument:
    detail = str(error).split(": ", 1)[-1][:200].rstrip(".")
    if "password" in detail.lower() or "encrypt" in detail.lower():
        return unreadable(name, "is protected with a password.", "Save a copy without the password, and add that.")
    return unreadable(name, f"cannot be read: {detail}.", CURE)
