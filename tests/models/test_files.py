"""Names that stay inside, hashes, full disks."""

from __future__ import annotations

import errno
import subprocess

import pytest

from headwater.core.errors import BadInput, DownloadFailed, StorageFull
from headwater.models.files import check_file, check_room, full_disk_said, git_blob, inside
from headwater.models.manifest import ModelFile


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "", "a\0b", "..", "a\\b"])
def test_names_that_leave_the_folder(tmp_path, name):
    with pytest.raises(BadInput, match="no name for a model file"):
        inside(tmp_path, name)


def test_names_that_stay(tmp_path):
    assert inside(tmp_path, "1_Pooling/config.json") == tmp_path / "1_Pooling" / "config.json"


def test_checks_name_both_values(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"hello")
    good = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    check_file(path, ModelFile("a", good, 5))
    with pytest.raises(DownloadFailed, match="a has 5 bytes, 6 were expected"):
        check_file(path, ModelFile("a", good, 6))
    with pytest.raises(DownloadFailed, match=f"a has sha256 {good}, 00 was expected"):
        check_file(path, ModelFile("a", "00", 5))
    with pytest.raises(DownloadFailed, match="git hash b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0, 11 was"):
        check_file(path, ModelFile("a", None, 5, blob="11"))


def test_git_hash_is_that_of_git(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"some\r\ntext" * 1000)
    assert (
        git_blob(path) == subprocess.check_output(["git", "hash-object", "--no-filters", str(path)], text=True).strip()
    )


def test_a_full_disk(tmp_path):
    with pytest.raises(StorageFull, match="is full"), full_disk_said(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), full_disk_said(tmp_path):
        raise PermissionError(errno.EACCES, "no")
    with pytest.raises(StorageFull, match=r"left, 1000000000\.0 GB are needed"):
        check_room(tmp_path, 10**18)
