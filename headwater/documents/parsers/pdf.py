"""PDF: one page of text a page, OCR for the pages that have none, attachments as members.

PDFium is used directly: its text has a box for each character, which is what highlighting needs,
and it keeps right-to-left text in reading order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from headwater.core.types import Extraction, Member, Page
from headwater.documents.parsers import ocr
from headwater.documents.parsers.names import as_ranges, harmless_name
from headwater.documents.parsers.pdf_repair import repair
from headwater.documents.parsers.pdf_text import (
    hyphenated_words,
    is_unreadable,
    join_words,
    letter_count,
    likely_lines,
    page_text,
)
from headwater.documents.parsers.reading import Reading, Source, unreadable

WRONG_PASSWORD, UNKNOWN_SECURITY = 4, 5
# A page with fewer letters than this and a picture over most of it is a scan with a stamp.
STAMP_LETTERS = 200
SCAN_SHARE = 0.6
# Letters drawn as outlines: a page of text is hundreds of paths, a frame or a rule is a few.
MANY_PATHS = 60
OCR_LONG_SIDE_PIXELS = 2300
SHARE_OF_TIME_FOR_OCR = 0.8


@dataclass(slots=True)
class _Found:
    """What the pages turned out to be."""

    texts: list[str]
    without_text: list[int]
    to_recognise: list[int]
    broken: list[int]


def read(source: Source, reading: Reading) -> Extraction:
    """Read a PDF. Raises UnreadableDocument (password, damage), OverLimit (pages)."""
    with opened(source, reading) as (document, is_mended):
        reading.budget.pages(len(document))
        found = _read_texts(document, reading)
        spelled = hyphenated_words(found.texts)
        texts = [join_words(text, spelled) for text in found.texts]
        if is_mended:
            texts = [likely_lines(text) for text in texts]
        _recognise(document, reading, found, texts)
        _say_what_is_missing(reading, found, len(document))
        pages = tuple(Page(i + 1, text, _label(document, i)) for i, text in enumerate(texts))
        members = tuple(_attachments(document, reading))
        title = document.get_metadata_value("Title").strip() or None
    if found.broken and len(found.broken) == len(pages):
        raise unreadable(source.name, "is damaged: none of its pages can be opened.", "Get the file again.")
    return Extraction(pages, True, members, tuple(reading.warnings), "application/pdf", title)


@contextmanager
def opened(source: Source, reading: Reading) -> Iterator[tuple[Any, bool]]:
    """Open a PDF; the second value says whether it had to be repaired. Raises UnreadableDocument."""
    import pypdfium2

    is_mended = False
    try:
        document = pypdfium2.PdfDocument(source.path or source.data, password=reading.password)
    except pypdfium2.PdfiumError as error:
        document = _mended(source, reading, error)
        is_mended = True
    try:
        yield document, is_mended
    finally:
        document.close()


def _mended(source: Source, reading: Reading, error: Any) -> Any:
    import pypdfium2

    if error.err_code == WRONG_PASSWORD:
        if reading.password is None:
            raise unreadable(source.name, "is protected with a password.", "Give the password.") from error
        raise unreadable(source.name, "does not open with this password.", "Give the right password.") from error
    if error.err_code == UNKNOWN_SECURITY:
        raise unreadable(
            source.name, "is protected in a way that is not supported.", "Save a copy without protection."
        ) from error
    mended = repair(source.data)
    if mended is None:
        raise unreadable(
            source.name, "is not a whole PDF: it is cut off or damaged beyond repair.", "Get the file again."
        ) from error
    try:
        document = pypdfium2.PdfDocument(mended)
    except pypdfium2.PdfiumError:
        raise unreadable(
            source.name, "is not a whole PDF: it is cut off or damaged beyond repair.", "Get the file again."
        ) from error
    reading.warn(
        f"The file is damaged or cut off; {len(document)} pages were recovered. Others, and letters, may be missing."
    )
    return document


def _read_texts(document: Any, reading: Reading) -> _Found:
    import pypdfium2

    found = _Found([], [], [], [])
    fields = bool(document.get_formtype())
    if fields:
        document.init_forms()
    total = len(document)
    for index in range(total):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            found.texts.append("")
            found.broken.append(index + 1)
            continue
        try:
            text = _one_page(page, index + 1, found)
            text += _form_values(document, page) if fields else ""
        finally:
            page.close()
        reading.budget.text(len(text))
        found.texts.append(text)
        if index % 50 == 49:
            reading.page_done(index + 1, total)
    return found


def _one_page(page: Any, number: int, found: _Found) -> str:
    text_page = page.get_textpage()
    try:
        text = page_text(text_page)
    finally:
        text_page.close()
    if is_unreadable(text):
        found.without_text.append(number)
        found.to_recognise.append(number)
        return ""
    letters = letter_count(text[: STAMP_LETTERS * 4])
    if letters < STAMP_LETTERS and _looks_drawn(page, bool(letters)):
        found.to_recognise.append(number)
        if not letters:
            found.without_text.append(number)
    return text


def _looks_drawn(page: Any, has_text: bool) -> bool:
    """Whether the page shows more than its text layer says: a scan, or letters as outlines."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    paths, share = 0, 0.0
    for thing in page.get_objects(max_depth=3):
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            share += abs((right - left) * (top - bottom)) / max(width * height, 1.0)
        elif thing.type in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING):
            paths += 1
        elif thing.type == pdfium.FPDF_PAGEOBJ_TEXT and not has_text:
            return True
    return share >= SCAN_SHARE if has_text else (share > 0.01 or paths >= MANY_PATHS)


