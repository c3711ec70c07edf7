from __future__ import annotations

import pytest

from headwater.core.errors import Conflict
from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewMember, NewPassage, Published


class Archive:
    """An archive that is uploaded again and again with other members."""

    def __init__(self, catalogue: Catalogue, files: FileStore, scope: Scope) -> None:
        self.scope, self.files = scope, files
        self.collections = Collections(catalogue, files)
        self.documents, self.passages = Documents(catalogue, files), Passages(catalogue)
        self.collection_id = self.collections.create(scope, "Mail").id
        self.uploads = 0

    def upload(self, *members: NewMember) -> Published:
        self.uploads += 1
        stored = self.files.put(f"archive {self.uploads}".encode(), 100)
        added = self.documents.add_version(self.scope, self.collection_id, "a.zip", stored, "application/zip")
        self.document_id = added.document_id
        return self.documents.publish(self.scope, added.version_id, Extraction(()), [], members)

    def names(self) -> dict[str, str]:
        return {info.name: info.state for info in self.documents.list(self.scope, self.collection_id)}

    def find(self, word: str) -> list[str]:
        hits = self.passages.keyword(self.scope, [word], Filters(), 100)
        return sorted(found.document for found in self.passages.by_ids(self.scope, [id_ for id_, _ in hits]).values())


def member(name: str, text: str = "water", *members: NewMember) -> NewMember:
    return NewMember(
        name,
        Extraction((Page(1, text),), media_type="text/plain"),
        (NewPassage(1, 0, len(text), text, text),),
        None,
        members,
    )


def broken(name: str) -> NewMember:
    return NewMember(name, Extraction(()), (), f"{name} is encrypted.")


@pytest.fixture
def archive(catalogue: Catalogue, files: FileStore, anna: Scope) -> Archive:
    return Archive(catalogue, files, anna)


def test_members_become_documents_of_their_own(archive: Archive) -> None:
    published = archive.upload(member("in/one.txt", "water"), broken("two.pdf"), member("three.txt", "head"))
    assert archive.names() == {
        "a.zip": "searchable",
        "a.zip/in/one.txt": "searchable",
        "a.zip/two.pdf": "failed",
        "a.zip/three.txt": "searchable",
    }
    assert archive.find("water") == ["a.zip/in/one.txt"]
    assert (len(published.document_ids), len(published.passage_ids)) == (4, 2)
    infos = {info.name: info for info in archive.documents.list(archive.scope, archive.collection_id)}
    assert infos["a.zip"].passage_count == 0
    assert infos["a.zip/two.pdf"].error == "two.pdf is encrypted."
    assert "send it by itself" in str(infos["a.zip/two.pdf"].hint)
    assert {info.parent_id for name, info in infos.items() if name != "a.zip"} == {archive.document_id}
    assert infos["a.zip/in/one.txt"].media_type == "text/plain"


def test_the_bytes_of_a_member_are_those_of_the_archive(archive: Archive) -> None:
    archive.upload(member("one.txt"))
    info = archive.documents.by_name(archive.scope, archive.collection_id, "a.zip/one.txt")
    assert archive.documents.file(archive.scope, info.id)[0].read_bytes() == b"archive 1"


def test_a_new_archive_replaces_exactly_its_members(archive: Archive) -> None:
    archive.upload(
        member("stays.txt", "old"), member("goes.txt", "gone"), broken("cured.txt"), member("breaks.txt", "fine")
    )
    before = {info.name: info.id for info in archive.documents.list(archive.scope, archive.collection_id)}
    archive.upload(
        member("stays.txt", "new"), member("comes.txt", "fresh"), member("cured.txt", "well"), broken("breaks.txt")
    )
    assert archive.names() == {
        "a.zip": "searchable",
        "a.zip/stays.txt": "searchable",
        "a.zip/comes.txt": "searchable",
        "a.zip/cured.txt": "searchable",
        "a.zip/breaks.txt": "failed",
    }
    after = {info.name: info.id for info in archive.documents.list(archive.scope, archive.collection_id)}
    assert after["a.zip/stays.txt"] == before["a.zip/stays.txt"]
    found = {word: archive.find(word) for word in ("old", "gone", "fine", "new", "fresh", "well")}
    assert found == {
        "old": [],
        "gone": [],
        "fine": [],
        "new": ["a.zip/stays.txt"],
        "fresh": ["a.zip/comes.txt"],
        "well": ["a.zip/cured.txt"],
    }
    assert [path.read_bytes() for path in archive.files.root.glob("??/*")] == [b"archive 2"]


def test_archives_inside_archives(archive: Archive) -> None:
    archive.upload(member("mail.eml", "letter", member("inner.zip", "", member("deep.txt", "treasure"))))
    assert archive.find("treasure") == ["a.zip/mail.eml/inner.zip/deep.txt"]
    archive.upload(member("mail.eml", "letter"))
    assert sorted(archive.names()) == ["a.zip", "a.zip/mail.eml"]
    assert archive.find("treasure") == []


def test_deleting_the_archive_deletes_all_members(archive: Archive) -> None:
    archive.upload(member("mail.eml", "letter", member("deep.txt", "treasure")), broken("x.pdf"))
    archive.documents.delete(archive.scope, archive.document_id)
    assert archive.names() == {}
    assert archive.find("treasure") == archive.find("letter") == []
    assert list(archive.files.root.glob("??/*")) == []


def test_deleting_one_member_leaves_the_rest(archive: Archive) -> None:
    archive.upload(member("one.txt", "water"), member("two.txt", "water"))
    one = archive.documents.by_name(archive.scope, archive.collection_id, "a.zip/one.txt")
    archive.documents.delete(archive.scope, one.id)
    assert archive.find("water") == ["a.zip/two.txt"]
    assert [path.read_bytes() for path in archive.files.root.glob("??/*")] == [b"archive 1"]


def test_members_with_one_name_after_cleaning_are_all_kept(archive: Archive) -> None:
    archive.upload(member("x/../b.txt", "water"), member("../x/b.txt", "water"), member("x/b.txt", "water"))
    assert archive.find("water") == ["a.zip/x/b (2).txt", "a.zip/x/b (3).txt", "a.zip/x/b.txt"]
    archive.upload(member("x/b.txt", "water"))
    assert archive.find("water") == ["a.zip/x/b.txt"]


def test_an_uploaded_file_and_a_member_may_want_one_name(archive: Archive) -> None:
    archive.upload(member("one.txt", "inside"))
    stored = archive.files.put(b"outside", 100)
    for is_new in (True, False):
        added = archive.documents.add_version(
            archive.scope, archive.collection_id, "a.zip/one.txt", stored, "text/plain"
        )
        assert added.is_new is is_new
    assert archive.documents.get(archive.scope, added.document_id).name == "a.zip/one (2).txt"
    archive.upload(member("one.txt", "inside still"))
    assert archive.names() == {"a.zip": "searchable", "a.zip/one.txt": "searchable", "a.zip/one (2).txt": "queued"}


def test_a_failed_member_is_retried_through_its_archive(archive: Archive) -> None:
    archive.upload(broken("x.pdf"))
    failed = archive.documents.by_name(archive.scope, archive.collection_id, "a.zip/x.pdf")
    with pytest.raises(Conflict, match="came out of another file"):
        archive.documents.retry(archive.scope, failed.id)
