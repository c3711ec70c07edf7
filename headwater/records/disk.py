"""What a full or closed disk says, in words for a person."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headwater.core.disk import FULL
from headwater.core.errors import BadInput, HeadwaterError, StorageFull

CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR})
# polars raises OSError without an errno; the number stands in its text alone.
_NUMBER = re.compile(r"\(os error (\d+)\)")


def number_of(error: OSError) -> int | None:
    """Return the error number of the system, wherever it stands."""
    if error.errno is not None:
        return error.errno
    found = _NUMBER.search(str(error))
    return int(found.group(1)) if found else None


def in_words(error: OSError, place: Path) -> HeadwaterError | None:
    """Return what to tell a person of a disk that is full or closed while `place` is written; None for other errors."""
    number = number_of(error)
    if number in FULL:
        return StorageFull(
            f"The disk is full while writing {place}", "Free some space and run it again: what is complete is kept."
        )
    if number in CLOSED:
        named = error.filename or place
        return BadInput(
            f"{named} cannot be used: {os.strerror(number)}", "Choose another place, or change who may write there."
        )
    return None


@contextmanager
def disk_in_words(place: Path) -> Iterator[None]:
    """Raise StorageFull or BadInput for what the disk says while `place` is written."""
    try:
        yield
    except OSError as error:
        found = in_words(error, place)
        if found is None:
            raise
        raise found from error
