"""The shape of a page: headings, paragraphs, lists, tables and code, each cut into pieces that stay whole.

A piece is a sentence of a paragraph, an item of a list, a row of a table, or a few lines of code.
Passages are made of whole pieces, so no row or decimal is ever cut unless it alone is too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from headwater.core.sentences import sentences

Kind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page with its pieces as (start, end) ranges; `level` is a heading's depth from 1."""

    kind: Kind
    start: int
    end: int
    pieces: tuple[tuple[int, int], ...]
    level: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


_MARKDOWN = re.compile(r"\s{0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_WIKI = re.compile(r"\s*(=(?:\s*=){0,5})\s+([^=\s](?:[^=]*[^=\s])?)\s+(=(?:\s*=){0,5})\s*$")
_NUMBERED = re.compile(
    r"\s{0,3}(\d{1,3}(?:\.\d{1,3}){1,5}\.?|(?:§|Chapter|Section|Part|Article|Appendix)\s+[\dA-Z][\w.\-]*)\s+\S"
)
_UNDERLINE = re.compile(r"\s{0,3}([=\-~^\"*+#])\1{2,}\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●–]\s+|\(?\d{1,3}[.)]\s+|\(?[a-zA-Z][.)]\s+|\(?[ivxIVX]{1,5}\)\s+)\S")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_WORTHY = re.compile(r"[\s#=*_\"'“‘§(\[]*[^\W_]")
# Texts that keep line ends as two characters (JSON, logs) are cut where the line ended.
_ESCAPED_END = re.compile(r"(?:\\r)?\\n")
_MARGIN = re.compile(r"(?:\s|\\[rnt](?![a-z]))*")
LONGEST_HEADING = 120
WRAPPED_LINE = 200


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page in reading order; together they hold every character that is not white space."""
    lines = list(_lines(text))
    usual = _usual_length(lines)
    found: list[Block] = []
    place = 0
    while place < len(lines):
        if lines[place].blank:
            place += 1
            continue
        block, place = _next_block(text, lines, place, usual)
        found.append(block)
    return found


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink a range so that it neither begins nor ends with white space."""
    margin = _MARGIN.match(text, start, end)
    start = margin.end() if margin else start
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of text[start:end] as trimmed ranges, in reading order."""
    spans = []
    stops = [match.start() for match in _ESCAPED_END.finditer(text, start, end)] + [end]
    place = start
    for stop in stops:
        for first, last in sentences(text[place:stop]):
            span = trim(text, place + first, place + last)
            if span[0] < span[1]:
                spans.append(span)
        place = stop
    return spans


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for match in re.finditer(r"\r\n|\n|\r|\f|\u2028|\u2029", text):
        yield _Line(start, match.start(), text[start : match.start()])
        start = match.end()
    if start < len(text):
        yield _Line(start, len(text), text[start:])


def _usual_length(lines: Sequence[_Line]) -> int:
    """Length that full lines of this page have: their upper quartile."""
    lengths = sorted(len(line.text) for line in lines if not line.blank)
    return lengths[(3 * len(lengths)) // 4] if lengths else 0


def _next_block(text: str, lines: Sequence[_Line], place: int, usual: int) -> tuple[Block, int]:
    line = lines[place]
    if _FENCE.match(line.text):
        return _code(lines, place)
    heading = _heading(lines, place)
    if heading:
        return heading
    if _is_row(line.text):
        stop = place
        while stop < len(lines) and _is_row(lines[stop].text):
            stop += 1
        rows = tuple(trim(text, row.start, row.end) for row in lines[place:stop] if not row.blank)
        if stop - place > 1:
            return Block("table", line.start, lines[stop - 1].end, rows), stop
    if _ITEM.match(line.text):
        return _list(text, lines, place)
    return _paragraph(text, lines, place, usual)


def _is_row(line: str) -> bool:
    return line.count("|") >= 2 or line.count("\t") >= 1 or (line.count(";") >= 4 and line.count("; ") == 0)


def _code(lines: Sequence[_Line], place: int) -> tuple[Block, int]:
    mark = lines[place].text.strip()[:3]
    stop = place + 1
    while stop < len(lines) and not lines[stop].text.strip().startswith(mark):
        stop += 1
    stop = min(stop + 1, len(lines))
    pieces = tuple((line.start, line.end) for line in lines[place:stop] if not line.blank)
    return Block("code", lines[place].start, lines[stop - 1].end, pieces), stop


def _heading(lines: Sequence[_Line], place: int) -> tuple[Block, int] | None:
    line = lines[place]
    if len(line.text) > LONGEST_HEADING or not _WORTHY.match(line.text):
        return None
    marked = _MARKDOWN.match(line.text)
    if marked:
        return _heading_block(lines, place, place + 1, len(marked.group(1)), marked.group(2))
    wiki = _WIKI.match(line.text)
    if wiki and wiki.group(1).count("=") == wiki.group(3).count("="):
        return _heading_block(lines, place, place + 1, wiki.group(1).count("="), wiki.group(2))
    following = lines[place + 1].text if place + 1 < len(lines) else ""
    if _UNDERLINE.match(following) and len(following.strip()) >= len(line.text.strip()) - 2 and not _is_row(line.text):
        level = 1 if following.strip()[0] == "=" else 2
        return _heading_block(lines, place, place + 2, level, line.text.strip())
    words = line.text.split()
    if len(words) > 14 or line.text.rstrip().endswith((".", ",", ";", ":", "?", "!")) or re.search(r"\.{4}", line.text):
        return None
    alone = (place == 0 or lines[place - 1].blank) and following.strip()
    if _NUMBERED.match(line.text) and re.search(r"[^\W\d_]{3}", line.text):
        level = min(6, 1 + words[0].rstrip(".").count("."))
        return _heading_block(lines, place, place + 1, level, line.text.strip())
    shouted = line.text.upper() == line.text and line.text.lower() != line.text and len(line.text.strip()) > 5
    if shouted and alone and len(words) > 1:
        return _heading_block(lines, place, place + 1, 3, line.text.strip())
    return None


def _heading_block(lines: Sequence[_Line], place: int, stop: int, level: int, title: str) -> tuple[Block, int]:
    start, end = lines[place].start, lines[stop - 1].end
    clean = re.sub(r"\s+", " ", re.sub(r"[*_`]+|\]\([^)]*\)|[\[\]]", " ", title)).strip() or title.strip()
    return Block("heading", start, end, ((start, end),), level, clean), stop


def _list(text: str, lines: Sequence[_Line], place: int) -> tuple[Block, int]:
    """Consecutive items; a line that is no item continues the one above it."""
    first = place
    pieces: list[tuple[int, int]] = []
    while place < len(lines):
        line = lines[place]
        if _ITEM.match(line.text):
            pieces.append((line.start, line.end))
        elif line.blank:
            after = next((other for other in lines[place + 1 :] if not other.blank), None)
            if after is None or not _ITEM.match(after.text):
                break
        elif _heading(lines, place) or _FENCE.match(line.text) or _is_row(line.text):
            break
        else:
            pieces[-1] = (pieces[-1][0], line.end)
        place += 1
    fine = tuple(span for piece in pieces for span in sentence_spans(text, *piece))
    return Block("list", lines[first].start, pieces[-1][1], fine), place


def _paragraph(text: str, lines: Sequence[_Line], place: int, usual: int) -> tuple[Block, int]:
    stop = place + 1
    while stop < len(lines) and not lines[stop].blank and not _breaks(lines, stop, usual):
        stop += 1
    start, end = lines[place].start, lines[stop - 1].end
    return Block("paragraph", start, end, tuple(sentence_spans(text, start, end))), stop


def _breaks(lines: Sequence[_Line], place: int, usual: int) -> bool:
    """Whether a new block begins at this line although no blank line stands before it."""
    line, before = lines[place], lines[place - 1]
    if _FENCE.match(line.text) or _ITEM.match(line.text) or _is_row(line.text) or _heading(lines, place):
        return True
    # A line much longer than a page is wide was not wrapped: its end is the end of a paragraph. A
    # line much shorter than the others ends one too, unless the text plainly runs on.
    runs_on = line.text.lstrip()[:1].islower()
    return len(before.text) > WRAPPED_LINE or (len(before.text) < 0.6 * usual and not runs_on)
