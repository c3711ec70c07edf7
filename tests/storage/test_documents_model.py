"""Documents under any sequence of uploads, readings, failures, deletions and restarts, against a simple model."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from headwater.core.errors import HeadwaterError, NotFound
from headwater.core.types import Extraction, Filters, Page, Scope
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.erasure import sweep_files
from headwater.storage.files import FileStore
from headwater.storage.passages import Passages
from headwater.storage.publishing import NewMember, NewPassage
from headwater.storage.tables import UserRow

NAMES = ("a.txt", "b.txt", "../a.txt")
WORDS = ("river", "lake", "spring")


@dataclass
class Expected:
    """What the model knows of a name: the words searched now, and the upload that waits."""

    searched: str | None = None
    waiting: str | None = None
    failed: bool = False
    version_id: str = ""


def passage(text: str) -> NewPassage:
    return NewPassage(1, 0, len(text), text, text)


class Workspace(RuleBasedStateMachine):
    template: Path
    folder: Path

    @initialize()
    def open(self) -> None:
        self.root = self.folder / str(id(self))
        self.root.mkdir()
        copyfile(self.template, self.root / "catalogue.db")
        self.scope = Scope("anna")
        self.model: dict[str, Expected] = {}
        self.connect()
        with self.catalogue.writing() as session:
            session.add(UserRow(id="anna", name="anna", role="user", created=0.0))
        self.collection_id = Collections(self.catalogue, self.files).create(self.scope, "Papers").id

    def connect(self) -> None:
        self.catalogue = Catalogue.open(f"sqlite:///{self.root / 'catalogue.db'}")
        self.files = FileStore(self.root / "files")
        self.documents, self.passages = Documents(self.catalogue, self.files), Passages(self.catalogue)

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(WORDS))
    def upload(self, name: str, word: str) -> None:
        known = self.model.setdefault(name.removeprefix("../"), Expected())
        stored = self.files.put(word.encode(), 100)
        added = self.documents.add_version(self.scope, self.collection_id, name, stored, "text/plain")
        if word == known.searched:
            assert not added.is_new
            known.waiting, known.failed = None, False
        elif word == known.waiting and not known.failed:
            assert not added.is_new
        else:
            assert added.is_new
            known.waiting, known.failed, known.version_id = word, False, added.version_id

    @precondition(lambda self: any(known.waiting for known in self.model.values()))
    @rule(data=st.data(), with_member=st.booleans())
    def read(self, data: st.DataObject, with_member: bool) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, known in self.model.items() if known.waiting)))
        known = self.model[name]
        assert known.waiting is not None
        path, _ = self.documents.begin(self.scope, known.version_id)
        text = path.read_text()
        assert text == known.waiting
        extraction = Extraction((Page(1, text),))
        members = [NewMember("in.txt", extraction, (passage(text),))] if with_member else []
        self.documents.publish(self.scope, known.version_id, extraction, [passage(text)], members)
        known.searched, known.waiting, known.failed = text, None, False
        self.members = {**getattr(self, "members", {}), name: with_member}

    @precondition(lambda self: any(known.waiting for known in self.model.values()))
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, known in self.model.items() if known.waiting)))
        self.documents.fail(self.scope, self.model[name].version_id, HeadwaterError("no"))
        self.model[name].failed = True

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        info = self.documents.by_name(self.scope, self.collection_id, name)
        self.documents.delete(self.scope, info.id)
        del self.model[name]

    @rule()
    def restart(self) -> None:
        self.catalogue.close()
        self.connect()
        assert sweep_files(self.catalogue, self.files, grace_seconds=-1.0) == []

    @rule(version_id=st.sampled_from(["", "0" * 16]))
    def publishing_what_is_gone_is_refused(self, version_id: str) -> None:
        with pytest.raises(NotFound):
            self.documents.publish(self.scope, version_id, Extraction(()), [])

    @invariant()
    def everything_agrees(self) -> None:
        members = getattr(self, "members", {})
        for word in WORDS:
            hits = self.passages.keyword(self.scope, [word], Filters(), 100)
            by_id = self.passages.by_ids(self.scope, [id_ for id_, _ in hits])
            assert len(by_id) == len(hits)
            names = [name for name, known in self.model.items() if known.searched == word]
            names += [f"{name}/in.txt" for name in names if members.get(name)]
            assert sorted(found.document for found in by_id.values()) == sorted(names)
        needed = {word for known in self.model.values() for word in (known.searched, known.waiting) if word}
        assert {path.name for path in self.files.root.glob("??/*")} == {
            sha256(word.encode()).hexdigest() for word in needed
        }
        for name, known in self.model.items():
            info = self.documents.by_name(self.scope, self.collection_id, name)
            state = "failed" if known.failed else "queued" if known.waiting else "searchable"
            assert (info.state, info.version_id is not None) == (state, known.searched is not None)

    def teardown(self) -> None:
        if hasattr(self, "catalogue"):
            self.catalogue.close()


def test_documents_follow_the_model(tmp_path: Path, migrated: Path) -> None:
    machine = type("Documents", (Workspace,), {"folder": tmp_path, "template": migrated})
    machine.TestCase.settings = settings(max_examples=8, stateful_step_count=16, deadline=None)
    machine.TestCase("runTest").runTest()
