"""Word documents: body, tables in tables, text boxes, notes, comments, headers, charts and pictures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from headwater.core.types import Extraction
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
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable
from headwater.documents.parsers.vocabulary import words
from headwater.documents.parsers.word_styles import Numbering, Styles

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Deleted text, field instructions and properties are not text of the document.
NOT_SHOWN = words("del moveFrom delText instrText rPr pPr sectPr tblPr tcPr trPr proofErr rt")
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MATH = {f"{_MATH}f": "/", f"{_MATH}sSup": "^", f"{_MATH}sSub": "_"}
GROUPS = words("sdt sdtContent customXml ins moveTo smartTag body ftr hdr footnote endnote comment txbxContent")


def read(source: Source, reading: Reading) -> Extraction:
    """Read a Word document. A broken body is read plainly, and a warning says so."""
    package = OfficePackage(source, reading)
    part = package.main_part("word/document.xml")
    tree = package.tree(part)
    if tree is None:
        text = _plain(package.container.find(part) or b"")
        if not text:
            raise unreadable(source.name, "is damaged: its text cannot be read.", "Open it in Word and save it anew.")
        reading.warn("The document is damaged; its text was read without headings, tables and notes.")
    else:
        text = _Document(package, part).write(tree)
    reading.budget.text(len(text))
    return Extraction(parts(text), False, (), tuple(reading.warnings), MEDIA_TYPE, package.title())


class _Document:
    def __init__(self, package: OfficePackage, part: str) -> None:
        self.package = package
        self.part = part
        self.styles = Styles(self._related_tree("styles"))
        self.numbering = Numbering.of(self._related_tree("numbering"))
        self.notes = {kind: self._notes(kind) for kind in ("footnotes", "endnotes", "comments")}
        self.note_count = 0

    def write(self, tree: Element) -> str:
        """Return headers, body and footers; each header and footer once."""
        body = child(tree, "body")
        headers = self._edges("header")
        footers = self._edges("footer")
        return tidy("\n\n".join([*headers, *self.blocks(body if body is not None else tree), *footers]))

    def blocks(self, parent: Element) -> Iterator[str]:
        """Yield paragraphs and tables as text."""
        lines: list[str] = []
        for element in parent:
            name = local(element.tag)
            if name == "p":
                text, is_item = self.paragraph(element)
                if is_item and text:
                    lines.append(text)
                    continue
                found = [text]
            elif name == "tbl":
                found = self.table(element)
            elif name == "AlternateContent":
                found = list(self.blocks(_shown(element)))
            elif name in GROUPS:
                found = list(self.blocks(element))
            else:
                continue
            if lines:
                yield "\n".join(lines)
                lines = []
            yield from (text for text in found if text.strip())
        if lines:
            yield "\n".join(lines)

    def paragraph(self, element: Element) -> tuple[str, bool]:
        """Return a paragraph's text, with what hangs on it below, and whether it is an item of a list."""
        properties = child(element, "pPr")
        pieces: list[str] = []
        hanging: list[str] = []
        self._runs(element, pieces, hanging)
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]+", " ", "".join(pieces))).strip()
        level = self.styles.heading_level(properties)
        numbering = self.styles.numbering(properties)
        label = self.numbering.label(*numbering) if numbering and text else ""
        if text and level is not None:
            text = heading(f"{'' if label == '- ' else label}{text}", level)
        elif text and numbering:
            text = f"{'  ' * numbering[1]}{label}{text}"
        is_item = bool(label) and level is None and not hanging
        return "\n\n".join(piece for piece in [text, *hanging] if piece), is_item

    def table(self, element: Element) -> list[str]:
        """Return rows as `a | b | c`; a cell merged downwards shows its text in every row it covers.

        Tables inside cells follow the row that holds them. A table of one column only frames text.
        """
        rows = [row for row in _inner(element, "tr")]
        if max((len(list(_inner(row, "tc"))) for row in rows), default=0) <= 1:
            return [text for row in rows for cell in _inner(row, "tc") for text in self.blocks(cell)]
        lines: list[str] = []
        above: dict[int, str] = {}
        for row in rows:
            column = _columns(child(row, "trPr", "gridBefore"), 0)
            cells = [""] * column
            inside: list[str] = []
            for cell in _inner(row, "tc"):
                properties = child(cell, "tcPr")
                merge = child(properties, "vMerge")
                continues = merge is not None and attribute(merge, "val") in (None, "continue")
                text = above.get(column, "") if continues else self._cell(cell, inside)
                above[column] = text if merge is not None else ""
                cells.append(text)
                width = _columns(child(properties, "gridSpan"))
                # The cells that a wide one covers stay empty, so that columns stay under their headers.
                cells += [""] * (width - 1)
                column += width
            line = rows_as_text([cells])
            lines += [piece for piece in (line, *inside) if piece]
        return ["\n".join(lines)]

    def _cell(self, cell: Element, inside: list[str]) -> str:
        own = []
        for element in cell:
            if local(element.tag) == "tbl":
                inside += self.table(element)
            else:
                holder = cell.makeelement("cell", {})
                holder.append(element)
                own += [re.sub(r"^#+ ", "", text) for text in self.blocks(holder)]
        return one_line(" ".join(own))

    def _runs(self, element: Element, pieces: list[str], hanging: list[str]) -> None:
        """Gather the text of a paragraph; what stands beside it (boxes, pictures, notes) goes to `hanging`."""
        for part in element:
            name = local(part.tag)
            if name == "t":
                pieces.append(part.text or "")
            elif name in SIGNS:
                pieces.append(SIGNS[name])
            elif name == "sym":
                pieces.append(_symbol(attribute(part, "char")))
            elif name in ("drawing", "pict", "object"):
                self._beside(part, hanging)
            elif name in ("footnoteReference", "endnoteReference", "commentReference"):
                hanging += self._note(name.replace("Reference", "s"), attribute(part, "id"))
            elif name == "AlternateContent":
                self._runs(_shown(part), pieces, hanging)
            elif name == "r" and child(part, "rPr", "vanish") is not None:
                continue
            elif part.tag in MATH:
                self._formula(part, pieces, hanging)
            elif name not in NOT_SHOWN:
                self._runs(part, pieces, hanging)

    def _formula(self, part: Element, pieces: list[str], hanging: list[str]) -> None:
        """Write a fraction as `a/b`, a power as `a^b`, an index as `a_b`; other formulas are read through."""
        inner: list[str] = []
        for piece in part:
            written: list[str] = []
            self._runs(piece, written, hanging)
            text = "".join(written)
            if text:
                inner.append(text if len(text) == 1 or text.isalnum() else f"({text})")
        pieces.append(MATH[part.tag].join(inner))

    def _beside(self, drawing: Element, hanging: list[str]) -> None:
        for box in all_named(drawing, "txbxContent"):
            hanging += list(self.blocks(box))
        hanging += self.package.drawing_texts(drawing, self.part)

    def _note(self, kind: str, key: str | None) -> list[str]:
        text = self.notes[kind].pop(key or "", "")
        if not text:
            return []
        if kind == "comments":
            return [text]
        self.note_count += 1
        return [f"Note {self.note_count}: {text}"]

    def _notes(self, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self.package.related(self.part, kind):
            tree = self.package.tree(part)
            for note in tree if tree is not None else ():
                text = " ".join(
                    one_line("".join(t.text or "" for t in all_named(p, "t"))) for p in all_named(note, "p")
                )
                author = attribute(note, "author")
                prefix = f"Comment by {author}: " if author else "Comment: " if kind == "comments" else ""
                if text.strip() and attribute(note, "type") in (None, "normal"):
                    found[attribute(note, "id") or ""] = f"{prefix}{text.strip()}"
        return found

    def _edges(self, kind: str) -> list[str]:
        texts = []
        for part in self.package.related(self.part, kind):
            tree = self.package.tree(part)
            if tree is not None:
                here, self.part = self.part, part
                texts.append("\n".join(self.blocks(tree)))
                self.part = here
        return [text for text in dict.fromkeys(texts) if re.search(r"\w{2}", text)]

    def _related_tree(self, kind: str) -> Element | None:
        found = self.package.related(self.part, kind)
        return self.package.tree(found[0]) if found else None


def _shown(alternate: Element) -> Element:
    """Return the branch that a current program shows; both hold the same text."""
    choice = child(alternate, "Choice")
    fallback = child(alternate, "Fallback")
    return choice if choice is not None else fallback if fallback is not None else alternate


def _inner(element: Element, name: str) -> Iterator[Element]:
    for part in element:
        tag = local(part.tag)
        if tag == name:
            yield part
        elif tag in GROUPS:
            yield from _inner(part, name)


def _columns(element: Element | None, otherwise: int = 1) -> int:
    width = attribute(element, "val") if element is not None else None
    return int(width) if width and width.isdigit() and 0 < int(width) < 200 else otherwise


def _symbol(code: str | None) -> str:
    number = int(code, 16) if code and re.fullmatch(r"[0-9A-Fa-f]{1,6}", code) else 0
    # Symbol fonts live in F000-F0FF: most are bullets and arrows that have no letter.
    return chr(number) if 0x20 <= number < 0xE000 else "•" if number in (0xF0B7, 0xF0A7) else ""


def _plain(data: bytes) -> str:
    """Take the text out of markup that no longer parses."""
    text = data.decode("utf-8", "replace")
    paragraphs = re.split(r"</w:p>|<w:p[ />]", text)
    joined = ("".join(re.findall(r"<w:t(?:\s[^>]*)?>([^<]*)", piece)) for piece in paragraphs)
    return tidy("\n\n".join(html.unescape(piece) for piece in joined if piece.strip()))
