"""How work reports: it is measured or absent, never made up. The edge decides how to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` in `unit` ("pages", "bytes", "passages"); `total` None while unknown."""

    done: int
    total: int | None
    unit: str
    stage: str = ""


Report = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report to nobody."""
