"""Archives: members as documents; bombs, traps and damage contained."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
from io import BytesIO

import pytest

from headwater.core.errors import UnreadableDocument
from headwater.documents.parsers.limits import OverLimit


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


def test_each_file_is_read_as_its_kind_and_names_are_harmless(make, read) -> None:
    files = {"../../etc/notes.txt": "up", "C:\\temp\\notes.txt": "drive", "a/b.csv": "x,y\n1,2", "__MACOSX/a": "junk"}
    data = make.zipped({**files, "in.zip": make.zipped({"deep.md": "# Deep"})})
    found = read("all.zip", data)
    assert [m.name for m in found.members] == ["etc/notes.txt", "temp/notes.txt", "a/b.csv", "in.zip"]
    assert found.members[3].extraction.members[0].extraction.pages[0].text == "# Deep"
    assert "a/b.csv" in found.pages[0].text


def test_two_files_of_one_harmless_name_both_stay(make, read) -> None:
    names = [m.name for m in read("a.zip", make.zipped({"../x.txt": "one", "x.txt": "two"})).members]
    assert names == ["x.txt", "x (2).txt"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(
    ("name", "inner"), [("notes.txt", b"plain text"), ("all.tar", tarred({"in/notes.txt": b"plain text"}))]
)
def test_packed_single_files_and_tars(read, pack, name: str, inner: bytes) -> None:
    ending = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    member = read(f"{name}.{ending}", pack(inner)).members[0]
    assert member.name == name
    texts = [member, *member.extraction.members]
    assert "plain text" in texts[-1].extraction.pages[0].text


def test_a_tar_gives_its_files_and_follows_no_links(read) -> None:
    assert [m.name for m in read("a.tar", tarred({"/abs/one.txt": b"1", "two.txt": b"2"})).members] == [
        "abs/one.txt",
        "two.txt",
    ]


def test_more_bytes_than_allowed_are_refused(make, read) -> None:
    data = make.zipped({f"{n}.txt": "0123456789abcdef" * 50_000 for n in range(4)})
    with pytest.raises(OverLimit, match=r"a\.zip unpacks to 3 MB; the limit is 2") as raised:
        read("a.zip", data, max_unpacked_mb=2)
    assert "max_unpacked_mb" in (raised.value.hint or "")


def test_a_member_that_lies_about_its_size_is_still_counted(make, read) -> None:
    data = bytearray(make.zipped({"x.bin": b"\0" * 60_000_000}))
    for header, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(header) + place
        data[at : at + 4] = (1000).to_bytes(4, "little")
    found = read("liar.zip", bytes(data))
    assert found.members[0].error


def test_a_bomb_is_refused_by_its_ratio(make, read) -> None:
    with pytest.raises(OverLimit, match="looks like a bomb"):
        read("bomb.zip", make.zipped({"zeros.txt": b"0" * 60_000_000}))
    with pytest.raises(OverLimit, match="looks like a bomb"):
        read("bomb.gz", gzip.compress(b"0" * 60_000_000))


def test_nested_bombs_share_one_budget(make, read) -> None:
    layer = make.zipped({f"{n}.txt": b"ab" * 400_000 for n in range(3)})
    with pytest.raises(OverLimit, match=r"nest\.zip unpacks to more than 5 MB"):
        read("nest.zip", make.zipped({f"{n}.zip": layer for n in range(4)}), max_unpacked_mb=5)


def test_archives_too_deep_inside_each_other_are_not_opened(make, read) -> None:
    data = make.zipped({"end.txt": "end"})
    for n in range(6):
        data = make.zipped({f"{n}.zip": data})
    found = read("deep.zip", data)
    errors = []
    while found.members:
        errors.append(found.members[0].error)
        found = found.members[0].extraction
    assert "archives inside each other" in (errors[-1] or "")
    assert len(errors) == 5


def test_too_many_files_are_refused(make, read) -> None:
    with pytest.raises(OverLimit, match="more than 10 files"):
        read("many.zip", make.zipped({f"{n}.txt": "x" for n in range(11)}), max_members=10)


def test_one_damaged_member_fails_alone(make, read) -> None:
    data = bytearray(make.zipped({"good.txt": "good", "bad.txt": "bad " * 100}))
    at = data.find(b"bad.txt") + len(b"bad.txt") + 2
    data[at : at + 4] = b"\xff\xff\xff\xff"
    found = read("a.zip", bytes(data))
    assert found.members[0].extraction.pages[0].text == "good"
    assert "bad.txt is damaged" in (found.members[1].error or "")


def test_a_cut_off_archive_gives_the_members_that_are_whole(make, read) -> None:
    data = make.zipped({"one.txt": "first " * 50, "two.txt": "second " * 50})
    found = read("cut.zip", data[: data.find(b"PK\x01\x02")])
    assert [m.name for m in found.members] == ["one.txt", "two.txt"]
    assert any("damaged or cut off" in w for w in found.warnings)


def test_an_encrypted_member_is_named(make, read) -> None:
    data = bytearray(make.zipped({"secret.txt": "x", "open.txt": "y"}))
    for header, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(header) + place] |= 1
    found = read("a.zip", bytes(data))
    assert "secret.txt is protected with a password" in (found.members[0].error or "")
    assert found.members[1].extraction.pages[0].text == "y"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 nothing", b"\x1f\x8b\x08nothing", b"BZh9nothing", b"7z\xbc\xaf\x27\x1c...."]
)
def test_what_only_starts_like_an_archive_is_refused(read, data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"x\.zip"):
        read("x.zip", data)


def test_an_empty_archive_says_so(read) -> None:
    buffer = BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    assert "empty" in read("a.zip", buffer.getvalue()).warnings[0]
