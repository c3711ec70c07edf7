"""Old Office files: the container, locks, attachments, and real files."""

from __future__ import annotations

import struct
import zipfile

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.compound import BrokenCompoundFile, CompoundFile

SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """Write a compound file; `a/b` puts stream b into storage a. Every stream is padded to 4,096 bytes."""
    folders = sorted({path.split("/")[0] for path in streams if "/" in path})
    entries: list[tuple[str, int, int, int, int, int]] = []  # name, kind, right, child, start, size
    sectors: list[bytes] = []
    table: list[int] = []

    def store(data: bytes) -> int:
        start = len(sectors)
        pieces = [data[i : i + SECTOR].ljust(SECTOR, b"\0") for i in range(0, len(data), SECTOR)]
        for index, piece in enumerate(pieces):
            sectors.append(piece)
            table.append(start + index + 1 if index + 1 < len(pieces) else END)
        return start

    padded = {path: data.ljust(4096, b"\0") for path, data in streams.items()}
    rows = [("Root Entry", 5, FREE, 1, END, 0)]
    tops = [*folders, *(path for path in padded if "/" not in path)]
    at = 1
    for index, name in enumerate(tops):
        inside = [path for path in padded if path.startswith(f"{name}/")]
        following = at + 1 + len(inside) if index + 1 < len(tops) else FREE
        if inside:
            rows.append((name, 1, following, at + 1, END, 0))
            for n, path in enumerate(inside):
                right = at + 2 + n if n + 1 < len(inside) else FREE
                rows.append((path.split("/")[1], 2, right, FREE, store(padded[path]), len(padded[path])))
        else:
            rows.append((name, 2, following, FREE, store(padded[name]), len(padded[name])))
        at += 1 + len(inside)
    entries = rows
    directory = b""
    for name, kind, right, child, start, size in entries:
        text = name.encode("utf-16-le") + b"\0\0"
        directory += text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, right, child)
        directory += b"\0" * 36 + struct.pack("<IQ", start, size)
    first_directory = store(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))
    count = -(-(len(sectors) + 1) // 128) + 1
    first_table = len(sectors)
    table += [TABLE] * count
    numbers = struct.pack(f"<{128 * count}I", *table, *[FREE] * (128 * count - len(table)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, count, first_directory, 0, 4096, END, 0, END, 0)
    listed = [first_table + n for n in range(count)]
    header += struct.pack("<109I", *listed, *[FREE] * (109 - count))
    return header + b"".join(sectors) + numbers


def test_streams_are_found_by_their_path() -> None:
    found = CompoundFile(compound({"One": b"first" * 999, "folder/Two": b"second", "folder/Three": b"third"}))
    assert found.names == {"One", "folder/Two", "folder/Three"}
    assert (found.read("One") or b"").rstrip(b"\0") == b"first" * 999
    assert (found.read("folder/Three") or b"").startswith(b"third")
    assert found.read("nothing") is None


@pytest.mark.parametrize("cut", [100, 600, 1500])
def test_a_damaged_container_is_an_error_not_a_hang(cut: int) -> None:
    with pytest.raises(BrokenCompoundFile):
        CompoundFile(compound({"One": b"x"})[:cut])


def test_a_circle_in_the_table_is_noticed() -> None:
    data = bytearray(compound({"One": b"x" * 9000}))
    table = len(data) - 2 * SECTOR
    data[table : table + 4] = struct.pack("<I", 0)
    with pytest.raises(BrokenCompoundFile, match="circle"):
        CompoundFile(bytes(data)).read("One")


@pytest.mark.parametrize(
    ("name", "streams"),
    [
        ("a.docx", {"EncryptedPackage": b"x", "EncryptionInfo": b"y"}),
        ("a.xlsx", {"EncryptedPackage": b"x"}),
        ("a.doc", {"WordDocument": b"\xec\xa5\xc1\x00" + b"\0" * 6 + b"\x00\x01"}),
        ("a.xls", {"Workbook": struct.pack("<HH", 0x809, 4) + b"\0" * 4 + struct.pack("<HH", 0x2F, 6) + b"\0" * 6}),
        ("a.ppt", {"PowerPoint Document": b"x", "EncryptedSummary": b"y"}),
    ],
)
def test_a_locked_office_file_is_refused_with_the_cure(read, name: str, streams: dict[str, bytes]) -> None:
    with pytest.raises(UnreadableDocument, match=rf"{name} is protected with a password") as raised:
        read(name, compound(streams))
    assert "password" in (raised.value.hint or "")


@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.ppt", "a.msg"])
def test_an_office_file_without_its_contents_is_refused(read, name: str) -> None:
    stream = {
        "a.doc": "WordDocument",
        "a.xls": "Workbook",
        "a.ppt": "PowerPoint Document",
        "a.msg": "__properties_version1.0",
    }[name]
    with pytest.raises(UnreadableDocument, match=name):
        read(name, compound({stream: b"\0" * 64}))


@pytest.mark.shared_data
def test_real_old_files(shared_data, read) -> None:
    with zipfile.ZipFile(shared_data / "documents/zip/test-documents.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert "This is a sample Microsoft Word Document" in read("testWORD.doc", files["testWORD.doc"]).pages[0].text
    sheet = read("testEXCEL.xls", files["testEXCEL.xls"])
    assert [page.label for page in sheet.pages] == ["Feuil1", "Feuil2", "Feuil3"]
    assert " | 15 | 225" in sheet.pages[0].text
    slides = read("testPPT.ppt", files["testPPT.ppt"])
    assert "Sample Powerpoint Slide" in slides.pages[0].text
    assert "Click to edit Master" not in "".join(page.text for page in slides.pages)
