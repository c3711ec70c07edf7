"""Notebooks, LaTeX, reStructuredText, XML and plain text."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

import json

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.latex import readable as read_latex
from headwater.documents.parsers.restructured import readable as read_rst


def test_a_notebook_has_its_cells_and_what_they_printed(read) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Ducks\n", "about"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [
            {"output_type": "stream", "text": ["1\n"]}, {"output_type": "error", "ename": "ValueError", "evalue": "no"},
            {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}}]},
    ]  # fmt: skip
    found = read("a.ipynb", json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert found.pages[0].text == "# Ducks\nabout\n\nprint(1)\n\n1\n\nValueError: no\n\n<Figure>"
    assert found.title == "Ducks"


def test_what_is_no_notebook_is_refused(read) -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.ipynb is not a valid notebook"):
        read("a.ipynb", b'{"cells": [')


LATEX = r"""\documentclass{article} % a comment
\usepackage[utf8]{inputenc}
\newcommand{\x}[1]{secret #1}
\title{On \emph{Ducks}}\author{A. Writer}
\begin{document}
\maketitle
\section*{First 50\% \& more}
% gone
Na\"ive caf\'e costs \$5~\cite{smith}. A line\\broken \textbf{bold}\footnote{A note.}
\begin{itemize}\item one
\item two\end{itemize}
\begin{table}\caption{Fares}\begin{tabular}{|l|r|}\hline Who & Pays \\ \hline Child & 5\% \\ \end{tabular}\end{table}
$a_1$ \begin{equation}E = mc^2\end{equation}
\begin{verbatim}100 % kept\end{verbatim}
\end{document}
after the end
"""


def test_latex_reads_well_and_comments_are_gone() -> None:
    text = read_latex(LATEX)
    for wanted in ("# On Ducks", "A. Writer", "## First 50% & more", "Naïve café costs $5 [smith].", "broken bold (A note.)",
                   "- one\n- two", "Fares", "Who | Pays\nChild | 5%", "E = mc^2", "100 % kept"):  # fmt: skip
        assert wanted in text, wanted
    for gone in ("comment", "gone", "secret", "usepackage", "after the end", "\\", "{"):
        assert gone not in text, gone


RST = """
.. _target:
.. comment that
   goes on

=====
Title
=====

Sub with ``code``
-----------------

See :ref:`the label <x>` and :class:`~a.B` or `link <http://x.org>`_ and **bold** *it*.

.. note:: Mind the gap.

   Really.

.. code-block:: python
   :linenos:

   def f():
       pass

.. image:: a.png
   :alt: x

+----+-----+
| a  | b   |
+====+=====+
| 1  | two |
|    | row |
+----+-----+

Sub again
---------
"""


def test_restructured_text_reads_well() -> None:
    text = read_rst(RST)
    assert text.startswith("# Title\n\n## Sub with code\n\nSee the label and a.B or link (http://x.org) and bold it.")
    for wanted in ("Mind the gap.", "Really.", "def f():\n    pass", "a | b\n1 | two row", "## Sub again"):
        assert wanted in text, wanted
    for gone in ("comment", "target", "linenos", "a.png", "===", "---"):
        assert gone not in text, gone


def test_xml_leaves_are_named(read) -> None:
    xml = "<?xml version='1.0' encoding='ISO-8859-1'?><r xmlns:d='u'><d:title>Archimède</d:title><p>mixed <b>text</b> here</p><e id='7'/></r>"
    assert read("a.xml", xml.encode("latin-1")).pages[0].text == "title: Archimède\nmixed text here"


def test_a_feed_reads_without_the_tags_it_carries(read) -> None:
    feed = b"<?xml version='1.0'?><rss><item><title>Ferry news</title><description>&lt;p&gt;The &lt;b&gt;night&lt;/b&gt; ferry.&lt;/p&gt;</description><p>Plain.</p></item></rss>"
    assert read("a.xml", feed).pages[0].text == "title: Ferry news\ndescription: The night ferry.\nPlain."


def test_xml_that_is_not_well_formed_gives_its_text(read) -> None:
    found = read("a.xml", b"<?xml version='1.0'?><r><a>one</a><b>two</r>")
    assert found.pages[0].text.split() == ["one", "two"]
    assert "not well-formed" in found.warnings[0]


@pytest.mark.parametrize("name", ["a.xml", "a.svg", "a.fb2"])
@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">',
        '<!ENTITY b SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://x/">',
    ],
)
def test_entities_are_refused(read, name: str, entity: str) -> None:
    tag = {"a.svg": "svg", "a.fb2": "FictionBook"}.get(name, "r")
    data = f"<?xml version='1.0'?><!DOCTYPE {tag} [{entity}]><{tag}>&b;</{tag}>".encode()
    with pytest.raises(UnreadableDocument, match="declares the XML entity"):
        read(name, data)


def test_long_text_is_cut_into_parts_between_paragraphs(read) -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(20_000))
    found = read("a.txt", text.encode())
    assert len(found.pages) == 3
    assert not found.paged
    assert " ".join(" ".join(p.text for p in found.pages).split()) == " ".join(text.split())
    assert all(p.text.startswith("Paragraph") for p in found.pages)


def test_code_and_markdown_stay_as_they_are(read) -> None:
    for text in ("def f():\n    return 1\n", "\n\n\n  a  \n\tb\n\n\n\nc \n "):
        assert read("a.py", text.encode()).pages[0].text == read("a.md", text.encode()).pages[0].text == text
    found = read("a.md", b"Intro\n\n# Title *x*\n\n| a | b |\n|---|---|\n")
    assert found.title == "Title *x*"
    assert found.media_type == "text/markdown"


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.org", b"* Heading\nSome text about ferries.\n", "Some text about ferries."),
        ("a.fb2", b"<?xml version='1.0'?><FictionBook xmlns='http://www.gribuser.ru/xml/fictionbook/2.0'><body><section>"
         b"<p>Some text about ferries.</p></section></body></FictionBook>", "Some text about ferries."),
        ("a.bib", b"@article{x, title={On ferries}, author={A. Writer}, year={2020}}", "On ferries"),
        ("a.opml", b"<?xml version='1.0'?><opml version='2.0'><body><outline text='On ferries'/></body></opml>", "On ferries"),
    ],
)  # fmt: skip
def test_rarer_formats(read, name: str, data: bytes, wanted: str) -> None:
    assert wanted in read(name, data).pages[0].text
