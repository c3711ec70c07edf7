"""Rich text (RTF): a small reader of its control words, for text, tables, headers, notes and encodings.

Format: Rich Text Format Specification 1.9.1.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from headwater.core.types import Extraction
from headwater.documents.parsers.markup import CELL_SEPARATOR, heading, one_line, tidy
from headwater.documents.parsers.picture import recognise_inside
from headwater.documents.parsers.reading import Reading, Source, parts, unreadable
from headwater.documents.parsers.vocabulary import words

TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
# Groups that hold no text of the document.
SILENT = words(
    "fonttbl colortbl stylesheet info generator listtable listoverridetable rsidtbl themedata colorschememapping "
    "datastore latentstyles xmlnstbl fldinst bkmkstart bkmkend filetbl revtbl objdata pgptbl mmathPr wgrffmtfilter "
    "userprops docvar xe tc falt panose listpicture shpinst nonshppict blipuid object pntext listtext "
    "atnid atnref atntime atndate"
)
STARRED_TEXT = frozenset(("shppict", "footnote", "annotation", "fldrslt"))
# Groups whose text is kept apart and put at the start, after the paragraph, or at the end.
ASIDES = {
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header",
    "footer": "footer", "footerl": "footer", "footerr": "footer", "footerf": "footer",
    "footnote": "note", "annotation": "comment",
}  # fmt: skip
WORDS = {
    "tab": "\t", "line": "\n", "softline": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "~": "\u00a0", "_": "-", "-": "",
}  # fmt: skip
CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
DEEPEST = 400


@dataclass(slots=True)
class _State:
    """What a group inherits and gives back when it closes."""

    codec: str
    silent: bool = False
    hidden: bool = False
    skip_after_unicode: int = 1
    aside: str = ""
    picture: bool = False
    in_fonts: bool = False
    in_table: bool = False


@dataclass(slots=True)
class _Writer:
    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    level: int | None = None

    def paragraph(self) -> None:
        text = "\n".join(one_line(piece) for piece in "".join(self.line).split("\n")).strip()
        if text:
            self.blocks.append(heading(text, self.level) if self.level else text)
        self.line = []

    def cell(self) -> None:
        self.cells.append(one_line("".join(self.line)))
        self.line = []

    def row(self) -> None:
        text = CELL_SEPARATOR.join(self.cells).rstrip(" |")
        if text:
            # Rows of a table are lines of one block.
            joins = self.blocks and self.blocks[-1].endswith("\x00")
            self.blocks[-1:] = [f"{self.blocks[-1][:-1]}\n{text}\x00"] if joins else [*self.blocks[-1:], f"{text}\x00"]
        self.cells = []
        self.line = []


def read(source: Source, reading: Reading) -> Extraction:
    """Read a rich text file."""
    reader = _Reader(source.data, reading)
    reader.run()
    if reader.depth > 0:
        reading.warn("The file is cut off; its end is missing.")
    text = reader.text()
    if not text:
        reading.warn("The file has no text.")
    if len(source.data) < 12:
        raise unreadable(source.name, "ends inside its first group.", "Get the file again.")
    reading.budget.text(len(text))
    return Extraction(parts(text), False, (), tuple(reading.warnings), "application/rtf")


class _Reader:
    def __init__(self, data: bytes, reading: Reading) -> None:
        self.data = data
        self.reading = reading
        self.state = _State("cp1252")
        self.stack: list[_State] = []
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.body = _Writer()
        self.asides: dict[str, list[str]] = {"header": [], "footer": []}
        self.writers: list[tuple[str, _Writer]] = []
        self.bytes_waiting = b""
        self.to_skip = 0
        self.picture = bytearray()
        self.first_in_group = False
        self.starred = False

    @property
    def depth(self) -> int:
        """Number of open groups."""
        return len(self.stack)

    @property
    def writer(self) -> _Writer:
        """Where text goes now."""
        return self.writers[-1][1] if self.writers else self.body

    def text(self) -> str:
        """Return all text: headers, body with notes behind their paragraphs, footers."""
        while self.writers:
            self._end_aside()
        self.body.paragraph()
        headers, footers = (list(dict.fromkeys(self.asides[kind])) for kind in ("header", "footer"))
        text = "\n\n".join([*headers, *self.body.blocks, *footers]).replace("\x00", "")
        # Characters beyond the first plane come as two halves; here they become one again.
        return tidy(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))

    def run(self) -> None:
        """Walk all tokens."""
        at = 0
        while at < len(self.data):
            found = TOKEN.match(self.data, at)
            if found is None:
                at += 1
                continue
            at = found.end()
            word, number, code, symbol, brace, text = found.groups()
            if word is not None:
                name = word.decode("ascii")
                if name == "bin":
                    at += max(0, int(number or 0))
                else:
                    self._word(name, int(number) if number is not None else None)
            elif code is not None:
                self._bytes(bytes([int(code, 16)]))
            elif symbol is not None:
                self._symbol(symbol.decode("latin-1"))
            elif brace is not None:
                self._open() if brace == b"{" else self._close()
            elif text is not None:
                self._plain(text)

    def _open(self) -> None:
        self._flush()
        self.stack.append(self.state)
        if len(self.stack) > DEEPEST:
            raise unreadable(self.reading.budget.name, "nests groups too deeply.", "Save it anew in its own program.")
        old = self.state
        self.state = _State(
            old.codec,
            old.silent,
            old.hidden,
            old.skip_after_unicode,
            old.aside,
            old.picture,
            old.in_fonts,
            old.in_table,
        )
        self.first_in_group = True

    def _close(self) -> None:
        self._flush()
        if not self.stack:
            return
        closed, self.state = self.state, self.stack.pop()
        if closed.picture and not self.state.picture:
            self._end_picture()
        if self.writers and self.writers[-1][0] == closed.aside and self.state.aside != closed.aside:
            self._end_aside()

    def _end_picture(self) -> None:
        text = recognise_inside(bytes(self.picture), self.reading) if self.picture else ""
        self.picture = bytearray()
        if text and not self.state.silent:
            self.writer.line.append(f"\n{text}\n")

    def _end_aside(self) -> None:
        kind, writer = self.writers.pop()
        writer.paragraph()
        text = "\n".join(writer.blocks)
        if not text:
            return
        if kind in self.asides:
            if re.search(r"\w{2}", text):
                self.asides[kind].append(text)
        else:
            self.writer.line.append(f"\n{'Note' if kind == 'note' else 'Comment'}: {one_line(text)}\n")

    def _word(self, name: str, number: int | None) -> None:
        is_first, self.first_in_group = self.first_in_group, False
        is_starred, self.starred = self.starred, False
        if name == "u" and number is not None:
            self._flush()
            self._add(_wide(number))
            self.to_skip = self.state.skip_after_unicode
            return
        self._flush()
        if is_first and (name in SILENT or (is_starred and name not in STARRED_TEXT)):
            self.state.silent = True
            self.state.in_fonts = name == "fonttbl"
        elif is_first and name in ASIDES and not self.state.silent:
            self.state.aside = ASIDES[name]
            self.writers.append((self.state.aside, _Writer()))
        elif name == "pict":
            self.state.picture = True
        elif name in WORDS:
            self._add(WORDS[name])
        else:
            self._layout(name, number)
            self._encoding(name, number)

    def _layout(self, name: str, number: int | None) -> None:
        if self.state.silent:
            return
        if name in ("par", "sect", "page", "column"):
            # A paragraph inside a cell goes on in the same cell.
            if self.state.in_table and not self.writers:
                self.writer.line.append(" ")
            else:
                self.writer.paragraph()
        elif name in ("cell", "nestcell"):
            self.writer.cell()
        elif name in ("row", "nestrow"):
            self.writer.row()
            self.state.in_table = False
        elif name == "intbl":
            self.state.in_table = True
        elif name == "pard":
            self.state.in_table = False
            self.writer.level = None
        elif name == "outlinelevel" and number is not None:
            self.writer.level = number + 1 if 0 <= number < 9 else None
        elif name in ("v", "deleted"):
            self.state.hidden = number != 0

    def _encoding(self, name: str, number: int | None) -> None:
        if name == "uc" and number is not None:
            self.state.skip_after_unicode = min(max(number, 0), 8)
        elif name == "ansicpg" and number is not None:
            self.state.codec = _codec(f"cp{number}")
        elif name == "mac":
            self.state.codec = "mac_roman"
        elif name == "pc":
            self.state.codec = "cp437"
        elif name == "f" and number is not None:
            self.font = number
            if not self.state.in_fonts and number in self.fonts:
                self.state.codec = self.fonts[number]
        elif name == "fcharset" and self.state.in_fonts and number in CHARSETS and number != 0:
            self.fonts[self.font] = CHARSETS[number]

    def _symbol(self, symbol: str) -> None:
        self._flush()
        if symbol == "*":
            self.starred = True
            return
        self.first_in_group = False
        if symbol in "\r\n":
            self._word("par", None)
        else:
            self._add(WORDS.get(symbol, symbol if symbol in "\\{}" else ""))

    def _bytes(self, data: bytes) -> None:
        self.first_in_group = False
        if self.to_skip > 0:
            self.to_skip -= 1
            return
        self.bytes_waiting += data

    def _plain(self, data: bytes) -> None:
        if self.state.picture:
            if re.fullmatch(rb"[0-9a-fA-F\s]+", data):
                digits = re.sub(rb"\s", b"", data)
                self.picture += bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
            return
        self.first_in_group = False
        skipped = min(self.to_skip, len(data))
        self.to_skip -= skipped
        self.bytes_waiting += data[skipped:]

    def _flush(self) -> None:
        if self.bytes_waiting:
            self._add(self.bytes_waiting.decode(self.state.codec, "replace"))
            self.bytes_waiting = b""

    def _add(self, text: str) -> None:
        if not (self.state.silent or self.state.hidden or self.state.picture):
            self.writer.line.append(text)


def _wide(number: int) -> str:
    code = number + 65_536 if number < 0 else number
    return chr(code) if 0 <= code <= 0x10FFFF else "\ufffd"


def _codec(name: str) -> str:
    try:
        return codecs.lookup("utf-8" if name == "cp65001" else name).name
    except LookupError:
        return "cp1252"
