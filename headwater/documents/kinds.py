"""Tell what a file is: by its content, with the extension as a hint where content leaves a choice."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.compound import BrokenCompoundFile, CompoundFile
from headwater.documents.parsers.encoding import decode
from headwater.documents.parsers.names import extension
from headwater.documents.parsers.reading import Source
from headwater.documents.parsers.vocabulary import words


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what to call it, its media type, its usual extensions, and which reader takes it."""

    name: str
    title: str
    media_type: str
    extensions: tuple[str, ...]
    reader: str


OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
_ALL = (
    Kind("pdf", "a PDF", "application/pdf", (".pdf",), "pdf"),
    Kind(
        "docx", "a Word document", f"{OFFICE}.wordprocessingml.document", (".docx", ".docm", ".dotx", ".dotm"), "word"
    ),
    Kind(
        "pptx",
        "a presentation",
        f"{OFFICE}.presentationml.presentation",
        (".pptx", ".pptm", ".ppsx", ".potx"),
        "slides",
    ),
    Kind("xlsx", "a workbook", f"{OFFICE}.spreadsheetml.sheet", (".xlsx", ".xlsm", ".xltx", ".xltm"), "workbook"),
    Kind("xlsb", "a workbook", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", (".xlsb",), "old_workbook"),
    Kind("ods", "a workbook", f"{OPEN}.spreadsheet", (".ods", ".ots"), "opendocument"),
    Kind("odt", "an OpenDocument text", f"{OPEN}.text", (".odt", ".ott", ".odm"), "opendocument"),
    Kind("odp", "an OpenDocument presentation", f"{OPEN}.presentation", (".odp", ".otp"), "opendocument"),
    Kind("odg", "an OpenDocument drawing", f"{OPEN}.graphics", (".odg",), "opendocument"),
    Kind("epub", "an e-book", "application/epub+zip", (".epub",), "book"),
    Kind("zip", "a zip archive", "application/zip", (".zip", ".jar"), "archive"),
    Kind("tar", "a tar archive", "application/x-tar", (".tar",), "archive"),
    Kind("gzip", "a gzip file", "application/gzip", (".gz", ".tgz"), "archive"),
    Kind("bzip2", "a bzip2 file", "application/x-bzip2", (".bz2", ".tbz2", ".tbz"), "archive"),
    Kind("xz", "an xz file", "application/x-xz", (".xz", ".txz"), "archive"),
    Kind("7z", "a 7z archive", "application/x-7z-compressed", (".7z",), "unsupported"),
    Kind("rar", "a RAR archive", "application/vnd.rar", (".rar",), "unsupported"),
    Kind("doc", "an old Word document", "application/msword", (".doc", ".dot"), "legacy"),
    Kind("xls", "an old workbook", "application/vnd.ms-excel", (".xls", ".xlt", ".xla"), "old_workbook"),
    Kind("ppt", "an old presentation", "application/vnd.ms-powerpoint", (".ppt", ".pps", ".pot"), "legacy"),
    Kind("msg", "an Outlook message", "application/vnd.ms-outlook", (".msg",), "legacy"),
    Kind("hwp", "a Hangul document", "application/x-hwp", (".hwp",), "legacy"),
    Kind("locked", "an Office file with a password", "application/encrypted", (), "unsupported"),
    Kind("rtf", "a rich text file", "application/rtf", (".rtf",), "rich_text"),
    Kind("html", "a web page", "text/html", (".html", ".htm", ".xhtml", ".xht"), "webpage"),
    Kind("svg", "a drawing", "image/svg+xml", (".svg",), "xml_text"),
    Kind(
        "xml",
        "an XML file",
        "application/xml",
        (".xml", ".xsl", ".xsd", ".rss", ".atom", ".plist", ".kml", ".opml"),
        "xml_text",
    ),
    Kind("csv", "a table", "text/csv", (".csv", ".tsv", ".tab"), "table"),
    Kind("notebook", "a notebook", "application/x-ipynb+json", (".ipynb",), "notebook"),
    Kind("latex", "a LaTeX file", "application/x-latex", (".tex", ".ltx", ".latex"), "latex"),
    Kind("rst", "a reStructuredText file", "text/x-rst", (".rst", ".rest"), "restructured"),
    Kind(
        "markdown", "a Markdown file", "text/markdown", (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"), "plain"
    ),
    Kind("json", "a JSON file", "application/json", (".json", ".jsonl", ".ndjson", ".geojson"), "plain"),
    Kind("eml", "a mail", "message/rfc822", (".eml", ".mht", ".mhtml"), "mail"),
    Kind("mbox", "a mailbox", "application/mbox", (".mbox", ".mbx"), "mail"),
    Kind("png", "a picture", "image/png", (".png",), "picture"),
    Kind("jpeg", "a picture", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), "picture"),
    Kind("gif", "a picture", "image/gif", (".gif",), "picture"),
    Kind("tiff", "a picture", "image/tiff", (".tif", ".tiff"), "picture"),
    Kind("bmp", "a picture", "image/bmp", (".bmp", ".dib"), "picture"),
    Kind("webp", "a picture", "image/webp", (".webp",), "picture"),
    Kind("text", "plain text", "text/plain", (".txt", ".text", ".log"), "plain"),
    Kind("other", "another document", "application/octet-stream", (), "other"),
)
KINDS = {kind.name: kind for kind in _ALL}
BY_EXTENSION = {ending: kind for kind in _ALL for ending in kind.extensions}

# Formats that the reader library knows and that only their extension tells apart from plain text or binary.
OTHER_EXTENSIONS = words(
    ".fb2 .docbook .dbk .jats .org .typ .bib .ris .nbib .enw .dbf .hwpx .pages .numbers .key .pst .fodt"
)
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
# The stream in an OLE file that tells its kind; the lock comes first, it hides the others.
OLE_STREAMS = (
    ("EncryptedPackage", "locked"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("FileHeader", "hwp"),
)
# Where content cannot tell one text format from another, the extension may choose among these.
TEXT_KINDS = words("csv latex rst markdown json text notebook xml html mbox eml svg")
MAIL_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}", re.S)


def detect(source: Source) -> tuple[Kind, str | None]:
    """Return the kind of a file and a warning where its extension says something else.

    Raises UnreadableDocument for an empty file and for bytes that no reader knows.
    """
    head = source.head()
    hint = BY_EXTENSION.get(extension(source.name))
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        what = "is empty." if not head.strip(b" \t\r\n\xef\xbb\xbf") else "holds nothing but zero bytes."
        raise UnreadableDocument(f"{source.name} {what}", "Check that the file was saved and copied completely.")
    kind = _by_magic(source, head) or _by_text(source, head, hint)
    if kind is None:
        raise UnreadableDocument(
            f"{source.name} is of a kind that cannot be read (it starts with {head[:8].hex(' ')}).",
            "Export it as PDF, or as plain text, and add that.",
        )
    return kind, _mislabelled(source.name, kind, hint)


def _mislabelled(name: str, kind: Kind, hint: Kind | None) -> str | None:
    if hint is None or hint.name == kind.name or kind.name == "locked":
        return None
    if hint.reader == kind.reader or {hint.name, kind.name} <= TEXT_KINDS - {"html"}:
        return None
    return f"The name ends in {extension(name)}, but the content is {kind.title}; it was read as that."


def _by_magic(source: Source, head: bytes) -> Kind | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return KINDS[_zip_kind(source)]
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return KINDS[_ole_kind(source)]
    for magic, name in MAGIC:
        if head.startswith(magic):
            return KINDS[name]
    # Some senders put bytes before the header; readers accept it within the first kilobyte.
    if b"%PDF-" in head[:1024] and not head[:1024].lstrip().startswith(b"<"):
        return KINDS["pdf"]
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return KINDS["webp"]
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return KINDS["bmp"]
    if head[257:262] == b"ustar":
        return KINDS["tar"]
    return None


def _zip_kind(source: Source) -> str:
    ending = extension(source.name)
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            names = {info.filename.lstrip("/") for info in archive.infolist()}
            mimetype = archive.read("mimetype")[:200].decode("ascii", "replace").strip() if "mimetype" in names else ""
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError, KeyError):
        # A damaged container: its first bytes still name its parts.
        names = {found.decode("utf-8", "replace") for found in _local_names(source.head(4_000_000))}
        mimetype = ""
    by_type = next((kind.name for kind in _ALL if mimetype and mimetype.startswith(kind.media_type)), None)
    if by_type:
        return by_type
    folders = {name.split("/", 1)[0].lower() for name in names if "/" in name}
    if any(name.lower() == "[content_types].xml" for name in names) or {"word", "ppt", "xl"} & folders:
        if "xl" in folders:
            return "xlsb" if any(name.lower().endswith("workbook.bin") for name in names) else "xlsx"
        return "docx" if "word" in folders else "pptx" if "ppt" in folders else "zip"
    if "META-INF/container.xml" in names:
        return "epub"
    return "other" if ending in OTHER_EXTENSIONS else "zip"


