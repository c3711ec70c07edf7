"""Rebuild a PDF whose end is missing, from the objects that are still there.

A PDF keeps its table of objects and the root of its page tree at the end, so a cut-off file has
pages but no way to them. Every `N G obj ... endobj` is collected (those inside compressed object
streams too), and a new root, page tree and table are written behind them.
"""

from __future__ import annotations

import re
import zlib

OBJECT = re.compile(rb"(?<![\d.])(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
PAGE_TYPE = re.compile(rb"/Type[ \t\r\n]*/Page(?![A-Za-z])")
PARENT = re.compile(rb"/Parent[ \t\r\n]+\d+[ \t\r\n]+\d+[ \t\r\n]+R")
OBJECT_STREAM = re.compile(rb"/Type[ \t\r\n]*/ObjStm\b")
LARGEST_STREAM = 64_000_000
LETTER_BOX = b"/MediaBox [0 0 612 792]"


def repair(data: bytes) -> bytes | None:
    """Return a PDF made of what is left, or None where no page is left or all is encrypted."""
    if re.search(rb"/Encrypt[ \t\r\n]+\d+", data):
        return None
    objects = _plain_objects(data)
    for body in list(objects.values()):
        if OBJECT_STREAM.search(body[:2000]):
            for number, inner in _packed_objects(body).items():
                objects.setdefault(number, inner)
    pages = [number for number, body in objects.items() if PAGE_TYPE.search(body[:20_000]) and b"stream" not in body]
    if not pages:
        return None
    inherited = _inherited(objects)
    root, tree = max(objects) + 1, max(objects) + 2
    for number in pages:
        body = PARENT.sub(b"", objects[number], count=1)
        objects[number] = body.replace(b"<<", b"<< /Parent %d 0 R " % tree, 1)
    kids = b" ".join(b"%d 0 R" % number for number in _in_order(pages, data))
    objects[root] = b"<< /Type /Catalog /Pages %d 0 R >>" % tree
    objects[tree] = b"<< /Type /Pages /Count %d /Kids [%s] %s >>" % (len(pages), kids, inherited)
    return _written(objects, root)


def _plain_objects(data: bytes) -> dict[int, bytes]:
    found = list(OBJECT.finditer(data))
    objects: dict[int, bytes] = {}
    for index, match in enumerate(found):
        stop = found[index + 1].start() if index + 1 < len(found) else len(data)
        body = data[match.end() : stop]
        end = body.rfind(b"endobj")
        if end < 0 and index + 1 == len(found):
            # The object in which the file was cut: a dictionary or stream without its end is no use.
            continue
        objects[int(match.group(1))] = body[:end].strip() if end >= 0 else body.strip()
    return objects


def _packed_objects(body: bytes) -> dict[int, bytes]:
    """Unpack an object stream (ISO 32000-1, 7.5.7): pairs of number and offset, then the objects."""
    start = re.search(rb"stream\r?\n", body)
    first, count = re.search(rb"/First[ \t\r\n]+(\d+)", body), re.search(rb"/N[ \t\r\n]+(\d+)", body)
    if not start or not first or not count or b"/FlateDecode" not in body[: start.start()]:
        return {}
    try:
        plain = zlib.decompressobj().decompress(body[start.end() :], LARGEST_STREAM)
    except zlib.error:
        return {}
    offset = int(first.group(1))
    numbers = [int(word) for word in re.findall(rb"\d+", plain[:offset])][: 2 * int(count.group(1))]
    starts = numbers[1::2]
    ends = [*starts[1:], len(plain) - offset]
    return {
        number: plain[offset + begin : offset + end].strip()
        for number, begin, end in zip(numbers[::2], starts, ends, strict=False)
    }


def _inherited(objects: dict[int, bytes]) -> bytes:
    """Return the page size and fonts that a lost page tree may have held for all its pages."""
    for body in objects.values():
        if re.search(rb"/Type[ \t\r\n]*/Pages\b", body[:20_000]):
            box = re.search(rb"/MediaBox[ \t\r\n]*\[[^\]]*\]", body)
            resources = re.search(rb"/Resources[ \t\r\n]+\d+[ \t\r\n]+\d+[ \t\r\n]+R", body)
            return b" ".join(found.group() for found in (box, resources) if found) or LETTER_BOX
    return LETTER_BOX


def _in_order(pages: list[int], data: bytes) -> list[int]:
    """Order pages as a surviving list of children has them, else as they are numbered."""
    listed = [
        int(n) for kids in re.findall(rb"/Kids[ \t\r\n]*\[([^\]]*)\]", data) for n in re.findall(rb"(\d+) \d+ R", kids)
    ]
    place = {number: index for index, number in enumerate(listed)}
    return sorted(pages, key=lambda number: (place.get(number, len(listed)), number))


def _written(objects: dict[int, bytes], root: int) -> bytes:
    pieces = [b"%PDF-1.7\n"]
    at = len(pieces[0])
    places: dict[int, int] = {}
    for number in sorted(objects):
        places[number] = at
        pieces.append(b"%d 0 obj\n%s\nendobj\n" % (number, objects[number]))
        at += len(pieces[-1])
    size = max(objects) + 1
    table = [b"xref\n0 1\n0000000000 65535 f \n"]
    table += [b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in sorted(places)]
    tail = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, at)
    return b"".join([*pieces, *table, tail])
