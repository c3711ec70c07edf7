"""Small files of many kinds, made by hand, so that tests need no real documents."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from headwater.core.types import Extraction
from headwater.documents.parsers.dispatch import read_any
from headwater.documents.parsers.limits import Budget, ExtractLimits
from headwater.documents.parsers.reading import Reading, Source
from tests.documents.ingest_desk import Desk

OFFICE = "http://schemas.openxmlformats.org"
WORD_NAMES = (
    f'xmlns:w="{OFFICE}/wordprocessingml/2006/main" xmlns:r="{OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:c="{OFFICE}/drawingml/2006/chart" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    f'xmlns:p="{OFFICE}/presentationml/2006/main" xmlns:s="{OFFICE}/spreadsheetml/2006/main"'
)
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{items}</Relationships>"
    )


def rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


class PdfWriter:
    """Writes a PDF object by object; page contents are PDF operators."""

    def __init__(self) -> None:
        self.objects: list[bytes] = []
        self.key: bytes | None = None

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data: bytes, entries: bytes = b"") -> int:
        if self.key:
            number = len(self.objects) + 1
            key = hashlib.md5(self.key + number.to_bytes(3, "little") + b"\0\0").digest()[: len(self.key) + 5]
            data = rc4(key, data)
        return self.add(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data))

    def finish(self, root: int, extra: bytes = b"") -> bytes:
        out = bytearray(b"%PDF-1.7\n")
        places = []
        for number, body in enumerate(self.objects, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(self.objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
            len(self.objects) + 1, root, extra, start,
        )  # fmt: skip
        return bytes(out)


def text_operators(text: str, left: int = 72, top: int = 720) -> bytes:
    """Show lines of text in a plain font, 14 points apart."""
    lines = [line.encode("cp1252", "replace") for line in text.split("\n")]
    shown = b" T* ".join(
        b"(" + line.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj" for line in lines
    )
    return b"BT /F1 12 Tf 14 TL %d %d Td %s ET" % (left, top, shown)


class Maker:
    """Writes files into a folder and returns their paths."""

    paragraph: Callable[..., str]
    shape: Callable[..., str]
    names = WORD_NAMES

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    zipped = staticmethod(zipped)
    relations = staticmethod(relations)

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def pdf_bytes(
        self,
        pages: Sequence[str | bytes],
        *,
        password: str | None = None,
        claimed_pages: int | None = None,
        catalog: bytes = b"",
        page_entries: bytes = b"",
        more: Sequence[bytes] = (),
    ) -> bytes:
        """Text pages (str) or pages of PDF operators (bytes). `more` objects count on from 2 * pages + 4."""
        writer = PdfWriter()
        trailer = b""
        if password is not None:
            padded = (password.encode() + PADDING)[:32]
            owner = rc4(hashlib.md5(padded).digest()[:5], padded)
            permissions = (-4).to_bytes(4, "little", signed=True)
            writer.key = hashlib.md5(padded + owner + permissions + b"0123456789abcdef").digest()[:5]
            user = rc4(writer.key, PADDING)
            lock = writer.add(
                b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (owner.hex().encode(), user.hex().encode())
            )
            identity = b"0123456789abcdef".hex().encode()
            trailer = b"/Encrypt %d 0 R /ID [<%s> <%s>]" % (lock, identity, identity)
        font = writer.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
        tree = len(writer.objects) + 2 * len(pages) + 1
        kids = []
        for page in pages:
            content = writer.stream(text_operators(page) if isinstance(page, str) else page)
            kids.append(
                writer.add(
                    b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
                    b"/Resources << /Font << /F1 %d 0 R >> >> %s >>" % (tree, content, font, page_entries)
                )
            )
        listed = b" ".join(b"%d 0 R" % kid for kid in kids)
        assert writer.add(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, claimed_pages or len(pages))) == tree
        root = writer.add(b"<< /Type /Catalog /Pages %d 0 R %s >>" % (tree, catalog))
        for body in more:
            writer.add(body)
        return writer.finish(root, trailer)

    def pdf(self, name: str, pages: Sequence[str | bytes], **options: object) -> Path:
        return self.file(name, self.pdf_bytes(pages, **options))  # type: ignore[arg-type]

    def docx_bytes(
        self,
        body: str,
        *,
        parts: Mapping[str, str | bytes] | None = None,
        targets: Mapping[str, tuple[str, str]] | None = None,
    ) -> bytes:
        """`parts` are further parts under word/; `targets` are the relations of the document."""
        files: dict[str, str | bytes] = {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": relations({"r1": ("officeDocument", "word/document.xml")}),
            "word/_rels/document.xml.rels": relations(targets or {}),
            "word/document.xml": f'<?xml version="1.0"?><w:document {WORD_NAMES}><w:body>{body}</w:body></w:document>',
        }
        for part, content in (parts or {}).items():
            files[f"word/{part}"] = content
        return zipped(files)

    def pptx_bytes(self, slides: Sequence[str], notes: Mapping[int, str] | None = None) -> bytes:
        """Slides as shape XML; the order they are shown in is the reverse of their file numbers."""
        count = len(slides)
        numbers = [count - i for i in range(count)]
        files: dict[str, str | bytes] = {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": relations({"r1": ("officeDocument", "ppt/presentation.xml")}),
            "ppt/presentation.xml": f"<p:presentation {WORD_NAMES}><p:sldIdLst>"
            + "".join(f'<p:sldId id="{256 + n}" r:id="s{n}"/>' for n in numbers)
            + "</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations({f"s{n}": ("slide", f"slides/slide{n}.xml") for n in numbers}),
        }
        for number, shapes in zip(numbers, slides, strict=True):
            files[f"ppt/slides/slide{number}.xml"] = (
                f"<p:sld {WORD_NAMES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
            )
        for shown, text in (notes or {}).items():
            number = numbers[shown - 1]
            files[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
                {"n": ("notesSlide", f"../notesSlides/notes{number}.xml"), "c": ("chart", "../charts/chart1.xml")}
            )
            files[f"ppt/notesSlides/notes{number}.xml"] = (
                f"<p:notes {WORD_NAMES}><p:cSld><p:spTree>{shape(text, 'body')}{shape('7', 'sldNum')}"
                "</p:spTree></p:cSld></p:notes>"
            )
        return zipped(files)

    def xlsx_bytes(self, sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
        """Cells as inline strings; a cell that starts with `=` is raw cell XML behind it."""
        files: dict[str, str | bytes] = {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": relations({"r1": ("officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": f"<s:workbook {WORD_NAMES}><s:sheets>"
            + "".join(f'<s:sheet name="{escape(n)}" sheetId="{i}" r:id="s{i}"/>' for i, n in enumerate(sheets, 1))
            + "</s:sheets></s:workbook>",
            "xl/_rels/workbook.xml.rels": relations(
                {
                    **{f"s{i}": ("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)},
                    "st": ("styles", "styles.xml"),
                }
            ),
            "xl/styles.xml": f'<s:styleSheet {WORD_NAMES}><s:cellXfs count="2"><s:xf numFmtId="0"/>'
            '<s:xf numFmtId="14"/></s:cellXfs></s:styleSheet>',
        }
        for index, rows in enumerate(sheets.values(), start=1):
            data = ""
            for r, row in enumerate(rows, start=1):
                cells = ""
                for c, value in enumerate(row):
                    place = f'r="{chr(65 + c)}{r}"'
                    plain = f'<s:c {place} t="inlineStr"><s:is><s:t>{escape(value)}</s:t></s:is></s:c>'
                    cells += f"<s:c {place} {value[1:]}</s:c>" if value.startswith("=") else plain
                data += f'<s:row r="{r}">{cells}</s:row>'
            files[f"xl/worksheets/sheet{index}.xml"] = (
                f"<s:worksheet {WORD_NAMES}><s:sheetData>{data}</s:sheetData></s:worksheet>"
            )
        return zipped(files)

    def png_bytes(self, width: int, height: int, *, rows: bytes | None = None) -> bytes:
        def chunk(kind: bytes, data: bytes) -> bytes:
            return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

        header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
        data = rows if rows is not None else (b"\0" + b"\xff" * width) * height
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def paragraph(text: str, style: str | None = None) -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t xml:space='preserve'>{escape(text)}</w:t></w:r></w:p>"


def shape(text: str, kind: str | None = None) -> str:
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    lines = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp>{place}<p:txBody>{lines}</p:txBody></p:sp>"


Maker.paragraph = staticmethod(paragraph)
Maker.shape = staticmethod(shape)


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Makes small files."""
    return Maker(tmp_path)


@pytest.fixture
def read() -> Callable[..., Extraction]:
    """Reads bytes in this process: read(name, data, password=None, **limits)."""

    def read_here(name: str, data: bytes, password: str | None = None, **limits: int | bool) -> Extraction:
        allowed = ExtractLimits(**{"ocr": False, **limits})  # type: ignore[arg-type]
        return read_any(Source(name, data), Reading(Budget(name, allowed), read_any, password))

    return read_here


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An ingest of one person, over real storage."""
    made = Desk(tmp_path)
    yield made
    made.catalogue.close()
