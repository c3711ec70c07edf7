"""Settings: order of strength, and every wrong value named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.core.errors import BadInput
from headwater.core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HEADWATER_{name.upper()}", raising=False)


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(data_dir=tmp_path).port == 7860
    (tmp_path / "settings.toml").write_text("port = 1001\nthreads = 1\n", "utf-8")
    assert load_settings(data_dir=tmp_path).port == 1001
    monkeypatch.setenv("HEADWATER_PORT", "1002")
    assert load_settings(data_dir=tmp_path).port == 1002
    assert load_settings(data_dir=tmp_path, port=1003).port == 1003
    assert load_settings(data_dir=tmp_path, port=None).threads == 1


def test_the_environment_can_name_the_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path / "there"))
    assert load_settings().data_dir == tmp_path / "there"


def test_all_wrong_values_are_named_together(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('port = "many"\nprot = 1\n', "utf-8")
    with pytest.raises(BadInput) as caught:
        load_settings(data_dir=tmp_path, threads=0)
    assert all(name in caught.value.message for name in ("port", "prot", "threads"))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = = 1", "utf-8")
    with pytest.raises(BadInput, match=r"settings\.toml is not valid TOML"):
        load_settings(data_dir=tmp_path)


def test_default_bind_is_loopback(tmp_path: Path) -> None:
    assert load_settings(data_dir=tmp_path).host == "127.0.0.1"
    assert load_settings(data_dir=tmp_path).catalogue_url == f"sqlite:///{tmp_path}/catalogue.db"


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())
