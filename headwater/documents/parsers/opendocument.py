"""OpenDocument: texts with headings, lists, tables, notes; a page a slide of presentations, a sheet of workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.core.types import Extraction, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.container import Container
from headwater.documents.parsers.markup import (
    Element,
    NotMarkup,
    all_named,
    attribute,
    child,
    heading,
    local,
    one_line,
    parse,
    rows_as_text,
    tidy,
)
from headwater.documents.parsers.picture import recognise_inside
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable
from headwater.documents.parsers.vocabulary import words

NOT_SHOWN = words("tracked-changes annotation-end sequence-decls variable-decls user-field-decls forms")
ROW_GROUPS = words("table-header-rows table-rows table-row-group")
# A cell may claim to be repeated a million times to the edge of the sheet.
MOST_REPEATS = 64


def read(source: Source, reading: Reading) -> Extraction:
    """Read an OpenDocument file. Raises UnreadableDocument for a locked or damaged one."""
    kind, _ = detect(source)
    container = Container(source, reading)
    refuse_locked(container)
    content = container.find("content.xml")
    if content is None:
        raise unreadable(source.name, "has no content: it is damaged.", "Open it and save it anew.")
    try:
        tree = parse(content, source.name)
    except NotMarkup:
        text = tidy(re.sub(r"<[^>]+>", " ", re.sub(r"</text:[ph]>", "\n\n", content.decode("utf-8", "replace"))))
        reading.warn("The document is damaged; its text was read without headings, tables and notes.")
        return Extraction(parts(text), False, (), tuple(reading.warnings), kind.media_type)
    writer = _Writer(container, reading)
    title = _title(container)
    sheets = child(tree, "body", "spreadsheet")
    slides = [
        page
        for page in all_named(tree, "page")
        if page.tag.startswith("{urn:oasis:names:tc:opendocument:xmlns:drawing")
    ]
    if sheets is not None:
        tables = [table for table in sheets if local(table.tag) == "table"]
        reading.budget.pages(len(tables))
        pages = tuple(Page(n, writer.sheet(t), attribute(t, "name")) for n, t in enumerate(tables, start=1))
    elif kind.name != "odt" and slides:
        reading.budget.pages(len(slides))
        pages = tuple(Page(n, writer.slide(slide)) for n, slide in enumerate(slides, start=1))
    else:
        body = child(tree, "body")
        blocks = writer.blocks(body if body is not None else tree)
        pages = parts(tidy("\n\n".join([*writer.edges("header"), *blocks, *writer.edges("footer")])))
    reading.budget.text(sum(len(page.text) for page in pages))
    return Extraction(pages, kind.name != "odt", (), tuple(reading.warnings), kind.media_type, title)


def refuse_locked(container: Container) -> None:
    """Raise UnreadableDocument where the manifest says that the content is encrypted."""
    manifest = container.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in manifest:
        raise unreadable(
            container.source.name, "is protected with a password.", "Save a copy without the password, and add that."
        )


class _Writer:
    def __init__(self, container: Container, reading: Reading) -> None:
        self.container = container
        self.reading = reading
        self.note_count = 0

    def slide(self, page: Element) -> str:
        """Return the text of a slide, its notes behind it."""
        notes = child(page, "notes")
        shapes = [element for element in page if element is not notes]
        titles = [f for f in shapes if attribute(f, "class") == "title" and local(f.tag) == "frame"]
        texts = [heading(" ".join(self._flat(f)), 1) for f in titles if "".join(self._flat(f)).strip()]
        for shape in shapes:
            if shape not in titles and attribute(shape, "class") not in (
                "page-number",
                "date-time",
                "footer",
                "header",
            ):
                texts += list(self._block(shape, 0))
        if notes is not None:
            spoken = "\n".join(text for frame in notes for text in self._block(frame, 0))
            texts += [f"Notes:\n{spoken}"] if spoken.strip() else []
        return tidy("\n\n".join(texts))

    def blocks(self, parent: Element, depth: int = 0) -> Iterator[str]:
        """Yield paragraphs, lists and tables."""
        for element in parent:
            yield from self._block(element, depth)

    def sheet(self, table: Element) -> str:
        """Return the rows of a sheet, comments and drawings on it behind them."""
        drawn = [text for shapes in table if local(shapes.tag) == "shapes" for text in self.blocks(shapes)]
        notes = [text for note in all_named(table, "annotation") for text in self._comment(note)]
        return tidy("\n\n".join([rows_as_text(self._rows(table)), *notes, *drawn]))

    def _flat(self, element: Element) -> list[str]:
        return [one_line(text) for text in self._block(element, 0)]

    def _block(self, element: Element, depth: int) -> Iterator[str]:
        name = local(element.tag)
        if name in ("p", "h"):
            yield from self._paragraph(element, name)
        elif name == "list":
            text = "\n".join(self._items(element, depth))
            if text:
                yield text
        elif name == "table":
            text = rows_as_text(self._rows(element))
            if text:
                yield text
        elif name == "image":
            text = self._picture(element)
            if text:
                yield text
        elif name not in NOT_SHOWN:
            yield from self.blocks(element, depth)

    def _paragraph(self, element: Element, name: str) -> Iterator[str]:
        hanging: list[str] = []
        pieces: list[str] = []
        self._inline(element, pieces, hanging)
        text = "\n".join(one_line(line) for line in "".join(pieces).split("\n")).strip()
        if text:
            level = attribute(element, "outline-level") or "1"
            yield heading(text, int(level) if level.isdigit() else 1) if name == "h" else text
        yield from hanging

    def _inline(self, element: Element, pieces: list[str], hanging: list[str]) -> None:
        pieces.append(_collapsed(element.text))
        for part in element:
            name = local(part.tag)
            if name == "s":
                count = attribute(part, "c") or "1"
                pieces.append(" " * min(int(count) if count.isdigit() else 1, 80))
            elif name == "tab":
                pieces.append("\t")
            elif name == "line-break":
                pieces.append("\n")
            elif name == "note":
                self.note_count += 1
                body = child(part, "note-body")
                text = " ".join(one_line(t) for t in self.blocks(body)) if body is not None else ""
                hanging.append(f"Note {self.note_count}: {text}")
            elif name == "annotation":
                hanging += self._comment(part)
            elif name in ("frame", "custom-shape", "rect", "g", "text-box"):
                hanging += list(self._block(part, 0))
            elif name not in NOT_SHOWN:
                self._inline(part, pieces, hanging)
            pieces.append(_collapsed(part.tail))

    def _comment(self, note: Element) -> list[str]:
        text = " ".join(one_line(t) for p in note if local(p.tag) in ("p", "list") for t in self._block(p, 0))
        return [f"Comment: {text}"] if text else []

    def _items(self, element: Element, depth: int) -> Iterator[str]:
        for item in element:
            if local(item.tag) not in ("list-item", "list-header"):
                continue
            for part in item:
                if local(part.tag) == "list":
                    yield from self._items(part, depth + 1)
                else:
                    is_item = local(part.tag) in ("p",)
                    for text in self._block(part, depth):
                        yield f"{'  ' * depth}- {text}" if is_item else text

    def _rows(self, table: Element) -> Iterator[list[str]]:
        for element in table:
            name = local(element.tag)
            if name in ROW_GROUPS:
                yield from self._rows(element)
            elif name == "table-row":
                cells: list[str] = []
                for cell in element:
                    if local(cell.tag) in ("table-cell", "covered-table-cell"):
                        text = " ".join(self._flat_cell(cell))
                        repeat = attribute(cell, "number-columns-repeated") or "1"
                        cells += [text] * min(int(repeat) if repeat.isdigit() else 1, MOST_REPEATS)
                repeat = attribute(element, "number-rows-repeated") or "1"
                yield from [cells] * (min(int(repeat) if repeat.isdigit() else 1, MOST_REPEATS) if any(cells) else 1)

    def _flat_cell(self, cell: Element) -> list[str]:
        own = [part for part in cell if local(part.tag) != "annotation"]
        return [one_line(re.sub(r"^#+ ", "", text)) for part in own for text in self._block(part, 0)]

    def _picture(self, image: Element) -> str:
        path = (attribute(image, "href") or "").lstrip("./")
        data = self.container.find(path) if path.startswith("Pictures/") else None
        return recognise_inside(data, self.reading) if data else ""

    def edges(self, kind: str) -> list[str]:
        """Return the headers or footers of the page styles, each once."""
        data = self.container.find("styles.xml")
        if data is None:
            return []
        try:
            tree = parse(data, self.container.source.name)
        except NotMarkup:
            return []
        found = [
            tidy("\n".join(self.blocks(e)))
            for e in tree.iter()
            if local(e.tag) in (kind, f"{kind}-left", f"{kind}-first")
        ]
        return [text for text in dict.fromkeys(found) if re.search(r"\w{2}", text)]


def _collapsed(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _title(container: Container) -> str | None:
    data = container.find("meta.xml")
    if data is None:
        return None
    try:
        found = next(iter(all_named(parse(data, container.source.name), "title")), None)
    except NotMarkup:
        return None
    return one_line(found.text) or None if found is not None and found.text else None
