"""The result of a run as a merged folder or a GGUF: from a quantised base, from a whole model, never over something."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import Conflict
from headwater.training.base import Base
from headwater.training.export.gguf_merged import write_merged_gguf
from headwater.training.export.result import Wanted, result_folder, write_result
from headwater.training.load_config import check_config
from headwater.training.run_folder import RunFolder

pytest.importorskip("torch")
pytest.importorskip("peft")


def config(**model: Any) -> Any:
    return check_config({"model": {"base": "x", **model}, "data": {"train": [{"path": "x"}]}})


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", "one")


def test_a_quantised_gguf_base_is_made_float_again_unasked(make_base, make_adapter, folder, tmp_path):
    base = write_merged_gguf(make_base("llama"), tmp_path / "base.gguf", "q8_0").path
    shutil.copytree(make_adapter("llama"), folder.path / "adapter")
    target = tmp_path / "out.gguf"
    told = write_result(folder, config(), Base("x", "gguf", base), target, Wanted("gguf", precision="f32"))
    assert told.startswith(f"{target}: merged into the quantised base, made float again")
    assert "llama as f32" in told
    assert target.is_file()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".out")) == []
    with pytest.raises(Conflict, match="there already"):
        write_result(folder, config(), Base("x", "gguf", base), target, Wanted("gguf"))


def test_original_weights_are_merged_into_where_they_are_there(make_base, make_adapter, folder, tmp_path):
    shutil.copytree(make_adapter("llama"), folder.path / "adapter")
    base = Base("x", "folder", make_base("llama"))
    told = write_result(folder, config(), base, tmp_path / "out", Wanted("merged"))
    assert "merged into the original base" in told
    assert (tmp_path / "out" / "model.safetensors").is_file()


def test_a_whole_model_is_taken_as_it_is(make_base, folder, tmp_path):
    shutil.copytree(make_base("llama"), folder.path / "model")
    base = Base("x", "folder", make_base("llama"))
    told = write_result(folder, config(), base, tmp_path / "out", Wanted("merged"))
    assert "the whole model as it was trained" in told
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (
        folder.path / "model" / "model.safetensors"
    ).read_bytes()


def test_a_run_without_a_result_has_none(folder):
    with pytest.raises(Conflict, match="no result yet"):
        result_folder(folder)
