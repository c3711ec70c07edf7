"""Mail: subject, people, date and text; attachments as members; a mailbox has a page a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser

from headwater.core.types import Extraction, Member, Page
from headwater.documents.kinds import detect
from headwater.documents.parsers.encoding import decode
from headwater.documents.parsers.html_text import main_text
from headwater.documents.parsers.html_tree import parse_html
from headwater.documents.parsers.markup import one_line, tidy
from headwater.documents.parsers.names import harmless_name, visible_text
from headwater.documents.parsers.reading import Reading, Source

HEADERS = ("Subject", "From", "To", "Cc", "Date")
# A message of a mailbox starts at a line "From sender date" after an empty line (RFC 4155).
BOUNDARY = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From \S+[^\n]*\d{4}[^\n]*\r?\n(?=[A-Za-z][A-Za-z0-9-]*:)")
LONGEST_LABEL = 120


def read(source: Source, reading: Reading) -> Extraction:
    """Read a mail or a mailbox."""
    kind, _ = detect(source)
    if kind.name == "mbox":
        return _mailbox(source, reading)
    message = _parsed(source.data)
    text = _message_text(message)
    reading.budget.text(len(text))
    members = tuple(_attachments(message, reading, ""))
    return Extraction(
        (Page(1, text),), False, members, tuple(reading.warnings), "message/rfc822", _header(message, "Subject")
    )


def _mailbox(source: Source, reading: Reading) -> Extraction:
    starts = [(found.start(), found.end()) for found in BOUNDARY.finditer(source.data)]
    reading.budget.pages(len(starts))
    pages: list[Page] = []
    members: list[Member] = []
    for number, (_, begin) in enumerate(starts, start=1):
        end = starts[number][0] if number < len(starts) else len(source.data)
        # A line of the text that begins with "From " is kept apart from a boundary by a ">".
        message = _parsed(re.sub(rb"(?m)^>(>*From )", rb"\1", source.data[begin:end]))
        text = _message_text(message)
        reading.budget.text(len(text))
        label = one_line(_header(message, "Subject") or "")[:LONGEST_LABEL] or None
        pages.append(Page(number, text, label))
        members += _attachments(message, reading, f"message {number}/")
    return Extraction(tuple(pages), True, tuple(members), tuple(reading.warnings), "application/mbox")


def _parsed(data: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(data.lstrip(b"\xef\xbb\xbf\r\n"))
    assert isinstance(message, EmailMessage)
    return message


def _header(message: Message, name: str) -> str | None:
    """Return a header as readable text; raw bytes in it are decoded as the text of files is."""
    try:
        value = message.get(name)
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):
        value = next((v for k, v in message.raw_items() if k.lower() == name.lower()), None)
    if value is None:
        return None
    text = str(value)
    if re.search(r"[\udc80-\udcff]", text):
        text = decode(text.encode("utf-8", "surrogateescape")).text
    return visible_text(one_line(text)) or None


def _message_text(message: EmailMessage) -> str:
    lines = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name))]
    return tidy("\n".join(lines) + "\n\n" + _body(message))


def _body(message: EmailMessage) -> str:
    """Return the plain text; where there is none, the text of the HTML part."""
    plain = [p for p in _texts(message) if p.get_content_type() == "text/plain"]
    chosen = plain or [p for p in _texts(message) if p.get_content_type() == "text/html"]
    texts = []
    for part in chosen:
        text = _content(part)
        is_html = part.get_content_type() == "text/html"
        texts.append(main_text(parse_html(text), whole=True) if is_html else text)
    if plain and not "".join(texts).strip():
        html = [p for p in _texts(message) if p.get_content_type() == "text/html"]
        texts = [main_text(parse_html(_content(part)), whole=True) for part in html]
    return "\n\n".join(texts)


def _texts(message: Message) -> Iterator[Message]:
    """Text parts of this message, not of messages attached to it."""
    if _is_attachment(message):
        return
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _texts(part)
    elif message.get_content_maintype() == "text":
        yield message


def _content(part: Message) -> str:
    data = part.get_payload(decode=True)
    return decode(data, _charset(part)).text if isinstance(data, bytes) else str(part.get_payload())


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (MessageError, ValueError, TypeError, AttributeError):
        return None


def _is_attachment(part: Message) -> bool:
    if part.get_content_type() == "message/rfc822":
        return True
    return part.get_content_disposition() == "attachment" or (_file_name(part) is not None and not part.is_multipart())


def _file_name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (MessageError, ValueError, TypeError, AttributeError):
        return None
    return name or None


def _attachments(message: Message, reading: Reading, prefix: str) -> Iterator[Member]:
    found = list(_attached(message))
    reading.budget.members(len(found))
    taken: set[str] = set()
    for number, part in enumerate(found, start=1):
        name, data = _attachment(part, number)
        while name in taken:
            name = f"{number} {name}"
        taken.add(name)
        reading.budget.unpacked(len(data))
        yield reading.member(prefix + name, data)


def _attached(message: Message) -> Iterator[Message]:
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from ([part] if _is_attachment(part) else _attached(part))


def _attachment(part: Message, number: int) -> tuple[str, bytes]:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else part
        subject = _header(message, "Subject") or f"message {number}"
        return harmless_name(_file_name(part) or f"{subject.replace('/', ' ')}.eml"), message.as_bytes()
    data = part.get_payload(decode=True)
    name = _file_name(part) or f"attachment {number}.{part.get_content_subtype()}"
    return harmless_name(name), data if isinstance(data, bytes) else str(part.get_payload()).encode()
