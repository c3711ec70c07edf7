"""The examples of a change: both texts from a little before the place where they part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headwater.dataprep.stage import SHOWN_CHARACTERS, _around, _shared


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_the_common_beginning_is_found(one: str, other: str) -> None:
    shared = _shared(one, other)
    assert one[:shared] == other[:shared]
    assert shared == min(len(one), len(other)) or one[shared] != other[shared]


def test_an_example_begins_a_little_before_the_difference() -> None:
    same = "same " * 400
    shown = _around(f"{same}old words", f"{same}new words")
    assert all(len(text) <= SHOWN_CHARACTERS for text in shown.values())
    assert shown["before"].endswith("same old words")
    assert shown["after"].endswith("same new words")
    assert _around("short", "shorter") == {"before": "short", "after": "shorter"}
