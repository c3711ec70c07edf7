"""Pictures of pages, and the boxes of a piece of text on them."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from headwater.core.errors import BadInput, UnreadableDocument
from headwater.core.types import Box
from headwater.documents.extract import ExtractLimits, Extractor
from headwater.documents.parsers.png import png_size
from headwater.documents.pictures import Pictures, has_pictures


@pytest.fixture(scope="module")
def pictures():
    with Pictures(ExtractLimits(ocr=False)) as opened:
        yield opened


def decoded(data: bytes) -> np.ndarray:
    """Pixels of a PNG as this package writes them (one chunk of data, no filters)."""
    width, height = png_size(data)
    channels = 1 if data[25] == 0 else 3
    start = data.index(b"IDAT") + 4
    rows = np.frombuffer(
        zlib.decompress(data[start : start + int.from_bytes(data[start - 8 : start - 4], "big")]), np.uint8
    )
    return rows.reshape(height, width * channels + 1)[:, 1:].reshape(height, width, channels)


def ink(pixels: np.ndarray, box: Box) -> tuple[float, float]:
    """Share of dark pixels inside a box, and of all dark pixels of the page that it holds."""
    height, width = pixels.shape[:2]
    dark = pixels.min(axis=2) < 128
    inside = dark[
        int(box.top * height) : int((box.top + box.height) * height) + 1,
        int(box.left * width) : int((box.left + box.width) * width) + 1,
    ]
    return float(inside.mean()), float(inside.sum() / max(1, dark.sum()))


def test_a_page_is_drawn_as_wide_as_asked(make, pictures) -> None:
    path = make.pdf("a.pdf", ["first", "second page"])
    assert pictures.size(path, 2) == (612.0, 792.0)
    assert pictures.page_count(path) == 2
    pixels = decoded(pictures.picture(path, 2, 500))
    assert pixels.shape[:2] == (648, 500)
    assert pixels.min() < 50
    assert pixels.max() == 255


def test_the_boxes_hold_the_ink_of_the_words_and_nothing_else(make, pictures) -> None:
    text = "Ferries leave from pier six\nand arrive at noon"
    path = make.pdf("a.pdf", [text])
    pixels = decoded(pictures.picture(path, 1, 1200))
    whole = pictures.boxes(path, 1, text, 0, len(text))
    assert len(whole) == 2, "one box a line"
    assert sum(ink(pixels, box)[1] for box in whole) > 0.99
    start = text.index("pier")
    (pier,) = pictures.boxes(path, 1, text, start, start + 4)
    dense, share = ink(pixels, pier)
    assert dense > 0.1
    assert share < 0.2
    assert whole[0].left < pier.left
    assert pier.left + pier.width < whole[0].left + whole[0].width


def test_a_word_cut_at_a_line_end_has_two_boxes(make, pictures) -> None:
    path = make.pdf("a.pdf", ["the con-\ntrol of substances"])
    with Extractor(ExtractLimits(ocr=False)) as extractor:
        text = extractor.extract(path).pages[0].text
    start = text.index("control")
    boxes = pictures.boxes(path, 1, text, start, start + len("control"))
    assert len(boxes) == 2
    assert boxes[0].top < boxes[1].top


def test_the_second_of_two_equal_words_is_the_one_marked(make, pictures) -> None:
    text = "same\nother\nsame"
    path = make.pdf("a.pdf", [text])
    (first,) = pictures.boxes(path, 1, text, 0, 4)
    (second,) = pictures.boxes(path, 1, text, len(text) - 4, len(text))
    assert second.top > first.top + 0.03


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_turn_with_the_page(make, pictures, turn: int) -> None:
    path = make.pdf("a.pdf", ["turned around"], page_entries=b"/Rotate %d" % turn)
    pixels = decoded(pictures.picture(path, 1, 800))
    (box,) = pictures.boxes(path, 1, "turned around", 0, 13)
    assert ink(pixels, box)[1] > 0.99
    assert (box.height > box.width) == (turn != 180)


def test_boxes_follow_the_crop_of_the_page(make, pictures) -> None:
    path = make.pdf("a.pdf", ["cropped page"], page_entries=b"/CropBox [50 400 400 792]")
    pixels = decoded(pictures.picture(path, 1, 700))
    (box,) = pictures.boxes(path, 1, "cropped page", 0, 12)
    assert ink(pixels, box)[1] > 0.99


def test_text_that_is_not_on_the_page_has_no_boxes(make, pictures) -> None:
    path = make.pdf("a.pdf", ["something"])
    assert pictures.boxes(path, 1, "entirely different words", 0, 24) == []


def test_pages_and_ranges_that_cannot_be_are_refused(make, pictures) -> None:
    path = make.pdf("a.pdf", ["one page"])
    assert pictures.size(path, 2) is None
    with pytest.raises(BadInput, match=r"shown\.pdf has no page 2; it has 1"):
        pictures.picture(path, 2, 500, name="shown.pdf")
    with pytest.raises(BadInput, match="cannot be 5 pixels wide"):
        pictures.picture(path, 1, 5)
    with pytest.raises(BadInput, match="No characters 4 to 2"):
        pictures.boxes(path, 1, "one page", 4, 2)


def test_files_without_pages_of_their_own_have_no_picture(make, pictures) -> None:
    path = make.file("a.txt", "text")
    assert pictures.size(path, 1) is None
    with pytest.raises(BadInput, match="has no page pictures"):
        pictures.picture(path, 1, 500)
    assert has_pictures("application/pdf")
    assert not has_pictures("text/plain")


def test_a_picture_file_is_shown_at_the_width_asked(make, pictures) -> None:
    path = make.file("a.png", make.png_bytes(60, 40))
    assert pictures.size(path, 1) == (60.0, 40.0)
    assert png_size(pictures.picture(path, 1, 30))[0] in (30, 60)


def test_a_huge_picture_is_refused(make, pictures) -> None:
    path = make.file("a.png", make.png_bytes(50_000, 50_000, rows=b""))
    with pytest.raises(UnreadableDocument, match="50,000 x 50,000 pixels"):
        pictures.picture(path, 1, 500)


def test_a_huge_page_is_drawn_smaller(make, pictures) -> None:
    path = make.pdf("a.pdf", ["x"], page_entries=b"/MediaBox [0 0 100 14000]")
    width, height = png_size(pictures.picture(path, 1, 4000))
    assert width * height <= 26_000_000


@pytest.mark.shared_data
def test_boxes_on_a_real_page_of_two_columns(shared_data, pictures) -> None:
    path = shared_data / "documents/pdf/cfr_title21_part1308_19p.pdf"
    with Extractor(ExtractLimits(ocr=False)) as extractor:
        text = extractor.extract(path).pages[0].text
    start = text.index("periodic reports")
    first, second = pictures.boxes(path, 1, text, start, start + len("periodic reports"))
    assert first.left > second.left
    pixels = decoded(pictures.picture(path, 1, 1600))
    assert ink(pixels, first)[0] > 0.05
    assert ink(pixels, second)[0] > 0.05


@pytest.mark.real
def test_recognised_text_has_boxes_too(make) -> None:
    pytest.importorskip("rapidocr")
    with Extractor() as extractor, Pictures() as pictures:
        # Draw text, then hide that it is text: the page becomes a picture.
        drawn = decoded(pictures.picture(make.pdf("t.pdf", ["The night ferry leaves\n\nfrom pier six"]), 1, 1224))
        grey = np.ascontiguousarray(drawn[:400, :, 0])
        path = make.file("scan.png", make.png_bytes(1224, 400, rows=b"".join(b"\0" + row.tobytes() for row in grey)))
        text = extractor.extract(path).pages[0].text
        start = text.index("pier")
        (box,) = pictures.boxes(path, 1, text, start, start + 4)
        assert ink(grey[:, :, None], box)[1] > 0.08
