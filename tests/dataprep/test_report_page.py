"""report.html: complete, self-contained, and nothing that a row says becomes markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headwater.dataprep.charts import histogram, waterfall_row
from headwater.dataprep.markup import element, join, shown
from headwater.dataprep.recipe import parse_recipe
from headwater.dataprep.report import RunReport, histograms
from headwater.dataprep.report_page import marked
from headwater.dataprep.run import RunSettings, prepare

OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "h3", "p", "b", "i",
    "small", "span", "div", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "details", "summary", "code",
    "bdi", "del", "ins", "ul", "li", "pre", "article",
}  # fmt: skip
ATTACK = "</div><script>alert(1)</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def hostile(tmp_path: Path) -> RunReport:
    rows = [{"instruction": f"{ATTACK} river {n}?", "output": f"It  is \u202e {ATTACK} " + "x " * n} for n in range(40)]
    lines = [*(json.dumps(row) for row in rows), json.dumps(rows[0]), f"{{{ATTACK}"]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), "utf-8")
    value = {
        "version": 1, "max_errors": 1, "sources": [{"path": "rows.jsonl", "licence": ATTACK}],
        "steps": ["clean", {"length": {"minimum": 160}}, "language", "exact_duplicates"], "output": {"path": "out"},
    }  # fmt: skip
    return prepare(parse_recipe(value, tmp_path), RunSettings())


def test_rows_never_become_markup(hostile: RunReport, tmp_path: Path) -> None:
    text = (tmp_path / "out/report.html").read_text("utf-8")
    page = Page(text)
    assert page.tags <= OURS
    assert not {name for name in page.attributes if name.startswith("on") or name in ("src", "href", "action")}
    assert page.open == []
    assert "\u202e" not in text
    assert "default-src" in text
    assert text.count(ATTACK) == 0
    words = "".join(page.words)
    assert "<script>alert(1)</script>" in words, "the row is shown as it is written"


def test_the_page_tells_what_the_report_tells(hostile: RunReport) -> None:
    words = " ".join(Page(hostile.page()).words)
    for told in ("Every row is accounted for", "2. length", "too short", "not stated", "bad JSON"):
        assert (told in words) == (told != "not stated"), told
    short = hostile.json["steps"][1]["reasons"]["too short"]
    assert f"{min(20, short)} of {short}" in words
    assert hostile.json["histograms"]["01.length.length"]["counts"]


def test_histograms_before_and_after_add_up(hostile: RunReport) -> None:
    found = hostile.json["histograms"]
    dropped = hostile.json["steps"][1]["dropped"]
    lengths = found["01.length.length"]
    assert dropped > 0
    assert sum(lengths["counts"]) - sum(lengths["after"]) == dropped
    language = found["02.language.language"]
    assert language["counts"] == language["after"]


def test_a_value_that_lost_all_its_rows_stays_in_the_histogram() -> None:
    statistics = pl.DataFrame(
        {"index": [1, 2, 3], "00.language.language": ["en", "en", "de"]}, schema_overrides={"index": pl.UInt64}
    )
    dropped = pl.DataFrame({"place": [0], "index": [3]}, schema={"place": pl.Int32, "index": pl.UInt64})
    assert histograms(statistics, dropped)["00.language.language"] == {
        "counts": {"en": 2, "de": 1}, "after": {"en": 2, "de": 0},
    }  # fmt: skip


def test_a_single_dropped_row_of_a_million_is_seen() -> None:
    line: dict[str, Any] = {"in": 1_000_000, "out": 999_999, "dropped": 1}
    row = waterfall_row(line, 1_000_000)
    assert 'class="dropped"' in row
    assert 'width="1.50"' in row
    assert 'class="added"' not in row


def test_histogram_shows_dropped_rows_behind_kept_ones() -> None:
    found = {"counts": [4, 0, 2], "after": [1, 0, 2], "edges": [0.0, 1.0, 2.0, 3.0]}
    drawn = histogram(found)
    assert drawn.count('class="dropped"') == 1
    assert drawn.count('class="kept"') == 2


def test_marked_words() -> None:
    before, after = marked("a  b <c>", "a b <c>!")
    assert before in (
        element("bdi", "a", element("del", "␣"), " b <c>"),
        element("bdi", "a ", element("del", "␣"), "b <c>"),
    )
    assert after == element("bdi", "a b <c>", element("ins", "!"))
    assert marked("same", "same")[0] == element("bdi", "same")


def test_an_excerpt_that_ends_elsewhere_is_no_change() -> None:
    long = "word " * 79
    before, after = marked(f"{long}gone", f"{long[1:]}gone on")
    assert str(after) == "<bdi>" + element("ins", "ord") + f"{long[4:]}gone on</bdi>"
    assert str(before).endswith("gone</bdi>")


def test_only_what_was_built_here_is_markup() -> None:
    assert join("<b>", element("b", "<")) == "&lt;b&gt;<b>&lt;</b>"
    assert element("i", attributes={"title": '"><script>'}) == '<i title="&quot;&gt;&lt;script&gt;"></i>'
    assert shown("a\x00\ud800") == "a\ufffd\ufffd"
