"""A written GGUF as a base to train from: read once, then quick."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from headwater.training.base import find_base, load_architecture, load_model, load_tokenizer  # noqa: E402
from headwater.training.config import ModelSection  # noqa: E402
from headwater.training.export.gguf_merged import write_merged_gguf  # noqa: E402
from headwater.training.gguf_base import light_folder  # noqa: E402

NOWHERE = {"_name_or_path": ""}
IN_FULL = ModelSection(base="x", precision="fp32")


@pytest.fixture
def installed_gguf(make_base: Callable[[str], Path], tmp_path: Path) -> Path:
    """The file of a small model as the model store keeps it: a manifest lies beside it."""
    path = tmp_path / "own" / "model.gguf"
    path.parent.mkdir()
    write_merged_gguf(make_base("llama"), path, "f32")
    (path.parent / "manifest.json").write_text("{}", "utf-8")
    return path


def test_what_is_read_of_an_installed_gguf_is_kept(installed_gguf: Path, tmp_path: Path) -> None:
    alone = tmp_path / "mine.gguf"
    alone.write_bytes(installed_gguf.read_bytes())
    slow, quick = find_base(str(alone)), find_base("own", installed_gguf)
    for base in (slow, quick, quick):
        assert load_tokenizer(base)("to be").input_ids == load_tokenizer(slow)("to be").input_ids
        assert load_architecture(base).to_dict() | NOWHERE == load_architecture(slow).to_dict() | NOWHERE
    light = light_folder(installed_gguf)
    assert light is not None
    assert quick.light == (str(light), {})
    assert slow.light == slow.loading  # nothing is written beside other people's files
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.gguf"]
    models = [load_model(base, IN_FULL, "cpu", "sdpa").state_dict() for base in (slow, quick)]
    assert models[0].keys() == models[1].keys()
    assert all(torch.equal(weight, models[1][name]) for name, weight in models[0].items())
    scored = load_model(quick, IN_FULL, "cpu", "sdpa", scored=True)
    assert scored.score.out_features == 1


def test_a_newer_file_is_read_anew(installed_gguf: Path) -> None:
    first = light_folder(installed_gguf)
    os.utime(installed_gguf, ns=(1, 1))
    second = light_folder(installed_gguf)
    assert first is not None
    assert second not in (None, first)
    assert not first.exists()


def test_a_folder_that_cannot_be_written_costs_only_time(installed_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("headwater.training.gguf_base.tempfile.TemporaryDirectory", full)
    base = find_base("own", installed_gguf)
    assert base.light == base.loading
