from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from headwater.core.errors import BadInput, Conflict, StorageFull
from headwater.storage import migrations
from headwater.storage.database import Catalogue
from headwater.storage.settings import Facts
from headwater.storage.tables import Base, SettingRow


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def test_migrations_end_at_the_tables_of_the_code(catalogue: Catalogue) -> None:
    with catalogue.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert migrations.current_revision(connection) == migrations.HEAD


def test_the_written_down_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_passage_ids_never_return(catalogue: Catalogue) -> None:
    with catalogue.reading() as session:
        ddl = session.execute(text("SELECT sql FROM sqlite_master WHERE name = 'passages'")).scalar_one()
    assert "AUTOINCREMENT" in ddl


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "50%.db"
    first = Catalogue.open(url_of(path))
    Facts(first).set("licence", {"gemma": True})
    first.close()
    second = Catalogue.open(url_of(path))
    assert Facts(second).get("licence") == {"gemma": True}
    second.close()


def test_the_catalogue_is_for_its_owner_only(tmp_path: Path) -> None:
    opened = Catalogue.open(url_of(tmp_path / "made" / "c.db"))
    Facts(opened).set("a", 1)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made").iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700
    opened.close()


def test_files_from_before_their_origin_was_kept_are_uploads(tmp_path: Path) -> None:
    url = url_of(tmp_path / "c.db")
    opened = Catalogue.open(url)
    with opened.writing() as session:
        session.execute(text("ALTER TABLE data_sources DROP COLUMN origin"))
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        session.execute(text("INSERT INTO users (id, name, role, created) VALUES ('u', 'ada', 'user', 1)"))
        session.execute(text("INSERT INTO data_sources VALUES ('s', 'u', 'rows.csv', 'abc', 3, 1)"))
    opened.close()
    newer = Catalogue.open(url)
    with newer.reading() as session:
        assert session.execute(text("SELECT name, origin FROM data_sources")).all() == [("rows.csv", "")]
    newer.close()


def test_many_openers_of_a_new_catalogue_all_succeed(tmp_path: Path) -> None:
    def open_and_close(_: int) -> None:
        Catalogue.open(url_of(tmp_path / "c.db")).close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(open_and_close, range(6))) == [None] * 6


def test_a_catalogue_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    opened = Catalogue.open(url_of(tmp_path / "c.db"))
    with opened.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(Conflict, match="'9999'") as caught:
        Catalogue.open(url_of(tmp_path / "c.db"))
    assert "newer version" in str(caught.value.hint)


def test_a_file_that_is_no_catalogue_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Dear Sir or Madam, " * 500)
    with pytest.raises(BadInput, match=r"letter\.db"):
        Catalogue.open(url_of(path))
    assert path.read_bytes().startswith(b"Dear Sir")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match="cannot be opened"):
        Catalogue.open(url_of(tmp_path / "file" / "c.db"))


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "mysql://host/name"])
def test_a_wrong_url_is_explained(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        Catalogue.open(url)
    assert "sqlite:////path/catalogue.db" in str(caught.value.message + str(caught.value.hint)) or caught.value.hint


def test_a_reading_session_cannot_write(catalogue: Catalogue) -> None:
    with pytest.raises(OperationalError, match="readonly"), catalogue.reading() as session:
        session.execute(text("INSERT INTO settings VALUES ('a', '1')"))
    Facts(catalogue).set("a", 1)  # the same connection, taken from the pool, writes again


def test_an_error_rolls_everything_back(catalogue: Catalogue) -> None:
    with pytest.raises(RuntimeError), catalogue.writing() as session:
        session.add(SettingRow(name="half", value=1))
        session.flush()
        raise RuntimeError
    assert Facts(catalogue).get("half") is None


def test_concurrent_read_then_write_neither_deadlocks_nor_loses(catalogue: Catalogue) -> None:
    Facts(catalogue).set("count", 0)

    def add_ten() -> None:
        for _ in range(10):
            with catalogue.writing() as session:
                row = session.get_one(SettingRow, "count")
                row.value = row.value + 1

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Facts(catalogue).get("count") == 80


def test_a_full_disk_is_said_and_nothing_is_lost(catalogue: Catalogue) -> None:
    Facts(catalogue).set("kept", "yes")
    with catalogue.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    # SQLite's own limit of pages fails exactly like a full disk: SQLITE_FULL.
    raw = catalogue.engine.raw_connection()
    raw.driver_connection.execute(f"PRAGMA max_page_count={pages + 2}")  # type: ignore[union-attr]
    raw.close()
    with pytest.raises(StorageFull) as caught:
        Facts(catalogue).set("large", "x" * 100_000)
    assert "disk is full" in caught.value.message
    assert "Free some space" in str(caught.value.hint)
    assert Facts(catalogue).get("kept") == "yes"
    assert Facts(catalogue).get("large") is None


def test_a_durable_commit_waits_for_the_disk_and_others_do_not(catalogue: Catalogue) -> None:
    for durable, expected in ((True, 2), (False, 1)):
        with catalogue.writing(durable) as session:
            assert session.execute(text("PRAGMA synchronous")).scalar_one() == expected


def test_a_locked_catalogue_is_a_conflict(catalogue: Catalogue) -> None:
    with catalogue.writing():
        other = catalogue.engine.raw_connection()
        other.driver_connection.execute("PRAGMA busy_timeout=1")  # type: ignore[union-attr]
        other.close()
        with pytest.raises(Conflict, match="locked"), catalogue.writing():
            pass


def test_facts_can_be_forgotten(catalogue: Catalogue) -> None:
    facts = Facts(catalogue)
    assert facts.get("model", "minilm") == "minilm"
    facts.set("model", "other")
    facts.set("model", "third")
    assert facts.get("model") == "third"
    facts.forget("model")
    facts.forget("model")
    assert facts.get("model") is None
