"""A full disk, told in one way: which errors mean it, and the error a person sees."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from headwater.core.errors import StorageFull

# No space on the device, and the quota of a user used up.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_full(error: OSError) -> bool:
    """Whether an error of the system means that nothing more can be written."""
    return error.errno in FULL


@contextmanager
def full_disk_told(message: str, hint: str) -> Iterator[None]:
    """Turn a full disk into StorageFull with this message and hint; any other error stays as it is."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull(message, hint) from error
        raise
