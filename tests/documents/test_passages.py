from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.core.types import Extraction, Page
from headwater.documents.passages import PassageLimits, Span, contextual, estimate_tokens, split

SENTENCES = (
    "Dr. Smith paid $3.50 to J. R. Hill on Jan. 3 for the U.S. edition.",
    "It rained, e.g. in the north; see Fig. 2.1 and Eq. 4.",
    "Nobody knew why!",
    "今天的天气很好。",
    "هل هذا صحيح؟",
    "यह बहुत अच्छा है।",
)


def split_text(text: str, limits: PassageLimits | None = None) -> list[Span]:
    return split(Extraction((Page(1, text),)), limits)


def texts(text: str, limits: PassageLimits | None = None) -> list[str]:
    return [span.text for span in split_text(text, limits)]


PARTS = st.one_of(
    st.sampled_from(SENTENCES),
    st.sampled_from(["# Head", "| a | b |", "- item", "```", "\\n", "x;y;z;w;v", "1.", "\t", "=", "word" * 40]),
    st.text(max_size=40),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(PARTS, st.sampled_from([" ", "\n", "\n\n", "\r\n", ""])), max_size=40))
def test_passages_are_exact_slices_that_lose_nothing(parts: list[tuple[str, str]]) -> None:
    text = "".join(part + gap for part, gap in parts)
    spans = split_text(text, PassageLimits(20, 8, 40))
    place = 0
    for span in spans:
        assert text[span.start : span.end] == span.text
        assert span.text.strip() == span.text != ""
        # What lies between two passages is white space, or line ends that were written out.
        assert not text[place : span.start].replace("\\n", "").replace("\\r", "").replace("\\t", "").strip()
        assert span.start >= place
        place = span.end
    assert not text[place:].replace("\\n", "").replace("\\r", "").replace("\\t", "").strip()


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="abc 。.,\n|", max_size=3000))
def test_no_passage_is_much_longer_than_the_limit(text: str) -> None:
    limits = PassageLimits(30, 10, 60)
    assert all(estimate_tokens(span.text) <= 2 * limits.longest_tokens for span in split_text(text, limits))


def test_passages_end_where_sentences_end() -> None:
    text = " ".join([*SENTENCES[:3]] * 12)
    found = texts(text)
    assert len(found) > 3
    assert all(passage.endswith((".", "!")) for passage in found)
    assert not any(passage.endswith(("Dr.", "J.", "R.", "Jan.", "U.S.", "e.g.", "Fig.", "Eq.")) for passage in found)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sizes_are_near_the_target_in_every_script(sentence: str) -> None:
    sizes = [estimate_tokens(passage) for passage in texts(" ".join([sentence] * 200))]
    assert all(60 <= size <= 140 for size in sizes)
    assert abs(sum(sizes) / len(sizes) - 100) < 25


def test_a_paragraph_is_cut_evenly() -> None:
    sizes = [estimate_tokens(passage) for passage in texts("A short one of eight words it is. " * 17)]
    assert len(sizes) == 2
    assert abs(sizes[0] - sizes[1]) < 25


def test_passages_do_not_cross_headings_and_know_their_path() -> None:
    text = "# Ducks\n\nThey swim well.\n\n## Food\n\nThey eat weeds.\n\n# Geese\n\nThey honk.\n"
    spans = split_text(text)
    assert [span.heading for span in spans] == [("Ducks",), ("Ducks", "Food"), ("Geese",)]
    assert spans[1].text == "## Food\n\nThey eat weeds."


def test_a_heading_alone_goes_with_what_follows() -> None:
    assert texts("# Book\n\n## Chapter\n\nIt begins.") == ["# Book\n\n## Chapter\n\nIt begins."]


def test_the_heading_path_goes_on_over_pages_and_passages_do_not() -> None:
    pages = (Page(1, "# Rules\n\nFirst page."), Page(2, "Second page."), Page(3, "   "))
    spans = split(Extraction(pages, paged=True))
    assert [(span.page_number, span.heading) for span in spans] == [(1, ("Rules",)), (2, ("Rules",))]


def test_rows_stay_whole_and_later_parts_know_the_column_names() -> None:
    rows = "\n".join(f"| {number} | Mr. No. {number} | 3.{number} |" for number in range(60))
    spans = split_text(f"| Id | Name | Score |\n| --- | --- | --- |\n{rows}\n")
    assert len(spans) > 3
    assert all(span.text.startswith("|") and span.text.endswith("|") for span in spans)
    assert spans[0].heading == ()
    assert {span.heading for span in spans[1:]} == {("Id, Name, Score",)}


def test_an_endless_word_is_cut_and_nothing_is_lost() -> None:
    text = "A" * 5000
    assert "".join(texts(text)) == text


def test_an_empty_document_has_no_passages() -> None:
    assert split(Extraction(())) == split_text("\n \n") == []


def test_what_the_indexes_see_has_title_and_headings_above_the_text() -> None:
    assert contextual("files/annual_report-2023.pdf", ("Costs", "Staff"), "Up 3 %.") == (
        "annual report 2023 > Costs > Staff\nUp 3 %."
    )
    assert contextual("", (), "Text") == "Text"
    assert len(contextual("x" * 500, ("y" * 500,), "Text")) < 250


@pytest.mark.parametrize(("text", "low", "high"), [("The cat sat on the mat.", 6, 8), ("天气很好", 4, 4), ("", 0, 0)])
def test_tokens_are_estimated(text: str, low: int, high: int) -> None:
    assert low <= estimate_tokens(text) <= high


@pytest.mark.shared_data
def test_real_corpora_are_cut_without_loss(shared_data: Path) -> None:
    for path in sorted((shared_data / "chunking" / "corpora").glob("*.md")):
        text = path.read_text("utf-8")
        spans = split_text(text)
        assert all(text[span.start : span.end] == span.text for span in spans)
        kept = "".join("".join(span.text.split()) for span in spans)
        assert kept.replace("\\n", "") == "".join(text.split()).replace("\\n", "")
        sizes = [estimate_tokens(span.text) for span in spans]
        assert 70 < sum(sizes) / len(sizes) < 120
