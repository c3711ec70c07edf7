from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core.errors import TooMany
from headwater.storage import throttle as module
from headwater.storage.throttle import FREE_FAILURES, LONGEST_WAIT_SECONDS, Throttle


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def failures_until_refused(throttle: Throttle, name: str) -> int:
    count = 0
    while True:
        try:
            throttle.attempt(name)
        except TooMany:
            return count
        count += 1


def test_waits_double_and_are_told() -> None:
    clock = Clock(50.0)
    throttle = Throttle(clock)
    assert failures_until_refused(throttle, "anna") == FREE_FAILURES
    for wait in (30, 60, 120, 240, 480, 900, 900):
        with pytest.raises(TooMany) as caught:
            throttle.attempt("anna")
        assert f"Wait {wait} s" in str(caught.value.hint)
        clock.now += wait - 0.5
        with pytest.raises(TooMany, match="anna"):
            throttle.attempt("anna")
        clock.now += 0.5
        throttle.attempt("anna")


def test_names_are_apart_and_time_forgives() -> None:
    clock = Clock(0.0)
    throttle = Throttle(clock)
    assert failures_until_refused(throttle, "anna") == FREE_FAILURES
    assert failures_until_refused(throttle, "boris") == FREE_FAILURES
    clock.now += LONGEST_WAIT_SECONDS + 1
    assert failures_until_refused(throttle, "anna") == FREE_FAILURES


def test_success_forgives() -> None:
    throttle = Throttle(Clock(0.0))
    for _ in range(20):
        throttle.attempt("anna")
        throttle.succeed("anna")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 3)
    throttle = Throttle(Clock(0.0))
    for number in range(10):
        throttle.attempt(f"name{number}")
    assert len(throttle._failures) == 3


@given(st.lists(st.floats(min_value=0, max_value=2000), max_size=60))
def test_no_more_tries_than_the_waits_allow(pauses: list[float]) -> None:
    clock, passed = Clock(0.0), []
    throttle = Throttle(clock)
    for pause in pauses:
        clock.now += pause
        try:
            throttle.attempt("anna")
        except TooMany:
            continue
        passed.append(clock.now)
    # However the tries are spread, six of them need at least the first wait between first and last.
    for first, sixth in zip(passed, passed[FREE_FAILURES:], strict=False):
        assert sixth - first >= 30.0
