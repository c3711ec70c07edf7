"""Presentations: a page a slide, in the order they are shown."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations


def test_slides_come_in_the_order_they_are_shown_titles_first(make, read) -> None:
    slides = [make.shape("body one") + make.shape("Title one", "title"), make.shape("Title two", "ctrTitle")]
    found = read("a.pptx", make.pptx_bytes(slides))
    assert [(p.number, p.text) for p in found.pages] == [(1, "# Title one\n\nbody one"), (2, "# Title two")]
    assert found.paged


def test_groups_tables_and_notes_are_read_and_slide_numbers_are_not(make, read) -> None:
    group = f"<p:grpSp><p:grpSp>{make.shape('deep inside')}</p:grpSp></p:grpSp>"

    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    rows = "".join(
        f"<a:tr>{''.join(cells)}</a:tr>"
        for cells in (
            [cell("wide", "gridSpan='2'"), cell("", "hMerge='1'"), cell("c")],
            [cell("tall", "rowSpan='2'"), cell("1"), cell("2")],
            [cell("", "vMerge='1'"), cell("3"), cell("4")],
        )
    )
    table = (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    slide = group + table + make.shape("12", "sldNum")
    found = read("a.pptx", make.pptx_bytes([slide], notes={1: "Say hello\nthen wait"}))
    assert found.pages[0].text == (
        "deep inside\n\nwide |  | c\ntall | 1 | 2\ntall | 3 | 4\n\nNotes:\nSay hello\nthen wait"
    )


def test_a_slide_that_does_not_parse_leaves_the_others(make, read) -> None:
    found = read("a.pptx", make.pptx_bytes([make.shape("good"), "<p:sp><p:broken>"]))
    assert [p.text for p in found.pages] == ["good", ""]
    assert any("damaged" in w for w in found.warnings)


def test_a_word_split_over_runs_stays_one_word(make, read) -> None:
    split = "<p:sp><p:txBody><a:p><a:r><a:t>S</a:t></a:r><a:r><a:t>ome</a:t></a:r><a:br/><a:r><a:t>next</a:t></a:r></a:p></p:txBody></p:sp>"
    assert read("a.pptx", make.pptx_bytes([split])).pages[0].text == "Some\nnext"
