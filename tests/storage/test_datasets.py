"""Data sets and their sources: names, folders, states, and bytes that go with the last who needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.core.errors import BadInput, Conflict, NotFound
from headwater.core.types import Role, Scope
from headwater.storage.data_sources import DataSources
from headwater.storage.database import Catalogue
from headwater.storage.datasets import Datasets
from headwater.storage.erasure import sweep_files
from headwater.storage.files import FileStore
from headwater.storage.users import Users


@pytest.fixture
def datasets(catalogue: Catalogue, tmp_path: Path) -> Datasets:
    return Datasets(catalogue, tmp_path / "datasets")


@pytest.fixture
def sources(catalogue: Catalogue, files: FileStore) -> DataSources:
    return DataSources(catalogue, files)


def test_the_folder_is_plain_and_nobody_elses(datasets: Datasets, anna: Scope, boris: Scope) -> None:
    first = datasets.create(anna, "Häufige Fragen: 2024/Q1", {})
    second = datasets.create(boris, "Häufige Fragen: 2024/Q1", {})
    third = datasets.create(anna, "..", {})
    names = [each.folder.name for each in (first, second, third)]
    assert names == ["haufige-fragen-2024-q1", "haufige-fragen-2024-q1-2", "dataset"]
    assert all(each.folder.parent == datasets.root for each in (first, second, third))


def test_a_name_is_taken_once_by_each(datasets: Datasets, anna: Scope, boris: Scope) -> None:
    made = datasets.create(anna, "A", {})
    with pytest.raises(Conflict, match="'A' already"):
        datasets.create(anna, " A ", {})
    datasets.create(boris, "A", {})
    assert datasets.by_name(anna, "A").id == made.id
    renamed = datasets.rename(anna, made.id, "B")
    assert renamed.name == "B" and renamed.folder == made.folder
    with pytest.raises(BadInput):
        datasets.rename(anna, made.id, "  ")


def test_the_way_of_a_run(datasets: Datasets, anna: Scope) -> None:
    made = datasets.create(anna, "A", {"task": "instruct"})
    assert (made.state, made.changed) == ("draft", False)
    datasets.begin(anna, made.id, "job-1")
    with pytest.raises(Conflict, match="being prepared already"):
        datasets.begin(anna, made.id, "job-2")
    with pytest.raises(Conflict, match="being prepared"):
        datasets.delete(anna, made.id)
    done = datasets.finish(anna, made.id, {"task": "instruct"}, {"rows_out": 3})
    assert (done.state, done.changed, done.summary) == ("ready", False, {"rows_out": 3})
    assert datasets.save_recipe(anna, made.id, {"task": "text"}).changed


def test_a_job_that_is_quicker_than_its_asker_stays_done(datasets: Datasets, anna: Scope) -> None:
    made = datasets.create(anna, "A", {})
    datasets.begin(anna, made.id, "job-1")
    datasets.finish(anna, made.id, {}, {})
    assert datasets.begin(anna, made.id, "job-1").state == "ready"


def test_a_failed_run_says_why_and_keeps_what_was_there(datasets: Datasets, anna: Scope) -> None:
    made = datasets.create(anna, "A", {})
    datasets.begin(anna, made.id, "job-1")
    datasets.give_up(anna, made.id, "job-1", None, None)
    assert datasets.get(anna, made.id).state == "draft"
    datasets.begin(anna, made.id, "job-2")
    datasets.give_up(anna, made.id, "job-1", "late", None)
    assert datasets.get(anna, made.id).state == "preparing"
    datasets.give_up(anna, made.id, "job-2", "The disk is full", "Free some space")
    failed = datasets.get(anna, made.id)
    assert (failed.state, failed.error, failed.hint) == ("failed", "The disk is full", "Free some space")


def test_deleting_takes_the_folder_and_what_lies_beside_it(datasets: Datasets, anna: Scope) -> None:
    first, second = (datasets.create(anna, name, {}) for name in ("faq", "new faq"))
    for name in ("faq", ".new-faq", "..new-faq.work", ".old-faq", "new-faq", ".desk"):
        (datasets.root / name).mkdir(parents=True)
    datasets.delete(anna, first.id)
    assert sorted(path.name for path in datasets.root.iterdir()) == [".desk", "new-faq"]
    with pytest.raises(NotFound):
        datasets.get(anna, first.id)
    assert datasets.get(anna, second.id).folder.name == "new-faq"


def test_a_sweep_takes_what_has_no_row(datasets: Datasets, anna: Scope) -> None:
    datasets.create(anna, "faq", {})
    for name in ("faq", "..new-faq.work", "gone", ".new-gone", ".desk/live"):
        (datasets.root / name).mkdir(parents=True)
    assert datasets.sweep() == (".new-gone", "gone")
    assert sorted(path.name for path in datasets.root.iterdir()) == ["..new-faq.work", ".desk", "faq"]
    assert (datasets.root / ".desk/live").exists()


def test_the_same_file_is_kept_once_and_another_gets_a_number(
    sources: DataSources, files: FileStore, anna: Scope
) -> None:
    first = sources.add(anna, "folder/rows.csv", files.put(b"one", 10))
    again = sources.add(anna, "rows.csv", files.put(b"one", 10))
    other = sources.add(anna, "rows.csv", files.put(b"two", 10))
    assert first.id == again.id and first.name == "rows.csv" and other.name == "rows (2).csv"
    assert {each.name for each in sources.list(anna)} == {"rows.csv", "rows (2).csv"}
    assert set(sources.named(anna, ["rows.csv", "none.csv"])) == {"rows.csv"}


def test_a_used_file_stays_and_an_unused_one_goes_with_its_bytes(
    sources: DataSources, datasets: Datasets, files: FileStore, anna: Scope, boris: Scope
) -> None:
    mine, theirs = (sources.add(scope, "rows.csv", files.put(b"rows", 10)) for scope in (anna, boris))
    datasets.create(anna, "faq", {"sources": [{"path": "rows.csv"}]})
    used = lambda dataset, name: name in str(dataset.recipe)  # noqa: E731
    with pytest.raises(Conflict, match="used by the data set 'faq'"):
        sources.delete(anna, mine.id, used)
    sources.delete(anna, mine.id, lambda dataset, name: False)
    assert files.has(theirs.sha256), "the other person's file has the same bytes"
    sources.delete(boris, theirs.id, used)
    assert not files.has(theirs.sha256)


def test_a_sweep_of_files_leaves_sources(
    catalogue: Catalogue, sources: DataSources, files: FileStore, anna: Scope
) -> None:
    kept = sources.add(anna, "rows.csv", files.put(b"rows", 10))
    loose = files.put(b"nobody's", 10)
    files.settle(loose.sha256)
    assert sweep_files(catalogue, files, grace_seconds=-1) == [loose.sha256]
    assert files.has(kept.sha256)


def test_a_deleted_user_takes_sources_and_data_sets_along(
    catalogue: Catalogue, sources: DataSources, datasets: Datasets, files: FileStore, anna: Scope
) -> None:
    stored = sources.add(anna, "rows.csv", files.put(b"rows", 10))
    made = datasets.create(anna, "faq", {})
    made.folder.mkdir(parents=True)
    Users(catalogue, files).delete(Scope("boss", Role.ADMIN), anna.user_id)
    datasets.sweep()
    assert not files.has(stored.sha256) and not made.folder.exists()
    assert sources.list(anna) == [] and datasets.list(anna) == []
