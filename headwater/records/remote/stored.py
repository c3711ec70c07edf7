"""Files in object stores (s3, gs, abfs) and hub data sets, through fsspec and the libraries' own credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from headwater.core.errors import BadInput, DownloadFailed, HeadwaterError, MissingExtra
from headwater.records.remote.address import EXTRAS, scheme_of, shown
from headwater.records.remote.hub import fixed
from headwater.records.remote.remote import PIECE_BYTES, Dropped, Opened, State

# What file systems call the version of a file, the surest first.
MARKS = ("ETag", "etag", "sha256", "blob_id", "md5Hash", "LastModified", "last_modified", "mtime", "created")


class StoredFile:
    """One file of a file system that fsspec knows."""

    def __init__(self, address: str) -> None:
        self.shown = shown(address)
        self._system, self._path = _opened(address)

    def state(self) -> State:
        """Ask for size and version."""
        try:
            self._system.invalidate_cache()
            info = self._system.info(self._path)
        except Exception as error:
            raise self._told(error) from error
        if info.get("type") == "directory":
            raise BadInput(f"{self.shown} is a folder", "Name one file; several files are several sources.")
        mark = next((str(info[name]) for name in MARKS if info.get(name)), None)
        size = info.get("size")
        return State(int(size) if size is not None else None, mark)

    @contextmanager
    def open(self, start: int, state: State) -> Iterator[Opened]:
        """Open at `start` when the file is still the same, else at its beginning."""
        now = self.state()
        start = start if now == state and now.known else 0
        try:
            # No read-ahead: whole pieces are asked for, each one request.
            stream = self._system.open(self._path, "rb", cache_type="none")
        except Exception as error:
            raise self._told(error) from error
        with stream:
            yield Opened(start, now, self._pieces(stream, start))

    def _pieces(self, stream: Any, start: int) -> Iterator[bytes]:
        try:
            stream.seek(start)
            while piece := stream.read(PIECE_BYTES * 8):
                yield piece
        except Exception as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> Exception:
        """Return what the error means: gone for good, or worth another try."""
        if isinstance(error, HeadwaterError | Dropped):
            return error
        if isinstance(error, FileNotFoundError):
            return DownloadFailed(f"{self.shown} does not exist", "Check the address, and the revision of a data set.")
        if isinstance(error, PermissionError) or "redential" in type(error).__name__:
            return DownloadFailed(
                f"{self.shown} is not open to us: {error}", "Sign in the way this store's own tools do."
            )
        if isinstance(error, ValueError | NotImplementedError | TypeError):
            return DownloadFailed(f"{self.shown} cannot be read: {error}", "Check the address.")
        return Dropped(f"{type(error).__name__}: {error}")


def matches(address: str) -> list[str]:
    """Return the addresses of the files that match a pattern, by name. Raises MissingExtra, DownloadFailed."""
    whole = fixed(address) if scheme_of(address) == "hf" else address
    system, path = _opened(whole)
    try:
        found = system.glob(path)
    except Exception as error:
        raise DownloadFailed(f"{shown(address)} cannot be listed: {error}", "Check address and sign-in.") from error
    scheme = scheme_of(address)
    return [f"{scheme}://{str(name).lstrip('/')}" for name in sorted(found)]


def _opened(address: str) -> tuple[Any, str]:
    scheme = scheme_of(address) or ""
    extra = EXTRAS[scheme] or "remote"
    try:
        core = import_module("fsspec.core")
        system, path = core.url_to_fs(address)
    except ImportError as error:
        raise MissingExtra.needed(f"A source at {scheme}://", extra) from error
    except Exception as error:
        raise DownloadFailed(f"{shown(address)} cannot be opened: {error}", "Check the address.") from error
    return system, str(path)
