from __future__ import annotations

import pytest

from headwater.documents.blocks import Block, blocks


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end].strip()) for block in blocks(text)]


def pieces(block: Block, text: str) -> list[str]:
    return [text[start:end] for start, end in block.pieces]


@pytest.mark.parametrize(
    ("line", "title", "level"),
    [
        ("## Two words ##", "Two words", 2),
        (" = Valkyria Chronicles = ", "Valkyria Chronicles", 1),
        (" = = Gameplay = = ", "Gameplay", 2),
        ("3.1.2 Scope of the work", "3.1.2 Scope of the work", 3),
        ("§ 1308.12 Schedule II", "§ 1308.12 Schedule II", 1),
        ("Title\n=====", "Title", 1),
        ("Part\n----", "Part", 2),
        ("# **Bold** [link](http://a.b)", "Bold link", 1),
    ],
)
def test_headings_of_many_kinds(line: str, title: str, level: int) -> None:
    first = blocks(f"{line}\n\nSome text under it.")[0]
    assert (first.kind, first.title, first.level) == ("heading", title, level)


@pytest.mark.parametrize(
    "line", ["It ends here.", "1.5 million people came, and 2.5 left.", "= refund", "a == b", "x" * 200, "| a | b |"]
)
def test_what_is_no_heading(line: str) -> None:
    assert blocks(f"{line}\nnext line of the text goes on here")[0].kind != "heading"


def test_a_table_keeps_its_rows_whole() -> None:
    text = "Before it. Also this.\n| Name | Age |\n| --- | --- |\n| Mr. A. B. | 3.5 |\n| C | 4 |\nAfter it."
    before, table, after = blocks(text)
    assert (before.kind, table.kind, after.kind) == ("paragraph", "table", "paragraph")
    assert pieces(table, text) == ["| Name | Age |", "| --- | --- |", "| Mr. A. B. | 3.5 |", "| C | 4 |"]


def test_tabs_and_semicolons_make_rows_too() -> None:
    for row in ("a\tb\tc", "1;2;3;4;5"):
        block = blocks(f"{row}\n{row}\n{row}")[0]
        assert (block.kind, len(block.pieces)) == ("table", 3)


def test_code_is_not_cut_into_sentences() -> None:
    text = "Look:\n\n```python\nif a. b: pass\n\n# not a heading\n```\nDone."
    assert [kind for kind, _ in kinds(text)] == ["paragraph", "code", "paragraph"]
    assert pieces(blocks(text)[1], text)[1:3] == ["if a. b: pass", "# not a heading"]


def test_list_items_go_on_over_lines() -> None:
    text = "- One item\n  goes on here\n- Two. With more.\n\n1) Three"
    block = blocks(text)[0]
    assert block.kind == "list"
    assert pieces(block, text) == ["- One item\n  goes on here", "- Two.", "With more.", "1) Three"]


def test_wrapped_lines_are_one_paragraph_and_short_lines_end_it() -> None:
    wrapped = (
        "The quick brown fox jumps over the lazy\ndog and runs on into the dark woods at\nnight. Then it sleeps.\n"
    )
    assert len(blocks(wrapped)) == 1
    short = "The quick brown fox jumps over the lazy\nAn end\nAnother line that is about as long as the\n"
    assert len(blocks(short)) == 2


def test_line_ends_written_as_two_characters_end_a_piece() -> None:
    text = r"{'content': 'Is it so?\nYes it is\n\n1. Log in to C:\new\table'}"
    assert pieces(blocks(text)[0], text)[:2] == ["{'content': 'Is it so?", "Yes it is"]


def test_an_empty_page_has_no_blocks() -> None:
    assert blocks("") == blocks(" \n\n\t\n") == []
