"""A full disk is told in one way."""

from __future__ import annotations

import errno

import pytest

from headwater.core.disk import full_disk_told, is_full
from headwater.core.errors import StorageFull


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_and_a_used_up_quota_are_a_full_disk(number: int) -> None:
    assert is_full(OSError(number, "x"))
    with pytest.raises(StorageFull, match="All full") as caught, full_disk_told("All full", "Free some."):
        raise OSError(number, "x")
    assert caught.value.hint == "Free some."
    assert isinstance(caught.value.__cause__, OSError)


def test_any_other_error_stays_as_it_is() -> None:
    with pytest.raises(PermissionError), full_disk_told("All full", ""):
        raise PermissionError(errno.EACCES, "no")
