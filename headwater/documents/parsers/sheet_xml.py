"""The parts of an xlsx workbook, read as a stream: strings, number formats, and the cells of a sheet.

Format: ECMA-376 part 1, 18.3 (worksheets), 18.4 (shared strings), 18.8 (styles).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from xml.parsers import expat

from headwater.documents.parsers.markup import NotMarkup, refuse_entities

# Number formats that show a date or a time, by their built-in number (18.8.30).
DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
QUOTED = re.compile(r'"[^"]*"|\[(?!h|m|s)[^\]]*\]|\\.|_.', re.I)
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
LAST_SERIAL = 2_958_465
# A lonely cell at the right edge of a sheet would make a line of sixteen thousand empty cells.
WIDEST_GAP = 40
COLUMN = re.compile(r"[A-Z]+")

Attributes = dict[str, str]
Row = list[tuple[int, str]]


def stream(data: bytes, name: str, start: Callable[[str, Attributes], None], end: Callable[[str, str], None]) -> None:
    """Walk XML; `end` gets the text since the last tag. Raises NotMarkup, UnreadableDocument (entities)."""
    refuse_entities(data, name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    text: list[str] = []
    locals_: dict[str, str] = {}

    def local(tag: str) -> str:
        found = locals_.get(tag)
        if found is None:
            found = locals_[tag] = tag.rsplit(":", 1)[-1]
        return found

    def started(tag: str, attributes: Attributes) -> None:
        text.clear()
        start(local(tag), attributes)

    def ended(tag: str) -> None:
        end(local(tag), "".join(text))
        text.clear()

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotMarkup(f"{name}: {error}") from error


def shared_strings(data: bytes, name: str) -> list[str]:
    """Return the strings that cells refer to by number."""
    strings: list[str] = []
    pieces: list[str] = []
    silent = False

    def start(tag: str, _: Attributes) -> None:
        nonlocal silent
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            # How to pronounce the text, which is no part of it.
            silent = True

    def end(tag: str, text: str) -> None:
        nonlocal silent
        if tag == "t" and not silent:
            pieces.append(text)
        elif tag == "rPh":
            silent = False
        elif tag == "si":
            strings.append("".join(pieces))

    stream(data, name, start, end)
    return strings


def date_styles(data: bytes, name: str) -> frozenset[int]:
    """Return the numbers of the cell styles that show dates or times."""
    codes: dict[int, str] = {}
    styles: list[int] = []
    inside = False

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[_integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            styles.append(_integer(attributes.get("numFmtId")))

    def end(tag: str, _: str) -> None:
        nonlocal inside
        inside = inside and tag != "cellXfs"

    stream(data, name, start, end)
    return frozenset(i for i, code in enumerate(styles) if code in DATE_FORMATS or is_date_format(codes.get(code, "")))


def is_date_format(code: str) -> bool:
    """Whether a format code shows a date or a time.

    >>> is_date_format('yyyy"-"mm'), is_date_format('#,##0.00 "days"'), is_date_format("General")
    (True, False, False)
    """
    bare = QUOTED.sub("", code).lower()
    return "general" not in bare and bool(re.search(r"[ymdhs]", bare)) and "#" not in bare


class SheetCells:
    """Reads the cells of a sheet into rows of (column from 0, text); rows without text are left out."""

    def __init__(self, strings: list[str], dates: frozenset[int], epoch: datetime) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._rows: list[Row] = []
        self._row: Row = []
        self._column = -1
        self._kind = ""
        self._style = 0
        self._value = ""
        self._inline: list[str] = []
        self._silent = False

    def read(self, data: bytes, name: str) -> list[list[str]]:
        """Return rows of cells; columns that are empty on the left of the sheet are cut off."""
        stream(data, name, self._start, self._end)
        first = min((row[0][0] for row in self._rows), default=0)
        return [_filled(row, first) for row in self._rows]

    def _start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            place = COLUMN.match(attributes.get("r", ""))
            self._column = _column_number(place.group()) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = _integer(attributes.get("s"))
            self._value = ""
            self._inline = []
        elif tag == "row":
            self._row = []
            self._column = -1
        elif tag == "rPh":
            self._silent = True

    def _end(self, tag: str, text: str) -> None:
        if tag == "v":
            self._value = text
        elif tag == "t" and not self._silent:
            self._inline.append(text)
        elif tag == "rPh":
            self._silent = False
        elif tag == "c":
            shown = self._shown()
            if shown:
                self._row.append((self._column, shown))
        elif tag == "row" and self._row:
            self._rows.append(sorted(self._row))

    def _shown(self) -> str:
        value = self._value
        if self._kind == "s":
            number = _integer(value)
            return self._strings[number].strip() if 0 <= number < len(self._strings) else ""
        if self._kind == "n" and value:
            return self._number(value)
        if self._kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        return ("".join(self._inline) or value).strip()

    def _number(self, value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value.strip()
        if self._style in self._dates and 0 <= number <= LAST_SERIAL:
            return date_text(number, self._epoch)
        # A program shows at most fifteen digits; the file holds the noise behind them.
        return f"{number:.15g}"


def date_text(serial: float, epoch: datetime = EPOCH) -> str:
    """Write a day number as a date, a fraction of a day as a time.

    >>> date_text(45292), date_text(45292.5), date_text(0.25)
    ('2024-01-01', '2024-01-01 12:00:00', '06:00:00')
    """
    moment = epoch + timedelta(seconds=round(serial * 86_400))
    if serial < 1:
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d" if serial == int(serial) else "%Y-%m-%d %H:%M:%S")


def _filled(row: Row, first: int) -> list[str]:
    cells: list[str] = []
    at = first
    for column, text in row:
        cells += [""] * min(column - at, WIDEST_GAP)
        cells.append(text)
        at = column + 1
    return cells


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _integer(text: str | None) -> int:
    return int(text) if text and text.strip().isdigit() and len(text) < 10 else 0
