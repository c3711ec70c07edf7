"""Folders on disk and collections in step: new, changed, gone, unreadable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headwater.core.errors import BadInput
from headwater.core.settings import Settings
from headwater.core.types import Filters
from headwater.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path):
    opened = Workspace.open(Settings(data_dir=tmp_path / "data", embedder="hash", chat_model="none", threads=1))
    yield opened
    opened.close()


def found(ws: Workspace, filters: Filters, words: str) -> list[str]:
    return [hit.passage.document for hit in ws.search(words, ws.owner, filters, 5)]


def test_a_file_is_read_once_and_then_known(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text("The night ferry leaves from pier 6.", "utf-8")
    first = workspace.folders.sync(workspace.owner, [path])
    again = workspace.folders.sync(workspace.owner, [path])
    assert (first.added, first.unchanged, again.added, again.unchanged) == (1, 0, 0, 1)
    assert found(workspace, again.filters, "night ferry") == ["ferry.txt"]


def test_changed_is_replaced_and_gone_is_deleted(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The harbour master is on the second floor.", "utf-8")
    (folder / "deep" / "b.txt").write_text("Bicycles travel free of charge.", "utf-8")
    first = workspace.folders.sync(workspace.owner, [folder])
    assert found(workspace, first.filters, "bicycles free")[0] == "deep/b.txt"
    (folder / "a.txt").write_text("The lighthouse keeper lives alone.", "utf-8")
    (folder / "deep" / "b.txt").unlink()
    second = workspace.folders.sync(workspace.owner, [folder])
    assert (second.added, second.searchable) == (1, 1)
    assert found(workspace, second.filters, "lighthouse keeper") == ["a.txt"]
    names = [d.name for c in second.filters.collection_ids for d in workspace.documents.list(workspace.owner, c)]
    assert names == ["a.txt"]


def test_hidden_files_and_links_are_left_out(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / ".secret").write_text("hidden words", "utf-8")
    (folder / "seen.txt").write_text("visible words", "utf-8")
    (folder / "link.txt").symlink_to(folder / ".secret")
    assert workspace.folders.sync(workspace.owner, [folder]).searchable == 1


def test_one_bad_file_does_not_stop_the_rest(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and then nothing of use")
    (folder / "good.txt").write_text("Good words are here.", "utf-8")
    outcome = workspace.folders.sync(workspace.owner, [folder])
    assert outcome.searchable == 1
    assert [name for name, _ in outcome.failed] == ["bad.pdf"]
    assert len(outcome.failed[0][1]) > 10


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "locked.txt"
    path.write_text("words", "utf-8")
    path.chmod(0)
    assert workspace.folders.sync(workspace.owner, [path]).failed[0][0] == "locked.txt"


def test_a_path_that_is_not_there_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        workspace.folders.sync(workspace.owner, [tmp_path / "nowhere"])


def test_add_keeps_what_the_collection_has(workspace: Workspace, tmp_path: Path) -> None:
    collection = workspace.collections.create(workspace.owner, "mine")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"words of {name}", "utf-8")
        workspace.folders.add(workspace.owner, collection.id, [tmp_path / name])
    assert workspace.collections.get(workspace.owner, collection.id).document_count == 2
