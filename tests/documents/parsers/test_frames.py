"""Messages between parent and child: whole, or refused."""

from __future__ import annotations

from io import BytesIO

import pytest

from headwater.core.types import Extraction, Member, Page
from headwater.documents.parsers.frames import extraction_from_json, extraction_to_json, read_frame, write_frame

BROKEN = Member("a", Extraction((), warnings=("w",)), "broken")
FULL = Extraction((Page(1, "text \ud7ff é", "i"), Page(2, "")), True, (BROKEN,), ("one",), "x/y", "T")


def test_an_extraction_comes_back_as_it_went() -> None:
    stream = BytesIO()
    write_frame(stream, {"result": extraction_to_json(FULL)})
    stream.seek(0)
    frame = read_frame(stream)
    assert frame is not None
    assert extraction_from_json(frame["result"]) == FULL
    assert read_frame(stream) is None


def test_half_a_message_is_none() -> None:
    stream = BytesIO()
    write_frame(stream, {"a": 1})
    assert read_frame(BytesIO(stream.getvalue()[:-1])) is None


@pytest.mark.parametrize("nonsense", [{}, {"pages": [1]}, {"pages": 3}])
def test_nonsense_is_refused(nonsense: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        extraction_from_json(nonsense)
