from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, NotFound, StorageFull
from headwater.storage.files import FileStore


def stored_names(files: FileStore) -> list[str]:
    return sorted(path.name for path in files.root.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["bytes", "stream", "path"])
def test_bytes_streams_and_paths_are_stored_by_hash(files: FileStore, tmp_path: Path, form: str) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "source").write_bytes(data)
    source = {"bytes": data, "stream": io.BytesIO(data), "path": tmp_path / "source"}[form]
    stored = files.put(source, 5_000_000)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert stored.size == len(data)
    assert files.path(stored.sha256).read_bytes() == data
    assert stored_names(files) == [stored.sha256]


def test_equal_bytes_are_stored_once_and_privately(files: FileStore) -> None:
    first, second = files.put(b"same", 10), files.put(b"same", 10)
    assert first == second
    assert stored_names(files) == [first.sha256]
    assert stat.S_IMODE(files.path(first.sha256).stat().st_mode) == 0o600


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(files: FileStore) -> None:
    with pytest.raises(BadInput, match="larger than 1 MB") as caught:
        files.put(b"x" * 1_000_001, 1_000_000)
    assert "max_file_mb" in str(caught.value.hint)
    assert stored_names(files) == []
    assert files.put(b"x" * 1_000_000, 1_000_000).size == 1_000_000


def test_a_stream_that_breaks_leaves_nothing(files: FileStore) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.put(Broken(), 10)
    assert stored_names(files) == []


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_full_disk_is_said_with_a_cure(files: FileStore, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"headwater.storage.files.os.{call}", full)
    with pytest.raises(StorageFull, match="disk is full") as caught:
        files.put(b"text", 10)
    monkeypatch.undo()
    assert "Free some space" in str(caught.value.hint)
    assert stored_names(files) == []


def test_other_errors_of_the_disk_are_not_disguised(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("headwater.storage.files.os.fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        files.put(b"text", 10)


def test_a_hash_without_bytes_is_not_found(files: FileStore) -> None:
    with pytest.raises(NotFound):
        files.path("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64, "0" * 64 + "\n"])
def test_only_hashes_reach_the_disk(files: FileStore, name: str) -> None:
    with pytest.raises(BadInput, match="not a sha256"):
        files.path(name)


def test_delete_waits_for_the_row_of_an_upload(files: FileStore) -> None:
    stored = files.put(b"arriving", 10)
    assert not files.delete(stored.sha256)
    assert files.has(stored.sha256)
    files.settle(stored.sha256)
    assert files.delete(stored.sha256)
    assert not files.has(stored.sha256)
    assert files.delete(stored.sha256)  # deleting what is gone is no error


def test_two_uploads_of_the_same_bytes_are_held_twice(files: FileStore) -> None:
    stored = files.put(b"twice", 10)
    files.put(b"twice", 10)
    files.settle(stored.sha256)
    assert not files.delete(stored.sha256)
    files.settle(stored.sha256)
    assert files.delete(stored.sha256)


def test_sweep_removes_old_orphans_and_keeps_young_and_needed_ones(tmp_path: Path) -> None:
    writer = FileStore(tmp_path)
    old, young, needed = (writer.put(data, 10).sha256 for data in (b"old", b"young", b"needed"))
    for sha256 in (old, needed):
        os.utime(writer.path(sha256), (1000, 1000))
    after_restart = FileStore(tmp_path)
    assert after_restart.sweep({needed}) == [old]
    assert stored_names(after_restart) == sorted([young, needed])


def test_putting_bytes_again_renews_their_age(tmp_path: Path) -> None:
    stored = FileStore(tmp_path).put(b"again", 10)
    os.utime(FileStore(tmp_path).path(stored.sha256), (1000, 1000))
    FileStore(tmp_path).put(b"again", 10)
    assert FileStore(tmp_path).sweep(set()) == []


def test_sweep_removes_leftovers_of_dead_writers_only(files: FileStore) -> None:
    files.put(b"makes the folders", 100)
    leftover = files.root / "arriving" / "deadbeef"
    leftover.write_bytes(b"half a fi")

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            files.sweep(set(), grace_seconds=600)
            return super().read(size)

    stored = files.put(Slow(b"living writer"), 100)
    assert not leftover.exists()
    assert files.path(stored.sha256).read_bytes() == b"living writer"


def test_an_upload_survives_a_sweep_that_takes_its_new_file_for_a_leftover(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, swept = fcntl.flock, []

    def sweep_first(target: Any, operation: int) -> None:
        if not swept:
            swept.append(True)
            files.sweep(set())
        real(target, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    stored = files.put(b"made, not locked yet", 100)
    assert swept
    assert files.path(stored.sha256).read_bytes() == b"made, not locked yet"
    assert list((files.root / "arriving").iterdir()) == []


def test_sweeping_an_empty_store_is_fine(tmp_path: Path) -> None:
    assert FileStore(tmp_path / "never-used").sweep(set()) == []
