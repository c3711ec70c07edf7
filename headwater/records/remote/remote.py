"""What a place that holds rows must be able to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

PIECE_BYTES = 1 << 20


class Dropped(Exception):
    """The connection broke, or the place asked to come again later. `wait_seconds`: when it said."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class State:
    """What tells one version of a remote file from another; None while unknown."""

    size_bytes: int | None = None
    mark: str | None = None

    @property
    def known(self) -> bool:
        """Whether two equal states mean the same bytes."""
        return self.mark is not None


@dataclass(frozen=True, slots=True)
class Opened:
    """Bytes from `start` on. `start` is 0 when the place could not go on where it was asked to."""

    start: int
    state: State
    pieces: Iterator[bytes]


class Remote(Protocol):
    """A place of rows. Every method raises Dropped for what may pass, and HeadwaterError for what will not."""

    @property
    def shown(self) -> str:
        """The address as it may be printed."""
        ...

    def state(self) -> State:
        """Return which version lies there now."""
        ...

    def open(self, start: int, state: State) -> AbstractContextManager[Opened]:
        """Open the bytes from `start` on, if the place still holds the version `state`."""
        ...
