"""What Word and PowerPoint files share: parts tied by relationships, charts, diagrams, pictures."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from urllib.parse import unquote

from headwater.documents.parsers.container import Container
from headwater.documents.parsers.markup import (
    Element,
    NotMarkup,
    all_named,
    attribute,
    child,
    local,
    one_line,
    parse,
    rows_as_text,
)
from headwater.documents.parsers.picture import recognise_inside
from headwater.documents.parsers.reading import Reading, Source, unreadable


class OfficePackage:
    """An Office Open XML file: its parts as trees, and who points to whom (ECMA-376 part 2)."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.container = Container(source, reading)
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}

    def tree(self, part: str) -> Element | None:
        """Parse a part; None where it is missing or broken (with a warning)."""
        data = self.container.find(part)
        if data is None:
            return None
        try:
            return parse(data, self.source.name)
        except NotMarkup:
            self.reading.warn(f"The part {part} is damaged and was left out.")
            return None

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return relation id -> (kind, part name) of a part. Links to places outside are left out."""
        if part not in self._relations:
            folder, name = posixpath.split(part)
            found: dict[str, tuple[str, str]] = {}
            tree = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
            for relation in tree if tree is not None else ():
                target = relation.get("Target", "")
                if relation.get("TargetMode") == "External" or not target:
                    continue
                path = unquote(target)
                full = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], full)
            self._relations[part] = found
        return self._relations[part]

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts of one kind that `part` points to."""
        return [target for found, target in self.relations(part).values() if found == kind]

    def main_part(self, usual: str) -> str:
        """Return the part the whole file starts from."""
        found = self.related("", "officeDocument")
        part = next((p for p in found if p in self.container), usual)
        if part not in self.container:
            raise unreadable(self.source.name, f"has no part {usual}: it is damaged.", "Open it and save it anew.")
        return part

    def title(self) -> str | None:
        """Return the title in the file's properties."""
        tree = self.tree("docProps/core.xml") if "docProps/core.xml" in self.container else None
        node = child(tree, "title")
        return one_line(node.text) or None if node is not None and node.text else None

    def drawing_texts(self, drawing: Element, part: str) -> list[str]:
        """Return the texts of charts, diagrams and (by OCR) pictures that a drawing refers to."""
        relations = self.relations(part)
        texts = []
        for element in drawing.iter():
            name = local(element.tag)
            if name == "chart":
                texts.append(self._chart(relations.get(attribute(element, "id") or "")))
            elif name == "relIds":
                texts.append(self._diagram(relations.get(attribute(element, "dm") or "")))
            elif name in ("blip", "imagedata"):
                key = attribute(element, "embed") or attribute(element, "id") or ""
                texts.append(self._picture(relations.get(key)))
        return [text for text in texts if text]

    def _chart(self, target: tuple[str, str] | None) -> str:
        tree = self.tree(target[1]) if target and target[0] == "chart" else None
        return chart_text(tree) if tree is not None else ""

    def _diagram(self, target: tuple[str, str] | None) -> str:
        tree = self.tree(target[1]) if target else None
        if tree is None:
            return ""
        points = (one_line("".join(t.text or "" for t in all_named(p, "t"))) for p in all_named(tree, "pt"))
        return "\n".join(dict.fromkeys(text for text in points if text))

    def _picture(self, target: tuple[str, str] | None) -> str:
        data = self.container.find(target[1]) if target and target[0] == "image" else None
        return recognise_inside(data, self.reading) if data else ""


def chart_text(chart: Element) -> str:
    """Write a chart's title and its numbers as a table: one row a category, one column a series."""
    lines = [title] if (title := _rich_text(next(iter(all_named(chart, "title")), None))) else []
    series = list(all_named(chart, "ser"))
    names = [_points(child(one, "tx")) for one in series]
    values = [_points(child(one, "val")) or _points(child(one, "yVal")) for one in series]
    categories = next((c for one in series if (c := _points(child(one, "cat")) or _points(child(one, "xVal")))), {})
    rows: list[list[str]] = [["", *(next(iter(name.values()), "") for name in names)]]
    for index in sorted({*categories, *(i for value in values for i in value)}):
        rows.append([categories.get(index, str(index + 1)), *(value.get(index, "") for value in values)])
    return "\n".join([*lines, rows_as_text(rows)]).strip()


def _points(element: Element | None) -> dict[int, str]:
    if element is None:
        return {}
    points = {
        int(p.get("idx", "0")): (v.text or "") for p in all_named(element, "pt") if (v := child(p, "v")) is not None
    }
    direct = child(element, "v")
    return points or ({0: direct.text or ""} if direct is not None else {})


def _rich_text(element: Element | None) -> str:
    return one_line("".join(t.text or "" for t in _texts(element))) if element is not None else ""


def _texts(element: Element) -> Iterable[Element]:
    return (e for e in element.iter() if local(e.tag) in ("t", "v"))
