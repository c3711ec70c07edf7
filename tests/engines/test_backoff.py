"""Pauses grow with failures in a row and are forgiven by health."""

from __future__ import annotations

import pytest

from headwater.core.errors import EngineFailed
from headwater.engines.backoff import HEALTHY_SECONDS, LONGEST_SECONDS, Backoff


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_restart_is_free_then_pauses_double():
    backoff = Backoff(clock := Time())
    backoff.check("x")
    pauses = []
    for _ in range(4):
        backoff.failed()
        pauses.append(backoff.remaining_seconds)
    assert pauses == [0.0, 0.5, 1.0, 2.0]
    with pytest.raises(EngineFailed, match=r"x failed 4 times in a row and rests for 2\.0 more seconds"):
        backoff.check("x")
    clock.now += 2.0
    backoff.check("x")


def test_pauses_have_an_end():
    backoff = Backoff(Time())
    for _ in range(40):
        backoff.failed()
    assert backoff.remaining_seconds == LONGEST_SECONDS


def test_a_healthy_life_forgives():
    backoff = Backoff(clock := Time())
    for _ in range(3):
        backoff.failed()
    clock.now += 10
    backoff.started()
    clock.now += HEALTHY_SECONDS
    backoff.failed()
    assert backoff.remaining_seconds == 0.0
    backoff.started()
    clock.now += 1
    backoff.failed()
    assert backoff.remaining_seconds == 0.5
