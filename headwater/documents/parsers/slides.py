"""Presentations: a page a slide with its title, shapes, groups, tables, charts, diagrams, notes and comments."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.core.types import Extraction, Page
from headwater.documents.parsers.markup import (
    Element,
    all_named,
    attribute,
    child,
    heading,
    local,
    one_line,
    rows_as_text,
    tidy,
)
from headwater.documents.parsers.office_parts import OfficePackage
from headwater.documents.parsers.reading import Reading, Source, unreadable
from headwater.documents.parsers.vocabulary import words

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
# Placeholders that every slide repeats.
FURNITURE = words("sldNum dt ftr hdr sldImg")


def read(source: Source, reading: Reading) -> Extraction:
    """Read a presentation, slides in the order they are shown."""
    package = OfficePackage(source, reading)
    part = package.main_part("ppt/presentation.xml")
    slides = _slides(package, part)
    if not slides:
        raise unreadable(source.name, "has no slides that can be read.", "Open it and save it anew.")
    reading.budget.pages(len(slides))
    pages = []
    for number, slide in enumerate(slides, start=1):
        tree = package.tree(slide)
        text = _slide_text(package, slide, tree) if tree is not None else ""
        reading.budget.text(len(text))
        pages.append(Page(number, text))
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), MEDIA_TYPE, package.title())


def _slides(package: OfficePackage, part: str) -> list[str]:
    relations = package.relations(part)
    tree = package.tree(part)
    listed = child(tree, "sldIdLst") if tree is not None else None
    if listed is not None:
        keys = [next((v for k, v in slide.attrib.items() if k.endswith("}id")), "") for slide in listed]
        ordered = [relations[key][1] for key in keys if key in relations]
        if ordered:
            return ordered
    names = [p.stored_name for p in package.container.parts if p.stored_name.startswith("ppt/slides/slide")]
    return sorted(names, key=lambda name: int("".join(c for c in name if c.isdigit()) or 0))


def _slide_text(package: OfficePackage, part: str, tree: Element) -> str:
    shapes = child(tree, "cSld", "spTree")
    blocks = list(_shapes(package, part, shapes)) if shapes is not None else []
    # A title is often drawn last; it is read first.
    titles = [text for is_title, text in blocks if is_title]
    others = [text for is_title, text in blocks if not is_title]
    notes = [f"Notes:\n{text}" for text in _notes(package, part) if text]
    return tidy("\n\n".join([*titles, *others, *notes, *_comments(package, part)]))


def _shapes(package: OfficePackage, part: str, parent: Element) -> Iterator[tuple[bool, str]]:
    for element in parent:
        name = local(element.tag)
        if name == "grpSp":
            yield from _shapes(package, part, element)
        elif name == "AlternateContent":
            branch = child(element, "Choice")
            fallback = child(element, "Fallback")
            found = list(_shapes(package, part, branch)) if branch is not None else []
            yield from found or (list(_shapes(package, part, fallback)) if fallback is not None else [])
        elif name in ("sp", "cxnSp"):
            yield from _shape(element)
        elif name == "graphicFrame":
            tables = [_table(table) for table in all_named(element, "tbl")]
            yield from ((False, text) for text in [*tables, *package.drawing_texts(element, part)] if text)
        elif name == "pic":
            yield from ((False, text) for text in package.drawing_texts(element, part))
        elif name == "contentPart":
            continue


def _shape(element: Element) -> Iterator[tuple[bool, str]]:
    kind = _placeholder(element)
    body = child(element, "txBody")
    if body is None or kind in FURNITURE:
        return
    text = _body_text(body)
    if text and kind in ("title", "ctrTitle"):
        yield True, heading(text, 1)
    elif text:
        yield False, text


def _placeholder(element: Element) -> str:
    for properties in element:
        if local(properties.tag).startswith("nv"):
            place = child(properties, "nvPr", "ph")
            if place is not None:
                return place.get("type", "body")
    return ""


def _body_text(body: Element) -> str:
    lines = []
    for paragraph in body:
        if local(paragraph.tag) == "p":
            level = child(paragraph, "pPr")
            depth = int(level.get("lvl", "0")) if level is not None and level.get("lvl", "0").isdigit() else 0
            text = "\n".join(one_line(line) for line in _paragraph(paragraph).split("\n")).strip()
            if text:
                lines.append(f"{'  ' * depth}{'- ' if depth else ''}{text}")
    return "\n".join(lines)


def _paragraph(paragraph: Element) -> str:
    pieces: list[str] = []
    for part in paragraph.iter():
        name = local(part.tag)
        if name == "t":
            pieces.append(part.text or "")
        elif name == "br":
            pieces.append("\n")
        elif name == "tab":
            pieces.append("\t")
    return "".join(pieces)


def _table(table: Element) -> str:
    """Write rows; a cell merged downwards shows its text in every row, one merged sideways only once."""
    rows: list[list[str]] = []
    for row in all_named(table, "tr"):
        cells: list[str] = []
        for column, cell in enumerate(part for part in row if local(part.tag) == "tc"):
            body = child(cell, "txBody")
            text = one_line(_body_text(body).replace("\n", " ")) if body is not None else ""
            if attribute(cell, "hMerge") in ("1", "true"):
                text = ""
            elif attribute(cell, "vMerge") in ("1", "true") and rows and column < len(rows[-1]):
                text = rows[-1][column]
            cells.append(text)
        rows.append(cells)
    return rows_as_text(rows)


def _notes(package: OfficePackage, part: str) -> Iterator[str]:
    for notes in package.related(part, "notesSlide"):
        tree = package.tree(notes)
        if tree is None:
            continue
        for shape in all_named(tree, "sp"):
            body = child(shape, "txBody")
            if body is not None and _placeholder(shape) not in FURNITURE:
                yield _body_text(body)


def _comments(package: OfficePackage, part: str) -> Iterator[str]:
    for comments in package.related(part, "comments"):
        tree = package.tree(comments)
        for comment in tree if tree is not None else ():
            words = [t.text or "" for t in comment.iter() if local(t.tag) in ("text", "t")]
            if one_line(" ".join(words)):
                yield f"Comment: {one_line(' '.join(words))}"
