"""PDF: pages, labels, joined words, passwords, damage, limits."""

from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.limits import OverLimit
from headwater.documents.parsers.pdf_text import hyphenated_words, is_unreadable, join_words, likely_lines

LABELS = b"/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /St 10 >>] >>"


def test_each_page_has_its_text_and_its_printed_label(make, read) -> None:
    found = read("a.pdf", make.pdf_bytes(["one", "two", "three"], catalog=LABELS))
    assert [(p.number, p.label, p.text) for p in found.pages] == [(1, "i", "one"), (2, "ii", "two"), (3, "10", "three")]
    assert found.paged
    assert found.warnings == ()


def test_lines_stay_lines(make, read) -> None:
    assert (
        read("a.pdf", make.pdf_bytes(["The first line\nand (the) second"])).pages[0].text
        == "The first line\nand (the) second"
    )


def test_a_word_cut_at_a_line_end_is_joined_unless_it_is_spelled_with_a_hyphen_elsewhere(make, read) -> None:
    text = (
        read("a.pdf", make.pdf_bytes(["A state-of-the-art self-made thing.\nThe con-\ntrol of self-\nmade things."]))
        .pages[0]
        .text
    )
    assert "control of self-made things" in text.replace("\n", " ")


def test_joining_needs_only_the_mark() -> None:
    assert join_words("con\ufffetrol\x02\nled", set()) == "controlled"
    assert join_words("self\ufffemade", hyphenated_words(["a Self-made man"])) == "self-made"


def test_without_a_password_the_error_says_so_and_with_it_the_text_is_read(make, read) -> None:
    data = make.pdf_bytes(["the secret"], password="sesame")
    with pytest.raises(UnreadableDocument, match=r"a\.pdf is protected with a password") as raised:
        read("a.pdf", data)
    assert "password" in (raised.value.hint or "")
    with pytest.raises(UnreadableDocument, match="does not open with this password"):
        read("a.pdf", data, password="wrong")
    assert read("a.pdf", data, password="sesame").pages[0].text == "the secret"


def test_a_page_without_text_is_named_in_a_warning(make, read) -> None:
    dark = b"q 400 0 0 600 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI Q"
    found = read("scan.pdf", make.pdf_bytes(["text", dark, dark]))
    assert [p.text for p in found.pages] == ["text", "", ""]
    assert any("Pages 2-3 have no text" in w and "ocr" in w for w in found.warnings)


def test_an_empty_page_is_no_reason_to_warn(make, read) -> None:
    assert read("a.pdf", make.pdf_bytes(["text", b""])).warnings == ()


@pytest.mark.parametrize("share", [0.99, 0.8, 0.6])
def test_a_cut_off_file_gives_the_pages_that_are_left(make, read, share: float) -> None:
    data = make.pdf_bytes([f"page number {n} " + "filler " * 20 for n in range(1, 9)])
    found = read("cut.pdf", data[: int(len(data) * share)])
    texts = [p.text for p in found.pages]
    assert len(texts) >= 3
    assert all(f"page number {n}" in text for n, text in enumerate(texts, 1) if text)
    assert any("cut off" in w for w in found.warnings)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", b"%PDF-1.7 " + b"x" * 900]
)
def test_what_is_no_pdf_behind_its_first_line_is_refused(read, data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"bad\.pdf is not a whole PDF"):
        read("bad.pdf", data)


def test_too_many_pages_are_refused_before_they_are_read(make, read) -> None:
    with pytest.raises(OverLimit, match=r"100,000 pages; at most 5,000") as raised:
        read("long.pdf", make.pdf_bytes(["x"], claimed_pages=100_000))
    assert "max_pages" in (raised.value.hint or "")


def test_pages_that_are_only_claimed_are_left_out(make, read) -> None:
    found = read("a.pdf", make.pdf_bytes(["real"], claimed_pages=3))
    assert found.pages[0].text == "real"


def test_attachments_become_members(make, read) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(make.pdf_bytes(["cover"]))
    document.new_attachment("../notes.txt").set_data(b"hidden inside")
    from io import BytesIO

    buffer = BytesIO()
    document.save(buffer)
    found = read("a.pdf", buffer.getvalue())
    assert [(m.name, m.extraction.pages[0].text) for m in found.members] == [("notes.txt", "hidden inside")]


def test_filled_form_fields_are_part_of_the_page(make, read) -> None:
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V (Ada Lovelace) /F 4 /Rect [72 600 300 620] >>"
    data = make.pdf_bytes(
        ["Application"], page_entries=b"/Annots [6 0 R]", catalog=b"/AcroForm << /Fields [6 0 R] >>", more=[field]
    )
    assert read("form.pdf", data).pages[0].text == "Application\n\nName: Ada Lovelace"


def test_a_text_layer_of_private_characters_counts_as_none() -> None:
    assert is_unreadable("\ue012\ue013 " * 30)
    assert not is_unreadable("An ordinary sentence with a star \ue000 in it." * 3)


def test_lines_of_symbols_are_dropped_from_a_repaired_page() -> None:
    assert likely_lines('A real line, with words.\n!"# $%&\'&()*+,")+-./(0+$') == "A real line, with words."


@pytest.mark.shared_data
def test_arabic_reads_in_logical_order(shared_data, read) -> None:
    text = read("r.pdf", (shared_data / "documents/pdf/right_to_left_01.pdf").read_bytes()).pages[0].text
    assert text.startswith("تحسين الإنتاجية وحل المشكلات من خلال البرمجة بلغة R")
