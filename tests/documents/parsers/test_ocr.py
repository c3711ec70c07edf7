"""Recognised lines in reading order; pictures without the extra; real recognition."""

from __future__ import annotations

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers import ocr, picture
from headwater.documents.parsers.ocr import OcrLine, as_text, reading_order


def line(text: str, left: float, top: float, width: float, height: float = 0.02) -> OcrLine:
    return OcrLine(text, left, top, left + width, top + height)


def test_two_columns_are_read_one_after_the_other_below_their_title() -> None:
    left = [line(f"left {n}", 0.05, 0.2 + n * 0.03, 0.4) for n in range(6)]
    right = [line(f"right {n}", 0.55, 0.2 + n * 0.03 + 0.004, 0.4) for n in range(6)]
    mixed = [piece for pair in zip(right, left, strict=True) for piece in pair]
    ordered = reading_order([*mixed, line("A title across the page", 0.05, 0.1, 0.9)], 0.77)
    assert [piece.text for piece in ordered] == [
        "A title across the page",
        *(p.text for p in left),
        *(p.text for p in right),
    ]


def test_cells_of_a_table_are_read_across() -> None:
    cells = [
        line(f"{row}{column}", 0.1 + 0.3 * column, 0.1 + 0.05 * row, 0.05) for column in range(3) for row in range(4)
    ]
    assert as_text(reading_order(cells, 1.0)) == "\n".join(f"{row}0 {row}1 {row}2" for row in range(4))


def test_lines_that_overlap_never_recurse_without_end() -> None:
    lines = [line(f"{n}", 0.01 * n, 0.3, 0.6, 0.3) for n in range(12)]
    assert sorted(piece.text for piece in reading_order(lines, 1.0)) == sorted(piece.text for piece in lines)


def test_without_the_extra_a_picture_says_what_to_install(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    found = read("a.png", make.png_bytes(300, 100), ocr=True)
    assert found.pages[0].text == ""
    assert "has no text" in found.warnings[0]
    assert "pip install 'headwater[ocr]'" in found.warnings[0]


def test_without_the_extra_a_page_without_text_says_what_to_install(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    dark = b"q 400 0 0 600 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI Q"
    found = read("a.pdf", make.pdf_bytes(["text", "text", dark]), ocr=True)
    assert "Page 3 has no text" in found.warnings[0]
    assert "headwater[ocr]" in found.warnings[0]


def test_only_pages_without_text_are_recognised(make, read, monkeypatch) -> None:
    asked = []

    def recognise(pixels, threads=1):
        asked.append(pixels.shape)
        return (line("read by eye", 0.1, 0.1, 0.5),)

    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise", recognise)
    dark = b"q 600 0 0 780 5 5 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI Q"
    stamped = dark + b" BT /F1 9 Tf 20 20 Td (SCANNED 7) Tj ET"
    found = read("a.pdf", make.pdf_bytes(["plain text", dark, b"", stamped]), ocr=True)
    assert [page.text for page in found.pages] == ["plain text", "read by eye", "", "SCANNED 7\n\nread by eye"]
    assert len(asked) == 2
    assert found.warnings == ()


def test_a_huge_picture_is_refused_before_it_is_decoded(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    with pytest.raises(UnreadableDocument, match=r"big\.png is 50,000 x 50,000 pixels; at most 120 million"):
        read("big.png", make.png_bytes(50_000, 50_000, rows=b""), ocr=True)


def test_a_damaged_picture_is_refused(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    with pytest.raises(UnreadableDocument, match=r"a\.png is damaged"):
        read("a.png", make.png_bytes(80, 80)[:60], ocr=True)


def test_pictures_in_a_document_are_read_once_and_ornaments_are_not(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda pixels, threads=1: (line("words in a picture", 0, 0, 1),))
    blip = "<w:p><w:r><w:drawing><a:blip r:embed='{}'/></w:drawing></w:r></w:p>"
    data = make.docx_bytes(
        make.paragraph("before")
        + blip.format("big")
        + blip.format("big")
        + blip.format("dot")
        + make.paragraph("after"),
        parts={"media/big.png": make.png_bytes(400, 200), "media/dot.png": make.png_bytes(8, 8)},
        targets={"big": ("image", "media/big.png"), "dot": ("image", "media/dot.png")},
    )
    assert read("a.docx", data, ocr=True).pages[0].text == "before\n\nwords in a picture\n\nafter"


def test_recognition_stops_when_the_time_of_the_file_is_up(make, read, monkeypatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda pixels, threads=1: (line("read", 0, 0, 1),))
    dark = b"q 600 0 0 780 5 5 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI Q"
    found = read("a.pdf", make.pdf_bytes([dark, dark]), ocr=True, seconds=-1)
    assert any("Pages 1-2 were not read by OCR" in w and "parse_seconds" in w for w in found.warnings)


@pytest.mark.real
def test_drawn_text_is_recognised_and_a_blank_picture_is_empty(make, read) -> None:
    pytest.importorskip("rapidocr")
    import pypdfium2

    page = pypdfium2.PdfDocument(make.pdf_bytes(["The night ferry leaves\n\nfrom pier six"]))[0]
    pixels = page.render(scale=2, rev_byteorder=True).to_numpy()[:300, :, 0]
    drawn = make.png_bytes(pixels.shape[1], 300, rows=b"".join(b"\0" + row.tobytes() for row in pixels))
    text = read("a.png", drawn, ocr=True).pages[0].text
    assert "night ferry leaves" in text.replace("\n", " ")
    assert "pier six" in text
    blank = read("b.png", make.png_bytes(300, 200), ocr=True)
    assert blank.pages[0].text == ""
    assert "OCR found none" in blank.warnings[0]


def test_sizes_are_checked_against_the_limit() -> None:
    picture.refuse_huge("a", 10_000, 10_000, 120_000_000)
    with pytest.raises(UnreadableDocument):
        picture.refuse_huge("a", 20_000, 10_000, 120_000_000)
