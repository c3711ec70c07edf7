"""Web pages: the main text stays, everything around it goes."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import pytest

ARTICLE = "<h1>Ferries</h1><p>The night ferry leaves at <b>nine</b> from pier&nbsp;6 and takes four hours.</p>"


def text_of(read, markup: str | bytes, name: str = "a.html") -> str:
    return read(name, markup.encode() if isinstance(markup, str) else markup).pages[0].text


def test_menus_scripts_hidden_parts_and_footers_go(read) -> None:
    links = "".join(f"<li><a href='/{n}'>Link {n}</a></li>" for n in range(12))
    page = (
        f"<html><head><title>Ferries | Harbour</title><style>p{{}}</style></head><body><nav>{links}</nav>"
        f"<div class='site-menu'><ul>{links}</ul></div><script>var x = '<p>no</p>';</script>"
        f"<div role='navigation'>Elsewhere</div><p style='display: none'>hidden</p><p hidden>hidden too</p>"
        f"<div>{ARTICLE}<ul><li>Dogs travel free</li><li>Bring <a href='/x'>papers</a></li></ul></div>"
        f"<ul>{links}</ul><form><select><option>English</option></select><button>Go</button></form>"
        f"<footer>Imprint</footer></body></html>"
    )
    assert text_of(read, page) == (
        "# Ferries\n\nThe night ferry leaves at nine from pier 6 and takes four hours.\n\n- Dogs travel free\n- Bring papers"
    )


def test_the_main_part_is_taken_where_a_page_says_which_it_is(read) -> None:
    filler = "<p>Something else that is quite long and stands beside the main part of the page.</p>"
    page = f"<body><div>{filler}</div><main>{ARTICLE * 4}</main><div>{filler}</div></body>"
    assert "Something else" not in text_of(read, page)


def test_a_page_of_links_keeps_its_links(read) -> None:
    links = "".join(f"<li><a href='/{n}'>Report {n}</a></li>" for n in range(30))
    assert "Report 29" in text_of(read, f"<html><body><ul>{links}</ul></body></html>")


def test_a_class_that_sounds_like_a_menu_does_not_lose_the_page(read) -> None:
    assert "night ferry" in text_of(read, f"<html><body><div class='has sidebar menu'>{ARTICLE}</div></body></html>")


def test_tables_lists_and_code_keep_their_form(read) -> None:
    page = (
        "<html><body><table><caption>Fares</caption><tr><th>Who<th>Pays<tr><td>Child<td>5</table>"
        "<ol><li>first<ul><li>inner</ul><li>second</ol><pre>a\n  b</pre><p>one<br>two</p></body></html>"
    )
    assert text_of(read, page) == (
        "Fares\n\nWho | Pays\nChild | 5\n\n1. first\n  - inner\n2. second\n\na\n  b\n\none\ntwo"
    )


def test_a_table_that_only_lays_out_the_page_is_not_a_table(read) -> None:
    page = f"<html><body><table><tr><td>{ARTICLE}</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table></body></html>"
    text = text_of(read, page)
    assert text.startswith("# Ferries\n\nThe night ferry")
    assert text.endswith("a | b")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("windows-1252", ""), ("utf-8", ""), ("windows-1251", "<meta charset=windows-1251>"), ("utf-16", ""), ("iso-8859-2", "<meta charset='iso-8859-2'>")],
)  # fmt: skip
def test_the_encoding_is_found(read, encoding: str, declared: str) -> None:
    words = {"windows-1251": "Паром отходит в девять", "iso-8859-2": "Prom odpływa o dziewiątej"}.get(
        encoding, "Fähre für 15 Gäste, café à 9 h"
    )
    page = f"<html><head>{declared}</head><body><p>{words}</p></body></html>"
    assert text_of(read, page.encode(encoding)) == words


@pytest.mark.parametrize(
    "markup", ["<html><p>a<![weird", "<html><body><p>a</b></i><table><td>b", "<html>" + "<div>" * 5000 + "a"]
)
def test_broken_markup_never_fails(read, markup: str) -> None:
    assert "a" in text_of(read, markup)


def test_svg_text_is_read_and_its_entities_are_refused(read) -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><title>Map</title><text>Pier <tspan>6</tspan></text></svg>"
    assert text_of(read, drawing, "a.svg") == "Map\nPier 6"