def _form_values(document: Any, page: Any) -> str:
    """Return the filled fields of a form as lines `name: value`; they are not part of the page's text."""
    import pypdfium2.raw as pdfium

    lines = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET:
                form = document.formenv
                name = _wide(pdfium.FPDFAnnot_GetFormFieldName, form, note)
                value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
                if value.strip() and value != "Off":
                    lines.append(f"{name.rsplit('.', 1)[-1]}: {value}" if name else value)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return "\n\n" + "\n".join(dict.fromkeys(lines)) if lines else ""


def _wide(ask: Any, form: Any, note: Any) -> str:
    import ctypes

    import pypdfium2.raw as pdfium

    length = ask(form, note, None, 0)
    if length <= 2:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    ask(form, note, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace")


def _recognise(document: Any, reading: Reading, found: _Found, texts: list[str]) -> None:
    """OCR the pages that need it, within the file's time; what is read is taken off the missing pages."""
    if not found.to_recognise or not reading.limits.ocr or not ocr.is_installed():
        return
    deadline = reading.started + reading.limits.seconds * SHARE_OF_TIME_FOR_OCR
    for done, number in enumerate(found.to_recognise):
        if time.monotonic() > deadline:
            reading.warn(
                f"Pages {as_ranges(found.to_recognise[done:])} were not read by OCR: the time for this file was up. "
                "Raise the setting parse_seconds, or split the file."
            )
            break
        reading.page_done(done, len(found.to_recognise))
        text = recognise_page(document, number, reading)
        if text:
            texts[number - 1] = f"{texts[number - 1]}\n\n{text}".strip()
            reading.budget.text(len(text))
            found.without_text = [other for other in found.without_text if other != number]


def recognise_page(document: Any, number: int, reading: Reading) -> str:
    """Render one page and read it by OCR."""
    return ocr.as_text(recognised_lines(document, number, reading))


def recognised_lines(document: Any, number: int, reading: Reading) -> tuple[ocr.OcrLine, ...]:
    """Return the lines that OCR finds on one page, with their boxes."""
    page = document[number - 1]
    try:
        scale = OCR_LONG_SIDE_PIXELS / max(*page.get_size(), 1.0)
        pixels = page.render(scale=min(scale, 6.0)).to_numpy()
    finally:
        page.close()
    return ocr.recognise(pixels, reading.limits.threads)


def _say_what_is_missing(reading: Reading, found: _Found, total: int) -> None:
    if found.without_text:
        word, verb = ("page", "has") if len(found.without_text) == 1 else ("pages", "have")
        why = "OCR found none either" if ocr.is_installed() else ocr.MISSING_OCR
        if ocr.is_installed() and not reading.limits.ocr:
            why = "turn on the setting 'ocr' to read it"
        reading.warn(f"{word} {as_ranges(found.without_text)} {verb} no text; {why}.".capitalize())
    if found.broken:
        reading.warn(f"Pages {as_ranges(found.broken)} of {total} are damaged and were left out.")


def _label(document: Any, index: int) -> str | None:
    label = document.get_page_label(index)
    return label if label and label != str(index + 1) else None


def _attachments(document: Any, reading: Reading) -> Iterator[Member]:
    import pypdfium2

    count = document.count_attachments()
    reading.budget.members(max(0, count))
    for index in range(count):
        try:
            attachment = document.get_attachment(index)
            name, data = harmless_name(attachment.get_name()), bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            reading.warn(f"Attachment {index + 1} is damaged and was left out.")
            continue
        reading.budget.unpacked(len(data))
        yield reading.member(name, data)
