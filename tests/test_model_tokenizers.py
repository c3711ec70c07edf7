"""Tokens of installed models, counted by name on the page and on the command line alike."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

from headwater.cli.data import app
from headwater.core.errors import UnknownName
from headwater.core.settings import Settings
from headwater.model_tokenizers import FOLDER, ModelTokenizers
from headwater.training.tiny_gguf import write_tiny_gguf
from headwater.workspace import Workspace

TEXTS = [
    "The Aare rises in the Bernese Alps.",
    "  two  spaces\n\nand lines",
    "Zürich 中文 😀 🧬",
    "def f(x):\n    return x",
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A data directory in which a model is installed that is a GGUF file and nothing else."""
    folder = tmp_path / "data"
    ws = Workspace.open(Settings(data_dir=folder))
    write_tiny_gguf(tmp_path / "tiny.gguf")
    ws.models.pull(str(tmp_path / "tiny.gguf"))
    ws.close()
    return folder


def test_a_recipe_that_names_a_model_runs_on_the_command_line(house: Path, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"text": "word " * n}) + "\n" for n in range(1, 41))
    (tmp_path / "rows.jsonl").write_text(rows)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "sources: [{path: rows.jsonl}]\noutput: {path: out}\n"
        "steps: [{fit: {tokenizer: tiny, maximum: 60, turn_tokens: 0}}]\n"
    )
    call = ["prepare", str(recipe), "--data-dir", str(house), "--json"]
    result = CliRunner().invoke(app, call, catch_exceptions=False)
    report = json.loads(result.stdout)
    counts = Tokenizer.from_file(str(next((house / FOLDER).glob("*.json"))))
    fit = sum(len(counts.encode(("word " * n).strip()).ids) <= 60 for n in range(1, 41))
    assert report["rows_out"] == fit and 0 < fit < 40
    assert report["recipe"]["steps"][0]["fit"]["tokenizer"] == "tiny", "the report holds no path of this machine"
    recipe.write_text(recipe.read_text().replace("tokenizer: tiny", "tokenizer: tny"))
    with pytest.raises(UnknownName, match="Did you mean 'tiny'"):
        CliRunner().invoke(app, call, catch_exceptions=False)


def test_a_tokenizer_is_read_once_and_anew_for_another_file(house: Path) -> None:
    ws = Workspace.open(Settings(data_dir=house))
    tokenizers = ModelTokenizers(ws.models, house / FOLDER)
    assert tokenizers.names() == ["tiny"] == ws.studio.catalogue()["tokenizers"]
    first = tokenizers.path("tiny")
    made = first.stat().st_mtime_ns
    assert tokenizers.path("tiny") == first and first.stat().st_mtime_ns == made
    file = ws.models.get("tiny").main_file
    file.touch()
    assert tokenizers.path("tiny") != first
    with pytest.raises(UnknownName):
        tokenizers.path("gone")
    ws.close()


@pytest.mark.real
def test_a_real_model_counts_as_its_engine_does(starter_models: Path, tmp_path: Path) -> None:
    from headwater.engines.llama_http import tokens

    ws = Workspace.open(Settings(data_dir=tmp_path, threads=1), starter_models)
    made = Tokenizer.from_file(str(ModelTokenizers(ws.models, tmp_path / FOLDER).path("gemma-270m")))
    model = ws.supervisor.chat_model("gemma-270m")

    async def asked() -> list[list[int]]:
        async with model._server() as (http, _):
            return [list(await tokens(http, text, control=False, start=False)) for text in TEXTS]

    assert [made.encode(text, add_special_tokens=False).ids for text in TEXTS] == asyncio.run(asked())
    assert {"gemma-270m", "starter"} <= set(ModelTokenizers(ws.models, tmp_path / FOLDER).names())
    ws.close()
