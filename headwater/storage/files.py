"""The content-addressed files: bytes are stored under their sha256, so equal files are stored once."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from headwater.core.disk import full_disk_told
from headwater.core.errors import BadInput, NotFound

BLOCK_BYTES = 1 << 20
GRACE_SECONDS = 600.0
HOLD_SECONDS = 600.0
FULL_HINT = "Free some space on the disk that holds the workspace, then send the file again."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is safely on disk."""

    sha256: str
    size: int


class FileStore:
    """Files by hash under `root`. Safe for many threads and for several processes on one directory.

    A file is written to a temporary name, flushed to the disk and then renamed, so a name always
    stands for complete bytes. Between `put` and the row that refers to the file there is a moment
    in which nobody seems to need it: the hash is held until `settle`, and `sweep` leaves young files alone.
    """

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self._clock = clock
        self._arriving = root / "arriving"
        self._lock = threading.Lock()
        self._held: dict[str, list[float]] = {}

    def put(self, source: BinaryIO | bytes | Path, max_bytes: int) -> StoredFile:
        """Store a stream, bytes or a file and return its hash, when the bytes are safe against a power cut.

        Raises BadInput above `max_bytes`, StorageFull.
        """
        with _full_disk():
            _private_folder(self._arriving)
            temporary, target = self._arrival()
            try:
                with target:
                    with _opened(source) as stream:
                        stored = _copy(stream, target, max_bytes)
                    self._hold(stored.sha256)
                    self._place(temporary, stored.sha256)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        return stored

    def _arrival(self) -> tuple[Path, BinaryIO]:
        """A new temporary file, locked: by the lock a sweep tells a living writer from the leftover of a dead one."""
        while True:
            temporary = self._arriving / secrets.token_hex(8)
            target = os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            fcntl.flock(target, fcntl.LOCK_EX)
            if os.fstat(target.fileno()).st_nlink:
                return temporary, target
            # A sweep came between the making and the locking, and took it for a leftover.
            target.close()

    def path(self, sha256: str) -> Path:
        """Where the bytes of a hash are. Raises NotFound when they are not there."""
        path = self._path(sha256)
        if not path.is_file():
            raise NotFound(f"The stored file {sha256[:12]}… is missing.", "Upload the document again.")
        return path

    def has(self, sha256: str) -> bool:
        """Whether the bytes of a hash are there."""
        return self._path(sha256).is_file()

    def settle(self, sha256: str) -> None:
        """Say that a row refers to the file now (or never will), so it need not be held any more."""
        with self._lock:
            held = self._held.get(sha256)
            if held:
                held.pop(0)
            if not held:
                self._held.pop(sha256, None)

    def delete(self, sha256: str) -> bool:
        """Delete the bytes of a hash that no row refers to; False when an upload of the same bytes holds it.

        Call it with the catalogue's write lock held, so that no row can begin to refer to it meanwhile.
        """
        if self._is_held(sha256):
            return False
        path = self._path(sha256)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
        return True

    def sweep(self, keep: set[str], grace_seconds: float = GRACE_SECONDS) -> list[str]:
        """Remove what dead writers left and files that nobody refers to; return the hashes removed.

        A file younger than `grace_seconds` stays: its row may be about to be written.
        """
        for temporary in self._arriving.glob("*") if self._arriving.is_dir() else ():
            _remove_if_abandoned(temporary)
        removed = []
        for path in self._stored():
            if path.name in keep or self._clock() - path.stat().st_mtime < grace_seconds:
                continue
            if self.delete(path.name):
                removed.append(path.name)
        return removed

    def _stored(self) -> Iterable[Path]:
        return sorted(path for path in self.root.glob("[0-9a-f][0-9a-f]/*") if len(path.name) == 64)

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise BadInput(f"{sha256[:80]!r} is not a sha256.", "Expected 64 hexadecimal digits.")
        return self.root / sha256[:2] / sha256

    def _place(self, temporary: Path, sha256: str) -> None:
        final = self._path(sha256)
        for _ in range(3):
            _private_folder(final.parent)
            try:
                # Replacing also an existing file renews its age, which keeps a sweep away from it.
                temporary.replace(final)
            except FileNotFoundError:
                continue  # the empty folder was removed by a delete in this very moment
            break
        else:
            raise FileNotFoundError(errno.ENOENT, "could not place the file", str(final))
        _flush_folder(final.parent)
        _flush_folder(self.root)

    def _hold(self, sha256: str) -> None:
        with self._lock:
            self._held.setdefault(sha256, []).append(time.monotonic())

    def _is_held(self, sha256: str) -> bool:
        limit = time.monotonic() - HOLD_SECONDS
        with self._lock:
            return any(since > limit for since in self._held.get(sha256, ()))


def _copy(stream: BinaryIO, target: BinaryIO, max_bytes: int) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK_BYTES):
        size += len(block)
        if size > max_bytes:
            raise BadInput(
                f"The file is larger than {max_bytes / 1e6:.0f} MB.",
                "Split it, or raise the setting max_file_mb.",
            )
        digest.update(block)
        target.write(block)
    target.flush()
    os.fsync(target.fileno())
    return StoredFile(digest.hexdigest(), size)


@contextmanager
def _opened(source: BinaryIO | bytes | Path) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield source


def _remove_if_abandoned(temporary: Path) -> None:
    try:
        descriptor = os.open(temporary, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        temporary.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _flush_folder(folder: Path) -> None:
    """Make a rename durable: the folder's own entry must reach the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _full_disk() -> Iterator[None]:
    with full_disk_told("The disk is full: the file could not be stored.", FULL_HINT):
        yield