def _local_names(data: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"PK\x03\x04.{22}(.{2})..", data, re.S):
        length = int.from_bytes(found.group(1), "little")
        yield data[found.end() : found.end() + length]


def _ole_kind(source: Source) -> str:
    try:
        streams = CompoundFile(source.data).names
    except BrokenCompoundFile as error:
        raise UnreadableDocument(
            f"{source.name} is a damaged Office file: {error}.", "Get the file again, or save it anew."
        ) from error
    return next((kind for stream, kind in OLE_STREAMS if stream in streams), "other")


def _by_text(source: Source, head: bytes, hint: Kind | None) -> Kind | None:
    ending = extension(source.name)
    if ending in OTHER_EXTENSIONS:
        return KINDS["other"]
    if _is_binary(head):
        return None
    start = decode(head).text.lstrip()[:4000]
    by_content = _markup_kind(start, hint) or _mail_kind(head) or _json_kind(start, hint)
    if by_content:
        return KINDS[by_content]
    return hint if hint and hint.name in TEXT_KINDS else KINDS["text"]


def _is_binary(head: bytes) -> bool:
    """Text has no control characters but white space, form feed and escape, once it is decoded."""
    text = decode(head).text
    odd = sum(1 for c in text if (c < " " and c not in "\t\n\r\f\x1b\x08\x1a") or c == "\ufffd")
    return odd > max(2, len(text) // 50)


def _markup_kind(start: str, hint: Kind | None) -> str | None:
    """Tell markup by its first element; a page may leave out everything up to its body."""
    lower = start.lower()
    is_xml = lower.startswith("<?xml")
    prolog = re.match(r"(?:\s*<(?:\?.*?\?|!--.*?--|!doctype(?:[^\[>]|\[.*?\])*)>)*\s*<([a-z][\w:.-]*)", lower, re.S)
    root = prolog.group(1).rsplit(":", 1)[-1] if prolog else ""
    if root in ("html", "head", "body") or lower.startswith("<!doctype html"):
        return "html"
    if root == "svg":
        return "svg"
    if is_xml:
        return "xml"
    return hint.name if hint and hint.name in ("html", "xml", "svg") and "<" in start else None


def _mail_kind(head: bytes) -> str | None:
    if re.match(rb"From \S+.*\d{4}.*\r?\n[A-Za-z-]+:", head):
        return "mbox"
    headers = MAIL_HEADER.match(head.lstrip(b"\xef\xbb\xbf\r\n"))
    if not headers:
        return None
    names = {line.split(b":", 1)[0].lower() for line in headers.group().splitlines() if b":" in line}
    usual = {b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"received", b"content-type"}
    return "eml" if len(names & usual) >= 3 else None


def _json_kind(start: str, hint: Kind | None) -> str | None:
    if not start.startswith("{"):
        return None
    if '"cells"' in start or (hint and hint.name == "notebook"):
        return "notebook" if '"cell_type"' in start or (hint and hint.name == "notebook") else None
    return None
