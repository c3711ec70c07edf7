"""Word's styles and numbering: which paragraphs are headings, and the numbers Word shows before them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from headwater.documents.parsers.markup import Element, attribute, child, local

BULLET = "- "
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
         (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(slots=True)
class _Style:
    name: str
    based_on: str | None
    outline_level: int | None
    numbering: tuple[str, int] | None


class Styles:
    """Paragraph styles by id."""

    def __init__(self, tree: Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        for style in tree if tree is not None else ():
            if local(style.tag) != "style":
                continue
            properties = child(style, "pPr")
            self._styles[attribute(style, "styleId") or ""] = _Style(
                (value_of(style, "name") or "").lower(),
                value_of(style, "basedOn"),
                _number(value_of(properties, "outlineLvl")),
                numbering_of(properties),
            )

    def heading_level(self, properties: Element | None) -> int | None:
        """Return 1..9 where a paragraph is a heading, by its own level, its style or the style's parents."""
        own = _number(value_of(properties, "outlineLvl"))
        if own is not None:
            return own + 1 if own < 9 else None
        for style in self._line(properties):
            named = re.fullmatch(r"heading (\d)", style.name)
            if named:
                return int(named.group(1))
            if style.name == "title":
                return 1
            if style.outline_level is not None:
                return style.outline_level + 1 if style.outline_level < 9 else None
        return None

    def numbering(self, properties: Element | None) -> tuple[str, int] | None:
        """Return (list id, level) of a paragraph, its own or its style's."""
        own = numbering_of(properties)
        if own is not None:
            return own
        return next((style.numbering for style in self._line(properties) if style.numbering), None)

    def _line(self, properties: Element | None) -> list[_Style]:
        line: list[_Style] = []
        name = value_of(properties, "pStyle")
        while name in self._styles and len(line) < 12:
            line.append(self._styles[name])
            name = line[-1].based_on or ""
        return line


@dataclass(slots=True)
class _Level:
    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Counts numbered paragraphs as Word does and writes their labels ("2.1 ", "a) ", "- ")."""

    abstract: dict[str, dict[int, _Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Element | None) -> Numbering:
        """Read the numbering part."""
        numbering = cls()
        for element in tree if tree is not None else ():
            if local(element.tag) == "abstractNum":
                levels = (_level(level) for level in element if local(level.tag) == "lvl")
                numbering.abstract[attribute(element, "abstractNumId") or ""] = dict(levels)
            elif local(element.tag) == "num":
                numbering.lists[attribute(element, "numId") or ""] = value_of(element, "abstractNumId") or ""
        return numbering

    def label(self, list_id: str, depth: int) -> str:
        """Count one paragraph and return its label with a space behind, or ""."""
        abstract = self.lists.get(list_id)
        levels = self.abstract.get(abstract or "", {})
        level = levels.get(depth)
        if abstract is None or level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return BULLET
        counts = self.counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]

        def shown(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            other = levels.get(at, level)
            return _written(counts.get(at, other.start), other.form)

        text = re.sub(r"%(\d)", shown, level.text).strip()
        return f"{text} " if text else ""


def value_of(element: Element | None, name: str) -> str | None:
    """Return the `val` of a direct child."""
    found = child(element, name)
    return attribute(found, "val") if found is not None else None


def numbering_of(properties: Element | None) -> tuple[str, int] | None:
    """Return (list id, level) from paragraph properties; list id "0" takes a numbering away."""
    found = child(properties, "numPr")
    if found is None:
        return None
    return value_of(found, "numId") or "0", _number(value_of(found, "ilvl")) or 0


def _level(element: Element) -> tuple[int, _Level]:
    depth = _number(attribute(element, "ilvl")) or 0
    start = _number(value_of(element, "start"))
    return depth, _Level(
        value_of(element, "numFmt") or "decimal", value_of(element, "lvlText") or "", 1 if start is None else start
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,6}", text) else None


def _written(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < number < 5000:
        roman = ""
        for value, letters in ROMAN:
            while number >= value:
                roman += letters
                number -= value
        return roman.upper() if form == "upperRoman" else roman
    return f"{number:02d}" if form == "decimalZero" else str(number)
