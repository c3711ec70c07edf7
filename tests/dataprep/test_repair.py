from __future__ import annotations

import ftfy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dataprep.repair import repaired
from headwater.dataprep.repair import settings as ftfy_settings

PIECES = [
    "naïve café",
    "“quotes” – …",
    "100 € · ß",
    "e\u0301",
    "Ω Ω",
    "ﬁne",
    "&amp; &lt;b&gt;",
    "a < b",
    "plain ascii, twice",
    "\x07\x1b[31m",
    "line\r\nend",
    "中文，好",
    "Привет мир",
    "שלום",
    "\u2028",
    "½ × 3°",
]


def wrongly_decoded(text: str, encoding: str) -> str:
    return text.encode("utf-8").decode(encoding, "ignore")


spoiled = st.tuples(st.sampled_from(PIECES), st.sampled_from(["cp1252", "latin-1", "cp1251", "macroman", "cp437"])).map(
    lambda pair: wrongly_decoded(*pair)
)
texts = st.lists(
    st.lists(st.sampled_from(PIECES) | spoiled, max_size=6).map("  then some words ".join), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(texts)
def test_the_short_way_gives_what_ftfy_gives(values: list[str]) -> None:
    assert repaired(pl.Series(values, dtype=pl.String)).to_list() == [ftfy.fix_text(v, ftfy_settings()) for v in values]


@pytest.mark.parametrize("text", ["“Right” as it is.", "中文，好。", "plain"])
def test_what_is_right_stays(text: str) -> None:
    assert repaired(pl.Series([text])).to_list() == [text]


def test_the_column_given_is_not_written_to() -> None:
    column = pl.Series(["cafÃ©"])
    assert repaired(column).to_list() == ["café"]
    assert column.to_list() == ["cafÃ©"]
