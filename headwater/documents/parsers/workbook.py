"""Excel workbooks (xlsx): a page a sheet, labelled with its name; rows as `a | b | c`."""

from __future__ import annotations

from headwater.core.types import Extraction, Page
from headwater.documents.parsers.markup import Element, NotMarkup, all_named, local, one_line, rows_as_text
from headwater.documents.parsers.office_parts import OfficePackage
from headwater.documents.parsers.reading import Reading, Source, unreadable
from headwater.documents.parsers.sheet_xml import EPOCH, EPOCH_1904, SheetCells, date_styles, shared_strings

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def read(source: Source, reading: Reading) -> Extraction:
    """Read a workbook. Raises UnreadableDocument for a damaged one."""
    package = OfficePackage(source, reading)
    part = package.main_part("xl/workbook.xml")
    tree = package.tree(part)
    relations = package.relations(part)
    sheets = list(all_named(tree, "sheet")) if tree is not None else []
    if not sheets:
        raise unreadable(source.name, "has no sheets that can be read.", "Open it and save it anew.")
    reading.budget.pages(len(sheets))
    workbook = _Workbook(package, part)
    pages = []
    for number, sheet in enumerate(sheets, start=1):
        name = sheet.get("name") or None
        key = next((value for attribute, value in sheet.attrib.items() if attribute.endswith("}id")), "")
        text = workbook.sheet(relations[key][1], name) if key in relations else ""
        reading.budget.text(len(text))
        pages.append(Page(number, text, name))
        reading.page_done(number, len(sheets))
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), MEDIA_TYPE, package.title())


class _Workbook:
    def __init__(self, package: OfficePackage, part: str) -> None:
        self.package = package
        name = package.source.name
        strings, styles = self._bytes(part, "sharedStrings"), self._bytes(part, "styles")
        self.strings: list[str] = []
        self.dates: frozenset[int] = frozenset()
        try:
            self.strings = shared_strings(strings, name) if strings else []
            self.dates = date_styles(styles, name) if styles else frozenset()
        except NotMarkup:
            package.reading.warn("The workbook is damaged; some texts or dates in it may be missing.")
        tree = package.tree(part)
        settings = next(all_named(tree, "workbookPr"), None) if tree is not None else None
        is_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        self.epoch = EPOCH_1904 if is_1904 else EPOCH

    def _bytes(self, part: str, kind: str) -> bytes | None:
        found = self.package.related(part, kind)
        return self.package.container.find(found[0]) if found else None

    def sheet(self, part: str, name: str | None) -> str:
        """Return a sheet's rows, then its comments, then the texts of its drawings and charts."""
        data = self.package.container.find(part)
        if data is None:
            self.package.reading.warn(f"The sheet {name or part} is missing.")
            return ""
        try:
            rows = SheetCells(self.strings, self.dates, self.epoch).read(data, self.package.source.name)
        except NotMarkup:
            self.package.reading.warn(f"The sheet {name or part} is damaged and was left out.")
            return ""
        blocks = [rows_as_text(rows), "\n".join(self._comments(part)), *self._drawings(part)]
        return "\n\n".join(block for block in blocks if block)

    def _comments(self, part: str) -> list[str]:
        lines = []
        for comments in self.package.related(part, "comments"):
            tree = self.package.tree(comments)
            for comment in all_named(tree, "comment") if tree is not None else ():
                text = one_line("".join(t.text or "" for t in all_named(comment, "t")))
                lines += [f"Comment on {comment.get('ref', '')}: {text}"] if text else []
        return lines

    def _drawings(self, part: str) -> list[str]:
        texts = []
        for drawing in self.package.related(part, "drawing"):
            tree = self.package.tree(drawing)
            if tree is None:
                continue
            for shape in all_named(tree, "sp"):
                paragraphs = (one_line("".join(t.text or "" for t in all_named(p, "t"))) for p in _paragraphs(shape))
                texts.append("\n".join(text for text in paragraphs if text))
            texts += self.package.drawing_texts(tree, drawing)
        return texts


def _paragraphs(shape: Element) -> list[Element]:
    return [element for element in shape.iter() if local(element.tag) == "p"]
